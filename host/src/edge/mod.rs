//! The local edge: behaviours, key groups, verification, cache and origins, as CloudFront has them.
//!
//! [`EdgeSettings`] is what `[edge]` says, [`Edge`] what comes of it. The verdict on a request is the
//! component's; nothing here decides whether a signature holds.

mod behavior;
mod cache;
mod clock;
mod conditional;
mod counters;
mod denial;
mod fill;
mod key_group;
mod memory;
mod normal;
mod object;
mod objects;
mod origin;
mod pattern;
mod range;
mod respond;
mod service;
mod settings;
mod trust;
mod wire;

pub use counters::EdgeCounters;
pub use pattern::path_matches;
pub use service::Edge;
pub use settings::EdgeSettings;
pub use trust::KeyWatch;
