//! What is remembered of a request for its one log line. No query, no token, no URL.

use std::net::IpAddr;

use http::Method;
use serde_json::Value;
use spin_sdk::wasip3::clocks::monotonic_clock;
use tollgate_api::method;

use crate::log::{self, Level};

/// One request, from its head to its answer.
pub(crate) struct Record {
    pub(crate) request_id: String,
    pub(crate) route: &'static str,
    pub(crate) user: Option<String>,
    pub(crate) source_ip: Option<IpAddr>,
    method: &'static str,
    /// Nanoseconds of the monotonic clock.
    started: u64,
}

impl Record {
    pub(crate) fn start(request_id: String, method: &Method, source_ip: Option<IpAddr>) -> Self {
        Self {
            request_id,
            route: "unmatched",
            user: None,
            source_ip,
            method: method::name(method),
            started: monotonic_clock::now(),
        }
    }

    /// Writes the line.
    pub(crate) async fn end(self, status: u16, outcome: &str) {
        let took = monotonic_clock::now().saturating_sub(self.started);
        let fields = [
            ("request_id", Value::from(self.request_id)),
            ("method", self.method.into()),
            ("route", self.route.into()),
            ("status", status.into()),
            ("duration_ms", (took as f64 / 1e6).into()),
            ("user", self.user.into()),
            ("outcome", outcome.into()),
            ("source_ip", self.source_ip.map(|address| address.to_string()).into()),
        ];
        log::write(Level::Info, "request", &fields).await;
    }
}
