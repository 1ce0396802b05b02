//! Which elements and attributes of an MPD have to do with URIs, by their local names.
//!
//! Namespaces are not told apart: players go by local names, and where an element stands says enough.

use super::document::Kind;

/// Where the reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the MPD, a period, an adaptation set or a representation.
    Level(usize),
    /// In a `SegmentBase`, `SegmentList` or `SegmentTemplate` of a level.
    Segments(usize),
    /// In an element whose text is a URI, which begins at `start`.
    Text { level: usize, kind: Kind, start: usize },
    /// In anything else, where names mean nothing to us.
    Elsewhere,
}

/// What a level is, by its name; they may only stand in each other in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Rank {
    Mpd,
    Period,
    AdaptationSet,
    Representation,
}

impl Rank {
    /// The rank that an element has.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name {
            "MPD" => Some(Self::Mpd),
            "Period" => Some(Self::Period),
            "AdaptationSet" | "EmptyAdaptationSet" => Some(Self::AdaptationSet),
            "Representation" => Some(Self::Representation),
            _ => None,
        }
    }
}

/// What the text of an element is, if it is a URI. Only the MPD itself has the last two.
pub(super) fn text_kind(name: &str, in_mpd: bool) -> Option<Kind> {
    match name {
        "BaseURL" => Some(Kind::Base),
        "Location" if in_mpd => Some(Kind::Location),
        "ContentSteering" if in_mpd => Some(Kind::Remote),
        _ => None,
    }
}

/// Whether an element says where segments are.
pub(super) fn has_segments(name: &str) -> bool {
    matches!(name, "SegmentBase" | "SegmentList" | "SegmentTemplate")
}

/// What an attribute of an element of a level is, if it is a URI.
pub(super) fn level_attribute(element: &str, attribute: &str) -> Option<Kind> {
    match (element, attribute) {
        ("SegmentTemplate", "media" | "initialization" | "index" | "bitstreamSwitching") => {
            Some(Kind::Template)
        }
        ("InitializationSet", "initialization") => Some(Kind::Own),
        _ => None,
    }
}

/// Which attribute of an element within `SegmentBase` and its like is a URI; without it, it is a range of the base URL.
pub(super) fn segment_attribute(element: &str) -> &'static [&'static str] {
    match element {
        "SegmentURL" => &["media", "index"],
        "Initialization" | "RepresentationIndex" | "BitstreamSwitching" => &["sourceURL"],
        _ => &[],
    }
}

/// Whether an element may be elsewhere, at its `xlink:href`.
pub(super) fn may_be_remote(name: &str) -> bool {
    matches!(
        name,
        "Period"
            | "AdaptationSet"
            | "EmptyAdaptationSet"
            | "EventStream"
            | "SegmentList"
            | "InitializationSet"
            | "InitializationGroup"
            | "InitializationPresentation"
            | "Preselection"
    )
}

/// Whether an element says which parameters of the MPD's URL go where (annex I).
pub(super) fn is_query_info(name: &str) -> bool {
    matches!(name, "UrlQueryInfo" | "ExtUrlQueryInfo" | "ExtHttpHeaderInfo")
}

/// Whether a clock is asked by HTTP.
pub(super) fn is_http_clock(scheme: &str) -> bool {
    matches!(
        scheme.trim(),
        "urn:mpeg:dash:utc:http-head:2014"
            | "urn:mpeg:dash:utc:http-xsdate:2014"
            | "urn:mpeg:dash:utc:http-iso:2014"
            | "urn:mpeg:dash:utc:http-ntp:2014"
            | "urn:mpeg:dash:utc:http-head:2012"
            | "urn:mpeg:dash:utc:http-xsdate:2012"
            | "urn:mpeg:dash:utc:http-iso:2012"
            | "urn:mpeg:dash:utc:http-ntp:2012"
    )
}
