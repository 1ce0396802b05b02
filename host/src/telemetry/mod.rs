//! What operators see: logs and metrics. Neither ever holds a token, a signature or a full URL.

mod hooks;
mod lines;
mod logs;
mod metrics;
mod ports;
mod timings;

pub use logs::{Format, TelemetryError, flush, init, subscriber};
pub use metrics::{InFlight, Metrics};
pub use ports::PortMetrics;
