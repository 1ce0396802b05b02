//! Who is allowed what, and every way to be denied.

use super::*;
use crate::error::InvalidField;

fn denied(policy: &Policy, facts: &Facts) -> Denial {
    policy.decide(&ask(policy), facts, now()).unwrap_err()
}

fn entitled(status: &str, valid_until: Option<u64>) -> Facts {
    Facts { entitlement: Some(Entitlement { status: status.to_owned(), valid_until }), ..facts() }
}

#[test]
fn the_entitlement_decides() {
    let policy = policy("");
    for (facts, allowed) in [
        (entitled("Active", None), true),
        (entitled("active", None), true),
        (entitled("COMPLETED", Some(NOW + 1)), true),
        (entitled("Active", Some(NOW)), false),
        (entitled("Expired", None), false),
        (entitled("", None), false),
        (Facts { entitlement: None, ..facts() }, false),
    ] {
        let outcome = policy.decide(&ask(&policy), &facts, now());
        assert_eq!(outcome.is_ok(), allowed, "{:?}", facts.entitlement);
        if let Err(denial) = outcome {
            assert!(matches!(denial, Denial::NotEntitled(_)), "{denial:?}");
        }
    }
}

#[test]
fn hls_first_then_raw_then_nothing() {
    let policy = policy("");
    let without_hls = Facts { hls_exists: false, ..facts() };
    let bare = Some(Media { video: None, poster: None });
    assert_eq!(denied(&policy, &Facts { media: None, ..facts() }), Denial::EpisodeNotFound);
    assert_eq!(denied(&policy, &Facts { media: bare, ..without_hls.clone() }), Denial::NoVideo);
    assert!(policy.decide(&ask(&policy), &without_hls, now()).is_ok());
}

#[test]
fn roles_and_names_must_agree() {
    let everybody = policy("");
    let staff = policy(r#""roles":["Admin","ContentCreator"]"#);
    let asks =
        |policy: &Policy, viewer: Viewer| Ask::new(policy, &viewer, "s", "e", None).map(|_| ());
    let other = |roles: Vec<Role>| Viewer { subject: "bob".to_owned(), roles, ..viewer() };

    assert!(asks(&everybody, viewer()).is_ok());
    assert!(asks(&everybody, other(vec![Role::Admin])).is_ok());
    for refused in [
        asks(&staff, viewer()),
        asks(&everybody, other(vec![Role::Standard])),
        asks(&everybody, other(vec![Role::ContentCreator])),
        asks(&everybody, Viewer { roles: Vec::new(), ..viewer() }),
    ] {
        assert!(matches!(refused, Err(Denial::ForbiddenRole(_))), "{refused:?}");
    }
}

#[test]
fn a_request_from_nowhere_is_refused() {
    for source_ip in [None, Some(""), Some("unknown"), Some("192.0.2.7:80")] {
        let viewer = Viewer { source_ip: source_ip.map(str::to_owned), ..viewer() };
        let refused = Caller::new(&viewer).unwrap_err();
        assert!(
            matches!(&refused, Denial::InvalidRequest(InvalidField { field, .. }) if field == "source-ip")
        );
    }
}

#[test]
fn hostile_ids_are_refused_by_name() {
    let policy = policy("");
    let long = "a".repeat(129);
    for hostile in
        ["", ".", "..", "a/b", "a%2Fb", "a b", "a\"b", "a\\b", "é", "a\n", "*", "{episode}", &long]
    {
        for (field, series, episode) in [("series", hostile, "e"), ("episode", "s", hostile)] {
            let refused = Ask::new(&policy, &viewer(), series, episode, None).unwrap_err();
            assert!(
                matches!(&refused, Denial::InvalidRequest(invalid) if invalid.field == field),
                "{hostile:?}: {refused:?}"
            );
        }
    }
    for fine in ["a", "...", ".a", "~", "A-z_0.9", &"a".repeat(128)] {
        assert!(Ask::new(&policy, &viewer(), fine, fine, None).is_ok(), "{fine}");
    }
}

#[test]
fn the_fingerprint_is_that_of_sha256sum() {
    // printf '%s' 'alice:192.0.2.7:TestPlayer/1.0' | sha256sum, and the same without the agent.
    let device = |source_ip: &str, user_agent: Option<&str>| {
        let viewer = Viewer {
            source_ip: Some(source_ip.to_owned()),
            user_agent: user_agent.map(str::to_owned),
            ..viewer()
        };
        Caller::new(&viewer).unwrap().device().to_owned()
    };
    assert_eq!(device("192.0.2.7", Some("TestPlayer/1.0")), WITH_AGENT);
    assert_eq!(device("::ffff:192.0.2.7", Some("TestPlayer/1.0")), WITH_AGENT);
    assert_eq!(device("192.0.2.7", None), WITHOUT_AGENT);
    assert_eq!(device("192.0.2.7", Some("")), WITHOUT_AGENT);
}

#[test]
fn a_bound_signature_needs_ipv4() {
    let policy = policy(r#""bind-ip":true"#);
    let viewer = Viewer { source_ip: Some("2001:db8::1".to_owned()), ..viewer() };
    let ask = Ask::new(&policy, &viewer, "s", "e", None).unwrap();
    assert!(matches!(policy.decide(&ask, &facts(), now()), Err(Denial::InvalidRequest(_))));
}

#[test]
fn object_keys_that_leave_their_place_are_a_misconfiguration() {
    let policy = policy("");
    for key in ["/a.mp4", "a//b.mp4", "a/../b.mp4", "./a", "a/", "a\nb", ""] {
        let media = Some(Media { video: Some(key.to_owned()), poster: None });
        let facts = Facts { media, hls_exists: false, ..facts() };
        assert!(matches!(denied(&policy, &facts), Denial::Misconfigured(_)), "{key:?}");
    }
}

#[test]
fn a_full_house_says_when_to_come_back() {
    assert_eq!(
        limit_reached(3, NOW + 25, NOW),
        Denial::DeviceLimitExceeded { max_devices: 3, retry_after: 25 }
    );
    assert_eq!(
        limit_reached(3, NOW, NOW),
        Denial::DeviceLimitExceeded { max_devices: 3, retry_after: 1 }
    );
}
const WITH_AGENT: &str = "58f417d7a6bbfe6cfc067ae4eaca51fd29ef5baa598bbc4bbb09767537c322fe";
const WITHOUT_AGENT: &str = "9d9d39832f3ea726e875827e3433e6a1da0c94eb30250bb529f82bc787b51bdd";
