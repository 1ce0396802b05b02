//! May this viewer watch this, now, on this device?
//!
//! [`Policy`] says what is allowed, [`Caller`] and [`Ask`] who asks for what, [`Facts`] what the ports found. Together they
//! make a [`Plan`], whose statements, once signed, make a [`Grant`]; or a [`Denial`] that names the rule.

mod ask;
mod cache;
mod decision;
mod denial;
mod document;
mod id;
mod link;
mod manifest;
mod paths;
mod plan;
mod policy;
mod read;
mod rule;
mod unique;
mod viewer;

pub use ask::{Ask, Wanted};
pub use cache::SignatureCache;
pub use decision::{Entitlement, Facts, Media};
pub use denial::{Denial, limit_reached, session_ended};
pub use id::Id;
pub use link::{Link, LinkedRequest};
pub use manifest::{Asking, Manifest, ManifestPlan, Requested};
pub use plan::{Grant, Lease, Plan, Session};
pub use policy::{Delivery, OnLimit, Policy};
pub use viewer::{Caller, Role, Viewer};

#[cfg(test)]
mod tests;
