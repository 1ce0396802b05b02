//! What every edge of ours says and believes alike: the native one, and the one in front of a Spin component.
//!
//! Values in, values out. Whether a signature holds is for `verification` of the contract to say, not for this.

pub mod admission;
pub mod conditional;
pub mod denial;
pub mod media_type;
pub mod middleware;
pub mod normal;
pub mod options;
pub mod path;
pub mod pattern;
pub mod range;
pub mod wire;

pub use admission::{Admitted, Behavior, Refusal, Unverified, admit};
pub use denial::DenialCode;
pub use options::options;
pub use pattern::PathPattern;
pub use wire::{Site, WireError, WireUrl};

/// What may be done.
pub const METHODS: &str = "GET, HEAD, OPTIONS";

/// What scripts may see of an answer.
pub const EXPOSED: &str =
    "accept-ranges, age, content-length, content-range, etag, x-cache, x-tollgate-reason";

/// What scripts may send along.
pub const PREFLIGHT_HEADERS: &str = "range, if-range, if-none-match, if-modified-since";
