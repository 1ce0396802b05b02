//! Objects in S3: whether they exist, for the gateway, and signed requests for them, for the edge.
//!
//! | call | asks | right it needs |
//! | --- | --- | --- |
//! | `catalog.exists` | HeadObject, unless the answer is known | `s3:GetObject` on the objects |
//! | the same, and readiness | HeadBucket, at the same time, at most every 15 s | `s3:ListBucket` on the bucket |
//! | a request to the edge | GetObject or HeadObject | `s3:GetObject` on the objects |
//!
//! Without `s3:ListBucket` S3 answers 403 for what is not there, so nobody could tell the two apart.

mod answers;
mod bucket;
mod credentials;
mod flights;
mod location;
mod objects;
mod path;
mod signer;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;

use self::{
    answers::Answers,
    bucket::{Bucket, Refusal},
    objects::S3Objects,
};
pub use self::{
    location::Location,
    path::{PathError, object_path},
    signer::{AccessKey, SignError, Signed, Signer},
};
use crate::{
    aws::TIMEOUT,
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend { name: "s3", ports: &[Port::Objects], configure };

struct Table {
    path: String,
    location: Location,
    found_for: Duration,
    missing_for: Duration,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let path = section.path().to_owned();
    let location = Location::take(&mut section, TIMEOUT);
    let found_for = Duration::from_secs(section.seconds("found-for", 0..=3600, 60));
    let missing_for = Duration::from_secs(section.seconds("missing-for", 0..=3600, 5));
    let mistakes = section.finish();
    if mistakes.is_empty() {
        Ok(Box::new(Table { path, location, found_for, missing_for }))
    } else {
        Err(mistakes)
    }
}

impl Table {
    /// What of a bucket's refusal is a mistake of the table. A service that does not answer may do so later.
    fn mistake(&self, refusal: Refusal) -> Option<Mistake> {
        let (key, rule) = match refusal {
            Refusal::Missing => ("bucket", "must name a bucket; there is none of this name".into()),
            Refusal::Denied(code) => (
                "bucket",
                format!(
                    "must name a bucket on which this role has s3:ListBucket; S3 refuses it ({code})"
                ),
            ),
            Refusal::Elsewhere(region) => {
                ("region", format!("must be `{region}`, where the bucket is"))
            }
            Refusal::Silent(error) => {
                tracing::warn!(%error, "S3 does not answer; objects will be asked for all the same");
                return None;
            }
        };
        Some(Mistake { key: format!("{}.{key}", self.path), rule })
    }
}

impl Configured for Table {
    fn summary(&self) -> String {
        self.location.summary()
    }

    fn open<'a>(&'a self, commons: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            let config = self.location.access().open(commons).await?;
            let bucket = Bucket::new(&config, self.location.bucket());
            if let Err(refusal) = bucket.look().await
                && let Some(mistake) = self.mistake(refusal)
            {
                return Err(vec![mistake]);
            }
            let answers = Answers::new(self.found_for, self.missing_for);
            let objects = Arc::new(S3Objects::new(bucket, self.location.prefix(), answers));
            Ok(Adapter {
                service: Service::Objects(Arc::<S3Objects>::clone(&objects)),
                administration: None,
                upkeep: Some(objects),
            })
        })
    }
}
