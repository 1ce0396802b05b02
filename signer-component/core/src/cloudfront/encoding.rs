//! CloudFront's base64 alphabet, the names it reserves, and percent-encoding of what is given raw.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Query parameters that belong to CloudFront. Cookies carry the same with the prefix `CloudFront-`.
pub const RESERVED: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/// Padded base64 with `+` `=` `/` written as `-` `_` `~`, so that it needs no escape in a query or a cookie.
pub fn encode(bytes: &[u8]) -> String {
    let exchange = |character| match character {
        '+' => '-',
        '=' => '_',
        '/' => '~',
        other => other,
    };
    STANDARD.encode(bytes).chars().map(exchange).collect()
}

/// The opposite of [`encode`]; `None` for anything outside the alphabet or wrongly padded.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut standard = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        standard.push(match byte {
            b'-' => b'+',
            b'_' => b'=',
            b'~' => b'/',
            other if other.is_ascii_alphanumeric() => other,
            _ => return None,
        });
    }
    STANDARD.decode(standard).ok()
}

/// Percent-encodes a raw object key for use as the path of a URL. Segments are encoded, `/` stays.
///
/// Signing itself never encodes: what is signed is what the player will send. Use this on names that come from a store.
pub fn encode_path(key: &str) -> String {
    let mut path = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                path.push(char::from(byte))
            }
            other => {
                path.push('%');
                for nibble in [other >> 4, other & 0xf] {
                    path.push(
                        char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase(),
                    );
                }
            }
        }
    }
    path
}

/// Percent-decodes, leaving alone what is not a complete escape. `+` stays `+`.
pub(crate) fn percent_decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = if first == b'%' { hex_pair(after) } else { None };
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |index: usize| char::from(*bytes.get(index)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// Whether a parameter name, as it stands in a query, is one of CloudFront's.
pub(crate) fn reserved(raw_name: &str) -> Option<&'static str> {
    if !raw_name.contains('%') {
        return RESERVED.into_iter().find(|reserved| *reserved == raw_name);
    }
    let name = percent_decode(raw_name);
    RESERVED.into_iter().find(|reserved| reserved.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_is_cloudfronts() {
        // `printf '\373\377\376' | openssl base64 -A | tr -- '+=/' '-_~'`, and so on.
        for (bytes, text) in [
            (&b""[..], ""),
            (b"\xfb\xff\xfe", "-~~-"),
            (b"a", "YQ__"),
            (b"ab", "YWI_"),
            (b"{}", "e30_"),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).as_deref(), Some(bytes));
        }
    }

    #[test]
    fn anything_else_does_not_decode() {
        for text in
            ["YQ==", "-/~-", "Y", "YQ", "YQ_", "YQ___", "YR__", "Y Q_", "YQ__\n", "é", "%7E"]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn paths_keep_their_slashes_and_nothing_unsafe() {
        assert_eq!(encode_path("a b/ü?#\"*.ts"), "a%20b/%C3%BC%3F%23%22%2A.ts");
        assert_eq!(percent_decode("%7E%7e%2"), b"~~%2");
        assert_eq!(reserved("Key%2DPair-Id"), Some("Key-Pair-Id"));
        assert_eq!(reserved("expires"), None);
    }
}
