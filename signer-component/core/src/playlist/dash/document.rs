//! What of an MPD matters here: where its URIs are, and which base URLs apply to them.

use std::ops::Range;

/// An MPD, as far as it has to do with URIs. Positions are bytes of the text.
#[derive(Debug, Default)]
pub(super) struct Document<'t> {
    /// The MPD and its periods, adaptation sets and representations, in the order in which they begin.
    pub(super) levels: Vec<Level<'t>>,
    /// Every URI, in the order in which they stand in the text.
    pub(super) uris: Vec<Uri>,
    /// Values that must become `false`.
    pub(super) disabled: Vec<Range<usize>>,
    /// Where a `BaseURL` of the MPD itself belongs.
    pub(super) room_for_base: Option<usize>,
    /// The prefix of the MPD's name with its colon, which a `BaseURL` needs as well.
    pub(super) prefix: &'t str,
}

/// An element that can have base URLs, and hands them down.
#[derive(Debug, Default)]
pub(super) struct Level<'t> {
    /// The level it is in; nothing for the MPD.
    pub(super) parent: Option<usize>,
    /// One past the last level within it.
    pub(super) end: usize,
    /// Its base URLs, by their place in [`Document::uris`].
    pub(super) bases: Vec<usize>,
    /// Set for a representation: its id as it is written.
    pub(super) representation: Option<&'t str>,
    /// It lists segments or has a template for them.
    pub(super) lists_segments: bool,
    /// Something in it is a range of what its base URL names.
    pub(super) uses_base: bool,
}

/// A URI and what it is for.
#[derive(Debug)]
pub(super) struct Uri {
    pub(super) at: Range<usize>,
    /// The level whose base URLs apply.
    pub(super) level: usize,
    pub(super) kind: Kind,
    pub(super) language: Language,
}

/// What a URI is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A base of others, and of a representation without a list of segments the media itself.
    Base,
    /// A template for the URLs of segments: every representation within the level uses it.
    Template,
    /// A segment, an index or an initialisation: every representation within the level uses it.
    Segment,
    /// Something that only the level itself uses.
    Own,
    /// Where the next version of the MPD is.
    Location,
    /// An element that is elsewhere, or a steering server: resolved against the MPD by some, against bases by others.
    Remote,
    /// A clock. It is made absolute, but what has the time needs no signature.
    Clock,
}

/// How a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// With entities.
    Escaped,
    /// In a CDATA section.
    Verbatim,
    /// In pieces: no URI for us.
    Unreadable,
}
