//! An installation whose backends are on AWS, each behind a proxy that records and breaks calls.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use tollgate_emulators::{Proxy, dynamodb, stage};

use crate::{
    gateway::support::tokens::{self, AUDIENCE, ISSUER},
    ground,
};

/// Tables and folder of one test.
pub struct Place {
    folder: TempDir,
    prefix: String,
    pub dynamodb: Proxy,
}

impl Place {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.');
        let prefix = format!("host-{name}");
        stage::make_tables(dynamodb(), &prefix);
        ground::prepare(folder.path());
        fs::write(folder.path().join("issuer.pub"), tokens::public("p256")).unwrap();
        let place = Self { folder, prefix, dynamodb: Proxy::before(dynamodb()).await };
        place.entitle("alice");
        place.list("hls", None);
        place.list("raw", Some("content/series/s/raw/raw.mp4"));
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

    pub fn list(&self, episode: &str, video: Option<&str>) {
        let mut item = json!({ "series": { "S": "s" }, "episode": { "S": episode } });
        if let Some(video) = video {
            item["video"] = json!({ "S": video });
        }
        self.put("catalog", &item);
    }

    fn put(&self, table: &str, item: &Value) {
        stage::put_item(dynamodb(), &format!("{}-{table}", self.prefix), item);
    }

    /// The configuration file.
    fn text(&self) -> String {
        let (prefix, dynamodb) = (&self.prefix, self.dynamodb.url());
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
            type = "folder"
            path = "objects"
            [signing-keys]
            type = "pem"
            key-pair-id = "K1"
            path = "key.pem"
            "#
        )
    }
}
