//! Device places: claimed by who plays, renewed by who goes on, and looked up for the links made for them.

use tollgate_core::{
    bytes::hex,
    cloudfront::{Signed, Unsigned},
    error::InvalidField,
    playback::{self as core, Ask, Lease, Link, Policy},
    time::EpochSeconds,
};

use crate::{
    bindings::{
        exports::tollgate::gate::playback::Denial,
        tollgate::gate::sessions::{self, ClaimOutcome, ClaimRequest, RenewRequest, Session},
        wasi::random::random,
    },
    failure::no_answer,
    lookups::LinkSigned,
};

/// Bytes of a new session id. 128 random bits cannot be guessed.
const SESSION_ID_BYTES: u64 = 16;

/// The live leases of a user.
pub(crate) async fn active(user: &str, now: EpochSeconds) -> Result<Vec<Session>, Denial> {
    sessions::active(user.to_owned(), now.seconds()).await.map_err(no_answer("sessions"))
}

/// The id the device's lease is likely to have: the one it has, or a new one. Only a grant with a link has to know
/// it before there is a lease, because its link is signed before.
pub(crate) async fn likely_id(ask: &Ask, now: EpochSeconds) -> Result<Expected, Denial> {
    if !ask.has_link() {
        return Ok(Expected::fresh());
    }
    let live = active(ask.caller().user(), now).await?;
    let mine = live.into_iter().find(|session| session.device == ask.caller().device());
    Ok(mine.map_or_else(Expected::fresh, |session| Expected::claimed_as(session.id)))
}

/// What the lease of a grant will be called.
pub(crate) struct Expected {
    /// Its id, unless that ends while it is asked for.
    pub(crate) id: String,
    /// The id of a new lease. Never one that was in use: whoever frees a device ends what was signed for its lease.
    /// `None` where none is to be made.
    fresh: Option<String>,
}

impl Expected {
    /// A lease that is to be renewed.
    pub(crate) fn renewed(id: String) -> Self {
        Self { id, fresh: None }
    }

    /// A lease that lives already, and may have ended when it is claimed again.
    fn claimed_as(id: String) -> Self {
        Self { id, fresh: Some(new_id()) }
    }

    fn fresh() -> Self {
        let id = new_id();
        Self { fresh: Some(id.clone()), id }
    }
}

/// Claims a place, and makes sure of the link that belongs to it. The last wait of a play, but for one case: the
/// device's lease ended, or began, while it was asked for, and its link is signed once more. A place that was taken
/// for nothing is given back.
pub(crate) async fn claim_with_link(
    policy: &Policy,
    ask: &Ask,
    lease: Lease,
    link: LinkSigned,
    statement: impl FnOnce(&str) -> Result<Option<Unsigned>, InvalidField>,
    now: EpochSeconds,
) -> Result<(Session, Option<Signed>), Denial> {
    let fresh = link.expected().fresh.clone().unwrap_or_else(new_id);
    let session = claim(policy, ask, lease, fresh.clone(), now).await?;
    match link.of_session(&session, statement).await {
        Ok(signed) => Ok((session, signed)),
        Err(denial) => {
            if session.id == fresh {
                // If it fails, the lease runs out by itself; what went wrong before is what is to be known.
                let user = ask.caller().user().to_owned();
                let _ = sessions::release(user, fresh, now.seconds()).await;
            }
            Err(denial)
        }
    }
}

async fn claim(
    policy: &Policy,
    ask: &Ask,
    lease: Lease,
    session_id: String,
    now: EpochSeconds,
) -> Result<Session, Denial> {
    let claim = ClaimRequest {
        user: ask.caller().user().to_owned(),
        device: ask.caller().device().to_owned(),
        session_id,
        series: ask.wanted().series().to_owned(),
        episode: ask.wanted().episode().to_owned(),
        now: now.seconds(),
        expires_at: lease.expires_at,
        max_devices: lease.max_devices,
        on_limit: lease.on_limit.into(),
    };
    match sessions::claim(claim).await.map_err(no_answer("sessions"))? {
        ClaimOutcome::Claimed(session) => Ok(session),
        ClaimOutcome::LimitReached(reached) => {
            Err(core::limit_reached(policy.max_devices(), reached.next_free_at, now.seconds())
                .into())
        }
    }
}

/// Renews a lease, or says that it has ended.
pub(crate) async fn renew(
    policy: &Policy,
    renewal: RenewRequest,
    now: EpochSeconds,
) -> Result<Session, Denial> {
    let (user, id) = (renewal.user.clone(), renewal.session_id.clone());
    match sessions::renew(renewal).await.map_err(no_answer("sessions"))? {
        Some(session) => Ok(session),
        None => Err(ended(policy, &active(&user, now).await?, &id)),
    }
}

/// The live lease a link was made for.
pub(crate) fn of_link(policy: &Policy, link: &Link, live: Vec<Session>) -> Result<Session, Denial> {
    let denial = ended(policy, &live, link.session());
    let found = live.into_iter().find(|session| session.id == link.session());
    found.ok_or(denial)
}

/// Renews the lease of a link once less than half of it is left: whoever reloads a live playlist is still there.
pub(crate) async fn keep(
    policy: &Policy,
    link: &Link,
    session: &Session,
    lease: Lease,
    now: EpochSeconds,
) -> Result<(), Denial> {
    let left = session.expires_at.saturating_sub(now.seconds());
    let whole = lease.expires_at.saturating_sub(now.seconds());
    if left >= whole / 2 {
        return Ok(());
    }
    let renewal = RenewRequest {
        user: link.user().to_owned(),
        session_id: session.id.clone(),
        device: session.device.clone(),
        watching: None,
        now: now.seconds(),
        expires_at: lease.expires_at,
    };
    renew(policy, renewal, now).await.map(drop)
}

/// Says that a lease is not there for who asks, and how it is with the places.
pub(crate) fn ended(policy: &Policy, live: &[Session], id: &str) -> Denial {
    let other_device = live.iter().any(|session| session.id == id);
    core::session_ended(policy.max_devices(), live.len(), other_device).into()
}

fn new_id() -> String {
    hex(&random::get_random_bytes(SESSION_ID_BYTES))
}
