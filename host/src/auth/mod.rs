//! Who asks: bearer tokens, verified with keys from a JWKS URL, a JWKS file or a PEM file.

mod clock;
mod fetch;
mod keyring;
mod settings;
mod source;
mod trial;
mod verified;

use std::sync::Arc;

use tokio::task::AbortHandle;
use tollgate_api::{Claims, TokenError, TokenRules, bearer, check};

use keyring::{Keyring, Snapshot};
use verified::{Digest, VerifiedTokens};

pub use clock::{Clock, SystemClock};
pub use settings::{AuthError, AuthSettings, AuthSetupError, JwksUrl, KeySource};
pub use source::LoadError;
pub use trial::{Trial, try_keys};

/// Authenticates requests. Keeps its keys fresh by itself until it is dropped.
pub struct Authenticator {
    rules: TokenRules,
    keyring: Arc<Keyring>,
    verified: VerifiedTokens,
    clock: Arc<dyn Clock>,
    refresher: AbortHandle,
}

impl Authenticator {
    /// Starts on the machine's clock. Must be called within a tokio runtime.
    ///
    /// Files are read at once. An issuer that cannot be reached is no error: until it can be,
    /// [`Authenticator::ready`] is false and requests are answered [`AuthError::Unavailable`].
    pub fn new(settings: AuthSettings) -> Result<Self, AuthSetupError> {
        Self::with_clock(settings, Arc::new(SystemClock))
    }

    /// Starts on another clock.
    pub fn with_clock(
        settings: AuthSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AuthSetupError> {
        let (source, keys) = source::Source::open(&settings.keys)?;
        let keyring = Arc::new(Keyring::new(source, keys, Arc::clone(&clock)));
        let refresher = tokio::spawn(Arc::clone(&keyring).keep_fresh()).abort_handle();
        let verified = VerifiedTokens::default();
        Ok(Self { rules: settings.rules, keyring, verified, clock, refresher })
    }

    /// Verifies the value of an `Authorization` header. `None` if there is none.
    ///
    /// A token that names an unknown key makes the keys be fetched again, rarely and once for all who wait. The
    /// signature of a token is verified once as long as the keys stay the same; the clock is asked each time.
    pub async fn authenticate(&self, authorization: Option<&str>) -> Result<Claims, AuthError> {
        let token = bearer(authorization.ok_or(TokenError::Missing)?)?;
        let seen = self.keyring.snapshot();
        let outcome = self.check(token, &seen);
        if !matches!(
            outcome,
            Err(AuthError::Unavailable | AuthError::Token(TokenError::UnknownKey(_)))
        ) {
            return outcome;
        }
        let newest = self.keyring.newer_than(seen).await;
        self.check(token, &newest)
    }

    /// Whether there are keys to verify tokens with.
    pub fn ready(&self) -> bool {
        self.keyring.snapshot().keys.is_some()
    }

    /// How often keys were loaded or not loaded since the start.
    pub fn refreshes(&self) -> u64 {
        self.keyring.loads()
    }

    /// How often keys could not be loaded since the start.
    pub fn refreshes_failed(&self) -> u64 {
        self.keyring.failures()
    }

    /// Where the keys come from, for one line in the log. Holds no secret.
    pub fn summary(&self) -> String {
        self.keyring.summary()
    }

    fn check(&self, token: &str, snapshot: &Snapshot) -> Result<Claims, AuthError> {
        let keys = snapshot.keys.as_ref().ok_or(AuthError::Unavailable)?;
        let (now, digest) = (self.clock.epoch_seconds(), Digest::of(token));
        let known = digest.and_then(|digest| self.verified.get(&digest, snapshot.generation));
        // A time that is wrong by now is named by the whole check.
        if let Some(claims) = known.filter(|claims| claims.hold_at(now, &self.rules)) {
            return Ok(claims);
        }
        let claims = check(token, keys, &self.rules, now)?;
        if let Some(digest) = digest {
            self.verified.insert(digest, &claims, snapshot.generation);
        }
        Ok(claims)
    }
}

impl Drop for Authenticator {
    fn drop(&mut self) {
        self.refresher.abort();
    }
}

#[cfg(test)]
mod tests;
