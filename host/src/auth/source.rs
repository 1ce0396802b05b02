//! One way to load keys, whatever the source.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tollgate_api::KeySet;
use tollgate_api::token::{KeySetError, MAX_JWKS};

use super::fetch::Fetcher;
use super::settings::{AuthSetupError, KeySource};

/// Loads keys, again and again.
pub(super) enum Source {
    Url { fetcher: Box<Fetcher>, refresh: Duration, min_gap: Duration },
    File { path: PathBuf, form: Form, seen: Mutex<Option<Stamp>> },
}

#[derive(Clone, Copy)]
pub(super) enum Form {
    Jwks,
    Pem,
}

/// What tells a changed file from the one that was read.
type Stamp = (SystemTime, u64);

/// Why keys could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The issuer cannot be reached.
    #[error("the issuer cannot be reached")]
    Unreachable(#[source] hyper_util::client::legacy::Error),
    /// The issuer's answer broke off.
    #[error("the issuer's answer broke off")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The issuer took too long.
    #[error("the issuer took too long")]
    Slow,
    /// The issuer answered something else.
    #[error("the issuer answered with status {0}; redirects are not followed")]
    Status(u16),
    /// The set is too large.
    #[error("the set of keys is larger than 1 MiB")]
    TooLarge,
    /// The set is no text.
    #[error("the set of keys is no UTF-8")]
    NotText,
    /// The text gives no keys.
    #[error("the set of keys cannot be used")]
    Keys(#[source] KeySetError),
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Source {
    /// Checks what the configuration names. Files are read, because a file that is not there is a
    /// mistake, while an issuer that is not there may be back in a second.
    pub(super) fn open(settings: &KeySource) -> Result<(Self, Option<KeySet>), AuthSetupError> {
        let (path, form) = match settings {
            KeySource::JwksUrl(url) => {
                let fetcher = Box::new(Fetcher::new(url)?);
                return Ok((
                    Self::Url { fetcher, refresh: url.refresh, min_gap: url.min_gap },
                    None,
                ));
            }
            KeySource::JwksFile(path) => (path.clone(), Form::Jwks),
            KeySource::PemFile(path) => (path.clone(), Form::Pem),
        };
        let stamp = stamp(&path).map_err(AuthSetupError::File)?;
        let keys = read(&path, form).map_err(AuthSetupError::File)?;
        Ok((Self::File { path, form, seen: Mutex::new(Some(stamp)) }, Some(keys)))
    }

    /// Loads the keys as they are now.
    pub(super) async fn load(&self) -> Result<KeySet, LoadError> {
        match self {
            Self::Url { fetcher, .. } => fetcher.fetch().await,
            // A small local file, rarely: cheaper here than a trip to another thread.
            Self::File { path, form, seen } => {
                // The stamp is taken first: a change during the read is then seen next time.
                let stamp = stamp(path);
                *seen.lock().unwrap_or_else(PoisonError::into_inner) = stamp.as_ref().ok().copied();
                let keys = stamp.and_then(|_| read(path, *form));
                // Permissions can be mended without a trace in the stamp, so that is tried again.
                if matches!(keys, Err(LoadError::File { .. })) {
                    *seen.lock().unwrap_or_else(PoisonError::into_inner) = None;
                }
                keys
            }
        }
    }

    /// Whether a scheduled load can bring anything new.
    pub(super) fn may_have_changed(&self) -> bool {
        match self {
            Self::Url { .. } => true,
            Self::File { path, seen, .. } => {
                stamp(path).ok() != *seen.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }
    }

    /// How long a set is used before the source is asked again.
    pub(super) fn refresh(&self) -> Duration {
        match self {
            Self::Url { refresh, .. } => *refresh,
            Self::File { .. } => FILE_REFRESH,
        }
    }

    /// The least time between two loads that unknown keys cause.
    pub(super) fn min_gap(&self) -> Duration {
        match self {
            Self::Url { min_gap, .. } => *min_gap,
            Self::File { .. } => FILE_GAP,
        }
    }

    /// What time it was where the keys came from, if it is not here.
    pub(super) fn time(&self) -> Option<SystemTime> {
        match self {
            Self::Url { fetcher, .. } => fetcher.time(),
            Self::File { .. } => None,
        }
    }

    /// What it is, for one line in the log.
    pub(super) fn summary(&self) -> String {
        match self {
            Self::Url { fetcher, .. } => format!("JWKS at {}", fetcher.summary()),
            Self::File { path, form: Form::Jwks, .. } => format!("JWKS file {}", path.display()),
            Self::File { path, form: Form::Pem, .. } => format!("PEM file {}", path.display()),
        }
    }
}

fn stamp(path: &Path) -> Result<Stamp, LoadError> {
    let stamp = std::fs::metadata(path)
        .and_then(|metadata| Ok((metadata.modified()?, metadata.len())))
        .map_err(|source| LoadError::File { path: path.to_owned(), source })?;
    // Whatever is too long is refused unread.
    if stamp.1 > MAX_JWKS as u64 { Err(LoadError::TooLarge) } else { Ok(stamp) }
}

fn read(path: &Path, form: Form) -> Result<KeySet, LoadError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| LoadError::File { path: path.to_owned(), source })?;
    match form {
        Form::Jwks => KeySet::from_jwks(&text),
        Form::Pem => KeySet::from_pem(&text),
    }
    .map_err(LoadError::Keys)
}

/// Looking at a file costs nothing, and operators expect a replaced file to count soon.
const FILE_REFRESH: Duration = Duration::from_secs(1);

/// Long enough that made-up key names do not turn into disk reads.
const FILE_GAP: Duration = Duration::from_secs(1);
