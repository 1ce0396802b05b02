//! The four-section wildcard rule: does a policy's `Resource` cover a URL?
//!
//! `*` stands for zero or more characters and `?` for exactly one, each only inside its section: protocol, domain,
//! path and query string. Everything is compared as it stands on the wire, the domain without regard to case.

use super::authority::{split_scheme, without_own_port};
use crate::error::InvalidField;

/// A `Resource` that can be compared with URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourcePattern {
    text: String,
    /// Its parts, in one reading or in two; none for a lone `*`, which stands for everything.
    readings: Vec<Sections>,
}

/// The pattern in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sections {
    scheme: String,
    domain: String,
    rest: String,
}

/// How the first bare `?` of a pattern was understood; CloudFront's guide has had it both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// There is no bare `?`, or it is not what the match hangs on.
    Plain,
    /// It starts the query string.
    QueryDelimiter,
    /// It stands for one character.
    SingleCharacter,
}

impl ResourcePattern {
    /// Takes a pattern that begins with `http://`, `https://`, another protocol pattern, or `*`.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        if text == "*" {
            return Ok(Self { text: text.to_owned(), readings: Vec::new() });
        }
        let (scheme, rest) = match split_scheme(text) {
            Some(parts) => parts,
            // The protocol may be left out when the domain starts with a star.
            None if text.starts_with('*') => ("*", text),
            None => {
                return Err(InvalidField::new(
                    "resource",
                    "must begin with http://, https://, *:// or *",
                ));
            }
        };
        if !["http", "https", "*", "http*"].contains(&scheme) {
            return Err(InvalidField::new(
                "resource",
                "must begin with http://, https://, *:// or *",
            ));
        }
        let slash = rest.find('/').unwrap_or(rest.len());
        let escaped = rest.find("\\?").unwrap_or(rest.len());
        let bare = rest.find('?').unwrap_or(rest.len());
        let first_end = slash.min(escaped).min(bare);
        // A bare `?` before the first slash may start the query, or stand for one character of the domain.
        let second_end = (bare < slash.min(escaped)).then_some(slash.min(escaped));
        let sections = |end: usize| {
            let (domain, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
            Sections {
                scheme: scheme.to_owned(),
                // A pattern that names the port of its protocol means the same without it.
                domain: without_own_port(scheme, domain).to_ascii_lowercase(),
                rest: rest.to_owned(),
            }
        };
        let readings: Vec<Sections> =
            [Some(first_end), second_end].into_iter().flatten().map(sections).collect();
        if readings.iter().any(|sections| sections.domain.is_empty()) {
            return Err(InvalidField::new("resource", "has no domain"));
        }
        Ok(Self { text: text.to_owned(), readings })
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it covers more than one URL.
    pub fn has_wildcard(&self) -> bool {
        self.text.contains('*')
    }

    /// Whether the domain, or everything, is left open in any reading.
    pub fn has_wildcard_domain(&self) -> bool {
        self.readings.is_empty()
            || self.readings.iter().any(|sections| sections.domain.contains(['*', '?']))
    }

    /// Path and query, as the longest reading has them; nothing for a lone `*`.
    pub(crate) fn after_domain(&self) -> &str {
        self.readings.first().map_or("", |sections| &sections.rest)
    }

    /// Whether it covers the URL, and by which reading of a bare `?`.
    pub fn matches(&self, url: &str) -> Option<Reading> {
        if self.readings.is_empty() {
            return Some(Reading::Plain);
        }
        self.readings.iter().enumerate().find_map(|(number, sections)| {
            let reading = sections.matches(url)?;
            // The second reading takes a `?` of the domain for one character.
            Some(if number == 0 { reading } else { Reading::SingleCharacter })
        })
    }
}

impl Sections {
    fn matches(&self, url: &str) -> Option<Reading> {
        let (scheme, after_scheme) = split_scheme(url)?;
        let (before_query, query) = match after_scheme.split_once('?') {
            // An empty query is none, as in a canned policy.
            Some((before, "")) => (before, None),
            Some((before, query)) => (before, Some(query)),
            None => (after_scheme, None),
        };
        let (domain, path) = before_query
            .find('/')
            .and_then(|at| before_query.split_at_checked(at))
            .unwrap_or((before_query, "/"));
        if !glob(&self.scheme, scheme) || !glob(&self.domain, &domain.to_ascii_lowercase()) {
            return None;
        }
        if self.rest.is_empty() {
            // A star at the end of the domain implies path and query; otherwise no path means `/`.
            let all = self.domain.ends_with('*');
            return (all || (path == "/" && query.is_none())).then_some(Reading::Plain);
        }
        let covers = |path_pattern: &str, query_pattern: Option<&str>| {
            let path_pattern = if path_pattern.is_empty() { "/" } else { path_pattern };
            glob(path_pattern, path)
                && match (query_pattern, query) {
                    (Some(pattern), query) => glob(pattern, query.unwrap_or_default()),
                    (None, Some(_)) => path_pattern.ends_with('*'),
                    (None, None) => true,
                }
        };
        if let Some((path_pattern, query_pattern)) = self.rest.split_once("\\?") {
            return covers(path_pattern, Some(query_pattern)).then_some(Reading::Plain);
        }
        let Some((path_pattern, query_pattern)) = self.rest.split_once('?') else {
            return covers(&self.rest, None).then_some(Reading::Plain);
        };
        if covers(path_pattern, Some(query_pattern)) {
            return Some(Reading::QueryDelimiter);
        }
        covers(&self.rest, None).then_some(Reading::SingleCharacter)
    }
}

