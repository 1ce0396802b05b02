//! The first wait of a request: everything that has to be known, asked for together.

use tollgate_core::{
    cloudfront::{Signed, Unsigned},
    playback::{Ask, Entitlement, Facts, Link, Media, Plan, Policy, Wanted},
    time::EpochSeconds,
};

use crate::{
    bindings::{
        exports::tollgate::gate::playback::Denial,
        tollgate::gate::{catalog, entitlements, sessions::Session},
    },
    failure::{misconfigured, no_answer},
    keys::{self, Chosen},
    leases::{self, Expected},
};

/// A decision with its signatures, which are often known already. Nothing is claimed yet, so a failure up to here
/// changes nothing.
pub(crate) struct Decided {
    pub(crate) plan: Plan,
    pub(crate) signed: Vec<Signed>,
    pub(crate) link: LinkSigned,
}

/// The signature of a link, and the lease it was made for.
pub(crate) struct LinkSigned {
    key: Chosen,
    session: Expected,
    signed: Option<Signed>,
}

impl LinkSigned {
    pub(crate) async fn make(
        key: Chosen,
        statement: Option<Unsigned>,
        session: Expected,
    ) -> Result<Self, Denial> {
        let signed = match statement {
            Some(statement) => Some(keys::sign_one(statement, &key).await?),
            None => None,
        };
        Ok(Self { key, session, signed })
    }

    /// The lease that was thought of.
    pub(crate) fn expected(&self) -> &Expected {
        &self.session
    }

    /// The signature for it, if the grant has a link.
    pub(crate) fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// The signature for the lease that it came to be. It is another one only if the device's lease ended, or began,
    /// while it was asked for.
    pub(crate) async fn of_session(
        self,
        session: &Session,
        statement: impl FnOnce(&str) -> Result<Option<Unsigned>, tollgate_core::error::InvalidField>,
    ) -> Result<Option<Signed>, Denial> {
        if session.id == self.session.id {
            return Ok(self.signed);
        }
        let statement = statement(&session.id).map_err(misconfigured)?;
        match statement {
            Some(statement) => keys::sign_one(statement, &self.key).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Looks up what the decision needs, decides and signs. `session` finds the id of the lease.
pub(crate) async fn decide(
    policy: &Policy,
    ask: &Ask,
    session: impl Future<Output = Result<Expected, Denial>>,
    now: EpochSeconds,
) -> Result<Decided, Denial> {
    let (known, manifests, key, session) = futures::join!(
        known(ask.caller().user(), ask.wanted()),
        manifests(ask.wanted()),
        keys::choose(policy.key_pair_id()),
        session,
    );
    let facts = facts(known?, manifests?);
    let plan = policy.decide(ask, &facts, now)?;
    let (key, session) = (key?, session?);
    let signed = keys::sign(plan.statements(), &key, now).await?;
    let statement = plan.link_statement(&session.id).map_err(misconfigured)?;
    let link = LinkSigned::make(key, statement, session).await?;
    Ok(Decided { plan, signed, link })
}

/// The same for a link that leads to cookies, which is genuine and whose lease lives.
pub(crate) async fn decide_cookies(
    policy: &Policy,
    link: &Link,
    now: EpochSeconds,
) -> Result<(Plan, Vec<Signed>, Session), Denial> {
    let key = genuine(policy, link, now).await?;
    let (known, manifests, live) = futures::join!(
        known(link.user(), link.wanted()),
        manifests(link.wanted()),
        leases::active(link.user(), now),
    );
    let session = leases::of_link(policy, link, live?)?;
    let facts = facts(known?, manifests?);
    let plan = policy.decide_cookies(link, &facts, now)?;
    let signed = keys::sign(plan.statements(), &key, now).await?;
    Ok((plan, signed, session))
}

/// Refuses a link that no key of this host signed; answers the key to sign with. This comes before everything else:
/// whoever has no link shall not make the stores work.
pub(crate) async fn genuine(
    policy: &Policy,
    link: &Link,
    now: EpochSeconds,
) -> Result<Chosen, Denial> {
    let id = link.key_pair_id()?;
    let current = keys::choose(policy.key_pair_id()).await?;
    if id == current.id {
        link.verify(&id, &keys::public(&current)?, now)?;
        return Ok(current);
    }
    let unknown = "the key it was signed with is not in use any more";
    let key = keys::named(id.as_str()).await?;
    let key = key.ok_or_else(|| Denial::InvalidLink(unknown.to_owned()))?;
    link.verify(&id, &keys::public(&key)?, now)?;
    Ok(current)
}

/// What is on record about user and episode.
pub(crate) async fn known(
    user: &str,
    wanted: &Wanted,
) -> Result<(Option<Entitlement>, Option<Media>), Denial> {
    let (series, episode) = (wanted.series(), wanted.episode());
    let (entitlement, media) = futures::join!(
        entitlements::lookup(user.to_owned(), series.to_owned()),
        catalog::episode(series.to_owned(), episode.to_owned()),
    );
    let entitlement = entitlement.map_err(no_answer("entitlements"))?.map(Into::into);
    Ok((entitlement, media.map_err(no_answer("catalog"))?.map(Into::into)))
}

/// Whether the episode's HLS playlist is there, and its DASH manifest.
async fn manifests(wanted: &Wanted) -> Result<(bool, bool), Denial> {
    let dash = async {
        match wanted.dash_key() {
            Some(key) => catalog::exists(key.to_owned()).await,
            None => Ok(false),
        }
    };
    let (hls, dash) = futures::join!(catalog::exists(wanted.hls_key().to_owned()), dash);
    Ok((hls.map_err(no_answer("catalog"))?, dash.map_err(no_answer("catalog"))?))
}

fn facts(
    (entitlement, media): (Option<Entitlement>, Option<Media>),
    (hls_exists, dash_exists): (bool, bool),
) -> Facts {
    Facts { entitlement, media, hls_exists, dash_exists }
}
