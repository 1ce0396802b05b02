//! The ports as traits: what a backend does for the gate, in the words of `wit/`.

use std::{fmt, sync::Arc};

pub use bytes::Bytes;
use futures::future::BoxFuture;
use zeroize::Zeroizing;

/// Why a port could not answer. Absence is never an error.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PortError {
    /// The thing asked for may not be read; it may or may not exist. Says to operators what is missing.
    #[error("access denied: {0}")]
    AccessDenied(String),
    /// The dependency cannot be reached now; the same call may succeed later.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// The dependency did not answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The dependency refused the argument.
    #[error("invalid argument: {0}")]
    InvalidArgument(String),
    /// Anything else. Never holds a secret.
    #[error("{0}")]
    Other(String),
}

/// What a port answers.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, PortError>>;

/// What is on record for one user and one series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// The state the shop recorded, for example `active`.
    pub status: String,
    /// The first second in which it no longer holds.
    pub valid_until: Option<u64>,
}

/// What a user has paid for.
pub trait Entitlements: Send + Sync {
    /// What is on record, or `None` if the user never had an entitlement to the series.
    fn lookup<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>>;
}

/// The media of one episode. Object keys have no leading slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Object key of the raw video.
    pub video: Option<String>,
    /// Object key of the poster.
    pub poster: Option<String>,
}

/// What exists to be watched.
pub trait Catalog: Send + Sync {
    /// The episode, or `None` if the series has no such episode.
    fn episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>>;
}

/// What the object store holds.
pub trait Objects: Send + Sync {
    /// Whether there is an object under exactly this key. A refusal is `AccessDenied`, never `false`.
    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool>;
    /// The object's bytes, a playlist or manifest, or `None` if there is none under exactly this key. `query` is
    /// the playlist's own, without a question mark and without any signature; a store of files has no use for it.
    /// More than `most` bytes are an error, and never a part. A refusal is `AccessDenied`, never `None`.
    ///
    /// Only delivery `playlist` asks this. A store that leaves it out answers an error.
    fn read<'a>(
        &'a self,
        key: &'a str,
        query: Option<&'a str>,
        most: u32,
    ) -> Answer<'a, Option<Bytes>> {
        let _ = (key, query, most);
        Box::pin(async { Err(PortError::Other("this program reads no playlists".to_owned())) })
    }
}

/// A lease: the right of one device of one user to watch, until it runs out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Unguessable identifier, stable while the device keeps its lease.
    pub id: String,
    /// Device fingerprint.
    pub device: String,
    /// Series last granted to this device.
    pub series: String,
    /// Episode last granted to this device.
    pub episode: String,
    /// When the lease was first claimed.
    pub started_at: u64,
    /// When it was last claimed or renewed.
    pub renewed_at: u64,
    /// First second in which it no longer holds.
    pub expires_at: u64,
}

/// What to do when every place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLimit {
    /// The new device is refused.
    BlockNew,
    /// The lease renewed longest ago is ended to make room.
    EvictOldest,
}

/// A request for a place; see `wit/sessions.wit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRequest {
    /// Whose place.
    pub user: String,
    /// Device fingerprint.
    pub device: String,
    /// Identifier to use if a new lease is made.
    pub session_id: String,
    /// What the device is about to watch.
    pub series: String,
    /// What the device is about to watch.
    pub episode: String,
    /// The caller's clock.
    pub now: u64,
    /// When the lease shall run out.
    pub expires_at: u64,
    /// The most live leases the user may hold.
    pub max_devices: u32,
    /// What to do when every place is taken.
    pub on_limit: OnLimit,
}

/// What a claim led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The device holds this lease now.
    Claimed(Session),
    /// Nothing was changed.
    LimitReached {
        /// Live leases found.
        active: u32,
        /// When the first of them runs out.
        next_free_at: u64,
    },
}

/// A request to keep a place; see `wit/sessions.wit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewRequest {
    /// Whose place.
    pub user: String,
    /// The lease.
    pub session_id: String,
    /// The device that asks.
    pub device: String,
    /// Series and episode watched now, or `None` to leave what is recorded.
    pub watching: Option<(String, String)>,
    /// The caller's clock.
    pub now: u64,
    /// When the lease shall run out; a later expiry on record is kept.
    pub expires_at: u64,
}

