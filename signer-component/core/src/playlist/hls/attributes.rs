//! Attribute lists of tags: `NAME=value,NAME="quoted, value"`.
//!
//! `quick-m3u8` 0.8 was tried for this and for lines. It borrows what it reads, but says positions only by the address of a
//! slice, gives up a whole list at one attribute that players skip (`URI="a",`), and has its own idea of blanks. An
//! insertion wants the place of a value and nothing of its type, which is what follows. In the tests `quick-m3u8` is the
//! judge instead: it has to read the same playlist before and after.

use std::ops::Range;

/// One attribute, by where its value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute<'l> {
    /// Its name, without blanks around it.
    pub(super) name: &'l str,
    /// Where the value is in the list, without its quotes.
    pub(super) value: Range<usize>,
    /// Whether it has quotes.
    pub(super) quoted: bool,
}

/// Reads a list as far as it can be read: what has no `=` is passed over, and an open quote ends it.
pub(super) fn attributes(list: &str) -> impl Iterator<Item = Attribute<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = list.get(at..).filter(|rest| !rest.is_empty())?;
            let stop = rest.find(['=', ',']).unwrap_or(rest.len());
            if !rest.get(stop..)?.starts_with('=') {
                at += stop + 1;
                continue;
            }
            let name = rest.get(..stop)?.trim_matches([' ', '\t']);
            let start = at + stop + 1;
            let value = list.get(start..)?;
            let blanks = value.len() - value.trim_start_matches([' ', '\t']).len();
            if let Some(inside) = value.get(blanks..)?.strip_prefix('"') {
                let start = start + blanks + 1;
                let Some(length) = inside.find('"') else {
                    at = list.len();
                    return None;
                };
                let after = list.get(start + length..)?;
                at = start + length + after.find(',').map_or(after.len(), |comma| comma + 1);
                return Some(Attribute { name, value: start..start + length, quoted: true });
            }
            let length = value.find(',').unwrap_or(value.len());
            at = start + length + 1;
            return Some(Attribute { name, value: start..start + length, quoted: false });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_with_regard_to_quotes() {
        let read = |list: &'static str| -> Vec<(&str, &str, bool)> {
            attributes(list).map(|found| (found.name, &list[found.value], found.quoted)).collect()
        };
        assert_eq!(
            read("TYPE=AUDIO,URI=\"a,b=c\",X=0x1"),
            [("TYPE", "AUDIO", false), ("URI", "a,b=c", true), ("X", "0x1", false)]
        );
        assert_eq!(
            read("A=1, URI = \"a\" ,,B,C=\"\","),
            [("A", "1", false), ("URI", "a", true), ("C", "", true)]
        );
        assert_eq!(read("A=\"x,URI=\"y\""), [("A", "x,URI=", true)]);
        assert_eq!(read("A=\"x\",URI=\"y"), [("A", "x", true)]);
        assert_eq!(read("URI="), [("URI", "", false)]);
        assert_eq!(read("URI=a b"), [("URI", "a b", false)]);
        assert_eq!(read(""), []);
        assert_eq!(read("é=ü,="), [("é", "ü", false), ("", "", false)]);
    }
}
