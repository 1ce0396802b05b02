//! Spin variables, in the words of the ports.

use spin_sdk::variables::{self, Error};

use crate::bindings::tollgate::gate::types::PortError;

/// The variable, or an error that says in the log what to set.
pub(crate) async fn required(name: &str) -> Result<String, PortError> {
    optional(name).await?.ok_or_else(|| PortError::Other(format!("set the Spin variable {name}")))
}

/// The variable, or `None` if it is not set or empty.
pub(crate) async fn optional(name: &str) -> Result<Option<String>, PortError> {
    match variables::get(name).await {
        Ok(text) if text.is_empty() => Ok(None),
        Ok(text) => Ok(Some(text)),
        Err(Error::Undefined(_)) => Ok(None),
        Err(_) => Err(PortError::Unavailable),
    }
}
