//! Where the playlist is, what its signature opens, and where nested playlists are asked for.

use std::rc::Rc;

use super::{
    PlaylistError,
    reference::Reference,
    resolve::{resolve, same_host},
};

/// The longest path that others are relative to, in bytes: keys of S3 are not longer.
const MOST_BASE: usize = 1024;

/// What a playlist is rewritten for: one viewer, one episode.
///
/// The values come from the gateway's own policy and signer, and are checked all the same: what breaks a rule is
/// [`PlaylistError::Places`], and nothing is handed out.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    /// URL of the playlist at the distribution, without a query; it lies below `protected`.
    pub object: &'a str,
    /// What the signature opens: a directory at the distribution, with its final slash.
    pub protected: &'a str,
    /// Parameters that open it, `Policy=…&Signature=…&Key-Pair-Id=…`, without `?` or `&` at either end.
    pub signature: &'a str,
    /// Where nested playlists are asked for, with a final slash; their object key is appended.
    pub nested: &'a str,
    /// Parameters for nested playlists, in the form of `signature`.
    pub link: &'a str,
    /// The query the playlist was asked for with, less the link's parameters: variables of HLS are read from it.
    pub query: Option<&'a str>,
    /// Another playlist named this one, so that it must not be a multivariant playlist.
    pub nested_already: bool,
}

impl std::fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Places").field("object", &self.object).finish_non_exhaustive()
    }
}

/// [`Places`] that fit together.
#[derive(Clone, Copy)]
pub(super) struct Site<'p> {
    pub(super) places: &'p Places<'p>,
    pub(super) scheme: &'static str,
    authority: &'p str,
    /// Path of the playlist, with its slash.
    pub(super) path: &'p str,
    /// Path of what the signature opens.
    protected: &'p str,
}

impl<'p> Site<'p> {
    pub(super) fn new(places: &'p Places<'p>) -> Result<Self, PlaylistError> {
        let (scheme, authority, path) = address("object", places.object)?;
        let (other, host, protected) = address("protected", places.protected)?;
        let (_, _, nested) = address("nested", places.nested)?;
        let require = |field, fits: bool, rule| {
            if fits { Ok(()) } else { Err(PlaylistError::Places { field, rule }) }
        };
        require("protected", protected.ends_with('/'), "must end with a slash")?;
        require("nested", nested.ends_with('/'), "must end with a slash")?;
        let inside = (scheme, true) == (other, same_host(scheme, authority, host))
            && path.starts_with(protected);
        require("object", inside, "must lie below what is protected")?;
        for (field, parameters) in [("signature", places.signature), ("link", places.link)] {
            let whole = !parameters.is_empty()
                && !parameters.starts_with(['?', '&'])
                && !parameters.ends_with('&')
                && parameters.bytes().all(harmless);
            require(field, whole, "must be parameters that need no escape")?;
        }
        Ok(Self { places, scheme, authority, path, protected })
    }

    /// Scheme, host and port of the distribution.
    pub(super) fn origin(&self) -> &'p str {
        front_of(self.places.object, self.path.len())
    }

    /// URL of the playlist's directory, with its final slash.
    pub(super) fn directory(&self) -> &'p str {
        up_to_slash(self.places.object)
    }

    /// Where a reference leads from a base.
    pub(super) fn place(&self, reference: Reference<'_>, base: &Base) -> Place {
        match self.resolve(reference, base) {
            Resolved::Foreign => Place::Foreign,
            Resolved::Doubtful => Place::Doubtful,
            Resolved::Ours(path) if path.starts_with(self.protected) => Place::Protected,
            Resolved::Ours(_) => Place::Outside,
        }
    }

    /// What a reference is as a base of others.
    pub(super) fn base(&self, reference: Reference<'_>, base: &Base) -> Base {
        match self.resolve(reference, base) {
            Resolved::Ours(path) if path.len() <= MOST_BASE => Base { path: Some(path.into()) },
            _ => Base { path: None },
        }
    }

    /// The playlist itself as a base.
    pub(super) fn document(&self) -> Base {
        Base { path: Some(self.path.into()) }
    }

    fn resolve(&self, reference: Reference<'_>, base: &Base) -> Resolved {
        let ours = |directory: &str, path: &str| match resolve(directory, path) {
            Some(path) => Resolved::Ours(path),
            None => Resolved::Doubtful,
        };
        let hosted = |scheme: &str, authority: &str, path: &str| {
            if scheme == self.scheme && same_host(scheme, authority, self.authority) {
                ours("/", if path.is_empty() { "/" } else { path })
            } else {
                Resolved::Foreign
            }
        };
        match (reference, base.path.as_deref()) {
            (Reference::Doubtful, _) => Resolved::Doubtful,
            (Reference::Other, _) => Resolved::Foreign,
            (Reference::Absolute { scheme, authority, path }, _) => hosted(scheme, authority, path),
            (_, None) => Resolved::Foreign,
            (Reference::Hosted { authority, path }, Some(_)) => {
                hosted(self.scheme, authority, path)
            }
            (Reference::Rooted { path }, Some(_)) => ours("/", path),
            (Reference::Relative { path }, Some(base)) => ours(up_to_slash(base), path),
            (Reference::Query | Reference::Itself, Some(base)) => Resolved::Ours(base.to_owned()),
        }
    }
}

/// A URL that references are resolved against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Base {
    /// Its path in normal form; nothing when it is not, or not for certain, at the distribution.
    path: Option<Rc<str>>,
}

impl Base {
    /// How many bytes it has.
    pub(super) fn length(&self) -> usize {
        self.path.as_ref().map_or(0, |path| path.len())
    }
}

/// What a URL has to do with the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The signature opens it.
    Protected,
    /// At the distribution, but not below what the signature opens.
    Outside,
    /// At another host, or of another scheme.
    Foreign,
    /// Players would not agree.
    Doubtful,
}

enum Resolved {
    Ours(String),
    Foreign,
    Doubtful,
}

/// Takes one of our own URLs apart, which must need no escape anywhere and have no dot segments.
fn address<'p>(
    field: &'static str,
    url: &'p str,
) -> Result<(&'static str, &'p str, &'p str), PlaylistError> {
    let rule = "must be a plain http or https URL without a query";
    let refused = PlaylistError::Places { field, rule };
    if !url.bytes().all(harmless) || url.contains(['?', '#']) {
        return Err(refused);
    }
    match Reference::parse(url) {
        Reference::Absolute { scheme, authority, path }
            if url.starts_with(scheme) && resolve("/", path).as_deref() == Some(path) =>
        {
            Ok((scheme, authority, path))
        }
        _ => Err(refused),
    }
}

/// Whether a byte can stand in a line, in quotes and in XML (there, `&` apart) as what it is.
fn harmless(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"'<>\\^`{|}#$".contains(&byte)
}

/// What of a URL stands in front of its last bytes.
fn front_of(url: &str, last: usize) -> &str {
    url.get(..url.len().saturating_sub(last)).unwrap_or_default()
}

/// A URL or path up to its last slash, which is kept.
fn up_to_slash(url: &str) -> &str {
    let end = url.rfind('/').map_or(0, |slash| slash + 1);
    url.get(..end).unwrap_or_default()
}
