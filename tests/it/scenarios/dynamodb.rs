//! The gateway with DynamoDB in an emulator, behind a proxy that breaks calls, and objects in S3.

use std::{net::SocketAddr, sync::Arc};

use futures::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use tollgate::config::{Config, Needs};
use tollgate_backends::{administration::Administration, registry::Port};
use tollgate_emulators::{Fault, Proxy, dynamodb, services, stage};

use super::{
    format::{Before, Dependency, Installation, Lease, Manner},
    gateway::{Server, signing_keys},
    place::{Open, Place, Recorded},
};

/// The gateway on AWS.
pub struct DynamoDb;

impl Place for DynamoDb {
    fn name(&self) -> &'static str {
        "the gateway with DynamoDB and S3"
    }

    fn cannot_break(&self, dependency: Dependency, manner: Manner) -> Option<&'static str> {
        match (dependency, manner) {
            (Dependency::Settings, _) => Some("the policy is read once, at the start"),
            (Dependency::SigningKeys | Dependency::TokenKeys, Manner::Hangs) => {
                Some("keys are not asked for by a request")
            }
            _ => None,
        }
    }

    fn open<'a>(&'a self, installation: &'a Installation) -> BoxFuture<'a, Box<dyn Open>> {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            let name = folder.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.');
            // A bucket has no capital letters.
            let prefix = format!("scenarios-{}", name.to_ascii_lowercase());
            let made = prefix.clone();
            let make = move || {
                stage::make_tables(dynamodb(), &made);
                stage::make_bucket(services(), &made);
            };
            tokio::task::spawn_blocking(make).await.unwrap();
            let (tables, objects) =
                (Proxy::before(dynamodb()).await, Proxy::before(services()).await);
            let text = ports(&prefix, tables.url(), objects.url())
                + &signing_keys(folder.path(), installation);
            let server = Server::start(folder.path(), installation, &text).await;
            let store = administration(&folder, &prefix).await;
            let broken = installation.clone();
            Box::new(Running { server, prefix, tables, objects, store, broken, _folder: folder })
                as Box<dyn Open>
        })
    }
}

/// The tables of a configuration that say where what is recorded lies.
fn ports(prefix: &str, tables: &str, objects: &str) -> String {
    format!(
        r#"
        [store]
        type = "dynamodb"
        endpoint-url = "{tables}"
        entitlements-table = "{prefix}-entitlements"
        catalog-table = "{prefix}-catalog"
        sessions-table = "{prefix}-sessions"
        catalog-cache-ttl = 0
        region = "us-east-1"
        timeout = 5
        [objects]
        type = "s3"
        bucket = "{prefix}"
        endpoint-url = "{objects}"
        region = "us-east-1"
        timeout = 5
        found-for = 0
        missing-for = 0
        "#
    )
}

/// What the command line edits the store with, past the proxy.
async fn administration(folder: &TempDir, prefix: &str) -> Arc<dyn Administration> {
    let text = ports(prefix, dynamodb(), services());
    let nothing: [(&str, &str); 0] = [];
    let text = format!(
        "[policy]\nfile = \"policy.json\"\n[signing-keys]\ntype = \"pem\"\nkey-pair-id = \"K\"\npath = \"k\"\n{text}"
    );
    let file = folder.path().join("other.toml");
    let config = Config::parse(&file, &text, nothing, Needs::Ports);
    let wiring = config.unwrap_or_else(|error| panic!("{error}")).wiring.unwrap();
    let opened = wiring.open_port(Port::Sessions).await;
    opened.unwrap_or_else(|error| panic!("{error}")).administration.unwrap()
}

struct Running {
    server: Server,
    prefix: String,
    tables: Proxy,
    objects: Proxy,
    store: Arc<dyn Administration>,
    broken: Installation,
    _folder: TempDir,
}

impl Open for Running {
    fn address(&self) -> SocketAddr {
        self.server.address
    }

