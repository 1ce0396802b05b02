//! Requests for objects, signed by AWS's Signature Version 4. Whoever sends them needs no SDK.

use std::{fmt, time::SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_s3::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use futures::FutureExt as _;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};

use super::{
    credentials::Keeper,
    location::own_endpoint,
    path::{PathError, object_path, prefix_path},
};
use crate::objects::LONGEST_KEY;

/// Signs requests for the objects of one bucket.
pub struct Signer {
    /// Scheme, host, and the bucket in the path where it is not in the host. No slash at the end.
    bucket: String,
    /// In front of every path: empty, or with a slash at its start.
    prefix: String,
    /// How long the prefix is as a part of a key.
    prefix_length: usize,
    region: String,
    keeper: Keeper,
}

/// A key of an account, or of a role that somebody has assumed.
#[derive(Clone)]
pub struct AccessKey {
    /// Names the key.
    pub id: String,
    /// Signs.
    pub secret: String,
    /// Goes with the keys of a role.
    pub session_token: Option<String>,
}

/// What to send: the URL, and the headers that must go with it.
pub struct Signed {
    /// Where the object is.
    pub uri: Uri,
    /// The signature and what it is about. Sensitive.
    pub headers: HeaderMap,
}

/// Why a request could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// There can be no such object.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Nobody says who asks.
    #[error("no AWS credentials are to be had")]
    Credentials,
    /// A defect.
    #[error("the request cannot be signed")]
    Defect,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}{})", self.bucket, self.prefix)
    }
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKey")
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signed({})", self.uri)
    }
}

impl Signer {
    /// For a bucket whose address follows from the configuration.
    pub(super) fn new(config: &SdkConfig, bucket: &str, prefix: &str) -> Result<Self, String> {
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let endpoint = own_endpoint(config);
        let params = Params::builder()
            .bucket(bucket)
            .region(&region)
            .force_path_style(endpoint.is_some())
            .use_fips(config.use_fips().unwrap_or_default())
            .use_dual_stack(config.use_dual_stack().unwrap_or_default())
            .set_endpoint(endpoint)
            .build();
        let params = params.map_err(|error| error.to_string())?;
        // The rules of the SDK answer at once.
        let address = DefaultResolver::new().resolve_endpoint(&params).now_or_never();
        let address = match address {
            Some(Ok(address)) => address.url().trim_end_matches('/').to_owned(),
            Some(Err(error)) => return Err(format!("gives no address: {error}")),
            None => return Err("gives no address".to_owned()),
        };
        let source = config.credentials_provider().ok_or("has no source of credentials")?;
        Ok(Self::over(address, prefix, region, source))
    }

    /// For a bucket at a known address, such as `https://media.s3.eu-central-1.amazonaws.com`, and a known key.
    pub fn with_key(address: &str, prefix: &str, region: &str, key: AccessKey) -> Self {
        let AccessKey { id, secret, session_token } = key;
        let key = Credentials::new(id, secret, session_token, None, "given");
        let source = SharedCredentialsProvider::new(key);
        Self::over(address.trim_end_matches('/').to_owned(), prefix, region.to_owned(), source)
    }

    fn over(
        bucket: String,
        prefix: &str,
        region: String,
        source: SharedCredentialsProvider,
    ) -> Self {
        Self {
            bucket,
            prefix: prefix_path(prefix),
            prefix_length: if prefix.is_empty() { 0 } else { prefix.len() + 1 },
            region,
            keeper: Keeper::new(source),
        }
    }

    /// Where objects are, for the log.
    pub fn address(&self) -> String {
        format!("{}{}", self.bucket, self.prefix)
    }

    /// The request for the object at this path, in any spelling, signed now.
    ///
    /// # Errors
    /// The path names no object, or there are no credentials.
    pub async fn sign(&self, method: &Method, path: &str) -> Result<Signed, SignError> {
        self.sign_at(method, path, SystemTime::now()).await
    }

    /// The same at another time; S3 takes it for a quarter of an hour before and after.
    ///
    /// # Errors
    /// The path names no object, or there are no credentials.
    pub async fn sign_at(
        &self,
        method: &Method,
        path: &str,
        now: SystemTime,
    ) -> Result<Signed, SignError> {
        let path = object_path(path)?;
        let url = format!("{}{}{path}", self.bucket, self.prefix);
        let uri: Uri = url.parse().map_err(|_| SignError::Defect)?;
        if self.prefix_length > 0 && self.prefix_length + key_length(&path) > LONGEST_KEY {
            return Err(PathError::NoObject.into());
        }
        let credentials = self.keeper.current(now).await.map_err(|_| SignError::Credentials)?;
        let mut settings = SigningSettings::default();
        // As S3 wants it: the path as it is sent, and the hash of the body, which is empty, in a header.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let identity = credentials.into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(now)
            .settings(settings)
            .build()
            .map_err(|_| SignError::Defect)?
            .into();
        // Nothing but the host is signed beside the signature's own headers: a range or a condition that is
        // changed on the way changes how much of the object comes, and not which.
        let body = SignableBody::Bytes(&[]);
        let request = SignableRequest::new(method.as_str(), url, std::iter::empty(), body);
        let signed = sign(request.map_err(|_| SignError::Defect)?, &params);
        let (instructions, _) = signed.map_err(|_| SignError::Defect)?.into_parts();
        let headers = instructions.headers().map(|(name, value)| {
            let mut value = HeaderValue::from_str(value).map_err(|_| SignError::Defect)?;
            value.set_sensitive(true);
            Ok((HeaderName::from_bytes(name.as_bytes()).map_err(|_| SignError::Defect)?, value))
        });
        let headers = headers.collect::<Result<HeaderMap, SignError>>()?;
        Ok(Signed { uri, headers })
    }
}

/// How many bytes a path is as a key.
fn key_length(path: &str) -> usize {
    percent_encoding::percent_decode_str(path).count().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> AccessKey {
        let (id, secret) = ("AKIDEXAMPLE".to_owned(), "the-secret".to_owned());
        AccessKey { id, secret, session_token: Some("the-token".to_owned()) }
    }

    #[tokio::test]
    async fn what_is_signed_is_what_is_sent_and_shows_no_secret() {
        let address = "https://media.s3.eu-central-1.amazonaws.com/";
        let signer = Signer::with_key(address, "v 1", "eu-central-1", key());
        let signed = signer.sign(&Method::GET, "/%61 b/+").await.unwrap();
        let expected = "https://media.s3.eu-central-1.amazonaws.com/v%201/a%20b/%2B";
        assert_eq!(signed.uri.to_string(), expected);
        let mut names: Vec<_> = signed.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]
        );
        let shown = format!("{signer:?} {signed:?} {:?} {:?}", key(), signed.headers);
        for secret in ["AKIDEXAMPLE", "the-secret", "the-token", "Signature="] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_path_that_names_no_object_is_not_signed() {
        let signer = Signer::with_key("https://b.example", &"p".repeat(500), "r", key());
        let long = |length: usize| format!("/{}", "é".repeat(length));
        for (path, error) in [
            ("/".to_owned(), PathError::NoObject),
            ("/a/%2e%2e/b".to_owned(), PathError::Unclear),
            ("/a%2Fb".to_owned(), PathError::Unclear),
            (long(262), PathError::NoObject),
        ] {
            let refused = signer.sign(&Method::GET, &path).await.err();
            assert_eq!(refused, Some(SignError::Path(error)), "{path}");
        }
        assert!(signer.sign(&Method::GET, &long(261)).await.is_ok());
    }
}
