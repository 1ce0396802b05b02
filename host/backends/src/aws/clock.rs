//! What time it is at the service, which counts where this machine's clock and AWS must agree.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept, context::BeforeDeserializationInterceptorContextRef, dyn_dispatch_hint,
        },
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{DateTime, config_bag::ConfigBag, date_time::Format};

/// The clock of whoever answered last, by the `Date` of the answer. Cheap to clone; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct ServiceClock(Arc<AtomicI64>);

/// Stands for "nobody has answered yet".
const UNKNOWN: i64 = i64::MIN;

impl Default for ServiceClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(UNKNOWN)))
    }
}

impl ServiceClock {
    /// By how many seconds this machine's clock is ahead of the service's, if one has answered.
    pub(crate) fn ahead(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)
    }

    /// The service's time in epoch seconds; this machine's before there is an answer.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(here() - self.ahead().unwrap_or(0)).unwrap_or(0)
    }
}

/// This machine's time in epoch seconds.
fn here() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[dyn_dispatch_hint]
impl Intercept for ServiceClock {
    fn name(&self) -> &'static str {
        "ServiceClock"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(Ok(date)) = date.map(|date| DateTime::from_str(date, Format::HttpDate)) {
            self.0.store(here() - date.secs(), Ordering::Relaxed);
        }
        Ok(())
    }
}
