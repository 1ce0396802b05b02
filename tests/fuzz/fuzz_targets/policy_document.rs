//! The parser of the playback policy document, and what is decided by one that parses.
//!
//! Whatever a policy says, what it signs for an HLS episode lies within the episode's series, and a link within its lease.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_core::{
    playback::{Ask, Asking, Entitlement, Facts, Manifest, Media, Policy, Role, Viewer},
    time::EpochSeconds,
};

fuzz_target!(|input: (&str, &str, u64, bool, bool)| {
    let (document, key, now, hls_exists, dash_exists) = input;
    let policy = match Policy::parse(document) {
        Ok(policy) => policy,
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            return assert!(mistakes.iter().all(|mistake| mistake.field.starts_with("policy")));
        }
    };
    let viewer = Viewer {
        subject: "u".to_owned(),
        user: "u".to_owned(),
        roles: vec![Role::Standard, Role::Admin, Role::ContentCreator],
        source_ip: Some("192.0.2.7".to_owned()),
        user_agent: None,
    };
    let Ok(ask) = Ask::new(&policy, &viewer, "series-1", "episode-1", None) else { return };
    let Ok(now) = EpochSeconds::new("now", now) else { return };
    let facts = Facts {
        entitlement: Some(Entitlement { status: "Active".to_owned(), valid_until: None }),
        media: Some(Media { video: Some(key.to_owned()), poster: Some(key.to_owned()) }),
        hls_exists,
        dash_exists,
    };
    // Whatever playlist is asked for by name, it lies where the episode's are.
    let nested = Manifest::Nested(key.to_owned());
    if let Ok(requested) = policy.requested(Asking::Viewer(&ask), &nested) {
        assert!(requested.key().contains("series-1"), "{key}");
    }
    let Ok(plan) = policy.decide(&ask, &facts, now) else { return };
    if let Ok(Some(link)) = plan.link_statement("session-1") {
        let text = std::str::from_utf8(link.message()).expect("a policy is text");
        assert!(
            text.contains("/users/u/series/series-1/episodes/episode-1/sessions/session-1/*"),
            "{text}"
        );
    }
    let video = plan.statements().swap_remove(0);
    let text = std::str::from_utf8(video.message()).expect("a policy is text");
    if hls_exists {
        assert!(text.contains("series-1"), "{text}");
    }
});
