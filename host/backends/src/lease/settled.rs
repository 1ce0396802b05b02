//! Claims and renewals for which nothing need be written, because what is on record will do.
//!
//! A store asks with the leases it has on record at that moment, never with what a process remembers of them: a device
//! that was freed by another gateway must not live on.

use crate::ports::{ClaimOutcome, ClaimRequest, OnLimit, RenewRequest, Session};

/// The part of a lease that may have passed since it was renewed without a further renewal being written: a twentieth.
/// Players renew at half of a lease, so each of their heartbeats is written; what is saved are plays and heartbeats
/// that follow one another within seconds.
const SPARED: u64 = 20;

/// The most of it in seconds, however long leases are: by so much a lease may end sooner than was asked for.
const MOST_SPARED: u64 = 60;

/// What a claim comes to, if nothing need be written for it. `live` are the leases of the user that have not run out,
/// as the store has them now.
pub(crate) fn settled_claim(live: &[Session], request: &ClaimRequest) -> Option<ClaimOutcome> {
    if let Some(own) = live.iter().find(|lease| lease.device == request.device) {
        let same = own.series == request.series && own.episode == request.episode;
        let spared = same && is_renewed(own, live, request.now, request.expires_at);
        return spared.then(|| ClaimOutcome::Claimed(own.clone()));
    }
    let active = u32::try_from(live.len()).unwrap_or(u32::MAX);
    let full = active >= request.max_devices && request.on_limit == OnLimit::BlockNew;
    full.then(|| ClaimOutcome::LimitReached {
        active,
        next_free_at: live.iter().map(|lease| lease.expires_at).min().unwrap_or(0),
    })
}

/// What a renewal comes to, if nothing need be written for it.
pub(crate) fn settled_renewal(live: &[Session], request: &RenewRequest) -> Option<Option<Session>> {
    let own =
        live.iter().find(|lease| lease.id == request.session_id && lease.device == request.device);
    let Some(own) = own else { return Some(None) };
    let same = request
        .watching
        .as_ref()
        .is_none_or(|(series, episode)| own.series == *series && own.episode == *episode);
    let spared = same && is_renewed(own, live, request.now, request.expires_at);
    spared.then(|| Some(own.clone()))
}

/// Whether a lease was renewed so recently that it may stay as it is.
fn is_renewed(own: &Session, live: &[Session], now: u64, expires_at: u64) -> bool {
    let spared = (expires_at.saturating_sub(now) / SPARED).min(MOST_SPARED);
    // Which lease was renewed longest ago is as exact as if each renewal were written: this one stays the last of them.
    let mut others = live.iter().filter(|lease| lease.id != own.id);
    let is_last = own.renewed_at >= now || others.all(|other| other.renewed_at < own.renewed_at);
    is_last && own.expires_at.saturating_add(spared) >= expires_at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(device: &str, renewed_at: u64, expires_at: u64) -> Session {
        Session {
            id: format!("id-{device}"),
            device: device.to_owned(),
            series: "s".to_owned(),
            episode: "e".to_owned(),
            started_at: 1_000,
            renewed_at,
            expires_at,
        }
    }

    /// Of device `a`, which has a lease since 1,000.
    fn is_spared(live: &[Session], now: u64, length: u64) -> bool {
        let expires_at = now + length;
        let claim = ClaimRequest {
            user: "u".to_owned(),
            device: "a".to_owned(),
            session_id: "new".to_owned(),
            series: "s".to_owned(),
            episode: "e".to_owned(),
            now,
            expires_at,
            max_devices: 3,
            on_limit: OnLimit::EvictOldest,
        };
        let renewal = RenewRequest {
            user: "u".to_owned(),
            session_id: "id-a".to_owned(),
            device: "a".to_owned(),
            watching: Some(("s".to_owned(), "e".to_owned())),
            now,
            expires_at,
        };
        let claimed = settled_claim(live, &claim);
        let renewed = settled_renewal(live, &renewal);
        assert_eq!(claimed.is_some(), renewed.is_some());
        if let (Some(claimed), Some(renewed)) = (&claimed, renewed) {
            assert_eq!(Some(claimed), renewed.map(ClaimOutcome::Claimed).as_ref());
        }
        // Another episode, and a series of the same name, have to be on record.
        assert_eq!(
            settled_claim(live, &ClaimRequest { episode: "e2".to_owned(), ..claim.clone() }),
            None
        );
        assert_eq!(settled_claim(live, &ClaimRequest { series: "s2".to_owned(), ..claim }), None);
        let moved = Some(("s".to_owned(), "e2".to_owned()));
        assert_eq!(
            settled_renewal(live, &RenewRequest { watching: moved, ..renewal.clone() }),
            None
        );
        let unmoved = settled_renewal(live, &RenewRequest { watching: None, ..renewal });
        assert_eq!(unmoved.is_some(), claimed.is_some());
        claimed.is_some()
    }

    #[test]
    fn a_lease_that_was_renewed_a_moment_ago_stays_as_it_is() {
        for (length, now, spared) in [
            (600, 1_000, true),
            (600, 1_030, true),
            (600, 1_031, false),
            // The first heartbeat.
            (600, 1_300, false),
            (10, 1_000, true),
            (10, 1_001, false),
            (20, 1_001, true),
            (20, 1_002, false),
            (86_400, 1_060, true),
            (86_400, 1_061, false),
            // A clock that is behind has nothing to add.
            (600, 900, true),
        ] {
            let live = [lease("a", 1_000, 1_000 + length)];
            assert_eq!(is_spared(&live, now, length), spared, "{length} {now}");
        }
        // A longer lease than the one on record is written.
        assert!(!is_spared(&[lease("a", 1_000, 1_300)], 1_000, 600));
    }

    #[test]
    fn the_order_in_which_leases_make_room_stays_exact() {
        for (other, spared) in [(999, true), (1_000, false), (1_005, false)] {
            let live = [lease("a", 1_000, 1_600), lease("b", other, 1_600)];
            assert_eq!(is_spared(&live, 1_010, 600), spared, "{other}");
            assert!(is_spared(&live, 1_000, 600), "within a second nothing changes");
        }
    }

    #[test]
    fn a_refusal_changes_nothing_and_a_new_lease_does() {
        let live = [lease("a", 1_000, 1_600), lease("b", 1_001, 1_500)];
        let claim = |max_devices, on_limit| {
            let request = ClaimRequest {
                user: "u".to_owned(),
                device: "c".to_owned(),
                session_id: "new".to_owned(),
                series: "s".to_owned(),
                episode: "e".to_owned(),
                now: 1_010,
                expires_at: 1_610,
                max_devices,
                on_limit,
            };
            settled_claim(&live, &request)
        };
        let refused = ClaimOutcome::LimitReached { active: 2, next_free_at: 1_500 };
        assert_eq!(claim(2, OnLimit::BlockNew), Some(refused.clone()));
        assert_eq!(claim(1, OnLimit::BlockNew), Some(refused));
        assert_eq!(claim(3, OnLimit::BlockNew), None);
        assert_eq!(claim(2, OnLimit::EvictOldest), None);
    }

    #[test]
    fn a_lease_that_is_not_the_devices_own_is_not_renewed() {
        let live = [lease("a", 1_000, 1_600)];
        for (session_id, device) in [("id-a", "b"), ("id-b", "a")] {
            let request = RenewRequest {
                user: "u".to_owned(),
                session_id: session_id.to_owned(),
                device: device.to_owned(),
                watching: None,
                now: 1_000,
                expires_at: 1_600,
            };
            assert_eq!(settled_renewal(&live, &request), Some(None), "{session_id} {device}");
        }
    }
}
