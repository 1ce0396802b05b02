//! S3 as an origin: what viewers get, and what S3 is asked and told.

mod refusals;
mod requests;

use std::sync::atomic::{AtomicU64, Ordering};

use tollgate_emulators::{Proxy, services, stage};

use super::scene::Scene;

const HIT: &str = "Hit from cloudfront";
const MISS: &str = "Miss from cloudfront";

/// A bucket behind a proxy, and an edge that serves `media/` of it: `/open/*` to everybody, the rest signed.
struct Place {
    bucket: String,
    proxy: Proxy,
    scene: Scene,
}

impl Place {
    /// An edge with more lines in its table.
    async fn new(edge: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let bucket =
            format!("edge-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        stage::make_bucket(services(), &bucket);
        let proxy = Proxy::before(services()).await;
        let text = configuration(edge, &bucket, proxy.url());
        Self { scene: Scene::configured(&text).await, bucket, proxy }
    }

    /// Puts an object; the key below `media/` as it is to stand in a URL.
    fn put(&self, key: &str, body: &[u8]) {
        stage::put_object(services(), &self.bucket, &format!("media/{key}"), body);
    }

    /// Methods and targets of what S3 was asked since the last time.
    fn asked(&self) -> Vec<String> {
        let below = format!("/{}/media", self.bucket);
        let calls = self.proxy.take_calls().into_iter();
        calls
            .map(|call| {
                let target = call.target.strip_prefix(&below).unwrap_or(&call.target);
                format!("{} {target}", call.operation.split(' ').next().unwrap())
            })
            .collect()
    }
}

fn configuration(edge: &str, bucket: &str, url: &str) -> String {
    format!(
        r#"
        [edge]
        {edge}
        [edge.key-groups]
        players = {{ K1 = "rsa-2048.public.pem", K2 = "p256.public.pem" }}
        [[edge.origins]]
        name = "media"
        type = "s3"
        bucket = "{bucket}"
        prefix = "media"
        endpoint-url = "{url}"
        timeout = 2
        [[edge.behaviors]]
        path-pattern = "/open/*"
        origin = "media"
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "media"
        trusted-key-groups = ["players"]
        "#
    )
}
