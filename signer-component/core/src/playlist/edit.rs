//! What is inserted into one URI, and the text that grows by it.

use super::{
    MOST_OUTPUT, MOST_URI, PlaylistError,
    places::{Place, Site},
    reference::Reference,
    spelling::Spelling,
};
use crate::cloudfront::encoding::reserved;

/// What a URI is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Media, keys and everything else that players ask the distribution for.
    Media,
    /// A playlist, which has to be rewritten in turn: players ask the gateway for it.
    Nested,
    /// An interstitial: a playlist if its path ends in `.m3u8`, and media otherwise.
    Asset,
}

/// What changes in one URI, in positions of its meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Edit {
    /// How many bytes at its start give way to `front`.
    pub(super) cut: usize,
    /// What comes before the rest.
    pub(super) front: String,
    /// What is inserted further back, and where.
    pub(super) tail: Option<(usize, String)>,
}

/// A URI that would be longer than CloudFront takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl TooLong {
    /// The error, once the line is known.
    pub(super) fn on(self, line: usize) -> PlaylistError {
        PlaylistError::Malformed {
            line,
            rule: "with its signature the URI is longer than the 8,192 bytes that CloudFront takes",
        }
    }
}

/// What makes a URI absolute that was written relative to the playlist at the distribution.
pub(super) fn absolutise(site: &Site<'_>, reference: Reference<'_>) -> String {
    match reference {
        Reference::Relative { .. } => site.directory().to_owned(),
        Reference::Rooted { .. } => site.origin().to_owned(),
        Reference::Hosted { .. } => format!("{}:", site.scheme),
        Reference::Query => site.places.object.to_owned(),
        Reference::Absolute { .. } | Reference::Itself | Reference::Other | Reference::Doubtful => {
            String::new()
        }
    }
}

/// Decides what becomes of a URI that is resolved against the playlist.
pub(super) fn edit(site: &Site<'_>, meant: &str, purpose: Purpose) -> Result<Edit, TooLong> {
    let reference = Reference::parse(meant);
    let place = site.place(reference, &site.document());
    if place == Place::Doubtful || reference == Reference::Itself {
        return Ok(Edit::default());
    }
    let open = place == Place::Protected && !carries_signature(meant);
    let is_playlist = match purpose {
        Purpose::Media => false,
        Purpose::Nested => true,
        Purpose::Asset => reference.path().ends_with(".m3u8"),
    };
    let (cut, front) = if is_playlist && open {
        nested(site, reference)
    } else {
        (0, absolutise(site, reference))
    };
    let parameters = if is_playlist { site.places.link } else { site.places.signature };
    let tail = open.then(|| tail(meant, parameters));
    let edit = Edit { cut, front, tail };
    if open && edit.length(meant) > MOST_URI { Err(TooLong) } else { Ok(edit) }
}

impl Edit {
    /// How long the edited URI is.
    pub(super) fn length(&self, meant: &str) -> usize {
        let tail = self.tail.as_ref().map_or(0, |(_, text)| text.len());
        (self.front.len() + meant.len() + tail).saturating_sub(self.cut)
    }

    /// Whether players that take the spelling for the URI ask the same host as those that read its meaning, should it be
    /// signed.
    pub(super) fn keeps_host(&self, spelling: &Spelling<'_>) -> bool {
        if self.tail.is_none() || spelling.meant == spelling.text {
            return true;
        }
        let host = |text: &str, from: Option<usize>| {
            let uri = format!("{}{}", self.front, text.get(from?..)?);
            match Reference::parse(&uri) {
                Reference::Absolute { scheme, authority, .. } => {
                    Some((scheme, authority.to_owned()))
                }
                _ => None,
            }
        };
        let written = host(spelling.text, spelling.position(self.cut));
        written.is_some() && written == host(&spelling.meant, Some(self.cut))
    }
}

/// Where a nested playlist is asked for: what gives way, and to what.
fn nested(site: &Site<'_>, reference: Reference<'_>) -> (usize, String) {
    let root = site.places.nested.trim_end_matches('/');
    let front = match reference {
        Reference::Relative { .. } => {
            format!("{root}{}", site.directory().get(site.origin().len()..).unwrap_or_default())
        }
        Reference::Query => format!("{root}{}", site.path),
        _ => root.to_owned(),
    };
    (reference.before_path(), front)
}

/// What is appended to a URI, and where: behind its own query and in front of its fragment.
pub(super) fn tail(meant: &str, parameters: &str) -> (usize, String) {
    let end = meant.find('#').unwrap_or(meant.len());
    let before = meant.get(..end).unwrap_or(meant);
    let separator = match before.find('?') {
        None => "?",
        Some(_) if before.ends_with(['?', '&']) => "",
        Some(_) => "&",
    };
    (end, format!("{separator}{parameters}"))
}

/// Whether the query has a parameter of CloudFront's, in any spelling. Such a URI is signed by somebody already, and a
/// second signature would spoil the first.
pub(super) fn carries_signature(meant: &str) -> bool {
    let before = meant.split('#').next().unwrap_or_default();
    let query = before.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|parameter| {
        let name = parameter.split_once('=').map_or(parameter, |(name, _)| name);
        reserved(name).is_some()
    })
}

/// The playlist that comes into being.
#[derive(Debug, Default)]
pub(super) struct Output {
    text: String,
}

impl Output {
    /// Room for a text that will grow.
    pub(super) fn sized_for(text: &str) -> Self {
        Self { text: String::with_capacity(text.len() * 2) }
    }

    /// Appends, unless it gets too long.
    pub(super) fn push(&mut self, text: &str) -> Result<(), PlaylistError> {
        let needed = self.text.len() + text.len();
        if needed > MOST_OUTPUT {
            return Err(PlaylistError::TooLarge);
        }
        // Room that would never be used is not taken: two copies are held while the text moves.
        let room = self.text.capacity();
        if needed > room {
            let wanted = room.saturating_mul(2).min(MOST_OUTPUT).max(needed);
            self.text.reserve_exact(wanted - self.text.len());
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Appends a URI with what is inserted into it; `escape` writes a text as the playlist's language wants it.
    pub(super) fn push_edited(
        &mut self,
        spelling: &Spelling<'_>,
        edit: &Edit,
        escape: impl Fn(&str) -> String,
    ) -> Result<(), PlaylistError> {
        let end = spelling.meant.len();
        let (at, inserted) = edit.tail.as_ref().map_or((end, ""), |(at, text)| (*at, text));
        self.push(&escape(&edit.front))?;
        let places = (spelling.position(edit.cut), spelling.position(at));
        if let (Some(cut), Some(at)) = places {
            self.push(spelling.text.get(cut..at).unwrap_or_default())?;
            self.push(&escape(inserted))?;
            return self.push(spelling.text.get(at..).unwrap_or_default());
        }
        // The place is inside of what a variable stands for, so that the meaning has to be written out.
        self.push(&escape(spelling.meant.get(edit.cut..at).unwrap_or_default()))?;
        self.push(&escape(inserted))?;
        self.push(&escape(spelling.meant.get(at..).unwrap_or_default()))
    }

    /// The finished playlist.
    pub(super) fn finish(self) -> String {
        self.text
    }
}
