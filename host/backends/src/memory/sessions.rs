//! The sessions port in the memory of one process.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures::future;

use crate::{
    administration::Upkeep,
    lease,
    ports::{
        Answer, ClaimOutcome, ClaimRequest, OnLimit, PortError, RenewRequest, Session, Sessions,
    },
};

/// Seconds between two looks for users who have left nothing but expired leases.
const SWEEP: u64 = 60;

/// Leases of one process. They are gone with it, and a second process knows nothing of them: with two of them behind
/// one balancer, a user may watch on twice as many devices. Programs that run more than once share a store instead.
#[derive(Debug, Default)]
pub struct MemorySessions(Mutex<Leases>);

#[derive(Debug, Default)]
struct Leases {
    of: HashMap<String, Vec<Session>>,
    swept_at: u64,
}

impl MemorySessions {
    /// No leases yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything happens under this lock, which is what makes it atomic. Nothing waits while it is held.
    fn leases(&self) -> MutexGuard<'_, Leases> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Leases {
    fn claim(&mut self, request: &ClaimRequest) -> Result<ClaimOutcome, PortError> {
        let ClaimRequest { now, expires_at, .. } = *request;
        if now.saturating_sub(self.swept_at) >= SWEEP {
            self.purge(now);
        }
        let leases = self.of.entry(request.user.clone()).or_default();
        leases.retain(|lease| lease.expires_at > now);
        if let Some(own) = leases.iter_mut().find(|lease| lease.device == request.device) {
            own.series.clone_from(&request.series);
            own.episode.clone_from(&request.episode);
            prolong(own, now, expires_at);
            return Ok(ClaimOutcome::Claimed(own.clone()));
        }
        if leases.iter().any(|lease| lease.id == request.session_id) {
            return Err(PortError::InvalidArgument(
                "another device has a lease of this id".to_owned(),
            ));
        }
        let places = usize::try_from(request.max_devices).unwrap_or(usize::MAX);
        if leases.len() >= places {
            match request.on_limit {
                OnLimit::BlockNew => {
                    let next_free_at = leases.iter().map(|lease| lease.expires_at).min();
                    return Ok(ClaimOutcome::LimitReached {
                        active: u32::try_from(leases.len()).unwrap_or(u32::MAX),
                        next_free_at: next_free_at.unwrap_or(now),
                    });
                }
                OnLimit::EvictOldest => {
                    leases.sort_by(|one, other| age(one).cmp(&age(other)));
                    leases.drain(..leases.len() - places + 1);
                }
            }
        }
        let made = Session {
            id: request.session_id.clone(),
            device: request.device.clone(),
            series: request.series.clone(),
            episode: request.episode.clone(),
            started_at: now,
            renewed_at: now,
            expires_at,
        };
        leases.push(made.clone());
        Ok(ClaimOutcome::Claimed(made))
    }

    fn renew(&mut self, request: &RenewRequest) -> Option<Session> {
        let RenewRequest { session_id, device, watching, now, expires_at, .. } = request;
        let mine = |lease: &&mut Session| {
            lease.id == *session_id && lease.device == *device && lease.expires_at > *now
        };
        let lease = self.of.get_mut(&request.user)?.iter_mut().find(mine)?;
        if let Some((series, episode)) = watching {
            lease.series.clone_from(series);
            lease.episode.clone_from(episode);
        }
        prolong(lease, *now, *expires_at);
        Some(lease.clone())
    }

    fn release(&mut self, user: &str, session_id: &str, now: u64) -> bool {
        let Some(leases) = self.of.get_mut(user) else { return false };
        let before = leases.len();
        leases.retain(|lease| lease.id != session_id || lease.expires_at <= now);
        leases.len() < before
    }

    fn active(&self, user: &str, now: u64) -> Vec<Session> {
        let leases = self.of.get(user).into_iter().flatten();
        let mut live: Vec<_> = leases.filter(|lease| lease.expires_at > now).cloned().collect();
        live.sort_by(|one, other| (one.started_at, &one.id).cmp(&(other.started_at, &other.id)));
        live
    }

    /// Forgets what nobody can see any more, and says how much that was.
    fn purge(&mut self, now: u64) -> u64 {
        self.swept_at = now;
        let mut gone = 0;
        self.of.retain(|_, leases| {
            let before = leases.len();
            leases.retain(|lease| lease.expires_at > now);
            gone += before - leases.len();
            !leases.is_empty()
        });
        gone as u64
    }
}

/// What a later instant on record says is kept, so that a clock that goes back shortens nothing.
fn prolong(lease: &mut Session, now: u64, expires_at: u64) {
    lease.renewed_at = lease.renewed_at.max(now);
    lease.expires_at = lease.expires_at.max(expires_at);
}

/// The order in which leases make room.
fn age(lease: &Session) -> (u64, u64, &str) {
    (lease.renewed_at, lease.started_at, &lease.id)
}

impl Sessions for MemorySessions {
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        let outcome = lease::check_claim(request).and_then(|()| self.leases().claim(request));
        Box::pin(future::ready(outcome))
    }

    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        let checked = lease::check(request.now, request.expires_at);
        Box::pin(future::ready(checked.map(|()| self.leases().renew(request))))
    }

    fn release<'a>(&'a self, user: &'a str, session_id: &'a str, now: u64) -> Answer<'a, bool> {
        Box::pin(future::ready(Ok(self.leases().release(user, session_id, now))))
    }

    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>> {
        Box::pin(future::ready(Ok(self.leases().active(user, now))))
    }
}

impl Upkeep for MemorySessions {
    fn purge(&self, now: u64) -> Answer<'_, u64> {
        Box::pin(future::ready(Ok(self.leases().purge(now))))
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(user: &str, now: u64) -> ClaimRequest {
        ClaimRequest {
            user: user.to_owned(),
            device: "d".to_owned(),
            session_id: "id".to_owned(),
            series: "s".to_owned(),
            episode: "e".to_owned(),
            now,
            expires_at: now + 600,
            max_devices: 1,
            on_limit: OnLimit::BlockNew,
        }
    }

    #[tokio::test]
    async fn users_who_do_not_come_back_are_forgotten() {
        let sessions = MemorySessions::new();
        for user in 0..100 {
            sessions.claim(&request(&format!("u{user}"), 1_000)).await.unwrap();
        }
        assert_eq!(sessions.leases().of.len(), 100);
        sessions.claim(&request("somebody", 1_600)).await.unwrap();
        assert_eq!(sessions.leases().of.len(), 1);
    }

    #[tokio::test]
    async fn an_id_that_another_device_has_is_no_lease() {
        let sessions = MemorySessions::new();
        let first = ClaimRequest { max_devices: 2, ..request("u", 1_000) };
        sessions.claim(&first).await.unwrap();
        let second = ClaimRequest { device: "other".to_owned(), ..first };
        assert!(sessions.claim(&second).await.is_err());
        assert_eq!(sessions.active("u", 1_000).await.unwrap().len(), 1);
    }
}
