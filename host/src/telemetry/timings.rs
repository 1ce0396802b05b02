//! How long things took, counted without a lock: every request and every call of a port is counted on every core.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeMetric, MetricEncoder, NoLabelSet},
    metrics::{MetricType, TypedMetric},
};

/// A histogram of durations. Cheap to clone; all clones count together.
#[derive(Clone, Debug)]
pub(super) struct Timings(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    /// Upper bounds in seconds, ascending.
    bounds: &'static [f64],
    /// One for each bound, and one for what is beyond the last.
    counts: Box<[AtomicU64]>,
    /// The sum. It overflows after centuries.
    nanoseconds: AtomicU64,
}

impl Timings {
    pub(super) fn new(bounds: &'static [f64]) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Counts { bounds, counts, nanoseconds: AtomicU64::new(0) }))
    }

    pub(super) fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = self.0.bounds.partition_point(|bound| *bound < seconds);
        if let Some(count) = self.0.counts.get(bucket) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let nanoseconds = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.0.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
    }
}

impl EncodeMetric for Timings {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), fmt::Error> {
        let bounds = self.0.bounds.iter().copied().chain([f64::INFINITY]);
        let counts = self.0.counts.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<_> = bounds.zip(counts).collect();
        let count = buckets.iter().map(|(_, count)| count).sum();
        let sum = Duration::from_nanos(self.0.nanoseconds.load(Ordering::Relaxed));
        encoder.encode_histogram::<NoLabelSet>(sum.as_secs_f64(), count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

impl TypedMetric for Timings {
    const TYPE: MetricType = MetricType::Histogram;
}

#[cfg(test)]
mod tests {
    use prometheus_client::{
        encoding::text,
        metrics::histogram::Histogram,
        registry::{Registry, Unit},
    };

    use super::*;

    #[test]
    fn it_is_written_as_the_librarys_own_histogram_is() {
        let (bounds, mut pages) = (&[0.125, 0.5, 2.0], Vec::new());
        let (ours, theirs) = (Timings::new(bounds), Histogram::new(bounds.iter().copied()));
        // Eighths of a second have a sum without a rounding error.
        for eighths in [0, 1, 3, 4, 5, 15, 16, 17, 8 * 3600] {
            let took = Duration::from_millis(eighths * 125);
            ours.observe(took);
            theirs.observe(took.as_secs_f64());
        }
        for page in 0..2 {
            let mut registry = Registry::default();
            match page {
                0 => registry.register_with_unit("took", "h", Unit::Seconds, ours.clone()),
                _ => registry.register_with_unit("took", "h", Unit::Seconds, theirs.clone()),
            }
            let mut text = String::new();
            text::encode(&mut text, &registry).unwrap();
            pages.push(text);
        }
        assert!(pages[0].contains("took_seconds_count 9"), "{}", pages[0]);
        assert_eq!(pages[0], pages[1]);
    }
}
