//! The middleware `verify` in front of the sample's component, on the test host, answers as `tollgate edge` does.

mod cases;
mod client;
mod closed;
mod same;
mod scene;
mod sign;
mod streaming;
