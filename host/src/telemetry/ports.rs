//! What the ports cost: calls by outcome, and how long they took.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::Registry,
};

use crate::component::{ObservedPort, PortObserver};

/// Counts the calls of the ports. Cheap to clone; whoever calls a port calls [`PortMetrics::observe`].
#[derive(Clone, Debug)]
pub struct PortMetrics {
    calls: Family<Call, Counter>,
    seconds: Family<Port, Histogram, fn() -> Histogram>,
}

impl PortMetrics {
    /// Outcomes that are there from the start; others appear when they are first seen.
    pub const OUTCOMES: [&str; 6] =
        ["ok", "access-denied", "unavailable", "timeout", "invalid-argument", "other"];

    pub(super) fn register(registry: &mut Registry) -> Self {
        let calls = Family::<Call, Counter>::default();
        let seconds =
            Family::<Port, Histogram, fn() -> Histogram>::new_with_constructor(port_histogram);
        registry.register("port_calls", "Calls of a port by outcome", calls.clone());
        registry.register(
            "port_call_duration_seconds",
            "How long a call of a port took",
            seconds.clone(),
        );
        for port in ObservedPort::ALL.map(ObservedPort::name) {
            for outcome in Self::OUTCOMES {
                drop(calls.get_or_create(&Call { port, outcome }));
            }
            drop(seconds.get_or_create(&Port { port }));
        }
        Self { calls, seconds }
    }

    /// Records one call of a port, named as [`ObservedPort`] has it; `outcome` is `ok` or the case of `port-error`.
    pub fn observe(&self, port: &'static str, outcome: &'static str, took: Duration) {
        self.calls.get_or_create(&Call { port, outcome }).inc();
        self.seconds.get_or_create(&Port { port }).observe(took.as_secs_f64());
    }
}

impl PortObserver for PortMetrics {
    fn observe(&self, port: &'static str, outcome: &'static str, elapsed: Duration) {
        Self::observe(self, port, outcome, elapsed);
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Call {
    port: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Port {
    port: &'static str,
}

fn port_histogram() -> Histogram {
    // From an embedded store's tens of microseconds to the port timeout of a remote one.
    Histogram::new([0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0])
}
