//! From the contract's words to those of the store and back.

use crate::{
    bindings::exports::tollgate::gate::{
        catalog::Media,
        entitlements::Entitlement,
        sessions::{ClaimOutcome, ClaimRequest, LimitPolicy, LimitReached, RenewRequest, Session},
        signing_keys::{Key, PemKey},
    },
    keyring::NamedKey,
    store::{Claim, Lease, Outcome, Renewal},
};

pub(crate) fn entitlement((status, valid_until): (String, Option<u64>)) -> Entitlement {
    Entitlement { status, valid_until }
}

pub(crate) fn media((video, poster): (Option<String>, Option<String>)) -> Media {
    Media { video, poster }
}

pub(crate) fn claim(request: &ClaimRequest) -> Claim<'_> {
    Claim {
        user: &request.user,
        device: &request.device,
        session_id: &request.session_id,
        series: &request.series,
        episode: &request.episode,
        now: request.now,
        expires_at: request.expires_at,
        max_devices: request.max_devices,
        evict_oldest: request.on_limit == LimitPolicy::EvictOldest,
    }
}

pub(crate) fn outcome(outcome: Outcome) -> ClaimOutcome {
    match outcome {
        Outcome::Claimed(lease) => ClaimOutcome::Claimed(session(lease)),
        Outcome::LimitReached { active, next_free_at } => {
            ClaimOutcome::LimitReached(LimitReached { active, next_free_at })
        }
    }
}

pub(crate) fn renewal(request: &RenewRequest) -> Renewal<'_> {
    let watching = request.watching.as_ref();
    Renewal {
        user: &request.user,
        session_id: &request.session_id,
        device: &request.device,
        watching: watching.map(|(series, episode)| (series.as_str(), episode.as_str())),
        now: request.now,
        expires_at: request.expires_at,
    }
}

pub(crate) fn session(lease: Lease) -> Session {
    let Lease { id, device, series, episode, started_at, renewed_at, expires_at } = lease;
    Session { id, device, series, episode, started_at, renewed_at, expires_at }
}

pub(crate) fn key(key: &NamedKey) -> Key {
    let NamedKey { key_pair_id, pem } = key.clone();
    Key::Revealed(PemKey { key_pair_id, pem })
}
