//! What the driver of `scripts/bench`, the micro-benchmarks and the instruction counts have in common: a gate on ports
//! in memory, and the decision that it makes, called natively.

pub mod given;
pub mod native;
pub mod tokens;
