//! The export `playback`: asks the ports, lets core decide, claims, signs.

use std::fmt::Write as _;

use tollgate_core::{
    cloudfront::Signed,
    playback::{self as core, Ask, Caller, Facts, Plan, Policy},
    time::EpochSeconds,
};

use crate::{
    Component,
    bindings::{
        exports::tollgate::gate::playback::{
            Delivery, Denial, Device, Grant, Guest, PlaybackRequest, Viewer,
        },
        tollgate::gate::{
            catalog, entitlements,
            sessions::{self, ClaimOutcome, ClaimRequest, RenewRequest, Session},
        },
        wasi::{clocks::wall_clock, random::random},
    },
    failure::{misconfigured, no_answer},
    keys, policy, wire,
};

/// Bytes of a new session id. 128 random bits cannot be guessed.
const SESSION_ID_BYTES: u64 = 16;

impl Guest for Component {
    async fn authorize(request: PlaybackRequest) -> Result<Grant, Denial> {
        let policy = policy::current().await?;
        let delivery = request.delivery.map(core::Delivery::from);
        let ask =
            Ask::new(&policy, &request.viewer.into(), &request.series, &request.episode, delivery)?;
        let now = now()?;
        let (plan, signed) = decide(&policy, &ask, now).await?;

        let claim = ClaimRequest {
            user: ask.caller().user().to_owned(),
            device: ask.caller().device().to_owned(),
            session_id: new_session_id(),
            series: ask.series().to_owned(),
            episode: ask.episode().to_owned(),
            now: now.seconds(),
            expires_at: plan.lease.expires_at,
            max_devices: plan.lease.max_devices,
            on_limit: plan.lease.on_limit.into(),
        };
        match sessions::claim(claim).await.map_err(no_answer("sessions"))? {
            ClaimOutcome::Claimed(session) => grant(plan, &signed, session),
            ClaimOutcome::LimitReached(reached) => {
                Err(core::limit_reached(policy.max_devices(), reached.next_free_at, now.seconds())
                    .into())
            }
        }
    }

    async fn renew(
        viewer: Viewer,
        session_id: String,
        watching: Option<(String, String)>,
        delivery: Option<Delivery>,
    ) -> Result<Grant, Denial> {
        let policy = policy::current().await?;
        let viewer = core::Viewer::from(viewer);
        let caller = Caller::new(&viewer)?;
        let session_id = checked_session_id(&session_id)?;
        let now = now()?;
        let (series, episode) = match &watching {
            Some(watching) => watching.clone(),
            None => {
                let lease = lease_of(&caller, &session_id, now).await?;
                (lease.series, lease.episode)
            }
        };
        // Decided first: an entitlement that ended meanwhile must not keep a place.
        let delivery = delivery.map(core::Delivery::from);
        let ask = Ask::new(&policy, &viewer, &series, &episode, delivery)?;
        let (plan, signed) = decide(&policy, &ask, now).await?;
        let renewal = RenewRequest {
            user: caller.user().to_owned(),
            session_id,
            device: caller.device().to_owned(),
            watching,
            now: now.seconds(),
            expires_at: plan.lease.expires_at,
        };
        let renewed = sessions::renew(renewal).await.map_err(no_answer("sessions"))?;
        grant(plan, &signed, renewed.ok_or(Denial::SessionNotFound)?)
    }

    async fn release(viewer: Viewer, session_id: String) -> Result<bool, Denial> {
        // Read for its errors only: a gate that cannot decide must not change leases either.
        policy::current().await?;
        let caller = Caller::new(&viewer.into())?;
        let session_id = checked_session_id(&session_id)?;
        let now = now()?.seconds();
        sessions::release(caller.user().to_owned(), session_id, now)
            .await
            .map_err(no_answer("sessions"))
    }

    async fn devices(viewer: Viewer) -> Result<Vec<Device>, Denial> {
        policy::current().await?;
        let caller = Caller::new(&viewer.into())?;
        let live = active(&caller, now()?).await?;
        Ok(live.into_iter().map(|session| wire::device(session, caller.device())).collect())
    }

    async fn ready() -> Result<(), Denial> {
        let policy = policy::current().await?;
        keys::choose(policy.key_pair_id()).await.map(drop)
    }
}

/// The first wait of a request: everything that has to be known, asked for together; then the decision, and its
/// signatures, which are often known already. Nothing is claimed yet, so a failure up to here changes nothing.
async fn decide(
    policy: &Policy,
    ask: &Ask,
    now: EpochSeconds,
) -> Result<(Plan, Vec<Signed>), Denial> {
    let (entitlement, media, hls_exists, key) = futures::join!(
        entitlements::lookup(ask.caller().user().to_owned(), ask.series().to_owned()),
        catalog::episode(ask.series().to_owned(), ask.episode().to_owned()),
        catalog::exists(ask.hls_key().to_owned()),
        keys::choose(policy.key_pair_id()),
    );
    let facts = Facts {
        entitlement: entitlement.map_err(no_answer("entitlements"))?.map(Into::into),
        media: media.map_err(no_answer("catalog"))?.map(Into::into),
        hls_exists: hls_exists.map_err(no_answer("catalog"))?,
    };
    let plan = policy.decide(ask, &facts, now)?;
    let signed = keys::sign(plan.statements(), &key?, now).await?;
    Ok((plan, signed))
}

fn grant(plan: Plan, signed: &[Signed], session: Session) -> Result<Grant, Denial> {
    let session = core::Session { id: session.id, expires_at: session.expires_at };
    Ok(plan.grant(signed, session).map_err(misconfigured)?.into())
}

async fn active(caller: &Caller, now: EpochSeconds) -> Result<Vec<Session>, Denial> {
    sessions::active(caller.user().to_owned(), now.seconds()).await.map_err(no_answer("sessions"))
}

async fn lease_of(caller: &Caller, session_id: &str, now: EpochSeconds) -> Result<Session, Denial> {
    let live = active(caller, now).await?;
    let mine = live
        .into_iter()
        .find(|session| session.id == session_id && session.device == caller.device());
    mine.ok_or(Denial::SessionNotFound)
}

fn checked_session_id(text: &str) -> Result<String, Denial> {
    let id = core::Id::new("session-id", text).map_err(core::Denial::from)?;
    Ok(id.as_str().to_owned())
}

/// Read once per request, so that every part of it happens at the same time.
fn now() -> Result<EpochSeconds, Denial> {
    EpochSeconds::new("clock", wall_clock::now().seconds).map_err(misconfigured)
}

fn new_session_id() -> String {
    random::get_random_bytes(SESSION_ID_BYTES).iter().fold(
        String::with_capacity(32),
        |mut hex, byte| {
            // Writing into a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        },
    )
}
