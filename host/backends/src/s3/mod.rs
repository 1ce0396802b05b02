//! Objects in S3: whether they exist and what is in playlists, for the gateway, and signed requests for them, for
//! the edge.
//!
//! | call | asks | right it needs |
//! | --- | --- | --- |
//! | `catalog.exists` | HeadObject, unless the answer is known | `s3:GetObject` on the objects |
//! | `catalog.read` | GetObject, unless a copy that is young enough is at hand | the same |
//! | both, and readiness | HeadBucket, at the same time, at most every 15 s | `s3:ListBucket` on the bucket |
//! | a request to the edge | GetObject or HeadObject | `s3:GetObject` on the objects |
//!
//! Without `s3:ListBucket` S3 answers 403 for what is not there, so nobody could tell the two apart.

mod bucket;
mod credentials;
mod location;
mod objects;
mod path;
mod read;
mod signer;

use std::sync::Arc;

use futures::future::BoxFuture;

use self::{
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
    objects::{Lifetimes, MISSING_FAR_AWAY, Shared},
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend { name: "s3", ports: &[Port::Objects], configure };

struct Table {
    path: String,
    location: Location,
    lifetimes: Lifetimes,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let path = section.path().to_owned();
    let location = Location::take(&mut section, TIMEOUT);
    let lifetimes = Lifetimes::take(&mut section, MISSING_FAR_AWAY);
    let mistakes = section.finish();
    if mistakes.is_empty() {
        Ok(Box::new(Table { path, location, lifetimes }))
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
            let (prefix, timeout) = (self.location.prefix(), self.location.timeout());
            let objects = Arc::new(S3Objects::new(bucket, prefix, timeout));
            let shared = Shared::new(Arc::clone(&objects), self.lifetimes);
            Ok(Adapter {
                service: Service::Objects(Arc::new(shared)),
                administration: None,
                upkeep: Some(objects),
            })
        })
    }
}
