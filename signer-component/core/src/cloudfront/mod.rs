//! CloudFront's way of writing and checking signatures.

pub(crate) mod authority;
pub mod cookies;
pub mod encoding;
pub mod keys;
pub mod resource;
pub mod sign;
pub mod verify;

pub use cookies::{CookieAttributes, SameSite, SignedCookie};
pub use keys::{Algorithm, Hash, KeyPairId, PublicKey, SigningKey};
pub use resource::{Reading, ResourcePattern};
pub use sign::{Signed, SignedUrl, Terms, Unsigned};
pub use verify::{Check, Code, Denied, EdgeRequest, Reason, Report, Verdict, Verifier, strip};
