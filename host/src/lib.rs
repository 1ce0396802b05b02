//! Tollgate in a program of your own: may this viewer watch this, now, on this device? And if so, with which
//! CloudFront-signed URL or cookies?
//!
//! Policy and signing are WebAssembly components, compiled into this crate. A [`Gate`] runs the whole decision and asks
//! your program about entitlements, catalogue, devices and keys, through the traits in [`ports`]. A [`Signer`] only signs
//! and verifies.
//!
//! ```
//! use tollgate::{
//!     Gate, PlaybackRequest, Viewer,
//!     ports::{Entitlement, GivenKeys},
//! };
//!
//! # const PEM: &str = include_str!(concat!(
//! #     env!("CARGO_MANIFEST_DIR"),
//! #     "/../signer-component/core/testdata/p256.pkcs8.pem"
//! # ));
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let gate = Gate::builder()
//!     .entitlements_fn(async |user, series| {
//!         // Ask the shop. An error means that it gave no answer, and then nothing is granted.
//!         let paid = user == "alice" && series == "series-1";
//!         Ok(paid.then(|| Entitlement { status: "Active".to_owned(), valid_until: None }))
//!     })
//!     .every_episode_is_hls()
//!     .key(GivenKeys::new("K2JCJMDEHXQW5F", PEM)?)
//!     .domain("media.example.com")
//!     .build()
//!     .await?;
//!
//! let viewer = |user: &str| Viewer {
//!     // Who your program has authenticated, and from where they came.
//!     subject: user.to_owned(),
//!     user: user.to_owned(),
//!     roles: vec![tollgate::Role::Standard],
//!     source_ip: Some("203.0.113.7".to_owned()),
//!     user_agent: Some("player/1.0".to_owned()),
//! };
//! let play = |user| PlaybackRequest {
//!     viewer: viewer(user),
//!     series: "series-1".to_owned(),
//!     episode: "ep1".to_owned(),
//!     delivery: None,
//! };
//! let grant = gate.authorize(play("alice")).await?.map_err(|denial| format!("{denial:?}"))?;
//! assert!(grant.is_hls);
//! assert!(grant.video_url.starts_with(
//!     "https://media.example.com/content/series/series-1/video/ep1/video.m3u8?Policy="
//! ));
//!
//! let denied = gate.authorize(play("mallory")).await?;
//! assert!(matches!(denied, Err(tollgate::Denial::NotEntitled(_))));
//! # Ok(())
//! # }
//! ```
//!
//! A part that is missing is an error of [`GateBuilder::build`] that names it: no part has a default that lets anybody
//! in. Only leases have a default at all, in the memory of this process.
//!
//! # What is stable
//!
//! What is documented here follows semantic versioning: the items at the root of this crate, in [`ports`] and in [`signing`]. Types that
//! say what `wit/` says ([`Viewer`], [`Grant`], [`Denial`], the records of [`ports`]) change only with the version of the
//! contract, which is a breaking change of this crate as well; errors and options may grow in any release. The modules
//! that this page does not list are the gateway's own and may change at any time. `docs/embedding.md` has more.
//!
//! # Features
//!
//! All are on by default. An embedding program wants `default-features = false`.
//!
//! - `gateway`: the HTTP gateway, the local edge and the command line.
//! - `embedded`: the backends for one machine: SQLite, a folder of objects, PEM files.
//! - `aws`: DynamoDB, S3, Secrets Manager and Parameter Store.

#[cfg(feature = "gateway")]
#[doc(hidden)]
pub mod auth;
#[cfg(feature = "gateway")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod component;
#[cfg(feature = "gateway")]
#[doc(hidden)]
pub mod config;
#[cfg(feature = "gateway")]
#[doc(hidden)]
pub mod edge;
#[cfg(feature = "gateway")]
mod explain;
#[cfg(feature = "gateway")]
#[doc(hidden)]
pub mod gateway;
#[cfg(feature = "gateway")]
#[doc(hidden)]
pub mod installation;
#[cfg(feature = "gateway")]
mod outbound;
#[cfg(feature = "gateway")]
#[doc(hidden)]
pub mod telemetry;
#[cfg(feature = "gateway")]
mod time;

mod home;
pub mod ports;
mod random;

pub use component::{
    BuildError, EdgeVerifier as Verifier, Gate, GateBuilder, GateError, PortObserver, Runtime,
    RuntimeError, SignerComponent as Signer, SignerError, SigningKey,
    gate::{
        Delivery, Denial, DependencyFailure, Device, DeviceLimit, Grant, InvalidField,
        LinkedRequest, Manifest, PlaybackRequest, Playlist, Redirect, Role, SessionEnd, Viewer,
    },
};

/// What a [`SigningKey`] is told, and what a [`Verifier`] is asked and answers; see `wit/signing.wit` and
/// `wit/verification.wit`.
pub mod signing {
    pub use crate::component::signer::{
        Algorithm, Check, CookieAttributes, DenialCode, Denied, EdgeRequest, Hash, InvalidField,
        Report, SignedCookie, Terms, TrustedKey, Verdict,
    };
}
