//! The port `objects` on S3.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::{Either, select};

use super::{
    bucket::{Bucket, Refusal, not_s3},
    read::read,
};
use crate::{
    administration::Upkeep,
    objects::{LONGEST_KEY, Store},
    ports::{Answer, PortError},
};

/// Objects of one bucket.
pub(super) struct S3Objects {
    bucket: Arc<Bucket>,
    /// In front of every key: empty, or with a slash at its end.
    prefix: String,
    /// How long reading may take in all.
    timeout: Duration,
}

impl S3Objects {
    pub(super) fn new(bucket: Arc<Bucket>, prefix: &str, timeout: Duration) -> Self {
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Self { bucket, prefix, timeout }
    }
}

impl Store for S3Objects {
    /// To S3 dots are letters, but on the way to a viewer somebody takes them for a way up, and nothing that is kept
    /// under such a key could be served.
    fn admits(&self, key: &str) -> Result<bool, PortError> {
        if key.contains('\0') || key.split('/').any(|name| name == "..") {
            return Err(PortError::AccessDenied(
                "the key has NUL or a dot segment in it".to_owned(),
            ));
        }
        let fits = !key.is_empty() && self.prefix.len() + key.len() <= LONGEST_KEY;
        Ok(fits && key.split('/').all(|name| name != "."))
    }

    fn look<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let key = format!("{}{key}", self.prefix);
            Ok(in_bucket(&self.bucket, look(&self.bucket, &key)).await?.is_some())
        })
    }

    fn fetch<'a>(
        &'a self,
        key: &'a str,
        _: Option<&'a str>,
        most: u32,
    ) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            let key = format!("{}{key}", self.prefix);
            let reading = in_bucket(&self.bucket, read(&self.bucket, &key, most));
            let read = tokio::time::timeout(self.timeout, reading).await;
            read.unwrap_or(Err(PortError::Timeout))
        })
    }
}

/// What S3 says of the object. The bucket is asked for at the same time: a third question in sequence would be one
/// too many, and only an object missing from a bucket that is there is missing.
async fn in_bucket<T>(
    bucket: &Arc<Bucket>,
    question: impl Future<Output = Result<T, Refusal>>,
) -> Result<Option<T>, PortError> {
    let (object, there) = match select(pin!(question), pin!(bucket.is_there())).await {
        Either::Left((Ok(found), _)) => return Ok(Some(found)),
        Either::Left((object, there)) => (object, there.await),
        Either::Right((there, object)) => (object.await, there),
    };
    match (object, there) {
        (Ok(found), _) => Ok(Some(found)),
        (Err(Refusal::Missing), there) => there.map(|()| None),
        (Err(Refusal::Denied(code)), Ok(())) => Err(PortError::AccessDenied(format!(
            "s3:GetObject on objects of the bucket {} is not allowed ({code})",
            bucket.name
        ))),
        // Which of the two rights is missing shows once the other one is there.
        (Err(Refusal::Denied(_)), Err(error)) => Err(error),
        (Err(refusal), _) => Err(bucket.trouble(refusal)),
    }
}

/// One HeadObject.
async fn look(bucket: &Bucket, key: &str) -> Result<(), Refusal> {
    match bucket.client.head_object().bucket(&bucket.name).key(key).send().await {
        Ok(answer) if answer.e_tag().is_some() => Ok(()),
        Ok(_) => Err(not_s3()),
        Err(error) => Err(bucket.refusal("HeadObject", &error)),
    }
}

impl Upkeep for S3Objects {
    fn part(&self) -> &'static str {
        "objects"
    }

    fn purge(&self, _: u64) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(self.bucket.is_there())
    }
}
