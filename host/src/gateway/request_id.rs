//! The name of a request: the caller's if it is harmless, else one of ours.

use http::{HeaderMap, HeaderValue};

/// The header that carries it, both ways.
pub(super) const HEADER: &str = "x-request-id";

/// Takes the caller's name for the request, so that its log and ours can be joined, or makes one.
///
/// The name ends up in log lines and answers, so only letters, digits, `.`, `_` and `-` are taken.
pub(super) fn of(headers: &HeaderMap) -> String {
    let mut sent = headers.get_all(HEADER).iter();
    match (sent.next().map(HeaderValue::as_bytes), sent.next()) {
        (Some(id), None) if is_harmless(id) => String::from_utf8_lossy(id).into_owned(),
        _ => generate(),
    }
}

fn is_harmless(id: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
    (1..=64).contains(&id.len()) && id.iter().all(allowed)
}

fn generate() -> String {
    let mut bytes = [0; 16];
    // A machine without randomness cannot serve anyhow; a name that repeats is then the least evil.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    format!("{:032x}", u128::from_be_bytes(bytes))
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
            let id = of(&headers);
            assert_eq!(sent.first() == Some(&id.as_str()), kept, "{sent:?}");
            assert!(is_harmless(id.as_bytes()), "{id}");
        }
        assert_ne!(of(&HeaderMap::new()), of(&HeaderMap::new()));
    }
}
