//! Links: what a player that can send neither a token nor a signature of its own asks the host by.
//!
//! A link is signed as CloudFront's URLs are, by the same key, over everything below the address of one lease. It
//! opens nothing at the distribution, and at the host only as long as the lease lives.

use std::fmt;

use super::{
    Denial, Id, Policy,
    ask::Wanted,
    viewer::{address, address_to_bind},
};
use crate::{
    cloudfront::{
        EdgeRequest, Hash, KeyPairId, PublicKey, Reason, Terms, Unsigned, Verdict, Verifier,
        encoding::reserved, strip,
    },
    error::InvalidField,
    time::EpochSeconds,
};

/// The longest query a playlist's own URL may have. Players add some dozens of bytes to ask for a reload.
const MOST_OWN_QUERY: usize = 2048;

/// What is missing to sign a link: the lease.
#[derive(Clone, Debug)]
pub(super) struct LinkTerms {
    sessions_url: String,
    expires_at: EpochSeconds,
    ip_address: Option<String>,
    hash: Hash,
    now: EpochSeconds,
}

impl LinkTerms {
    /// The address of a lease, with a slash at its end.
    pub(super) fn session_url(&self, session: &str) -> String {
        format!("{}{session}/", self.sessions_url)
    }

    pub(super) fn statement(&self, session: &str) -> Result<Unsigned, InvalidField> {
        let url = self.session_url(session);
        let terms = Terms {
            expires_at: self.expires_at,
            not_before: None,
            ip_address: self.ip_address.clone(),
            resource: Some(format!("{url}*")),
            allow_wildcard_domain: false,
            hash: self.hash,
            now: Some(self.now),
        };
        Unsigned::new(&url, &terms)
    }
}

impl Policy {
    pub(super) fn link_terms(
        &self,
        user: &str,
        wanted: &Wanted,
        now: EpochSeconds,
    ) -> Result<LinkTerms, Denial> {
        let bind_ip = self.ruling(&wanted.hls_key).bind_ip;
        Ok(LinkTerms {
            sessions_url: self.sessions_url(user, wanted)?,
            expires_at: now.plus(self.link_ttl),
            ip_address: address_to_bind(bind_ip, wanted.address)?,
            hash: self.hash,
            now,
        })
    }

    fn sessions_url(&self, user: &str, wanted: &Wanted) -> Result<String, Denial> {
        let Some(gateway) = &self.gateway_url else {
            let missing = InvalidField::new("policy.gateway-url", "is needed for links");
            return Err(Denial::Misconfigured(vec![missing]));
        };
        let (series, episode) = (wanted.series.as_str(), wanted.episode.as_str());
        Ok(format!("{gateway}/users/{user}/series/{series}/episodes/{episode}/sessions/"))
    }
}

/// A request that a link makes, as it came in.
#[derive(Clone)]
pub struct LinkedRequest {
    /// The user in the link's path.
    pub user: String,
    /// The series in it.
    pub series: String,
    /// The episode in it.
    pub episode: String,
    /// The lease in it.
    pub session_id: String,
    /// The raw query.
    pub query: String,
    /// Where the request came from.
    pub source_ip: Option<String>,
}

impl fmt::Debug for LinkedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkedRequest").field("user", &self.user).finish_non_exhaustive()
    }
}

/// A well-formed request by link, of which nobody knows yet whether it is genuine.
pub struct Link {
    pub(super) user: Id,
    pub(super) wanted: Wanted,
    pub(super) session_url: String,
    session: Id,
    query: String,
}

impl Link {
    /// Checks the form.
    pub fn new(policy: &Policy, request: &LinkedRequest) -> Result<Self, Denial> {
        let user = Id::new("user", &request.user)?;
        let session = Id::new("session-id", &request.session_id)?;
        let address = address(request.source_ip.as_deref())?;
        let ids = (Id::new("series", &request.series)?, Id::new("episode", &request.episode)?);
        let wanted = Wanted::new(policy, ids, address);
        let session_url =
            format!("{}{}/", policy.sessions_url(user.as_str(), &wanted)?, session.as_str());
        let link = Self { user, wanted, session_url, session, query: request.query.clone() };
        if link.own_query().is_some_and(|own| own.len() > MOST_OWN_QUERY) {
            let rule = "must have no more than 2,048 bytes besides the link's signature";
            return Err(InvalidField::new("query", rule).into());
        }
        Ok(link)
    }

    /// In whose name the link was made.
    pub fn user(&self) -> &str {
        self.user.as_str()
    }

    /// The lease it belongs to.
    pub fn session(&self) -> &str {
        self.session.as_str()
    }

    /// What it leads to.
    pub fn wanted(&self) -> &Wanted {
        &self.wanted
    }

    /// The key that is said to have signed it.
    pub fn key_pair_id(&self) -> Result<KeyPairId, Denial> {
        let mut ids = self.parameters().filter(|(name, _)| *name == "Key-Pair-Id");
        let id = match (ids.next(), ids.next()) {
            (Some((_, id)), None) => KeyPairId::new(id).ok(),
            _ => None,
        };
        id.ok_or_else(|| {
            Denial::InvalidLink(
                "it has no signature; use a URL of a grant byte for byte".to_owned(),
            )
        })
    }

    /// Whether this key signed it, for this lease, this address and this time.
    pub fn verify(&self, id: &KeyPairId, key: &PublicKey, now: EpochSeconds) -> Result<(), Denial> {
        let refused = |text: &str| Denial::InvalidLink(text.to_owned());
        let verifier = Verifier::new(vec![(id.clone(), key.clone())], true)
            .map_err(|_| refused("it cannot be judged"))?;
        let client_ip = self.wanted.address.to_string();
        let request = EdgeRequest {
            url: &format!("{}?{}", self.session_url, self.query),
            cookies: &[],
            client_ip: Some(&client_ip),
            now: now.seconds(),
        };
        match verifier.verify(&request) {
            Verdict::Allow => Ok(()),
            Verdict::Deny(denied) => Err(match denied.reason {
                Reason::Expired => refused("its time is over"),
                Reason::IpMismatch => refused("it was made for another address"),
                _ => refused("it was altered, or is for something else"),
            }),
        }
    }

    /// What of the query belongs to the link, as it was sent.
    pub(super) fn signature(&self) -> String {
        let own = |pair: &&str| reserved(pair.split('=').next().unwrap_or_default()).is_some();
        self.query.split('&').filter(own).collect::<Vec<_>>().join("&")
    }

    /// What of the query does not belong to the link: the playlist's own.
    pub fn own_query(&self) -> Option<String> {
        let stripped = strip(&format!("?{}", self.query));
        stripped.strip_prefix('?').map(str::to_owned)
    }

    fn parameters(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.query.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((reserved(name)?, value))
        })
    }
}
