//! Playlists with a signature on every URI in them: read from the origin, decided on like any play, written by core.

use tollgate_core::{
    cloudfront::Signed,
    playback::{Ask, Asking, Link, ManifestPlan, Policy, Requested},
    playlist::{self, MOST_INPUT},
    time::EpochSeconds,
};

use crate::{
    bindings::{
        exports::tollgate::gate::playback::{Denial, Playlist},
        tollgate::gate::catalog,
    },
    failure::{misconfigured, no_answer},
    keys, leases,
    lookups::{self, LinkSigned},
};

/// For a viewer, who claims a place by it as by any play.
pub(crate) async fn for_viewer(
    policy: &Policy,
    ask: &Ask,
    requested: Requested,
    now: EpochSeconds,
) -> Result<Playlist, Denial> {
    let (known, text, key, session) = futures::join!(
        lookups::known(ask.caller().user(), ask.series(), ask.episode()),
        read(requested.key(), None),
        keys::choose(policy.key_pair_id()),
        leases::likely_id(ask, now),
    );
    let (entitlement, media) = known?;
    let asking = Asking::Viewer(ask);
    let is_hls = requested.is_hls();
    let plan =
        policy.decide_manifest(asking, requested, entitlement.as_ref(), media.as_ref(), now)?;
    let (text, key, session) = (text?, key?, session?);
    let signed = sign(&plan, &key, now).await?;
    let statement = plan.link_statement(&session).map_err(misconfigured)?;
    let link = LinkSigned::make(key, statement, session).await?;
    // Written once before the place is claimed: a playlist that cannot be handed out costs nobody a place.
    let session = link.session().to_owned();
    let written = write(&plan, &text, None, &signed, link.signed(), &session)?;
    let claimed = leases::claim(policy, ask, plan.lease, session.clone(), now).await?;
    if claimed.id == session {
        return Ok(Playlist { is_hls, text: written });
    }
    let link = link.of_session(&claimed, |id| plan.link_statement(id)).await?;
    let text = write(&plan, &text, None, &signed, link.as_ref(), &claimed.id)?;
    Ok(Playlist { is_hls, text })
}

/// For a link, whose lease is there already.
pub(crate) async fn for_link(
    policy: &Policy,
    link: &Link,
    requested: Requested,
    now: EpochSeconds,
) -> Result<Playlist, Denial> {
    let (known, key, live) = futures::join!(
        lookups::known(link.user(), link.series(), link.episode()),
        keys::choose(policy.key_pair_id()),
        leases::active(link.user(), now),
    );
    let key = key?;
    // Before the origin is asked: what it is asked for stands in the link.
    lookups::genuine(link, &key, now).await?;
    let session = leases::of_link(policy, link, live?)?;
    let (entitlement, media) = known?;
    let is_hls = requested.is_hls();
    let (asking, object) = (Asking::Link(link), requested.key().to_owned());
    let plan =
        policy.decide_manifest(asking, requested, entitlement.as_ref(), media.as_ref(), now)?;
    let (text, signed) = futures::join!(read(&object, link.own_query()), sign(&plan, &key, now));
    let (text, signed) = (text?, signed?);
    let imports = match is_hls && object != link.hls_key() && playlist::needs_imports(&text) {
        true => Some(read(link.hls_key(), None).await?),
        false => None,
    };
    let text = write(&plan, &text, imports.as_deref(), &signed, None, link.session())?;
    leases::keep(policy, link, &session, plan.lease, now).await?;
    Ok(Playlist { is_hls, text })
}

async fn read(key: &str, query: Option<String>) -> Result<String, Denial> {
    let most = u32::try_from(MOST_INPUT).unwrap_or(u32::MAX);
    let bytes = catalog::read(key.to_owned(), query, most).await.map_err(no_answer("catalog"))?;
    let bytes = bytes.ok_or(Denial::PlaylistNotFound)?;
    String::from_utf8(bytes).map_err(|_| unusable(key, "it is not UTF-8"))
}

async fn sign(
    plan: &ManifestPlan,
    key: &keys::Chosen,
    now: EpochSeconds,
) -> Result<Signed, Denial> {
    let signed = keys::sign(vec![plan.statement().clone()], key, now).await?;
    let missing = || tollgate_core::error::InvalidField::new("signatures", "must be one");
    signed.into_iter().next().ok_or_else(|| misconfigured(missing()))
}

fn write(
    plan: &ManifestPlan,
    text: &str,
    imports: Option<&str>,
    signed: &Signed,
    link: Option<&Signed>,
    session: &str,
) -> Result<String, Denial> {
    plan.write(text, imports, signed, link, session)
        .map_err(|error| unusable(plan.key(), &error.to_string()))
}

fn unusable(key: &str, rule: &str) -> Denial {
    Denial::PlaylistUnusable(format!("{key}: {rule}"))
}
