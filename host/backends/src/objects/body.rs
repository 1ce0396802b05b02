//! What comes of an object, as long as it is not too much.

use bytes::Bytes;

use super::too_large;
use crate::ports::PortError;

/// Bytes that arrive one after the other, and never more than may be kept.
pub(crate) struct Gathered {
    bytes: Vec<u8>,
    most: u32,
}

impl Gathered {
    /// Nothing yet of an object that says how long it is, if it does.
    ///
    /// # Errors
    /// It would be too much: then nothing of it need be fetched.
    pub(crate) fn announced(length: Option<u64>, most: u32) -> Result<Self, PortError> {
        if length.is_some_and(|length| length > u64::from(most)) {
            return Err(too_large(most));
        }
        // Room is made for what comes and not for what is promised.
        Ok(Self { bytes: Vec::new(), most })
    }

    /// One part more.
    ///
    /// # Errors
    /// It is too much.
    pub(crate) fn add(&mut self, part: &[u8]) -> Result<(), PortError> {
        if part.len() > (self.most as usize).saturating_sub(self.bytes.len()) {
            return Err(too_large(self.most));
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }

    /// All of it, without room that nothing is in: it may be kept for a while.
    pub(crate) fn whole(self) -> Bytes {
        self.bytes.into_boxed_slice().into()
    }
}

/// What is kept compressed is refused: its bytes are no playlist yet, and how much comes of them nobody knows.
pub(crate) fn check_encoding(encoding: Option<&str>) -> Result<(), PortError> {
    match encoding.map(str::trim).filter(|encoding| !encoding.is_empty()) {
        Some(encoding) if !encoding.eq_ignore_ascii_case("identity") => Err(PortError::Other(
            "the playlist has a Content-Encoding; it must be kept uncompressed to be read"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_exactly_as_much_as_was_asked_for() {
        for (length, fits) in [(None, true), (Some(0), true), (Some(4), true), (Some(5), false)] {
            assert_eq!(Gathered::announced(length, 4).is_ok(), fits, "{length:?}");
        }
        let mut gathered = Gathered::announced(None, 4).unwrap();
        gathered.add(b"ab").unwrap();
        gathered.add(b"").unwrap();
        gathered.add(b"cd").unwrap();
        assert_eq!(
            gathered.add(b"e").unwrap_err().to_string(),
            "the playlist is larger than 4 bytes"
        );
        assert_eq!(gathered.whole(), "abcd");
    }
}