/// On how many devices a user watches. Every call is atomic at the store.
pub trait Sessions: Send + Sync {
    /// Says that a claim or a renewal of this user is likely to follow. A store that is far away may read ahead,
    /// so that what follows costs one round trip; nothing depends on it.
    fn expect(&self, user: &str) {
        let _ = user;
    }
    /// Claims a place. Idempotent per device.
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome>;
    /// Renews a live lease; `None` if this device holds no such lease.
    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>>;
    /// Ends a lease; `false` if there was none that lives.
    fn release<'a>(&'a self, user: &'a str, session_id: &'a str, now: u64) -> Answer<'a, bool>;
    /// The live leases of a user, the oldest first.
    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>>;
}

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with a 2048-bit modulus.
    Rsa2048,
    /// ECDSA on NIST P-256.
    EcdsaP256,
}

/// Hash under the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// A private key that stays with its backend.
pub trait HeldKey: Send + Sync {
    /// CloudFront's public-key id.
    fn key_pair_id(&self) -> &str;
    /// What kind of key it is.
    fn algorithm(&self) -> Algorithm;
    /// The public half: SubjectPublicKeyInfo PEM.
    fn public_key(&self) -> &str;
    /// PKCS#1 v1.5 for RSA, DER for ECDSA.
    fn sign<'a>(&'a self, message: &'a [u8], hash: Hash) -> Answer<'a, Vec<u8>>;
}

/// A key, in whichever form the backend gives it.
#[derive(Clone)]
pub enum Key {
    /// The component signs with this PEM.
    Revealed {
        /// CloudFront's public-key id.
        key_pair_id: String,
        /// PKCS#1, PKCS#8 or SEC1 PEM.
        pem: Arc<Zeroizing<String>>,
    },
    /// The backend signs.
    Held(Arc<dyn HeldKey>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revealed { key_pair_id, .. } => write!(f, "Revealed({key_pair_id})"),
            Self::Held(key) => write!(f, "Held({})", key.key_pair_id()),
        }
    }
}

/// The private keys CloudFront trusts.
pub trait SigningKeys: Send + Sync {
    /// The key to sign with now.
    fn current(&self) -> Answer<'_, Key>;
    /// The key with this id, or `None`.
    fn by_id<'a>(&'a self, key_pair_id: &'a str) -> Answer<'a, Option<Key>>;
}

/// The rules of this installation.
pub trait Settings: Send + Sync {
    /// The playback policy document as JSON text.
    fn policy(&self) -> Answer<'_, String>;
}

macro_rules! shared {
    ($($port:ident { $($method:ident($($argument:ident: $type:ty),*) -> $answer:ty;)* })*) => {
        $(impl<T: $port + ?Sized> $port for Arc<T> {
            $(fn $method<'a>(&'a self, $($argument: $type),*) -> $answer {
                (**self).$method($($argument),*)
            })*
        })*
    };
}

// Whoever keeps a hold of what answers a port hands over a share of it.
shared! {
    Entitlements {
        lookup(user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>>;
    }
    Catalog {
        episode(series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>>;
    }
    Objects {
        exists(key: &'a str) -> Answer<'a, bool>;
        read(key: &'a str, query: Option<&'a str>, most: u32) -> Answer<'a, Option<Bytes>>;
    }
    SigningKeys {
        current() -> Answer<'a, Key>;
        by_id(key_pair_id: &'a str) -> Answer<'a, Option<Key>>;
    }
    Settings {
        policy() -> Answer<'a, String>;
    }
}

impl<T: Sessions + ?Sized> Sessions for Arc<T> {
    fn expect(&self, user: &str) {
        (**self).expect(user);
    }
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        (**self).claim(request)
    }
    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        (**self).renew(request)
    }
    fn release<'a>(&'a self, user: &'a str, session_id: &'a str, now: u64) -> Answer<'a, bool> {
        (**self).release(user, session_id, now)
    }
    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>> {
        (**self).active(user, now)
    }
}

/// Every port, wired.
#[derive(Clone)]
pub struct Ports {
    /// Wired to `[entitlements]`.
    pub entitlements: Arc<dyn Entitlements>,
    /// Wired to `[catalog]`.
    pub catalog: Arc<dyn Catalog>,
    /// Wired to `[objects]`.
    pub objects: Arc<dyn Objects>,
    /// Wired to `[sessions]`.
    pub sessions: Arc<dyn Sessions>,
    /// Wired to `[signing-keys]`.
    pub signing_keys: Arc<dyn SigningKeys>,
    /// Wired to `[policy]`.
    pub settings: Arc<dyn Settings>,
}
