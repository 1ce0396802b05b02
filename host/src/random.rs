//! Random bytes, drawn from the system's generator in larger pieces: its ceremony costs more than the bytes, and every
//! grant needs some.

use std::cell::RefCell;

use aws_lc_rs::{error::Unspecified, rand};
use zeroize::Zeroize as _;

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; PIECE], left: 0 }) };
}

/// Bytes drawn and not yet given away: the first `left` ones.
struct Drawn {
    bytes: [u8; PIECE],
    left: usize,
}

/// Bytes drawn at once.
const PIECE: usize = 512;

/// Fills `bytes` with what nobody can guess and nobody else gets.
///
/// # Errors
/// The system has no randomness.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Unspecified> {
    if bytes.len() > PIECE {
        return rand::fill(bytes);
    }
    DRAWN.with_borrow_mut(|drawn| {
        if drawn.left < bytes.len() {
            // Nothing is left to give away if this fails.
            drawn.left = 0;
            rand::fill(&mut drawn.bytes)?;
            drawn.left = PIECE;
        }
        let rest = drawn.left - bytes.len();
        let given = drawn.bytes.get_mut(rest..drawn.left).ok_or(Unspecified)?;
        bytes.copy_from_slice(given);
        given.zeroize();
        drawn.left = rest;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_byte_is_given_twice() {
        let mut seen = HashSet::new();
        for length in [16, 8, 24, PIECE, 16, PIECE - 8, PIECE + 1].repeat(100) {
            let mut bytes = vec![0; length];
            fill(&mut bytes).unwrap();
            for piece in bytes.chunks_exact(8) {
                assert!(seen.insert(piece.to_vec()), "{length}");
            }
        }
        DRAWN.with_borrow(|drawn| {
            assert!(drawn.bytes[drawn.left..].iter().all(|byte| *byte == 0));
        });
        fill(&mut []).unwrap();
    }
}
