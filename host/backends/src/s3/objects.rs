//! The port `objects` on S3.

use std::{pin::pin, sync::Arc, time::Instant};

use futures::future::{Either, select};

use super::{
    answers::Answers,
    bucket::{Bucket, Refusal, not_s3},
    flights::Flights,
    path::LONGEST_KEY,
};
use crate::{
    administration::Upkeep,
    ports::{Answer, Objects, PortError},
};

/// Objects of one bucket, with what is known of them.
pub(super) struct S3Objects {
    bucket: Arc<Bucket>,
    /// In front of every key: empty, or with a slash at its end.
    prefix: String,
    answers: Arc<Answers>,
    questions: Flights<Result<bool, PortError>>,
}

impl S3Objects {
    pub(super) fn new(bucket: Arc<Bucket>, prefix: &str, answers: Answers) -> Self {
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Self { bucket, prefix, answers: Arc::new(answers), questions: Flights::default() }
    }
}

impl Objects for S3Objects {
    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            if !can_exist(key)? || self.prefix.len() + key.len() > LONGEST_KEY {
                return Ok(false);
            }
            let key = format!("{}{key}", self.prefix);
            let asked = Instant::now();
            if let Some(found) = self.answers.get(&key, asked) {
                return Ok(found);
            }
            let (bucket, answers, name) =
                (Arc::clone(&self.bucket), Arc::clone(&self.answers), key.clone());
            let question = async move {
                let found = exists(&bucket, &key).await?;
                answers.put(key, found, asked);
                Ok(found)
            };
            self.questions.join(&name, question).await
        })
    }
}

/// Whether S3 has to be asked. To S3 dots are letters, but on the way to a viewer somebody takes them for a way up,
/// and nothing that is kept under such a key could be served.
fn can_exist(key: &str) -> Result<bool, PortError> {
    if key.contains('\0') || key.split('/').any(|name| name == "..") {
        return Err(PortError::AccessDenied("the key has NUL or a dot segment in it".to_owned()));
    }
    Ok(!key.is_empty() && key.split('/').all(|name| name != "."))
}

/// Asks for the object and, at the same time, for the bucket: a third question in sequence would be one too many.
async fn exists(bucket: &Arc<Bucket>, key: &str) -> Result<bool, PortError> {
    let (object, there) = match select(pin!(look(bucket, key)), pin!(bucket.is_there())).await {
        Either::Left((Ok(()), _)) => return Ok(true),
        Either::Left((object, there)) => (object, there.await),
        Either::Right((there, object)) => (object.await, there),
    };
    match (object, there) {
        (Ok(()), _) => Ok(true),
        (Err(Refusal::Missing), there) => there.map(|()| false),
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
