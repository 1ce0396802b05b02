//! What kind of URI reference a text is, read as a browser reads it.
//!
//! Browsers, `AVPlayer` and ffmpeg disagree about what is not clean: backslashes, control characters, `https:host`,
//! user names before a host. Such a text is [`Reference::Doubtful`], and nothing is ever added to it.

use super::BYTE_ORDER_MARK;
use crate::cloudfront::authority::is_host;

/// A URI reference, taken apart as far as its kind goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference<'t> {
    /// Read differently by different players.
    Doubtful,
    /// Empty, or a fragment alone: the playlist itself.
    Itself,
    /// A query alone: the playlist's path with another query.
    Query,
    /// A path that begins below the directory of the base.
    Relative { path: &'t str },
    /// A path that begins with a slash.
    Rooted { path: &'t str },
    /// `//host/path`: the scheme of the base.
    Hosted { authority: &'t str, path: &'t str },
    /// `http://host/path` or `https://host/path`.
    Absolute { scheme: &'static str, authority: &'t str, path: &'t str },
    /// Any other scheme: `data:`, `skd:`, `urn:`.
    Other,
}

impl<'t> Reference<'t> {
    /// Tells the kind of a text, around which its language allows no more blanks.
    pub(super) fn parse(text: &'t str) -> Self {
        // Blanks that are left come from entities or from beyond ASCII; who drops them finds another kind behind them.
        if text.starts_with(is_dropped)
            || text.ends_with(is_dropped)
            || text.contains(is_line_break)
        {
            return Self::Doubtful;
        }
        // Browsers drop tabs and newlines wherever they stand, and take a backslash for a slash.
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f || byte == b'\\') {
            return Self::Doubtful;
        }
        let end = text.find(['?', '#']).unwrap_or(text.len());
        let (path, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        if path.is_empty() {
            return if rest.starts_with('?') { Self::Query } else { Self::Itself };
        }
        if let Some((scheme, after)) = scheme(path) {
            let scheme = match scheme.to_ascii_lowercase().as_str() {
                "https" => "https",
                "http" => "http",
                _ => return Self::Other,
            };
            // Without two slashes it is relative to a base of the same scheme, and absolute to any other.
            return match after.strip_prefix("//").and_then(hosted) {
                Some((authority, path)) => Self::Absolute { scheme, authority, path },
                None => Self::Doubtful,
            };
        }
        if let Some(after) = path.strip_prefix("//") {
            return match hosted(after) {
                Some((authority, path)) => Self::Hosted { authority, path },
                None => Self::Doubtful,
            };
        }
        if path.starts_with('/') { Self::Rooted { path } } else { Self::Relative { path } }
    }

    /// Its path, as it is written; empty if it has none.
    pub(super) fn path(self) -> &'t str {
        match self {
            Self::Relative { path }
            | Self::Rooted { path }
            | Self::Hosted { path, .. }
            | Self::Absolute { path, .. } => path,
            Self::Doubtful | Self::Itself | Self::Query | Self::Other => "",
        }
    }

    /// How many bytes of the text stand before its path.
    pub(super) fn before_path(self) -> usize {
        match self {
            Self::Hosted { authority, .. } => 2 + authority.len(),
            Self::Absolute { scheme, authority, .. } => scheme.len() + 3 + authority.len(),
            _ => 0,
        }
    }
}

/// Whether some players drop a character at the ends of a URI.
fn is_dropped(character: char) -> bool {
    character.is_whitespace() || character == BYTE_ORDER_MARK
}

/// Whether a character ends a line for some players and not for others.
pub(super) fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The scheme that a text begins with, and what follows its colon.
fn scheme(path: &str) -> Option<(&str, &str)> {
    let (scheme, after) = path.split_once(':')?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    (scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(allowed))
        .then_some((scheme, after))
}

/// Splits what follows two slashes; nothing for user names, more slashes and hosts that need decoding.
fn hosted(after: &str) -> Option<(&str, &str)> {
    let end = after.find('/').unwrap_or(after.len());
    let (authority, path) = after.split_at_checked(end)?;
    is_host(authority).then_some((authority, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        use Reference::*;
        let https = |authority, path| Absolute { scheme: "https", authority, path };
        for (text, expected) in [
            ("", Itself),
            ("#f", Itself),
            ("?a#b", Query),
            ("a/b.ts?c", Relative { path: "a/b.ts" }),
            ("./a:b", Relative { path: "./a:b" }),
            ("my film.ts", Relative { path: "my film.ts" }),
            ("1:b", Relative { path: "1:b" }),
            ("/a//b#c", Rooted { path: "/a//b" }),
            ("//h/a", Hosted { authority: "h", path: "/a" }),
            ("//h?a", Hosted { authority: "h", path: "" }),
            ("https://h/a", https("h", "/a")),
            ("HTTPS://H:443/a", https("H:443", "/a")),
            ("https://h", https("h", "")),
            ("a:b", Other),
            ("data:text/plain,x", Other),
            ("skd://key", Other),
            ("https:/h/a", Doubtful),
            ("https:a", Doubtful),
            ("https:///h/a", Doubtful),
            ("///h/a", Doubtful),
            ("https://u@h/a", Doubtful),
            ("//u:p@h/a", Doubtful),
            ("https://m%65dia/a", Doubtful),
            ("https:\\\\h\\a", Doubtful),
            ("\\\\h\\a", Doubtful),
            ("/\t/h/a", Doubtful),
            ("a\r", Doubtful),
            (" https://h/a", Doubtful),
            (" //h/a", Doubtful),
            ("a ", Doubtful),
            ("\u{a0}https://h/a", Doubtful),
            ("\u{feff}//h/a", Doubtful),
            ("a\u{3000}", Doubtful),
            ("a\u{feff}", Doubtful),
            (" ", Doubtful),
            (" #f", Doubtful),
            ("a\u{85}//h/a", Doubtful),
            ("a\u{2028}//h/a", Doubtful),
            ("a?\u{2029}//h/a", Doubtful),
            ("a\u{a0}b", Relative { path: "a\u{a0}b" }),
        ] {
            assert_eq!(Reference::parse(text), expected, "{text}");
        }
    }
}
