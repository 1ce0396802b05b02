//! The leases of one user, and what a claim, a renewal or a release makes of them. No I/O: the store reads the
//! leases, asks here, and writes the result if nobody wrote in between.

use crate::{
    lease,
    ports::{ClaimOutcome, ClaimRequest, PortError, RenewRequest, Session},
};

/// What a user's item held when it was read, expired leases included: TTL deletes them days late.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Leases(pub(super) Vec<Session>);

/// What a request makes of the leases.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict<T> {
    /// The answer holds once these leases are written in place of those that were read.
    Write(Leases, T),
    /// The answer holds as it is.
    Keep(T),
}

impl Leases {
    /// Those that live, the oldest first.
    pub(super) fn live(&self, now: u64) -> Vec<Session> {
        let mut live: Vec<_> =
            self.0.iter().filter(|lease| lease.expires_at > now).cloned().collect();
        live.sort_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)));
        live
    }

    /// A place for the device of the request.
    pub(super) fn claim(&self, request: &ClaimRequest) -> Result<Verdict<ClaimOutcome>, PortError> {
        let mut live = self.live(request.now);
        // The answer of an earlier attempt was lost, the lease was renewed a moment ago, or every place is taken.
        if let Some(outcome) = lease::settled_claim(&live, request) {
            return Ok(Verdict::Keep(outcome));
        }
        if let Some(own) = live.iter_mut().find(|lease| lease.device == request.device) {
            own.series.clone_from(&request.series);
            own.episode.clone_from(&request.episode);
            own.renew(request.now, request.expires_at);
            let own = own.clone();
            return Ok(Verdict::Write(Self(live), ClaimOutcome::Claimed(own)));
        }
        let limit = usize::try_from(request.max_devices).unwrap_or(usize::MAX);
        if live.len() >= limit {
            live.sort_by(|a, b| {
                (a.renewed_at, a.started_at, &a.id).cmp(&(b.renewed_at, b.started_at, &b.id))
            });
            live.drain(..=live.len().saturating_sub(limit));
        }
        if live.iter().any(|lease| lease.id == request.session_id) {
            let rule = "session-id is in conflict with what is on record";
            return Err(PortError::InvalidArgument(rule.to_owned()));
        }
        let lease = Session {
            id: request.session_id.clone(),
            device: request.device.clone(),
            series: request.series.clone(),
            episode: request.episode.clone(),
            started_at: request.now,
            renewed_at: request.now,
            expires_at: request.expires_at,
        };
        live.push(lease.clone());
        Ok(Verdict::Write(Self(live), ClaimOutcome::Claimed(lease)))
    }

    /// A place kept by the device that has it.
    pub(super) fn renew(&self, request: &RenewRequest) -> Verdict<Option<Session>> {
        let mut live = self.live(request.now);
        if let Some(outcome) = lease::settled_renewal(&live, request) {
            return Verdict::Keep(outcome);
        }
        let own = live
            .iter_mut()
            .find(|lease| lease.id == request.session_id && lease.device == request.device);
        let Some(own) = own else { return Verdict::Keep(None) };
        if let Some((series, episode)) = &request.watching {
            own.series.clone_from(series);
            own.episode.clone_from(episode);
        }
        own.renew(request.now, request.expires_at);
        let own = own.clone();
        Verdict::Write(Self(live), Some(own))
    }

    /// A place given back.
    pub(super) fn release(&self, session_id: &str, now: u64) -> Verdict<bool> {
        let mut live = self.live(now);
        let before = live.len();
        live.retain(|lease| lease.id != session_id);
        if live.len() == before { Verdict::Keep(false) } else { Verdict::Write(Self(live), true) }
    }
}

impl Session {
    /// Prolongs; a clock that is behind shortens nothing.
    fn renew(&mut self, now: u64, expires_at: u64) {
        self.renewed_at = self.renewed_at.max(now);
        self.expires_at = self.expires_at.max(expires_at);
    }
}
