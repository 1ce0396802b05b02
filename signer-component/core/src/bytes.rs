//! Bytes as text, and whether two texts are the same.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Lower-case hexadecimal digits, two for each byte. Not by `write!`, which takes as long as the hash that is written.
pub fn hex(bytes: &[u8]) -> String {
    let digit =
        |nibble: u8| DIGITS.get(usize::from(nibble)).map_or('0', |digit| char::from(*digit));
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

/// Whether both are the same, eight bytes at a time: inside a component `==` looks at one after the other, and each
/// request compares some thousand. Not in constant time; what is compared is not for a stranger to guess.
pub fn same(one: &str, other: &str) -> bool {
    let ((one, one_rest), (other, other_rest)) =
        (one.as_bytes().as_chunks::<8>(), other.as_bytes().as_chunks::<8>());
    let word = |bytes: &[u8; 8]| u64::from_ne_bytes(*bytes);
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| word(one) == word(other))
        && one_rest == other_rest
}

#[cfg(test)]
mod tests {
    use super::{hex, same};

    #[test]
    fn every_byte_is_written_as_the_standard_library_writes_it() {
        let all: Vec<u8> = (0..=255).collect();
        let expected: String = all.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex(&all), expected);
        assert_eq!(hex(&[]), "");
    }

    #[test]
    fn texts_are_the_same_if_each_byte_and_the_length_is() {
        let text = "abcdefghijklmnopqrstuvwxyz";
        for length in 0..=text.len() {
            let one = &text[..length];
            assert!(same(one, one.to_owned().as_str()));
            for at in 0..length {
                let mut other = one.to_owned();
                other.replace_range(at..=at, "!");
                assert!(!same(one, &other) && !same(&other, one), "{length} {at}");
            }
            for longer in length + 1..=text.len() {
                assert!(!same(one, &text[..longer]) && !same(&text[..longer], one));
            }
        }
    }
}
