//! Problems: status, slug, headers and body of every denial.

use serde_json::{Value, json};

use super::{Denial, Problem, Slug};
use crate::field::FieldError;
use crate::token::TokenError;

fn header(problem: &Problem, name: &str) -> Option<String> {
    problem.headers().iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone())
}

#[test]
fn every_denial_has_its_status_and_slug() {
    let dependency = |timed_out| Denial::DependencyUnavailable { port: "jwks".into(), timed_out };
    let rows = [
        (Denial::InvalidRequest(vec![]), 400, "invalid-request"),
        (Denial::Unauthenticated(TokenError::Missing), 401, "unauthenticated"),
        (Denial::ForbiddenRole("rule".into()), 403, "forbidden-role"),
        (Denial::NotEntitled("reason".into()), 403, "not-entitled"),
        (Denial::NoVideo, 403, "no-video"),
        (Denial::NotFound, 404, "not-found"),
        (Denial::EpisodeNotFound, 404, "episode-not-found"),
        (Denial::SessionNotFound, 404, "session-not-found"),
        (
            Denial::SessionEnded { max_devices: 3, all_taken: true, other_device: true },
            403,
            "session-ended",
        ),
        (Denial::InvalidLink("rule".into()), 403, "invalid-link"),
        (Denial::PlaylistNotFound, 404, "playlist-not-found"),
        (Denial::PlaylistUnusable, 502, "playlist-unusable"),
        (Denial::MethodNotAllowed { allow: "GET" }, 405, "method-not-allowed"),
        (Denial::PayloadTooLarge, 413, "payload-too-large"),
        (Denial::UriTooLong, 414, "uri-too-long"),
        (
            Denial::DeviceLimitExceeded { max_devices: 3, retry_after: 0 },
            429,
            "device-limit-exceeded",
        ),
        (Denial::Misconfigured, 500, "internal-error"),
        (Denial::Internal, 500, "internal-error"),
        (dependency(false), 503, "dependency-unavailable"),
        (dependency(true), 504, "timeout"),
        (Denial::TimedOut, 504, "timeout"),
    ];
    for slug in Slug::ALL {
        assert!(rows.iter().any(|(_, _, text)| *text == slug.as_str()), "{slug:?}");
    }
    for (denial, status, slug) in rows {
        let problem = denial.problem();
        assert_eq!((problem.status(), problem.slug().as_str()), (status, slug), "{denial:?}");
        let media_type = header(&problem, "content-type");
        assert_eq!(media_type.as_deref(), Some("application/problem+json"));
        assert_eq!(header(&problem, "cache-control").as_deref(), Some("no-store"));
        assert_eq!(header(&problem, "retry-after").is_some(), [429, 503].contains(&status));
        assert_eq!(header(&problem, "www-authenticate").is_some(), status == 401);
        assert_eq!(header(&problem, "allow").is_some(), status == 405);
        let body: Value = serde_json::from_str(&problem.body(None)).unwrap();
        assert_eq!(body["type"], slug);
        assert_eq!(body["status"], status);
        assert!(body["title"].is_string() && body["detail"].is_string());
        assert_eq!(body.get("requestId"), None);
    }
}

#[test]
fn broken_fields_are_listed() {
    let errors = vec![FieldError::new("userId", "must be \"short\""), FieldError::new("x", "no")];
    let body = Denial::InvalidRequest(errors).problem().body(Some("r-1"));
    let body: Value = serde_json::from_str(&body).unwrap();
    let expected = json!({
        "type": "invalid-request",
        "title": "The request breaks a rule",
        "status": 400,
        "detail": "userId must be \"short\"; x no",
        "requestId": "r-1",
        "errors": [{"field": "userId", "rule": "must be \"short\""}, {"field": "x", "rule": "no"}],
    });
    assert_eq!(body, expected);
}

#[test]
fn a_full_house_says_how_large_it_is_and_when_to_return() {
    let problem = Denial::DeviceLimitExceeded { max_devices: 3, retry_after: 42 }.problem();
    assert_eq!(header(&problem, "retry-after").as_deref(), Some("42"));
    let body: Value = serde_json::from_str(&problem.body(None)).unwrap();
    assert_eq!(body["maxDevices"], 3);
    // Zero seconds would make clients come back at once, in vain.
    let problem = Denial::DeviceLimitExceeded { max_devices: 3, retry_after: 0 }.problem();
    assert_eq!(header(&problem, "retry-after").as_deref(), Some("1"));
}

#[test]
fn challenges_name_the_error_in_quotable_characters() {
    let challenge = |error| {
        let problem = Denial::Unauthenticated(error).problem();
        header(&problem, "www-authenticate").unwrap()
    };
    assert_eq!(challenge(TokenError::Missing), "Bearer realm=\"tollgate\"");
    assert_eq!(
        challenge(TokenError::Claim { name: "exp", rule: "is in the past" }),
        "Bearer realm=\"tollgate\", error=\"invalid_token\", \
         error_description=\"the claim exp is in the past\""
    );
    for error in [
        TokenError::NotBearer,
        TokenError::TooLong,
        TokenError::Malformed("header"),
        TokenError::Algorithm,
        TokenError::Critical,
        TokenError::UnknownKey("a\"b\r\nc".into()),
        TokenError::KeyNotNamed,
        TokenError::Signature,
    ] {
        let challenge = challenge(error);
        let (start, description) = challenge.split_once("error_description=\"").unwrap();
        assert!(start.contains("error=\"invalid_token\""));
        let description = description.strip_suffix('"').unwrap();
        let quotable = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        assert!(description.bytes().all(quotable), "{description}");
    }
}
