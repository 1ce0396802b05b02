//! The local edge: behaviours, key groups, verification, cache and origins, as CloudFront has them.
//!
//! [`EdgeSettings`] is what `[edge]` says, [`Edge`] what comes of it. The verdict on a request is the
//! component's; nothing here decides whether a signature holds.

mod behavior;
mod body;
mod cache;
mod clock;
mod counters;
mod fill;
mod key_group;
mod memory;
mod object;
mod objects;
mod origin;
mod respond;
mod service;
mod settings;
mod trust;

pub use body::EdgeBody;
pub use counters::EdgeCounters;
pub use service::Edge;
pub use settings::EdgeSettings;
pub(crate) use settings::is_key_pair_id;
pub use tollgate_api::edge::pattern::path_matches;
pub use trust::KeyWatch;
