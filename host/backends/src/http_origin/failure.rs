//! What an answer of the server means, and what its failures are in the words of the port.

use std::{error::Error, io};

use http::StatusCode;

use super::address::Base;
use crate::ports::PortError;

/// Why there is no answer.
pub(super) enum Failure {
    /// The connection ended early; another one may do.
    Broken(PortError),
    /// Asking again would be no use.
    Final(PortError),
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Final(error)
    }
}

impl From<Failure> for PortError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Broken(error) | Failure::Final(error) => error,
        }
    }
}

/// Whether the object is there.
pub(super) fn found(base: &Base, status: StatusCode) -> Result<bool, PortError> {
    let origin = base.origin();
    let number = status.as_u16();
    match status {
        StatusCode::OK => Ok(true),
        StatusCode::NOT_FOUND | StatusCode::GONE => Ok(false),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(PortError::AccessDenied(format!(
            "{origin} answered {number}: let the gateway read there; a missing object must be 404"
        ))),
        redirect if redirect.is_redirection() => Err(PortError::Other(format!(
            "{origin} answered {number}, and redirects are not followed: `url` must be where the objects are"
        ))),
        _ => Err(PortError::Unavailable(format!("{origin} answered {number}"))),
    }
}

/// The answer ended before its end, or does not say where that is.
pub(super) fn broken(base: &Base) -> Failure {
    Failure::Broken(PortError::Unavailable(format!("{}: the answer broke off", base.origin())))
}

/// The request got no answer.
pub(super) fn unanswered(base: &Base, error: &hyper_util::client::legacy::Error) -> Failure {
    let origin = base.origin();
    if !error.is_connect() {
        let why = format!("{origin}: the connection broke off without an answer");
        return Failure::Broken(PortError::Unavailable(why));
    }
    // A certificate that is not trusted stays so, and whoever reads this has to know.
    let why = match tls_error(error) {
        Some(error) => format!("{origin}: no connection by TLS: {error}"),
        None => format!("{origin}: no connection"),
    };
    Failure::Final(PortError::Unavailable(why))
}

/// Finds it however deep. What an I/O error was made from is not its source but itself in other words.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = inner.map_or_else(|| error.source(), |inner| Some(inner));
    }
    None
}
