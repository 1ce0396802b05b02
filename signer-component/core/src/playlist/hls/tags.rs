//! Lines, and which tags carry URIs (RFC 8216bis, draft 20, and Roku's `EXT-X-IMAGE-STREAM-INF`).

use crate::playlist::edit::Purpose::{self, Asset, Media, Nested};

/// The lines of a playlist, each with its line break.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n')
}

/// Name and value of a line that is a tag; the value is empty if there is none.
pub(super) fn tag(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_end_matches(['\n', '\r']).strip_prefix('#')?;
    line.starts_with("EXT").then(|| line.split_once(':').unwrap_or((line.trim_end(), "")))
}

/// What the URI line after a tag is.
pub(super) fn announces(name: &str) -> Option<Purpose> {
    match name {
        "EXTINF" => Some(Media),
        "EXT-X-STREAM-INF" => Some(Nested),
        _ => None,
    }
}

/// Which attributes of a tag are URIs, and what of.
pub(super) fn uris(name: &str) -> &'static [(&'static str, Purpose)] {
    match name {
        "EXT-X-MAP" | "EXT-X-KEY" | "EXT-X-SESSION-KEY" | "EXT-X-SESSION-DATA" | "EXT-X-PART"
        | "EXT-X-PRELOAD-HINT" => &[("URI", Media)],
        "EXT-X-MEDIA"
        | "EXT-X-I-FRAME-STREAM-INF"
        | "EXT-X-IMAGE-STREAM-INF"
        | "EXT-X-RENDITION-REPORT" => &[("URI", Nested)],
        "EXT-X-CONTENT-STEERING" => &[("SERVER-URI", Media)],
        // Interstitials (appendix D), and resources that are loaded ahead (appendix F).
        "EXT-X-DATERANGE" => &[("X-ASSET-URI", Asset), ("X-ASSET-LIST", Media), ("X-URI", Media)],
        _ => &[],
    }
}

/// Whether only a multivariant playlist has this tag.
pub(super) fn is_multivariant(name: &str) -> bool {
    matches!(
        name,
        "EXT-X-STREAM-INF"
            | "EXT-X-MEDIA"
            | "EXT-X-I-FRAME-STREAM-INF"
            | "EXT-X-IMAGE-STREAM-INF"
            | "EXT-X-SESSION-DATA"
            | "EXT-X-SESSION-KEY"
            | "EXT-X-CONTENT-STEERING"
    )
}
