//! Why keys could not be fetched, and whom that concerns. Never with a value of what is stored.

use std::error::Error;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::{Kind, kind};

/// Why there are no newer keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The service gave no answer, or said that it cannot now.
    #[error("{0}")]
    Unavailable(String),
    /// The service says no: what is named is not there, or may not be read.
    #[error("`{key}` {rule}")]
    Refused {
        /// The key of the table.
        key: &'static str,
        /// Completes its name to a sentence.
        rule: String,
    },
    /// What is stored is no key.
    #[error("`{key}` {rule}")]
    Unusable {
        /// The key of the table.
        key: &'static str,
        /// Completes its name to a sentence.
        rule: String,
    },
}

impl Failure {
    /// The same for the answer of `/readyz`, which viewers may see: without names.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "the last good ones are in use: fetching them gets no answer",
            Self::Refused { .. } => "the last good ones are in use: fetching them is refused",
            Self::Unusable { .. } => "the last good ones are in use: the newest cannot be used",
        }
    }
}

/// A question that was asked of AWS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// As a policy of IAM names it.
    pub(crate) action: &'static str,
    /// The key of the table that names what was asked for.
    pub(crate) key: &'static str,
}

impl Asked {
    /// What the answer means for whoever wrote the table; `None` if what was asked for is not there.
    pub(crate) fn failed<E>(self, error: &SdkError<E, HttpResponse>) -> Option<Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let message = error.as_service_error().and_then(ProvideErrorMetadata::message);
        self.sorted(kind(error), message.unwrap_or_default())
    }

    fn sorted(self, kind: Kind, message: &str) -> Option<Failure> {
        let Self { action, key } = self;
        let refused = |rule: String| Some(Failure::Refused { key, rule });
        match kind {
            Kind::Missing(_) => None,
            Kind::Unavailable(why) => Some(Failure::Unavailable(format!("{action}: {why}"))),
            Kind::Denied(code) | Kind::Refused(code) if concerns_encryption(&code, message) => {
                refused(format!(
                    "cannot be decrypted: kms:Decrypt on the key that encrypts it is missing, or that key cannot be \
                     used ({code})"
                ))
            }
            Kind::Denied(code) if concerns_credentials(&code) => {
                refused(format!("cannot be read: AWS does not accept the credentials ({code})"))
            }
            Kind::Denied(code) => {
                refused(format!("cannot be read: the permission {action} is missing ({code})"))
            }
            Kind::Refused(code) => {
                refused(format!("cannot be read: {action} was refused ({code})"))
            }
        }
    }
}

/// Services that decrypt for their caller answer with a code of their own, and say only in words that it was KMS.
fn concerns_encryption(code: &str, message: &str) -> bool {
    let denied = matches!(code, "AccessDenied" | "AccessDeniedException");
    let words = ["KMS", "kms:", "ciphertext"];
    matches!(code, "DecryptionFailure" | "InvalidKeyId")
        || code.starts_with("KMS")
        || denied && words.iter().any(|word| message.contains(word))
}

fn concerns_credentials(code: &str) -> bool {
    matches!(
        code,
        "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationTokenException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let asked = Asked { action: "secretsmanager:GetSecretValue", key: "secret-id" };
        let denied = |code: &str| Kind::Denied(code.to_owned());
        let refused = |code: &str| Kind::Refused(code.to_owned());
        for (kind, message, part) in [
            (
                denied("AccessDeniedException"),
                "User: arn:x is not authorized to perform: secretsmanager:GetSecretValue",
                "the permission secretsmanager:GetSecretValue is missing (AccessDeniedException)",
            ),
            (denied("AccessDeniedException"), "Access to KMS is not allowed", "kms:Decrypt"),
            (
                denied("AccessDeniedException"),
                "The ciphertext refers to a customer master key that does not exist",
                "kms:Decrypt",
            ),
            (refused("DecryptionFailure"), "", "kms:Decrypt"),
            (refused("InvalidKeyId"), "", "kms:Decrypt"),
            (denied("UnrecognizedClientException"), "", "does not accept the credentials"),
            (refused("InvalidRequestException"), "", "was refused (InvalidRequestException)"),
        ] {
            let Some(Failure::Refused { key: "secret-id", rule }) = asked.sorted(kind, message)
            else {
                panic!("{message}: it is a refusal");
            };
            assert!(rule.contains(part), "{rule}");
            assert!(message.is_empty() || !rule.contains(message), "{rule}");
        }
        let silent = asked.sorted(Kind::Unavailable("no answer in time".to_owned()), "");
        let text = "secretsmanager:GetSecretValue: no answer in time".to_owned();
        assert_eq!(silent, Some(Failure::Unavailable(text)));
        assert_eq!(asked.sorted(Kind::Missing("ResourceNotFoundException".to_owned()), ""), None);
    }
}
