//! What an AWS service answered, in the words of the ports. Never with a value of the request or of the answer.

use std::{error::Error, fmt};

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::ports::PortError;

/// Whose fault an error is, and whether the same call may succeed later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The call may not be made with these credentials.
    Denied(String),
    /// What was named is not there.
    Missing(String),
    /// The service gave no answer, or said that it cannot now.
    Unavailable(String),
    /// Something else, by the code the service gave.
    Refused(String),
}

/// The port's error for what came back when `action`, named as a policy of IAM names it, was asked of `resource`.
pub(crate) fn failed<E>(
    action: &str,
    resource: impl fmt::Display,
    error: &SdkError<E, HttpResponse>,
) -> PortError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match kind(error) {
        Kind::Denied(code) => {
            PortError::AccessDenied(format!("{action} on {resource} is not allowed ({code})"))
        }
        Kind::Missing(code) => {
            PortError::Other(format!("{action}: {resource} does not exist ({code})"))
        }
        Kind::Unavailable(why) => PortError::Unavailable(format!("{action} on {resource}: {why}")),
        Kind::Refused(code) => {
            PortError::Other(format!("{action} on {resource} was refused ({code})"))
        }
    }
}

/// Sorts an error of the SDK by whose fault it is.
pub(crate) fn kind<E>(error: &SdkError<E, HttpResponse>) -> Kind
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let unavailable = |why: &str| Kind::Unavailable(why.to_owned());
    match error {
        SdkError::ServiceError(answer) => {
            by_code(answer.err().code(), answer.raw().status().as_u16())
        }
        // What the SDK could not read: a proxy's page, or an answer that broke off.
        SdkError::ResponseError(answer) => by_code(None, answer.raw().status().as_u16()),
        SdkError::TimeoutError(_) => unavailable("no answer in time"),
        SdkError::DispatchFailure(_) if lacks_credentials(error) => {
            unavailable("no AWS credentials are to be had")
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            unavailable("no connection in time")
        }
        SdkError::DispatchFailure(_) => unavailable("the service cannot be reached"),
        _ if lacks_credentials(error) => unavailable("no AWS credentials are to be had"),
        _ => Kind::Refused("the request could not be made".to_owned()),
    }
}

fn by_code(code: Option<&str>, status: u16) -> Kind {
    let Some(code) = code else {
        return match status {
            403 => Kind::Denied("403".to_owned()),
            404 => Kind::Missing("404".to_owned()),
            429 | 500.. => Kind::Unavailable(format!("status {status}")),
            _ => Kind::Unavailable("an answer that cannot be understood".to_owned()),
        };
    };
    let named = code.to_owned();
    match code {
        "AccessDenied"
        | "AccessDeniedException"
        | "Forbidden"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "OptInRequired"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Kind::Denied(named),
        "NoSuchBucket"
        | "NoSuchKey"
        | "NoSuchPublicKey"
        | "NoSuchResource"
        | "NotFound"
        | "ParameterNotFound"
        | "ParameterVersionNotFound"
        | "ResourceNotFoundException"
        | "TableNotFoundException" => Kind::Missing(named),
        // Credentials are renewed by themselves, so these pass.
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" | "RequestTimeTooSkewed" => {
            Kind::Unavailable(named)
        }
        // The shop's own transactions may hold an item of ours for a moment.
        "TransactionConflictException" | "TransactionInProgressException" => {
            Kind::Unavailable(named)
        }
        _ if aws_throttles(code) || status == 429 || status >= 500 => Kind::Unavailable(named),
        _ => Kind::Refused(named),
    }
}

/// The codes with which AWS services say that it is too much.
fn aws_throttles(code: &str) -> bool {
    matches!(
        code,
        "BandwidthLimitExceeded"
            | "InternalServerError"
            | "InternalServiceError"
            | "LimitExceededException"
            | "PriorRequestNotComplete"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "ServiceUnavailable"
            | "SlowDown"
            | "ThrottledException"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException"
    )
}

/// Whether the cause, however deep, is that nobody said who is asking.
fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<CredentialsError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_by_whose_fault_they_are() {
        let denied = |code: &str| Kind::Denied(code.to_owned());
        let missing = |code: &str| Kind::Missing(code.to_owned());
        let unavailable = |code: &str| Kind::Unavailable(code.to_owned());
        let refused = |code: &str| Kind::Refused(code.to_owned());
        for (code, status, expected) in [
            (Some("AccessDeniedException"), 400, denied("AccessDeniedException")),
            (Some("UnrecognizedClientException"), 400, denied("UnrecognizedClientException")),
            (Some("ResourceNotFoundException"), 400, missing("ResourceNotFoundException")),
            (Some("ThrottlingException"), 400, unavailable("ThrottlingException")),
            (
                Some("TransactionConflictException"),
                400,
                unavailable("TransactionConflictException"),
            ),
            (Some("InternalServerError"), 500, unavailable("InternalServerError")),
            (Some("SomethingNew"), 503, unavailable("SomethingNew")),
            (Some("SomethingNew"), 400, refused("SomethingNew")),
            (Some("ValidationException"), 400, refused("ValidationException")),
            (None, 403, denied("403")),
            (None, 404, missing("404")),
            (None, 500, unavailable("status 500")),
            (None, 200, unavailable("an answer that cannot be understood")),
        ] {
            assert_eq!(by_code(code, status), expected, "{code:?} {status}");
        }
    }
}
