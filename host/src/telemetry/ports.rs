//! What the ports cost: calls by outcome, and how long they took.

use std::{sync::Arc, time::Duration};

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::timings::Timings;
use crate::component::{ObservedPort, PortObserver};

/// Counts the calls of the ports. Cheap to clone; whoever calls a port calls [`PortMetrics::observe`].
#[derive(Clone, Debug)]
pub struct PortMetrics {
    calls: Family<Call, Counter>,
    seconds: Family<Port, Timings, fn() -> Timings>,
    /// Those with known names, which is all there are: found without a lock.
    known: Arc<[Known]>,
}

#[derive(Debug)]
struct Known {
    port: &'static str,
    outcomes: [(&'static str, Counter); PortMetrics::OUTCOMES.len()],
    seconds: Timings,
}

impl PortMetrics {
    /// Outcomes that are there from the start; others appear when they are first seen.
    pub const OUTCOMES: [&str; 6] =
        ["ok", "access-denied", "unavailable", "timeout", "invalid-argument", "other"];

    pub(super) fn register(registry: &mut Registry) -> Self {
        let calls = Family::<Call, Counter>::default();
        let seconds = Family::<Port, Timings, fn() -> Timings>::new_with_constructor(port_timings);
        registry.register("port_calls", "Calls of a port by outcome", calls.clone());
        registry.register(
            "port_call_duration_seconds",
            "How long a call of a port took",
            seconds.clone(),
        );
        let known = ObservedPort::ALL.map(ObservedPort::name).map(|port| Known {
            port,
            outcomes: Self::OUTCOMES
                .map(|outcome| (outcome, calls.get_or_create_owned(&Call { port, outcome }))),
            seconds: seconds.get_or_create_owned(&Port { port }),
        });
        Self { calls, seconds, known: Arc::new(known) }
    }

    /// Records one call of a port, named as [`ObservedPort`] has it; `outcome` is `ok` or the case of `port-error`.
    pub fn observe(&self, port: &'static str, outcome: &'static str, took: Duration) {
        let known = self.known.iter().find(|known| known.port == port);
        let counter = known.and_then(|known| {
            known.outcomes.iter().find(|(name, _)| *name == outcome).map(|(_, counter)| counter)
        });
        if let (Some(known), Some(counter)) = (known, counter) {
            counter.inc();
            return known.seconds.observe(took);
        }
        self.calls.get_or_create(&Call { port, outcome }).inc();
        self.seconds.get_or_create(&Port { port }).observe(took);
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

fn port_timings() -> Timings {
    // From an embedded store's microseconds to the port timeout of a remote one.
    Timings::new(&[0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0])
}
