//! A port that gave no answer, or a setting that cannot be used, becomes a denial here and nowhere else.

use tollgate_core::error::InvalidField;

use crate::bindings::{
    exports::tollgate::gate::playback::{Denial, DependencyFailure},
    types::PortError,
};

/// Names what is set up wrongly.
pub(crate) fn misconfigured(invalid: InvalidField) -> Denial {
    Denial::Misconfigured(vec![invalid.into()])
}

/// Names the port and what happened to it.
pub(crate) fn no_answer(port: &'static str) -> impl Fn(PortError) -> Denial {
    move |error| {
        let (timed_out, detail) = match error {
            PortError::AccessDenied => (false, "access denied".to_owned()),
            PortError::Unavailable => (false, "unavailable".to_owned()),
            PortError::Timeout => (true, "no answer in time".to_owned()),
            PortError::InvalidArgument(text) => (false, format!("invalid argument: {text}")),
            PortError::Other(text) => (false, text),
        };
        Denial::DependencyUnavailable(DependencyFailure {
            port: port.to_owned(),
            timed_out,
            detail,
        })
    }
}
