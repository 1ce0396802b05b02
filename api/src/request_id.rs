//! The name of a request: the caller's if it is harmless, else one that the shell makes up.

use http::{HeaderMap, HeaderValue};

/// The header that carries it, both ways.
pub const HEADER: &str = "x-request-id";

/// Takes the caller's name for the request, so that its log and ours can be joined. `None` if there is none that
/// can be used.
///
/// The name ends up in log lines and answers, so only letters, digits, `.`, `_` and `-` are taken.
pub fn sent(headers: &HeaderMap) -> Option<String> {
    let mut sent = headers.get_all(HEADER).iter();
    match (sent.next().map(HeaderValue::as_bytes), sent.next()) {
        (Some(id), None) if is_harmless(id) => Some(String::from_utf8_lossy(id).into_owned()),
        _ => None,
    }
}

/// A name made of sixteen random bytes.
pub fn from_random(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

fn is_harmless(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=64).contains(&id.len()) && id.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_names_are_kept_and_others_replaced() {
        let longest = "a".repeat(64);
        let too_long = "a".repeat(65);
        for (sent, kept) in [
            (vec!["a"], true),
            (vec!["Az0._-"], true),
            (vec![longest.as_str()], true),
            (vec![too_long.as_str()], false),
            (vec![""], false),
            (vec!["a b"], false),
            (vec!["a\"b"], false),
            (vec!["a", "a"], false),
            (vec![], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in &sent {
                headers.append(HEADER, value.parse().unwrap());
            }
            let id = super::sent(&headers);
            assert_eq!(id.is_some(), kept, "{sent:?}");
            assert!(id.is_none_or(|id| sent == [id]), "{sent:?}");
        }
        let made = from_random([0x0f; 16]);
        assert!(is_harmless(made.as_bytes()) && made.len() == 32, "{made}");
    }
}