    fn fill<'a>(&'a self, before: &'a Before, now: u64) -> BoxFuture<'a, ()> {
        let (prefix, before) = (self.prefix.clone(), before.clone());
        Box::pin(async move {
            let fill = move || fill(&prefix, &before, now);
            tokio::task::spawn_blocking(fill).await.unwrap();
        })
    }

    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            for (dependency, manner) in &self.broken.broken {
                let fault = match manner {
                    Manner::Fails => Fault::AccessDenied,
                    Manner::Hangs => Fault::Silence,
                };
                let read = |table: &str| format!("GetItem {}-{table}", self.prefix);
                match dependency {
                    Dependency::Entitlements => {
                        self.tables.fail(&read("entitlements"), fault, usize::MAX);
                    }
                    Dependency::Catalog => self.tables.fail(&read("catalog"), fault, usize::MAX),
                    Dependency::Sessions => {
                        for call in [read("sessions").as_str(), "PutItem", "Query"] {
                            self.tables.fail(call, fault, usize::MAX);
                        }
                    }
                    Dependency::Objects => self.objects.fail("*", fault, usize::MAX),
                    // From the start.
                    _ => {}
                }
            }
        })
    }

    fn resume(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.tables.heal();
            self.objects.heal();
        })
    }

    fn leases<'a>(&'a self, user: &'a str, now: u64) -> BoxFuture<'a, Vec<Recorded>> {
        Box::pin(async move {
            let found = self.store.sessions(Some(user), now).await.unwrap();
            found
                .into_iter()
                .map(|watching| {
                    let lease = watching.session;
                    Recorded {
                        id: lease.id,
                        device: lease.device,
                        series: lease.series,
                        episode: lease.episode,
                        started_at: lease.started_at,
                        renewed_at: lease.renewed_at,
                        expires_at: lease.expires_at,
                    }
                })
                .collect()
        })
    }
}

fn fill(prefix: &str, before: &Before, now: u64) {
    let put = |table: &str, item: &Value| {
        stage::put_item(dynamodb(), &format!("{prefix}-{table}"), item);
    };
    let text = |text: &str| json!({ "S": text });
    let number = |number: u64| json!({ "N": number.to_string() });
    for row in &before.entitlements {
        let mut item = json!({
            "user": text(&row.user), "series": text(&row.series), "status": text(&row.status),
        });
        if let Some(time) = row.valid_until {
            item["validUntil"] = number(time.after(now));
        }
        put("entitlements", &item);
    }
    for row in &before.episodes {
        let mut item = json!({ "series": text(&row.series), "episode": text(&row.episode) });
        for (name, value) in [("video", &row.video), ("poster", &row.poster)] {
            if let Some(value) = value {
                item[name] = text(value);
            }
        }
        put("catalog", &item);
    }
    for object in &before.objects {
        stage::put_object(services(), prefix, object.key(), object.content().as_bytes());
    }
    // One item holds all leases of a user.
    let mut users: Vec<_> = before.sessions.iter().map(|lease| &lease.user).collect();
    users.sort();
    users.dedup();
    for user in users {
        let of_user: Vec<&Lease> =
            before.sessions.iter().filter(|lease| &lease.user == user).collect();
        let last = of_user.iter().map(|lease| lease.expires_at.after(now)).max().unwrap();
        let leases: Vec<_> = of_user
            .iter()
            .map(|lease| {
                json!({ "M": {
                    "id": text(&lease.id),
                    "device": text(&lease.device.fingerprint(user)),
                    "series": text(&lease.series),
                    "episode": text(&lease.episode),
                    "startedAt": number(lease.started_at.after(now)),
                    "renewedAt": number(lease.renewed_at.after(now)),
                    "expiresAt": number(lease.expires_at.after(now)),
                } })
            })
            .collect();
        let item = json!({
            "user": text(user), "revision": text("first"), "leases": { "L": leases },
            "expiresAt": number(last),
        });
        put("sessions", &item);
    }
}
