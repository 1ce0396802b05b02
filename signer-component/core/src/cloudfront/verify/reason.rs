//! Why a request is denied, finer than CloudFront's five codes.

use super::Code;

/// Declares the reasons once: the variant, its slug, CloudFront's code and its meaning.
macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $variant:ident = $slug:literal, $code:ident;)+) => {
        /// The finer reason. New ones may be added, so a `match` needs a last arm.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Reason {
            /// Every reason, in the order of the checks.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Stable slug, for example `expired`.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)+ }
            }

            /// What CloudFront says for this reason.
            pub fn code(self) -> Code {
                match self { $(Self::$variant => Code::$code,)+ }
            }
        }
    };
}

reasons! {
    /// The URL is not `http(s)://host/…`, or holds what no request line can hold.
    MalformedUrl = "malformed-url", AccessDenied;
    /// A signing parameter is there twice.
    DuplicateParameter = "duplicate-parameter", AccessDenied;
    /// Strict: a signing cookie is there twice.
    DuplicateCookie = "duplicate-cookie", AccessDenied;
    /// Strict: `Expires` and `Policy` are both there.
    ExpiresAndPolicy = "expires-and-policy", AccessDenied;
    /// The request is unsigned, or its key pair id is missing or empty.
    NoKeyPairId = "no-key-pair-id", MissingKey;
    /// The key pair id is something else, for example the text of a PEM.
    KeyPairIdNotAnId = "key-pair-id-not-an-id", MissingKey;
    /// No trusted key has this id.
    UnknownKey = "unknown-key", InvalidKey;
    /// The signature is missing or empty.
    NoSignature = "no-signature", AccessDenied;
    /// The signature is not base64 in CloudFront's alphabet.
    SignatureNotDecodable = "signature-not-decodable", MalformedSignature;
    /// The hash is neither `SHA1` nor `SHA256`, spelled exactly so.
    UnsupportedHash = "unsupported-hash", AccessDenied;
    /// Neither `Expires` nor `Policy` is there.
    NoExpiresOrPolicy = "no-expires-or-policy", MalformedPolicy;
    /// `Expires` is not a plain decimal number.
    ExpiresNotANumber = "expires-not-a-number", MalformedPolicy;
    /// `Expires` is later than CloudFront accepts, as milliseconds are.
    ExpiresOutOfRange = "expires-out-of-range", MalformedPolicy;
    /// The policy is not base64 in CloudFront's alphabet.
    PolicyNotDecodable = "policy-not-decodable", MalformedPolicy;
    /// The policy is larger than any request CloudFront takes.
    PolicyTooLarge = "policy-too-large", MalformedPolicy;
    /// The policy is not JSON.
    PolicyNotJson = "policy-not-json", MalformedPolicy;
    /// The policy is JSON of another shape.
    PolicyShape = "policy-shape", MalformedPolicy;
    /// A key of the policy is there twice.
    DuplicatePolicyKey = "duplicate-policy-key", MalformedPolicy;
    /// The policy has a key or condition that CloudFront does not know.
    UnknownPolicyKey = "unknown-policy-key", MalformedPolicy;
    /// The policy has more than one statement.
    MoreThanOneStatement = "more-than-one-statement", MalformedPolicy;
    /// The policy has no `DateLessThan`.
    NoDateLessThan = "no-date-less-than", MalformedPolicy;
    /// A time of the policy is not an unquoted whole number.
    EpochNotAnInteger = "epoch-not-an-integer", MalformedPolicy;
    /// A time of the policy is later than CloudFront accepts, as milliseconds are.
    EpochOutOfRange = "epoch-out-of-range", MalformedPolicy;
    /// `AWS:SourceIp` is not one IPv4 address or range.
    IpNotIpv4Range = "ip-not-ipv4-range", MalformedPolicy;
    /// Strict: `AWS:SourceIp` has no `/32`.
    IpWithoutSlash = "ip-without-slash", MalformedPolicy;
    /// Strict: `AWS:SourceIp` has bits set behind its prefix.
    IpHostBits = "ip-host-bits", MalformedPolicy;
    /// `Resource` does not begin as a URL or wildcard must.
    ResourceNotAPattern = "resource-not-a-pattern", MalformedPolicy;
    /// The key did not make this signature over this policy with this hash.
    SignatureMismatch = "signature-mismatch", AccessDenied;
    /// The start of the policy has not passed.
    NotYetValid = "not-yet-valid", AccessDenied;
    /// The end has come.
    Expired = "expired", AccessDenied;
    /// The viewer's address lies outside the range.
    IpMismatch = "ip-mismatch", AccessDenied;
    /// The URL does not match `Resource`.
    ResourceMismatch = "resource-mismatch", AccessDenied;
    /// Strict: the URL matches only under a reading of `Resource` that the documents leave open.
    ResourceReadingOpen = "resource-reading-open", AccessDenied;
}
