//! A URI as it is meant, and where each part of it stands in the playlist.
//!
//! `{$variables}` of HLS and entities of XML stand for other characters. What is decided is decided on what is meant; what
//! is inserted is inserted into the text, which otherwise stays.

use std::borrow::Cow;

/// A text and its meaning.
#[derive(Clone, Debug)]
pub(super) struct Spelling<'t> {
    /// What stands in the playlist.
    pub(super) text: &'t str,
    /// What it stands for.
    pub(super) meant: Cow<'t, str>,
    pieces: Vec<Piece>,
}

/// Where a piece begins on both sides.
#[derive(Clone, Copy, Debug)]
struct Piece {
    meant: usize,
    text: usize,
    /// Whether it stands for itself, byte by byte.
    literal: bool,
}

impl<'t> Spelling<'t> {
    /// A text that means what it says.
    pub(super) fn plain(text: &'t str) -> Self {
        Self { text, meant: Cow::Borrowed(text), pieces: Vec::new() }
    }

    /// A text in pieces, in their order: what stands there, and what it means if it does not mean itself.
    pub(super) fn of<'m>(
        text: &'t str,
        pieces: impl Iterator<Item = (&'t str, Option<&'m str>)>,
    ) -> Self {
        let mut meant = String::with_capacity(text.len());
        let mut starts = Vec::new();
        let mut at = 0;
        for (written, means) in pieces {
            starts.push(Piece { meant: meant.len(), text: at, literal: means.is_none() });
            meant.push_str(means.unwrap_or(written));
            at += written.len();
        }
        Self { text, meant: Cow::Owned(meant), pieces: starts }
    }

    /// Where in the text a position of the meaning is; nowhere if it is inside of something that stands for it.
    pub(super) fn position(&self, meant: usize) -> Option<usize> {
        if meant == self.meant.len() {
            return Some(self.text.len());
        }
        if self.pieces.is_empty() {
            return Some(meant);
        }
        // Of pieces that begin at one place, because some mean nothing, the first counts.
        let next = self.pieces.partition_point(|piece| piece.meant < meant);
        let starting = self.pieces.get(next).filter(|piece| piece.meant == meant);
        let piece = starting.or_else(|| self.pieces.get(next.checked_sub(1)?))?;
        let within = meant - piece.meant;
        (piece.literal || within == 0).then_some(piece.text + within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_found_where_there_are_any() {
        let text = "a{$x}b";
        let spelling =
            Spelling::of(text, [("a", None), ("{$x}", Some("?y")), ("b", None)].into_iter());
        assert_eq!(spelling.meant, "a?yb");
        let positions: Vec<_> = (0..=4).map(|at| spelling.position(at)).collect();
        assert_eq!(positions, [Some(0), Some(1), None, Some(5), Some(6)]);
        assert_eq!(Spelling::plain("ab").position(1), Some(1));
        assert_eq!(Spelling::plain("").position(0), Some(0));
    }
}