/// Compares byte by byte, going back to the last star only, so that no pattern costs more than length times length.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = text.get(at_text) {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                star = Some((at_pattern + 1, at_text));
                at_pattern += 1;
            }
            Some(&expected) if expected == b'?' || expected == byte => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => {
                let Some((after_star, matched)) = star else { return false };
                star = Some((after_star, matched + 1));
                (at_pattern, at_text) = (after_star, matched + 1);
            }
        }
    }
    pattern.get(at_pattern..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_examples() {
        let cases = [
            ("https://www.example.com/hello*world", "https://www.example.com/helloworld", true),
            ("https://www.example.com/hello*world", "https://www.example.com/hello-world", true),
            ("https://www.example.com/hello*world", "https://www.example.com/hello?world", false),
            ("http://example.com/hello*", "http://example.com/hello?x=1", true),
            ("http://example.com*", "http://example.com/a/b?c=d", true),
            ("http://example.com*", "http://example.com.evil.test/", true),
            ("*example.com", "https://www.example.com/a", false),
            ("*example.com", "https://www.example.com/", true),
            ("*", "ftp://anything", true),
            ("https://d/*game_download.zip*", "https://d/game_download.zip", true),
            (
                "https://d/*game_download.zip*",
                "https://d/example_game_download.zip?license=yes",
                true,
            ),
            ("*://d/a.mp4", "http://d/a.mp4", true),
            ("http*://d/a.mp4", "https://d/a.mp4", true),
            ("https://d/training/*", "https://d/training/x/y.ts", true),
            ("https://d/a.mp4", "https://d/a.mp4?x=1", false),
            ("https://d/v/*/seg*.ts", "https://d/v/1/seg9.ts?x=1", false),
            ("https://d/v/*/seg*.ts", "https://d/v/1/seg9.ts", true),
            ("https://D/a", "https://d/a", true),
            ("https://d/A", "https://d/a", false),
            ("https://d/a", "http://d/a", false),
            ("https://*", "https://d/a?b", true),
            ("https://d/a\\?*", "https://d/a", true),
            ("https://d?r=/x", "https://d/?r=/x", true),
            ("https://d\\?r=/x", "https://d/?r=/x", true),
            ("https://d?.test/x", "https://d1.test/x", true),
            ("https://d?.test/x", "https://d12.test/x", false),
            ("https://d:443/x", "https://d/x", true),
            ("http://d:443/x", "http://d/x", false),
        ];
        for (pattern, url, expected) in cases {
            let found = ResourcePattern::parse(pattern).unwrap().matches(url).is_some();
            assert_eq!(found, expected, "{pattern} against {url}");
        }
    }

    #[test]
    fn a_bare_question_mark_is_read_both_ways() {
        let read = |pattern: &str, url: &str| ResourcePattern::parse(pattern).unwrap().matches(url);
        assert_eq!(
            read("https://d/img?.jpg", "https://d/img1.jpg"),
            Some(Reading::SingleCharacter)
        );
        assert_eq!(
            read("https://d/a.jpg?size=l&y", "https://d/a.jpg?size=l&y"),
            Some(Reading::QueryDelimiter)
        );
        assert_eq!(
            read("https://d/a.jpg\\?size=l", "https://d/a.jpg?size=l"),
            Some(Reading::Plain)
        );
        assert_eq!(read("https://d/img?.jpg", "https://d/img12.jpg"), None);
    }

    #[test]
    fn a_hostile_pattern_costs_little() {
        let pattern = format!("https://d/{}b", "*a".repeat(2000));
        let url = format!("https://d/{}", "a".repeat(6000));
        assert_eq!(ResourcePattern::parse(&pattern).unwrap().matches(&url), None);
    }

    #[test]
    fn other_beginnings_are_refused() {
        for text in ["", "example.com/a", "ftp://d/a", "https:///a", "/a"] {
            assert!(ResourcePattern::parse(text).is_err(), "{text}");
        }
    }
}
