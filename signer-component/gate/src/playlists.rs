//! Playlists with a signature on every URI in them: read from the origin, decided on like any play, written by core.

use tollgate_core::{
    cloudfront::Signed,
    error::InvalidField,
    playback::{Ask, Asking, Link, ManifestPlan, Policy, Requested},
    playlist::{self, MOST_INPUT, PlaylistError},
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
        lookups::known(ask.caller().user(), ask.wanted()),
        read(requested.key(), None),
        keys::choose(policy.key_pair_id()),
        leases::likely_id(ask, now),
    );
    let (entitlement, media) = known?;
    let asking = Asking::Viewer(ask);
    let plan =
        policy.decide_manifest(asking, requested, entitlement.as_ref(), media.as_ref(), now)?;
    let (text, key, session) = (text?, key?, session?);
    let signed = sign(&plan, &key, now).await?;
    let statement = plan.link_statement(&session.id).map_err(misconfigured)?;
    let link = LinkSigned::make(key, statement, session).await?;
    // Written once before the place is claimed, because a playlist that cannot be handed out shall cost nobody a
    // place; and once more after it, because what is written is several times as long as the text, and many of them
    // must not wait for the store at the same time.
    write(&plan, &text, None, &signed, link.signed(), &link.expected().id)?;
    let statement = |id: &str| plan.link_statement(id);
    let (session, link) =
        leases::claim_with_link(policy, ask, plan.lease, link, statement, now).await?;
    write(&plan, &text, None, &signed, link.as_ref(), &session.id)
}

/// For a link, whose lease is there already.
pub(crate) async fn for_link(
    policy: &Policy,
    link: &Link,
    requested: Requested,
    now: EpochSeconds,
) -> Result<Playlist, Denial> {
    let key = lookups::genuine(policy, link, now).await?;
    let (known, live) = futures::join!(
        lookups::known(link.user(), link.wanted()),
        leases::active(link.user(), now),
    );
    let session = leases::of_link(policy, link, live?)?;
    let (entitlement, media) = known?;
    let (asking, object) = (Asking::Link(link), requested.key().to_owned());
    let plan =
        policy.decide_manifest(asking, requested, entitlement.as_ref(), media.as_ref(), now)?;
    let (text, signed) = futures::join!(read(&object, link.own_query()), sign(&plan, &key, now));
    let (text, signed) = (text?, signed?);
    let imports = match object != link.wanted().hls_key() && playlist::needs_imports(&text) {
        true => Some(read(link.wanted().hls_key(), None).await?),
        false => None,
    };
    leases::keep(policy, link, &session, plan.lease, now).await?;
    // Last, so that no long text waits for anything.
    write(&plan, &text, imports.as_deref(), &signed, None, link.session())
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
    let missing = || InvalidField::new("signatures", "must be one");
    signed.into_iter().next().ok_or_else(|| misconfigured(missing()))
}

fn write(
    plan: &ManifestPlan,
    text: &str,
    imports: Option<&str>,
    signed: &Signed,
    link: Option<&Signed>,
    session: &str,
) -> Result<Playlist, Denial> {
    let written = plan.write(text, imports, signed, link, session);
    let text_written = written.map_err(|error| match error {
        // Not the playlist's fault, but ours: policy and key do not fit together.
        PlaylistError::Places { field, rule } => misconfigured(InvalidField::new(field, rule)),
        error => unusable(plan.key(), &error.to_string()),
    })?;
    Ok(Playlist { is_hls: plan.is_hls(text), text: text_written })
}

fn unusable(key: &str, rule: &str) -> Denial {
    Denial::PlaylistUnusable(format!("{key}: {rule}"))
}
