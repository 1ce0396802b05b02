//! Playlists that the host serves: which object it is, and what it takes to put signatures into it.

use super::{
    Ask, Delivery, Denial, Entitlement, Lease, Link, Media, Policy, ask::Wanted,
    decision::Circumstances, plan::Target,
};
use crate::{
    cloudfront::{Signed, Unsigned},
    error::InvalidField,
    playlist::{self, Places, PlaylistError},
    time::EpochSeconds,
};

/// Which playlist is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// The episode's HLS playlist.
    Hls,
    /// The episode's DASH manifest.
    Dash,
    /// A playlist that another one names, by its object key.
    Nested(String),
}

/// A playlist to fetch, known to lie in the directory of the episode.
#[derive(Clone, Debug)]
pub struct Requested {
    key: String,
    /// Whether it is HLS, if its name in the request says so.
    is_hls: Option<bool>,
    nested: bool,
}

impl Requested {
    /// The object to read.
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// Who asks for a playlist: somebody with a token, or a link.
#[derive(Clone, Copy)]
pub enum Asking<'a> {
    /// A viewer.
    Viewer(&'a Ask),
    /// A link.
    Link(&'a Link),
}

impl Asking<'_> {
    fn wanted(&self) -> &Wanted {
        match self {
            Self::Viewer(ask) => &ask.wanted,
            Self::Link(link) => &link.wanted,
        }
    }
}

impl Policy {
    /// Finds the object that is asked for, before any port is.
    pub fn requested(&self, asking: Asking<'_>, manifest: &Manifest) -> Result<Requested, Denial> {
        self.check_delivery(Delivery::Playlist)?;
        let wanted = asking.wanted();
        let (key, is_hls, nested) = match manifest {
            Manifest::Hls => (wanted.hls_key.clone(), Some(true), false),
            Manifest::Dash => {
                let key = wanted.dash_key.clone().ok_or(Denial::PlaylistNotFound)?;
                (key, Some(false), false)
            }
            Manifest::Nested(key) => (key.clone(), None, true),
        };
        let directory = self.ruling(&wanted.hls_key).directory;
        if directory.is_none() || self.ruling(&key).directory != directory {
            let rule = "must lie in the directory of the episode";
            return Err(InvalidField::new("objectKey", rule).into());
        }
        if self.url("objectKey", &key).is_err() {
            let rule = "must have no empty or dot segments and no control characters";
            return Err(InvalidField::new("objectKey", rule).into());
        }
        Ok(Requested { key, is_hls, nested })
    }

    /// Decides; what is planned still needs its lease.
    pub fn decide_manifest(
        &self,
        asking: Asking<'_>,
        requested: Requested,
        entitlement: Option<&Entitlement>,
        media: Option<&Media>,
        now: EpochSeconds,
    ) -> Result<ManifestPlan, Denial> {
        let valid_until = self.check_entitlement(entitlement, now)?;
        media.ok_or(Denial::EpisodeNotFound)?;
        let wanted = asking.wanted();
        self.check_hls_directory(&wanted.hls_key)
            .map_err(|wrong| Denial::Misconfigured(vec![wrong]))?;
        let circumstances =
            Circumstances { address: wanted.address, valid_until, ttl: self.playlist_ttl, now };
        let target = self.target("objectKey", &requested.key, &circumstances)?;
        let link = match asking {
            Asking::Viewer(ask) => {
                let terms = self.link_terms(ask.caller().user(), wanted, now)?;
                LinkOf::Made(terms)
            }
            Asking::Link(link) => LinkOf::Sent {
                session_url: link.session_url.clone(),
                signature: link.signature(),
                own_query: link.own_query(),
            },
        };
        Ok(ManifestPlan {
            lease: self.lease(now),
            requested,
            target,
            link,
            base: self.base.clone(),
        })
    }
}

/// The link that nested playlists are asked for by.
#[derive(Clone, Debug)]
enum LinkOf {
    Made(super::link::LinkTerms),
    Sent { session_url: String, signature: String, own_query: Option<String> },
}

/// A playlist that may be handed out, once it is fetched, signed and leased.
#[derive(Clone)]
pub struct ManifestPlan {
    /// The device place to claim, or to renew.
    pub lease: Lease,
    requested: Requested,
    target: Target,
    link: LinkOf,
    base: String,
}

impl ManifestPlan {
    /// The object that is the playlist.
    pub fn key(&self) -> &str {
        self.requested.key()
    }

    /// Whether it is an HLS playlist; a DASH manifest otherwise. Names of nested ones say nothing for certain.
    pub fn is_hls(&self, text: &str) -> bool {
        let is_xml =
            || text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with('<');
        self.requested.is_hls.unwrap_or_else(|| !is_xml())
    }

    /// What has to be signed.
    pub fn statement(&self) -> &Unsigned {
        &self.target.statement
    }

    /// What has to be signed besides, if the link is not there yet.
    ///
    /// # Errors
    /// The policy cannot be right.
    pub fn link_statement(&self, session: &str) -> Result<Option<Unsigned>, InvalidField> {
        match &self.link {
            LinkOf::Made(terms) => terms.statement(session).map(Some),
            LinkOf::Sent { .. } => Ok(None),
        }
    }

    /// Puts the signatures into the playlist's text. `link` belongs to [`ManifestPlan::link_statement`] of this
    /// session, and `imports` is the text of the episode's own playlist, if this one imports variables from it.
    ///
    /// # Errors
    /// The origin's text cannot be handed out.
    pub fn write(
        &self,
        text: &str,
        imports: Option<&str>,
        signed: &Signed,
        link: Option<&Signed>,
        session: &str,
    ) -> Result<String, PlaylistError> {
        let (session_url, link, own_query) = match &self.link {
            LinkOf::Made(terms) => (
                terms.session_url(session),
                link.map_or_else(String::new, |link| link.query_text().to_owned()),
                None,
            ),
            LinkOf::Sent { session_url, signature, own_query } => {
                (session_url.clone(), signature.clone(), own_query.as_deref())
            }
        };
        let places = Places {
            object: &self.target.url,
            protected: &format!("{}{}/", self.base, self.target.path),
            signature: signed.query_text(),
            nested: &format!("{session_url}media/"),
            link: &link,
            query: own_query,
            nested_already: self.requested.nested,
        };
        if self.is_hls(text) {
            playlist::rewrite_hls(text, &places, imports)
        } else {
            playlist::rewrite_dash(text, &places)
        }
    }
}
