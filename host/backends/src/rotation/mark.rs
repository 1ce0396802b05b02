//! The mark on a public key whose private half no longer signs: the only part of a key that can change is its comment.

use aws_smithy_types::{DateTime, date_time::Format};

/// What the mark begins with.
const BEGIN: &str = "tollgate: retired ";

/// CloudFront's limit.
const LONGEST: usize = 128;

/// When the key was retired for this successor, epoch seconds; `None` if the comment does not say so.
pub(super) fn retired_at(comment: &str, successor: &str) -> Option<u64> {
    let (_, mark) = comment.split_once(BEGIN)?;
    let (at, by) = mark.split_once(" for ")?;
    // A mark of an earlier rotation that was taken back tells nothing about this one.
    if by != successor {
        return None;
    }
    let at = DateTime::from_str(at, Format::DateTime).ok()?;
    u64::try_from(at.secs()).ok()
}

/// The comment with a mark, in the place of one that was there.
pub(super) fn marked(comment: &str, at: u64, successor: &str) -> String {
    let mark = format!("{BEGIN}{} for {successor}", moment(at));
    let words = comment.split(BEGIN).next().unwrap_or_default().trim_end();
    let both = format!("{words} {mark}");
    if words.is_empty() || both.len() > LONGEST { mark } else { both }
}

/// Epoch seconds as RFC 3339 has them.
pub(super) fn moment(epoch: u64) -> String {
    let seconds = i64::try_from(epoch).unwrap_or(i64::MAX);
    DateTime::from_secs(seconds).fmt(Format::DateTime).unwrap_or_else(|_| epoch.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_made_and_counts_for_its_successor_only() {
        let comment = marked("", 1_795_500_000, "K2");
        assert_eq!(comment, "tollgate: retired 2026-11-24T06:00:00Z for K2");
        assert_eq!(retired_at(&comment, "K2"), Some(1_795_500_000));
        assert_eq!(retired_at(&comment, "K3"), None);
        for other in
            ["", "made by hand", "tollgate: retired yesterday for K2", "tollgate: retired "]
        {
            assert_eq!(retired_at(other, "K2"), None, "{other}");
        }
    }

    #[test]
    fn the_words_of_others_stay_where_there_is_room() {
        let once = marked("of the web shop", 0, "K2");
        assert_eq!(once, "of the web shop tollgate: retired 1970-01-01T00:00:00Z for K2");
        let twice = marked(&once, 1, "K3");
        assert_eq!(twice, "of the web shop tollgate: retired 1970-01-01T00:00:01Z for K3");
        let long = marked(&"x".repeat(128), 0, "K2");
        assert!(long.len() <= LONGEST && retired_at(&long, "K2") == Some(0), "{long}");
    }
}
