//! Tests of the policy document and the decision.

mod decisions;
mod documents;
mod grants;
mod links;

use super::*;
use crate::time::EpochSeconds;

const NOW: u64 = 1_767_200_000;

fn now() -> EpochSeconds {
    at(NOW)
}

fn at(seconds: u64) -> EpochSeconds {
    EpochSeconds::new("now", seconds).unwrap()
}

/// A policy with some keys besides the domain, given as JSON members.
fn policy(members: &str) -> Policy {
    let comma = if members.is_empty() { "" } else { "," };
    Policy::parse(&format!(r#"{{"domain":"media.example.com"{comma}{members}}}"#)).unwrap()
}

fn viewer() -> Viewer {
    Viewer {
        subject: "alice".to_owned(),
        user: "alice".to_owned(),
        roles: vec![Role::Standard],
        source_ip: Some("192.0.2.7".to_owned()),
        user_agent: Some("TestPlayer/1.0".to_owned()),
    }
}

fn ask(policy: &Policy) -> Ask {
    Ask::new(policy, &viewer(), "big-test", "ep1", None).unwrap()
}

/// Everything is there: entitlement, HLS, raw video, poster inside the episode's directory.
fn facts() -> Facts {
    Facts {
        entitlement: Some(Entitlement { status: "Active".to_owned(), valid_until: None }),
        media: Some(Media {
            video: Some("content/series/big-test/raw/ep1.mp4".to_owned()),
            poster: Some("content/series/big-test/video/ep1/poster.jpg".to_owned()),
        }),
        hls_exists: true,
        dash_exists: false,
    }
}
