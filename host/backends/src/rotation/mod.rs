//! Key rotation without downtime: a new key pair takes the place of the old one while both are trusted.
//!
//! Everything that is known about a rotation is read from AWS each time, so whoever runs it next, from whatever
//! machine, goes on where it stopped. `docs/key-rotation.md` says why each step is where it is.
//!
//! | what is known | where it stands |
//! | --- | --- |
//! | the new private key, before CloudFront knows it | the version of the secret under `AWSPENDING` |
//! | its id | the public key at CloudFront that is its other half; then in a new `AWSPENDING` version |
//! | whether edges trust it | the key group, and how long ago that last changed |
//! | who signs | `AWSCURRENT` |
//! | who signed before | `AWSPREVIOUS` |
//! | since when it does not | the comment of its public key, and when the secret last changed |

mod mark;
mod mirror;
mod plan;
mod replace;
mod secret;
mod state;
mod tables;
mod work;

use std::{path::PathBuf, time::Duration};

use zeroize::Zeroizing;

use self::{plan::Kind, secret::Secret};
pub use self::{
    plan::{Plan, Progress, Step},
    tables::SecretTable,
};
use crate::{
    aws::ServiceClock,
    cloudfront::{CloudFront, CloudFrontTable, Trouble},
    ports::{Algorithm, PortError},
    section::Mistake,
};

/// Why a rotation does not go on.
#[derive(Debug, thiserror::Error)]
pub enum RotationError {
    /// A service did not do what it was asked. Names the permission that may be missing.
    #[error("{0}")]
    Service(#[from] PortError),
    /// What is there does not allow it; says what to do.
    #[error("{0}")]
    Refused(String),
    /// The folder that mirrors the key group cannot be used.
    #[error("{0}")]
    Folder(String),
    /// Somebody else changed what this was about to change.
    #[error("{0} was changed by somebody else at the same time; run it again")]
    Changed(String),
    /// Somebody else began a rotation at the same time, and theirs is the one that goes on.
    #[error(
        "{0}, AWSPENDING changed while this was at work: somebody else began a rotation at the same time, and theirs \
         goes on; see `tollgate keys status`"
    )]
    Overtaken(String),
}

impl RotationError {
    fn of(trouble: Trouble, what: impl Into<String>) -> Self {
        match trouble {
            Trouble::Changed => Self::Changed(what.into()),
            Trouble::Failed(error) => Self::Service(error),
        }
    }
}

/// How long things take, and what is wanted.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long CloudFront may take until every edge trusts a new key.
    pub propagation: Duration,
    /// The longest life of a URL: time to live and expiry window.
    pub url_lifetime: Duration,
    /// How long a gateway may still sign with a key that is no longer current.
    pub max_key_age: Duration,
    /// The key the policy always signs with, if it names one.
    pub pinned: Option<String>,
    /// Kind of the new key; that of the current one if `None`.
    pub algorithm: Option<Algorithm>,
    /// The key that must go, if it is one in particular; no rotation begins but to retire it.
    pub replace: Option<String>,
}

/// A new private key in PEM, made by whoever can.
pub type KeyMaker<'a> = dyn Fn(Algorithm) -> Result<Zeroizing<String>, String> + Sync + 'a;

/// One secret and one key group, ready to be looked at and changed.
pub struct Rotation {
    secret: Secret,
    cloudfront: CloudFront,
    clock: ServiceClock,
    settings: Settings,
    /// The id of a current key that does not say its own.
    bare_id: Option<String>,
    folder: Option<PathBuf>,
}

impl Rotation {
    /// Makes clients; asks nothing yet.
    ///
    /// # Errors
    /// No region is known.
    pub async fn open(
        cloudfront: &CloudFrontTable,
        secret: &SecretTable,
        settings: Settings,
    ) -> Result<Self, Vec<Mistake>> {
        let clock = ServiceClock::default();
        Ok(Self {
            secret: Secret::open(secret, &clock).await?,
            cloudfront: CloudFront::open(cloudfront, &clock).await?,
            clock,
            settings,
            bare_id: secret.settings.key_pair_id().map(str::to_owned),
            folder: cloudfront.public_keys.clone(),
        })
    }

    /// What is to be done, and how far it is; of a rotation that has not begun only if one shall. Changes nothing.
    ///
    /// # Errors
    /// A service does not answer, what is there makes no sense, or the key that must go is unknown.
    pub async fn plan(&self, begin: bool) -> Result<Plan, RotationError> {
        let state = self.state().await?;
        // Only here: a key that is gone in the end is unknown as well.
        if let Some(id) = &self.settings.replace {
            replace::allowed(&state, &self.settings, id)?;
        }
        Plan::of(&state, &self.settings, begin)
    }

    /// The time at AWS, in epoch seconds, as of its last answer.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Does everything that can be done now, and says what is left. `done` hears of each step. Never begins a second
    /// rotation after the end of one.
    ///
    /// # Errors
    /// A step failed twice, with what was there read again in between; a repeat goes on with it.
    pub async fn go_on(
        &self,
        mut begin: bool,
        make: &KeyMaker<'_>,
        done: &mut (dyn FnMut(&Step) + Send),
    ) -> Result<Plan, RotationError> {
        let (mut first, mut stumbled) = (true, None);
        loop {
            let state = self.state().await?;
            // A last step that happened although it seemed to fail must not be taken for leave to begin another.
            let begins = begin && (first || stumbled == Some(Kind::Make));
            let plan = Plan::of(&state, &self.settings, begins)?;
            first = false;
            let Some(step) = plan.next_now() else { return Ok(plan) };
            match self.work(&state, step, make).await {
                Ok(()) => {
                    (stumbled, begin) = (None, false);
                    done(step);
                }
                // Theirs is not to be taken for this one's.
                Err(error @ RotationError::Overtaken(_)) => return Err(error),
                // It may have happened all the same, or somebody else may have done it: look again, once.
                Err(_) if stumbled != Some(step.kind) => stumbled = Some(step.kind),
                Err(error) => return Err(error),
            }
        }
    }
}
