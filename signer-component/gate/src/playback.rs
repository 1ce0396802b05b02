//! The export `playback`: asks the ports, lets core decide, signs, claims.

use tollgate_core::{
    cloudfront::Signed,
    playback::{self as core, Ask, Asking, Caller, Link, Plan},
    time::EpochSeconds,
};

use crate::{
    Component,
    bindings::{
        exports::tollgate::gate::playback::{
            Delivery, Denial, Device, Grant, Guest, LinkedRequest, Manifest, PlaybackRequest,
            Playlist, Redirect, Viewer,
        },
        tollgate::gate::sessions::{self, RenewRequest, Session},
        wasi::clocks::wall_clock,
    },
    failure::{misconfigured, no_answer},
    keys, leases,
    lookups::{self, Decided},
    playlists, policy, wire,
};

impl Guest for Component {
    async fn authorize(request: PlaybackRequest) -> Result<Grant, Denial> {
        let policy = policy::current().await?;
        let delivery = request.delivery.map(core::Delivery::from);
        let ask =
            Ask::new(&policy, &request.viewer.into(), &request.series, &request.episode, delivery)?;
        let now = now()?;
        let Decided { plan, signed, link } =
            lookups::decide(&policy, &ask, leases::likely_id(&ask, now), now).await?;
        let statement = |id: &str| plan.link_statement(id);
        let (session, link) =
            leases::claim_with_link(&policy, &ask, plan.lease, link, statement, now).await?;
        grant(plan, &signed, link.as_ref(), session)
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
                let live = leases::active(caller.user(), now).await?;
                let denial = leases::ended(&policy, &live, &session_id);
                let mine = live
                    .into_iter()
                    .find(|session| session.id == session_id && session.device == caller.device());
                let lease = mine.ok_or(denial)?;
                (lease.series, lease.episode)
            }
        };
        // Decided first: an entitlement that ended meanwhile must not keep a place.
        let delivery = delivery.map(core::Delivery::from);
        let ask = Ask::new(&policy, &viewer, &series, &episode, delivery)?;
        let id = async { Ok(leases::Expected::renewed(session_id.clone())) };
        let Decided { plan, signed, link } = lookups::decide(&policy, &ask, id, now).await?;
        let renewal = RenewRequest {
            user: caller.user().to_owned(),
            session_id: session_id.clone(),
            device: caller.device().to_owned(),
            watching,
            now: now.seconds(),
            expires_at: plan.lease.expires_at,
        };
        let session = leases::renew(&policy, renewal, now).await?;
        let link = link.of_session(&session, |id| plan.link_statement(id)).await?;
        grant(plan, &signed, link.as_ref(), session)
    }

    async fn authorize_playlist(
        request: PlaybackRequest,
        wanted: Manifest,
    ) -> Result<Playlist, Denial> {
        let policy = policy::current().await?;
        let delivery = Some(core::Delivery::Playlist);
        let ask =
            Ask::new(&policy, &request.viewer.into(), &request.series, &request.episode, delivery)?;
        let requested = policy.requested(Asking::Viewer(&ask), &wanted.into())?;
        playlists::for_viewer(&policy, &ask, requested, now()?).await
    }

    async fn linked_playlist(request: LinkedRequest, wanted: Manifest) -> Result<Playlist, Denial> {
        let policy = policy::current().await?;
        let link = Link::new(&policy, &request.into())?;
        let requested = policy.requested(Asking::Link(&link), &wanted.into())?;
        playlists::for_link(&policy, &link, requested, now()?).await
    }

    async fn linked_cookies(request: LinkedRequest) -> Result<Redirect, Denial> {
        let policy = policy::current().await?;
        let link = Link::new(&policy, &request.into())?;
        let now = now()?;
        let (plan, signed, session) = lookups::decide_cookies(&policy, &link, now).await?;
        let (location, cookies) = plan.redirect(&signed).map_err(misconfigured)?;
        leases::keep(&policy, &link, &session, plan.lease, now).await?;
        Ok(Redirect { location, cookies })
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
        let live = leases::active(caller.user(), now()?).await?;
        Ok(live.into_iter().map(|session| wire::device(session, caller.device())).collect())
    }

    async fn ready() -> Result<(), Denial> {
        let policy = policy::current().await?;
        keys::choose(policy.key_pair_id()).await.map(drop)
    }
}

fn grant(
    plan: Plan,
    signed: &[Signed],
    link: Option<&Signed>,
    session: Session,
) -> Result<Grant, Denial> {
    let session = core::Session { id: session.id, expires_at: session.expires_at };
    Ok(plan.grant(signed, link, session).map_err(misconfigured)?.into())
}

fn checked_session_id(text: &str) -> Result<String, Denial> {
    let id = core::Id::new("session-id", text).map_err(core::Denial::from)?;
    Ok(id.as_str().to_owned())
}

/// Read once per request, so that every part of it happens at the same time.
fn now() -> Result<EpochSeconds, Denial> {
    EpochSeconds::new("clock", wall_clock::now().seconds).map_err(misconfigured)
}
