//! The metrics of the gateway, in the text format Prometheus scrapes.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{
    PortMetrics,
    hooks::{Hook, Read},
    timings::Timings,
};

/// Everything the gateway counts. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    grants: Family<Outcome, Counter>,
    grant_errors: Family<Kind, Counter>,
    requests: Family<Request, Counter>,
    seconds: Family<Route, Timings, fn() -> Timings>,
    in_flight: Gauge,
    connections: Gauge,
    refused_connections: Counter,
    ports: PortMetrics,
}

impl Metrics {
    /// What `/metrics` is served as.
    pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Starts at zero. Every `outcome` of a request for a signed URL, and every `kind` of failure to
    /// make one, is there from the first scrape: an alert on a series that does not exist never fires.
    pub fn new(outcomes: &[&'static str], failures: &[&'static str]) -> Self {
        let mut registry = Registry::default();
        let ports = PortMetrics::register(&mut registry);
        let metrics = Self {
            grants: Family::default(),
            grant_errors: Family::default(),
            requests: Family::default(),
            seconds: Family::new_with_constructor(request_timings),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            refused_connections: Counter::default(),
            ports,
            registry: Arc::default(),
        };
        registry.register(
            "signed_url_requests",
            "Requests for a signed URL by what became of them",
            metrics.grants.clone(),
        );
        registry.register(
            "signed_url_generation_errors",
            "Requests that should have led to a signed URL and failed on our side",
            metrics.grant_errors.clone(),
        );
        registry.register(
            "http_requests",
            "Requests answered, by route template",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_duration_seconds",
            "Time from the head of a request to the head of its answer",
            metrics.seconds.clone(),
        );
        registry.register(
            "http_requests_in_flight",
            "Requests being answered",
            metrics.in_flight.clone(),
        );
        registry.register("http_connections", "Open connections", metrics.connections.clone());
        registry.register(
            "http_connections_refused",
            "Connections turned away at the connection limit",
            metrics.refused_connections.clone(),
        );
        for outcome in outcomes {
            drop(metrics.grants.get_or_create(&Outcome { outcome }));
        }
        for kind in failures {
            drop(metrics.grant_errors.get_or_create(&Kind { kind }));
        }
        Self { registry: Arc::new(Mutex::new(registry)), ..metrics }
    }

    /// Counts one request for a signed URL.
    pub fn signed_url_request(&self, outcome: &'static str) {
        self.grants.get_or_create(&Outcome { outcome }).inc();
    }

    /// Counts one failure, on our side, to make a signed URL.
    pub fn signed_url_generation_error(&self, kind: &'static str) {
        self.grant_errors.get_or_create(&Kind { kind }).inc();
    }

    /// Counts one answered request.
    pub fn request(&self, route: &'static str, method: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Request { route, method, status }).inc();
        self.seconds.get_or_create(&Route { route, method }).observe(took);
    }

    /// Counts a request as being answered until the guard is dropped.
    pub fn request_in_flight(&self) -> InFlight {
        InFlight::enter(&self.in_flight)
    }

    /// Counts a connection as open until the guard is dropped.
    pub fn connection(&self) -> InFlight {
        InFlight::enter(&self.connections)
    }

    /// Counts a connection turned away at the limit.
    pub fn connection_refused(&self) {
        self.refused_connections.inc();
    }

    /// Where the calls of the ports are counted.
    pub fn ports(&self) -> PortMetrics {
        self.ports.clone()
    }

    /// Adds a counter that lives elsewhere. The exported name gets `_total`.
    pub fn counter_from(
        &self,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) {
        self.hook(Hook { name, help, read: Read::Counter(Box::new(read)) });
    }

    /// Adds a gauge that lives elsewhere.
    pub fn gauge_from(
        &self,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> i64 + Send + Sync + 'static,
    ) {
        self.hook(Hook { name, help, read: Read::Gauge(Box::new(read)) });
    }

    /// Adds counters that live elsewhere, told apart by `label`. The exported name gets `_total`.
    pub fn counters_from(
        &self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        read: impl Fn() -> Vec<(String, u64)> + Send + Sync + 'static,
    ) {
        self.hook(Hook { name, help, read: Read::Counters(label, Box::new(read)) });
    }

    /// Every metric as text.
    pub fn encode(&self) -> Result<String, fmt::Error> {
        let mut page = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        text::encode(&mut page, &registry)?;
        Ok(page)
    }

    fn hook(&self, hook: Hook) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(hook));
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// Something that is counted while it lasts.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl InFlight {
    /// Counts one more in `gauge` until the guard is dropped.
    pub fn enter(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Request {
    route: &'static str,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Route {
    route: &'static str,
    method: &'static str,
}

fn request_timings() -> Timings {
    // A cached signature answers in under a millisecond; ten seconds is the default deadline.
    Timings::new(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn every_announced_series_is_there_before_anything_happened() {
        let page = Metrics::new(&["granted"], &["timeout", "misconfigured"]).encode().unwrap();
        for line in [
            "signed_url_requests_total{outcome=\"granted\"} 0",
            "signed_url_generation_errors_total{kind=\"timeout\"} 0",
            "signed_url_generation_errors_total{kind=\"misconfigured\"} 0",
            "port_calls_total{port=\"entitlements\",outcome=\"unavailable\"} 0",
            "port_calls_total{port=\"objects\",outcome=\"unavailable\"} 0",
            "port_call_duration_seconds_count{port=\"objects\"} 0",
            "http_requests_in_flight 0",
            "http_connections_refused_total 0",
        ] {
            assert!(page.lines().any(|l| l == line), "{line} is missing in\n{page}");
        }
    }

    #[test]
    fn what_is_counted_shows() {
        let metrics = Metrics::new(&[], &[]);
        metrics.request("/healthz", "GET", 200, Duration::from_millis(3));
        metrics.signed_url_request("granted");
        metrics.signed_url_generation_error("timeout");
        metrics.ports().observe("catalog", "ok", Duration::from_millis(2));
        let (kept, _) = (metrics.request_in_flight(), metrics.request_in_flight());
        let lost = Arc::new(AtomicU64::new(7));
        let read = lost.clone();
        metrics.counter_from("component_instances_lost", "h", move || read.load(Ordering::Relaxed));
        metrics.gauge_from("component_instances", "h", || 2);
        metrics.counters_from("edge_denials", "h", "code", || vec![("MissingKey".into(), 3)]);
        lost.store(8, Ordering::Relaxed);

        let page = metrics.encode().unwrap();
        for line in [
            "http_requests_total{route=\"/healthz\",method=\"GET\",status=\"200\"} 1",
            "http_request_duration_seconds_count{route=\"/healthz\",method=\"GET\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.0025\",route=\"/healthz\",method=\"GET\"} 0",
            "http_request_duration_seconds_bucket{le=\"0.005\",route=\"/healthz\",method=\"GET\"} 1",
            "signed_url_requests_total{outcome=\"granted\"} 1",
            "signed_url_generation_errors_total{kind=\"timeout\"} 1",
            "port_calls_total{port=\"catalog\",outcome=\"ok\"} 1",
            "port_call_duration_seconds_count{port=\"catalog\"} 1",
            "http_requests_in_flight 1",
            "component_instances_lost_total 8",
            "component_instances 2",
            "edge_denials_total{code=\"MissingKey\"} 3",
        ] {
            assert!(page.lines().any(|l| l == line), "{line} is missing in\n{page}");
        }
        drop(kept);
        assert!(metrics.encode().unwrap().contains("http_requests_in_flight 0"));
    }
}
