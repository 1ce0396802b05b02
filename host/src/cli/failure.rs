//! How a command ends, and the one place that turns it into an exit code.

use std::process::ExitCode;

use crate::{
    component::{RuntimeError, SignerError, signer::InvalidField},
    config::ConfigError,
    installation::StartError,
};

/// How a command ends that did what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, or allowed: 0.
    Done,
    /// The answer is no: 1.
    No,
    /// What was given is wrong: 2.
    Wrong,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Wrong => 2,
        })
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Whoever called can mend it: flags, configuration, or a file they named.
    #[error("{0}")]
    Wrong(String),
    /// The machine or a service stands in the way.
    #[error("{0}")]
    Failed(String),
}

impl Failure {
    /// The exit code that goes with it.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Wrong(_) => Exit::Wrong,
            Self::Failed(_) => Exit::No,
        }
    }

    /// Says that an argument breaks a rule.
    pub(super) fn argument(name: &str, rule: impl std::fmt::Display) -> Self {
        Self::Wrong(format!("--{name}: {rule}"))
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Wrong(error.to_string())
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Mistakes(_) => Self::Wrong(error.to_string()),
            StartError::Listen { ref source, .. } => Self::Failed(format!("{error}: {source}")),
            StartError::Runtime(error) => error.into(),
        }
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
        Self::Failed(format!("{error}{}", cause.unwrap_or_default()))
    }
}

/// The contract's fields under the names they have as flags, which are those of the aws command line.
fn refused(invalid: &InvalidField) -> Failure {
    let flag = match invalid.field.as_str() {
        "expires-at" => "date-less-than",
        "not-before" => "date-greater-than",
        "resource" => "policy-resource",
        same => same,
    };
    // Some rules name another field.
    let rule = invalid.rule.replace("expires-at", "--date-less-than");
    Failure::argument(flag, rule.replace("allow-wildcard-domain", "--allow-wildcard-domain"))
}

impl From<SignerError> for Failure {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Invalid(invalid) => refused(&invalid),
            SignerError::Failed => Self::Failed(error.to_string()),
        }
    }
}
