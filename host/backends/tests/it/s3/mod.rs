//! What is particular to S3: what is believed how long, what a refusal means, and a bucket that is not there.

mod answers;
mod bodies;
mod faults;
mod opening;
mod reads;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tollgate_backends::{
    administration::Upkeep,
    ports::Objects,
    registry::{Adapter, Commons, Port, Service},
    s3::BACKEND,
    section::Section,
};
use tollgate_emulators::{Proxy, services, stage};

/// A bucket of one test with something in front of it that breaks calls, and the object `there` in it.
pub struct Place {
    pub bucket: String,
    pub proxy: Proxy,
}

/// The backend at work.
pub struct Opened {
    pub objects: Arc<dyn Objects>,
    pub upkeep: Arc<dyn Upkeep>,
}

impl Place {
    pub async fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let bucket = format!("place-{}-{number}", std::process::id());
        stage::make_bucket(services(), &bucket);
        stage::put_object(services(), &bucket, "there", b"x");
        Self { bucket, proxy: Proxy::before(services()).await }
    }

    /// The backend with more lines in its table.
    pub async fn open(&self, lines: &str) -> Opened {
        open(&self.text(lines)).await.unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
    }

    /// Its table.
    pub fn text(&self, lines: &str) -> String {
        let (bucket, url) = (&self.bucket, self.proxy.url());
        format!("type = 's3'\nbucket = '{bucket}'\nendpoint-url = '{url}'\n{lines}")
    }

    /// How the proxy calls HeadObject.
    pub fn head(&self, key: &str) -> String {
        format!("HEAD /{}/{key}", self.bucket)
    }

    /// How it calls GetObject.
    pub fn get(&self, key: &str) -> String {
        format!("GET /{}/{key}", self.bucket)
    }

    /// How it calls HeadBucket.
    pub fn head_bucket(&self) -> String {
        format!("HEAD /{}/", self.bucket)
    }
}

/// Opens a table, or says what is wrong with it.
pub async fn open(text: &str) -> Result<Opened, Vec<String>> {
    let section = Section::new("objects", toml::from_str(text).unwrap());
    let said = |mistakes: Vec<_>| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>();
    let configured = (BACKEND.configure)(Port::Objects, section).map_err(said)?;
    let adapter = configured.open(&Commons::default()).await.map_err(said)?;
    match adapter {
        Adapter { service: Service::Objects(objects), upkeep: Some(upkeep), .. } => {
            Ok(Opened { objects, upkeep })
        }
        _ => panic!("another port"),
    }
}
