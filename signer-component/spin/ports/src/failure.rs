//! Why a port gave no answer: what the gate is told, and what operators read in the log.

use crate::{bindings::tollgate::gate::types::PortError, store::StoreError, variables::NoAnswer};

/// A port error, and what to do about it.
pub(crate) struct Failure {
    pub(crate) error: PortError,
    /// For the log. Never with a secret.
    pub(crate) advice: String,
}

impl Failure {
    /// Something is set up wrongly; the advice says what to set.
    pub(crate) fn of_setup(advice: impl Into<String>) -> Self {
        let advice = advice.into();
        Self { error: PortError::Other(advice.clone()), advice }
    }

    pub(crate) fn unavailable(advice: impl Into<String>) -> Self {
        Self { error: PortError::Unavailable, advice: advice.into() }
    }

    pub(crate) fn denied(advice: impl Into<String>) -> Self {
        Self { error: PortError::AccessDenied, advice: advice.into() }
    }

    /// What was asked for cannot be asked; the rule says why.
    pub(crate) fn argument(rule: &str) -> Self {
        Self { error: PortError::InvalidArgument(rule.to_owned()), advice: rule.to_owned() }
    }

    pub(crate) fn missing(name: &str) -> Self {
        Self::of_setup(format!("set the Spin variable {name}"))
    }
}

impl From<NoAnswer> for Failure {
    fn from(NoAnswer { name, timed_out }: NoAnswer) -> Self {
        let error = if timed_out { PortError::Timeout } else { PortError::Unavailable };
        let advice = format!("the provider of the Spin variable {name} gave no answer");
        Self { error, advice }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let argument = |rule: &str| Self {
            error: PortError::InvalidArgument(rule.to_owned()),
            advice: format!("the store refused an argument: {rule}"),
        };
        match error {
            StoreError::Argument(rule) => argument(rule),
            StoreError::Conflict => argument("is in conflict with what is on record"),
            StoreError::Denied => Self::denied(
                "add `sqlite_databases = [\"default\"]` to the component, and `sqlite_databases` to what its \
                 dependency tollgate:gate inherits",
            ),
            StoreError::NoDatabase => Self::of_setup(
                "there is no SQLite database `default`: describe it in the runtime configuration",
            ),
            StoreError::NoTable(table) => Self::of_setup(format!(
                "the table {table} is not there: run `spin up --sqlite @host/backends/src/sqlite/schema.sql` once"
            )),
            StoreError::Unavailable(text) => Self::unavailable(format!("the database: {text}")),
            StoreError::Failed(text) => Self {
                error: PortError::Other("the store failed".to_owned()),
                advice: format!("the database: {text}"),
            },
        }
    }
}
