//! The rules of `wit/`, port by port, for every backend in the registry.

mod catalog;
pub mod claims;
mod entitlements;
mod leases;
mod objects;
mod races;
mod settings;
mod signing_keys;

/// Texts that break what is careless about bytes, quotes, wildcards or case.
pub const ODD: &[&str] = &[
    "plain",
    "PLAIN",
    "",
    " ",
    "%",
    "_",
    "*",
    "'; DROP TABLE sessions; --",
    "\"quoted\"",
    "Zoë",
    "Zoe\u{308}",
    "日本語",
    "🎬",
    "a#b",
    "a/b",
    "line\nbreak",
];
