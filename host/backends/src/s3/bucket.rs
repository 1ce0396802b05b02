//! The bucket itself: whether it is there, and what its refusals mean.

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_config::SdkConfig;
use aws_sdk_s3::{
    Client,
    config::{Builder, retry::RetryPartition},
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId as _,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::location::own_endpoint;
use crate::{
    aws::{Kind, kind},
    cache::Flights,
    ports::PortError,
};

/// How long the bucket is believed to be there. S3 answers HEAD for an object in a bucket that does not exist just
/// as for one that is not in it, so this is how long a bucket that went away looks like an empty one.
const BELIEVED: Duration = Duration::from_secs(15);

/// A bucket and the client that asks for it.
pub(super) struct Bucket {
    pub(super) client: Client,
    pub(super) name: String,
    region: String,
    seen: Mutex<Option<Instant>>,
    looks: Flights<(), Result<(), PortError>>,
}

/// Why S3 does not show the bucket, or what is in it.
#[derive(Clone, Debug)]
pub(super) enum Refusal {
    /// There is no such thing.
    Missing,
    /// These credentials have no right to it; the code.
    Denied(String),
    /// It is in this region.
    Elsewhere(String),
    /// S3 gives no usable answer now.
    Silent(PortError),
}

impl Bucket {
    pub(super) fn new(config: &SdkConfig, name: &str) -> Arc<Self> {
        // An endpoint of one's own seldom has a name, and a certificate, for each bucket.
        let by_path = own_endpoint(config).is_some();
        let settings = Builder::from(config)
            .force_path_style(by_path)
            // Second attempts are on a budget; what one bucket fails in is not at the cost of another.
            .retry_partition(RetryPartition::new(name.to_owned()))
            .build();
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        Arc::new(Self {
            client: Client::from_conf(settings),
            name: name.to_owned(),
            region,
            seen: Mutex::default(),
            looks: Flights::default(),
        })
    }

    /// One HeadBucket.
    pub(super) async fn look(&self) -> Result<(), Refusal> {
        let asked = Instant::now();
        match self.client.head_bucket().bucket(&self.name).send().await {
            Ok(answer) if answer.request_id().is_some() => {
                *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
                Ok(())
            }
            Ok(_) => Err(not_s3()),
            Err(error) => Err(self.refusal("HeadBucket", &error)),
        }
    }

    /// Whether the bucket is there, as it is known or as one HeadBucket for all who ask finds out.
    pub(super) async fn is_there(self: &Arc<Self>) -> Result<(), PortError> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_some_and(|seen| seen.elapsed() < BELIEVED) {
            return Ok(());
        }
        let bucket = Arc::clone(self);
        let look = async move {
            bucket.look().await.map_err(|refusal| match refusal {
                Refusal::Missing => {
                    PortError::Other(format!("the bucket {} does not exist", bucket.name))
                }
                Refusal::Denied(code) => PortError::AccessDenied(format!(
                    "s3:ListBucket on the bucket {} is not allowed ({code}); without it S3 says the same of \
                     what is not there as of what may not be read",
                    bucket.name
                )),
                other => bucket.trouble(other),
            })
        };
        // A task of its own: whoever has the answer already does not wait, and this is to be remembered all the same.
        let looks = self.looks.clone();
        let task = tokio::spawn(async move { looks.join((), look).await });
        task.await.unwrap_or_else(|_| Err(PortError::Other("looking was cut off".to_owned())))
    }

    /// What the answer to `call` means. HEAD has no body, so that the status has to say it all.
    pub(super) fn refusal<E>(&self, call: &str, error: &SdkError<E, HttpResponse>) -> Refusal
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let raw = error.raw_response();
        let region = raw.and_then(|raw| raw.headers().get("x-amz-bucket-region"));
        let elsewhere = region.filter(|region| *region != self.region && is_region(region));
        if let Some(region) = elsewhere {
            return Refusal::Elsewhere(region.to_owned());
        }
        // A 404 of somebody else, a proxy or a balancer without its servers, says nothing about the object.
        let from_s3 = raw.is_none_or(|raw| raw.headers().get("x-amz-request-id").is_some());
        match kind(error) {
            Kind::Missing(_) | Kind::Denied(_) if !from_s3 => not_s3(),
            Kind::Missing(_) => Refusal::Missing,
            Kind::Denied(code) => Refusal::Denied(code),
            Kind::Unavailable(why) => Refusal::Silent(PortError::Unavailable(format!(
                "{call} on the bucket {}: {why}",
                self.name
            ))),
            Kind::Refused(code) => Refusal::Silent(PortError::Other(format!(
                "{call} on the bucket {} was refused ({code})",
                self.name
            ))),
        }
    }

    /// A refusal that says nothing about whether something exists.
    pub(super) fn trouble(&self, refusal: Refusal) -> PortError {
        let name = &self.name;
        match refusal {
            Refusal::Silent(error) => error,
            Refusal::Elsewhere(region) => PortError::Other(format!(
                "the bucket {name} is in the region {region}, and not in {}",
                self.region
            )),
            Refusal::Missing => PortError::Other(format!("the bucket {name} does not exist")),
            Refusal::Denied(code) => {
                PortError::AccessDenied(format!("the bucket {name} is closed ({code})"))
            }
        }
    }
}

/// Something else answered, such as a proxy with a page of its own.
pub(super) fn not_s3() -> Refusal {
    Refusal::Silent(PortError::Unavailable("an answer that is not from S3".to_owned()))
}

/// It goes into an error text, so it must be no more than it should be.
fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(plain)
}
