//! Credentials for requests that no client of the SDK makes: kept, and fetched again before they expire.

use std::time::{Duration, Instant, SystemTime};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials as _, SharedCredentialsProvider, error::CredentialsError},
};
use tokio::sync::Mutex;

/// Fetched again this long before they expire, as the SDK itself does after a first try.
const EARLY: Duration = Duration::from_secs(300);

/// Those that never expire may still be changed where they come from.
const LONGEST: Duration = Duration::from_secs(900);

/// After a failure that something at hand bridges, the source is left alone for so long.
const PAUSE: Duration = Duration::from_secs(10);

/// How long a source may take while something at hand holds: requests must not wait for it one after the other.
const BRIDGED: Duration = Duration::from_millis(500);

/// Credentials from one source.
pub(super) struct Keeper {
    source: SharedCredentialsProvider,
    /// What is at hand, and when to fetch again. One fetch for all who wait.
    held: Mutex<Option<(Credentials, Instant)>>,
}

impl Keeper {
    pub(super) fn new(source: SharedCredentialsProvider) -> Self {
        Self { source, held: Mutex::default() }
    }

    /// Credentials that hold `now`.
    pub(super) async fn current(&self, now: SystemTime) -> Result<Credentials, CredentialsError> {
        let mut held = self.held.lock().await;
        if let Some((credentials, until)) = &*held
            && Instant::now() < *until
            && holds(credentials, now)
        {
            return Ok(credentials.clone());
        }
        let bridged = held.as_ref().is_some_and(|(credentials, _)| holds(credentials, now));
        let limit = if bridged { BRIDGED } else { Duration::MAX };
        let fetched = tokio::time::timeout(limit, self.source.provide_credentials()).await;
        match fetched.unwrap_or_else(|_| Err(CredentialsError::provider_timed_out(limit))) {
            Ok(credentials) => {
                *held = Some((credentials.clone(), Instant::now() + use_for(&credentials, now)));
                Ok(credentials)
            }
            Err(error) => match held.as_mut().filter(|(credentials, _)| holds(credentials, now)) {
                Some((credentials, until)) => {
                    tracing::warn!(
                        "no new AWS credentials are to be had; those at hand still hold"
                    );
                    *until = Instant::now() + PAUSE;
                    Ok(credentials.clone())
                }
                None => Err(error),
            },
        }
    }
}

fn holds(credentials: &Credentials, now: SystemTime) -> bool {
    credentials.expiry().is_none_or(|expiry| now < expiry)
}

/// How long they are used before they are fetched again.
fn use_for(credentials: &Credentials, now: SystemTime) -> Duration {
    let Some(expiry) = credentials.expiry() else { return LONGEST };
    let left = expiry.duration_since(now).unwrap_or_default();
    // Near their end some sources still give the same ones.
    left.saturating_sub(EARLY).clamp(PAUSE, LONGEST)
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use aws_credential_types::provider::{self, ProvideCredentials, future};

    use super::*;

    /// Gives credentials that hold an hour; the number of each fetch is its key id. Fails while it is told to, or does
    /// not answer at all.
    #[derive(Clone, Debug, Default)]
    struct Source {
        asked: Arc<AtomicU64>,
        fails: Arc<AtomicU64>,
    }

    const START: SystemTime = SystemTime::UNIX_EPOCH;

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.asked.fetch_add(1, Ordering::SeqCst);
            if self.fails.load(Ordering::SeqCst) > 1 {
                return future::ProvideCredentials::new(std::future::pending());
            }
            let made: provider::Result = if self.fails.load(Ordering::SeqCst) > 0 {
                Err(CredentialsError::not_loaded("told to fail"))
            } else {
                let expiry = Some(START + Duration::from_secs(3_600 * (number + 1)));
                Ok(Credentials::new(number.to_string(), "secret", None, expiry, "test"))
            };
            future::ProvideCredentials::ready(made)
        }
    }

    #[tokio::test]
    async fn credentials_are_fetched_once_and_again_when_they_are_over() {
        let source = Source::default();
        let keeper = Keeper::new(SharedCredentialsProvider::new(source.clone()));
        let at = |seconds| START + Duration::from_secs(seconds);
        let id = async |seconds| {
            keeper.current(at(seconds)).await.map(|found| found.access_key_id().to_owned()).ok()
        };
        let first = futures::future::join_all((0..5).map(|_| id(0))).await;
        assert!(first.iter().all(|id| id.as_deref() == Some("0")), "{first:?}");
        assert_eq!(source.asked.load(Ordering::SeqCst), 1);
        assert_eq!(id(3_599).await.as_deref(), Some("0"));
        assert_eq!(id(3_600).await.as_deref(), Some("1"), "they expired");
        source.fails.store(1, Ordering::SeqCst);
        assert_eq!(id(7_199).await.as_deref(), Some("1"));
        assert_eq!(id(7_200).await, None, "nothing holds, and there is nothing new");
    }

    #[tokio::test]
    async fn a_failing_source_costs_nothing_while_credentials_hold() {
        let source = Source::default();
        let keeper = Keeper::new(SharedCredentialsProvider::new(source.clone()));
        keeper.current(START).await.unwrap();
        keeper.held.lock().await.as_mut().unwrap().1 = Instant::now();
        source.fails.store(1, Ordering::SeqCst);
        for _ in 0..3 {
            assert_eq!(keeper.current(START).await.unwrap().access_key_id(), "0");
        }
        assert_eq!(source.asked.load(Ordering::SeqCst), 2, "it is left alone for a while");
    }

    #[tokio::test]
    async fn a_source_that_hangs_is_not_waited_for_while_credentials_hold() {
        let source = Source::default();
        let keeper = Keeper::new(SharedCredentialsProvider::new(source.clone()));
        keeper.current(START).await.unwrap();
        keeper.held.lock().await.as_mut().unwrap().1 = Instant::now();
        source.fails.store(2, Ordering::SeqCst);
        let answer = tokio::time::timeout(Duration::from_secs(30), keeper.current(START)).await;
        assert_eq!(answer.expect("it does not wait").unwrap().access_key_id(), "0");
    }

    #[test]
    fn they_are_renewed_early_but_not_all_the_time() {
        for (left, used) in [(86_400, 900), (1_000, 700), (300, 10), (1, 10)] {
            let expiry = Some(START + Duration::from_secs(left));
            let credentials = Credentials::new("id", "secret", None, expiry, "test");
            assert_eq!(use_for(&credentials, START), Duration::from_secs(used), "{left}");
        }
    }
}
