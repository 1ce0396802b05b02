//! The name of a request: the caller's if it is harmless, else one of ours.

use http::HeaderMap;
use tollgate_api::request_id;

use crate::random;

/// The caller's name for the request, or a new one.
pub(super) fn of(headers: &HeaderMap) -> String {
    request_id::sent(headers).unwrap_or_else(generate)
}

fn generate() -> String {
    let mut bytes = [0; 16];
    // A machine without randomness cannot serve anyhow; a name that repeats is then the least evil.
    let _ = random::fill(&mut bytes);
    request_id::from_random(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_requests_have_one_name() {
        assert_ne!(of(&HeaderMap::new()), of(&HeaderMap::new()));
    }
}
