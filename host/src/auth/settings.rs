//! Where the keys of tokens come from, and which tokens are accepted.

use std::path::PathBuf;
use std::time::Duration;

use tollgate_api::{TokenError, TokenRules};

/// Which tokens are accepted, and the keys they are verified with.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// Where the keys come from.
    pub keys: KeySource,
    /// What a token must say.
    pub rules: TokenRules,
}

/// Where the keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A JWKS behind a URL, as issuers publish it.
    JwksUrl(JwksUrl),
    /// A JWKS in a file. Read again when it changes and when a token names a key it lacks.
    JwksFile(PathBuf),
    /// One public key in PEM form. Read again when the file changes.
    PemFile(PathBuf),
}

/// A JWKS behind a URL.
#[derive(Clone, Debug)]
pub struct JwksUrl {
    /// The URL, used as it is written. `https`, or `http` to this machine.
    pub url: String,
    /// How long a set is used before the next one is fetched.
    pub refresh: Duration,
    /// The least time between two fetches that unknown keys cause.
    pub min_gap: Duration,
    /// How long one fetch may take, from name lookup to the last byte.
    pub timeout: Duration,
    /// Whether `http` to other machines is allowed: whoever sits between chooses who may watch.
    pub allow_http: bool,
}

impl JwksUrl {
    /// An hour is well below the days issuers announce a key before they use it.
    pub const REFRESH: Duration = Duration::from_secs(3600);
    /// Anybody can make up key names; this is how often that costs the issuer a request.
    pub const MIN_GAP: Duration = Duration::from_secs(30);
    /// A request waits for it, so it stays below what people wait for.
    pub const TIMEOUT: Duration = Duration::from_secs(5);

    /// A URL with the default times.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            refresh: Self::REFRESH,
            min_gap: Self::MIN_GAP,
            timeout: Self::TIMEOUT,
            allow_http: false,
        }
    }
}

/// Why authentication cannot start: the configuration is wrong.
#[derive(Debug, thiserror::Error)]
pub enum AuthSetupError {
    /// The URL breaks a rule.
    #[error("the JWKS URL {0}")]
    Url(&'static str),
    /// The certificates this machine trusts cannot be used.
    #[error("the certificates this machine trusts cannot be used")]
    Tls(#[source] rustls::Error),
    /// The file gives no keys.
    #[error("the file of keys cannot be used")]
    File(#[source] super::LoadError),
}

/// Why a request is not authenticated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The token is missing or refused.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There are no keys yet.
    #[error("there are no keys yet to verify tokens with")]
    Unavailable,
}

impl From<AuthError> for tollgate_api::Denial {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Token(error) => error.into(),
            AuthError::Unavailable => {
                Self::DependencyUnavailable { port: "jwks".to_owned(), timed_out: false }
            }
        }
    }
}
