//! What is remembered of a request for its one log line and its counts. No query, no token, no URL.

use std::time::Instant;

use http::Method;
use tollgate_api::{client::Peer, method};

use crate::telemetry::{InFlight, Metrics};

/// One request, from its head to its answer.
///
/// It is written when dropped, so that a request whose caller went away is seen as well.
pub(super) struct Record {
    pub(super) request_id: String,
    pub(super) route: &'static str,
    pub(super) makes_signed_urls: bool,
    pub(super) user: Option<String>,
    pub(super) source_ip: Peer,
    pub(super) end: Option<End>,
    method: &'static str,
    started: Instant,
    metrics: Metrics,
    _in_flight: InFlight,
}

/// How a request ended.
pub(super) struct End {
    pub(super) status: u16,
    pub(super) outcome: &'static str,
    pub(super) failure: Option<&'static str>,
}

/// The outcome of any call that worked and granted nothing.
pub(super) const OK: &str = "ok";

/// The outcome of a request that led to a signed URL.
pub(super) const GRANTED: &str = "granted";

/// The outcome of a request whose caller went away.
pub(super) const CANCELLED: &str = "cancelled";

impl Record {
    pub(super) fn start(
        metrics: &Metrics,
        request_id: String,
        method: &Method,
        source_ip: Peer,
    ) -> Self {
        Self {
            request_id,
            route: UNMATCHED,
            makes_signed_urls: false,
            user: None,
            source_ip,
            end: None,
            method: method::name(method),
            started: Instant::now(),
            metrics: metrics.clone(),
            _in_flight: metrics.request_in_flight(),
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        let cancelled = End { status: CLIENT_CLOSED, outcome: CANCELLED, failure: None };
        let end = self.end.take().unwrap_or(cancelled);
        self.metrics.request(self.route, self.method, end.status, took);
        if self.makes_signed_urls {
            self.metrics.signed_url_request(end.outcome);
            if let Some(failure) = end.failure {
                self.metrics.signed_url_generation_error(failure);
            }
        }
        tracing::info!(
            request_id = self.request_id.as_str(),
            method = self.method,
            route = self.route,
            status = end.status,
            duration_ms = took.as_secs_f64() * 1000.0,
            user = self.user.as_deref(),
            outcome = end.outcome,
            source_ip = %self.source_ip,
            "request"
        );
    }
}

/// The route of a request that is no call of the API: its path is the caller's, and would make a new
/// time series each.
const UNMATCHED: &str = "unmatched";

/// Not on the wire: what nginx made usual in logs for a caller who did not wait.
const CLIENT_CLOSED: u16 = 499;
