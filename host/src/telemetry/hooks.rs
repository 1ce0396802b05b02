//! Metrics whose numbers live elsewhere: a closure is asked at every scrape.

use std::fmt;

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

/// A number somebody else keeps.
pub(super) struct Hook {
    pub(super) name: &'static str,
    pub(super) help: &'static str,
    pub(super) read: Read,
}

/// How a [`Hook`] is asked.
pub(super) enum Read {
    /// A number that only grows.
    Counter(Box<dyn Fn() -> u64 + Send + Sync>),
    /// A number that comes and goes.
    Gauge(Box<dyn Fn() -> i64 + Send + Sync>),
    /// Numbers that only grow, told apart by one label.
    Counters(&'static str, Box<dyn Fn() -> Vec<(String, u64)> + Send + Sync>),
}

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Hook").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Collector for Hook {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let kind = match &self.read {
            Read::Counter(_) | Read::Counters(..) => MetricType::Counter,
            Read::Gauge(_) => MetricType::Gauge,
        };
        let mut metric = encoder.encode_descriptor(self.name, self.help, None, kind)?;
        match &self.read {
            Read::Counter(read) => ConstCounter::new(read()).encode(metric),
            Read::Gauge(read) => ConstGauge::new(read()).encode(metric),
            Read::Counters(label, read) => {
                for (value, count) in read() {
                    let labels = [(*label, value)];
                    ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
                }
                Ok(())
            }
        }
    }
}
