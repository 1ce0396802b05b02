//! An installation whose backends are on AWS, each behind a proxy that records and breaks calls.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use tollgate_emulators::{Proxy, dynamodb, services, stage};

use crate::{
    gateway::support::tokens::{self, AUDIENCE, ISSUER},
    ground,
};

/// Tables and folder of one test.
pub struct Place {
    folder: TempDir,
    prefix: String,
    pub dynamodb: Proxy,
    pub objects: Proxy,
    pub secrets: Proxy,
}

impl Place {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.');
        // A bucket has no capital letters.
        let prefix = format!("host-{}", name.to_ascii_lowercase());
        stage::make_tables(dynamodb(), &prefix);
        stage::make_bucket(services(), &prefix);
        let secret = json!({ "keyPairId": "K1", "privateKey": ground::SIGNING_KEY });
        stage::make_secret(services(), &prefix, &secret.to_string());
        fs::write(folder.path().join("issuer.pub"), tokens::public("p256")).unwrap();
        let place = Self {
            folder,
            prefix,
            dynamodb: Proxy::before(dynamodb()).await,
            objects: Proxy::before(services()).await,
            secrets: Proxy::before(services()).await,
        };
        place.entitle("alice");
        place.hls("hls");
        place.raw("raw");
        fs::write(place.folder().join("tollgate.toml"), place.text()).unwrap();
        place
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn entitle(&self, user: &str) {
        let item =
            json!({ "user": { "S": user }, "series": { "S": "s" }, "status": { "S": "Active" } });
        self.put("entitlements", &item);
    }

    /// An episode whose playlist is there; the key of the playlist.
    pub fn hls(&self, episode: &str) -> String {
        let playlist = format!("content/series/s/video/{episode}/video.m3u8");
        stage::put_object(services(), &self.prefix, &playlist, b"#EXTM3U\n");
        self.put("catalog", &json!({ "series": { "S": "s" }, "episode": { "S": episode } }));
        format!("/{}/{playlist}", self.prefix)
    }

    /// An episode with a raw video only.
    pub fn raw(&self, episode: &str) {
        let video = format!("content/series/s/raw/{episode}.mp4");
        let item =
            json!({ "series": { "S": "s" }, "episode": { "S": episode }, "video": { "S": video } });
        self.put("catalog", &item);
    }

    pub fn bucket(&self) -> &str {
        &self.prefix
    }

    pub fn table(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    fn put(&self, table: &str, item: &Value) {
        stage::put_item(dynamodb(), &self.table(table), item);
    }

    /// The configuration file.
    fn text(&self) -> String {
        let (prefix, dynamodb) = (&self.prefix, self.dynamodb.url());
        let (objects, secrets) = (self.objects.url(), self.secrets.url());
        format!(
            r#"
            [gateway]
            listen = "127.0.0.1:0"
            [auth]
            issuer = "{ISSUER}"
            audiences = ["{AUDIENCE}"]
            type = "pem"
            path = "issuer.pub"
            [policy]
            domain = "media.example.com"
            [store]
            type = "dynamodb"
            endpoint-url = "{dynamodb}"
            entitlements-table = "{prefix}-entitlements"
            catalog-table = "{prefix}-catalog"
            sessions-table = "{prefix}-sessions"
            [objects]
            type = "s3"
            bucket = "{prefix}"
            endpoint-url = "{objects}"
            [signing-keys]
            type = "secrets-manager"
            secret-id = "{prefix}"
            endpoint-url = "{secrets}"
            "#
        )
    }
}
