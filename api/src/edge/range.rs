//! `Range` requests: one range of bytes, or the whole object.

use std::ops::Range;

/// What a `Range` header asks of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of it: no range, several, or one that cannot be read; RFC 9110 lets a server ignore those.
    Whole,
    /// These bytes, which exist.
    Part(Range<u64>),
    /// Bytes that do not exist: 416.
    Nothing,
}

/// Reads a `Range` header for an object of `length` bytes.
pub fn parse(header: &str, length: u64) -> Asked {
    let Some(range) = header.trim().strip_prefix("bytes=") else { return Asked::Whole };
    let Some((first, last)) = range.trim().split_once('-') else { return Asked::Whole };
    let number = |text: &str| match text.trim() {
        "" => Some(None),
        text if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            // More digits than fit are beyond any object.
            Some(Some(text.parse().unwrap_or(u64::MAX)))
        }
        _ => None,
    };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => {
            if last.is_some_and(|last| last < first) {
                return Asked::Whole;
            }
            let end = last.map_or(length, |last| last.saturating_add(1).min(length));
            if first < length { Asked::Part(first..end) } else { Asked::Nothing }
        }
        (Some(None), Some(Some(suffix))) => {
            if suffix == 0 || length == 0 {
                return Asked::Nothing;
            }
            Asked::Part(length.saturating_sub(suffix)..length)
        }
        _ => Asked::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_says() {
        for (header, asked) in [
            ("bytes=0-0", Asked::Part(0..1)),
            ("bytes=0-99", Asked::Part(0..100)),
            ("bytes=90-200", Asked::Part(90..100)),
            ("bytes=90-", Asked::Part(90..100)),
            ("bytes=-10", Asked::Part(90..100)),
            ("bytes=-1000", Asked::Part(0..100)),
            ("bytes=0-99999999999999999999999", Asked::Part(0..100)),
            ("bytes=100-", Asked::Nothing),
            ("bytes=100-200", Asked::Nothing),
            ("bytes=-0", Asked::Nothing),
            ("bytes=5-4", Asked::Whole),
            ("bytes=0-1,3-4", Asked::Whole),
            ("bytes=-", Asked::Whole),
            ("bytes=a-b", Asked::Whole),
            ("bytes=+1-2", Asked::Whole),
            ("bytes", Asked::Whole),
            ("seconds=0-1", Asked::Whole),
            ("", Asked::Whole),
        ] {
            assert_eq!(parse(header, 100), asked, "{header}");
        }
        assert_eq!(parse("bytes=0-", 0), Asked::Nothing);
        assert_eq!(parse("bytes=-1", 0), Asked::Nothing);
    }
}
