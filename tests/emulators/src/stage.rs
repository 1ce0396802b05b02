//! What an installation on AWS stands on, made in the emulators as `docs/deploy-aws.md` makes it on AWS.

use serde_json::{Value, json};

use super::{ask, rest};

/// The three tables, as `PREFIX-entitlements`, `PREFIX-catalog` and `PREFIX-sessions`.
pub fn make_tables(url: &str, prefix: &str) {
    for (name, keys) in [
        ("entitlements", &["user", "series"][..]),
        ("catalog", &["series", "episode"]),
        ("sessions", &["user"]),
    ] {
        let schema = |(at, key)| {
            let kind = if at == 0 { "HASH" } else { "RANGE" };
            json!({ "AttributeName": key, "KeyType": kind })
        };
        let text = |key| json!({ "AttributeName": key, "AttributeType": "S" });
        let table = json!({
            "TableName": format!("{prefix}-{name}"),
            "KeySchema": keys.iter().enumerate().map(schema).collect::<Vec<_>>(),
            "AttributeDefinitions": keys.iter().map(text).collect::<Vec<_>>(),
            "BillingMode": "PAY_PER_REQUEST",
        });
        ask(url, "DynamoDB_20120810.CreateTable", &table).unwrap();
    }
    let expiry = json!({
        "TableName": format!("{prefix}-sessions"),
        "TimeToLiveSpecification": { "AttributeName": "expiresAt", "Enabled": true },
    });
    ask(url, "DynamoDB_20120810.UpdateTimeToLive", &expiry).unwrap();
}

/// Writes an item in DynamoDB's own form of JSON.
pub fn put_item(url: &str, table: &str, item: &Value) {
    let request = json!({ "TableName": table, "Item": item });
    ask(url, "DynamoDB_20120810.PutItem", &request).unwrap();
}

/// Makes a secret with a first version, which is `AWSCURRENT`; the id of the version.
pub fn make_secret(url: &str, name: &str, value: &str) -> String {
    let request = json!({ "Name": name, "SecretString": value, "ClientRequestToken": token() });
    let made = ask(url, "secretsmanager.CreateSecret", &request).unwrap();
    made["VersionId"].as_str().unwrap().to_owned()
}

/// Adds a version to a secret under these stages; its id.
pub fn put_secret(url: &str, name: &str, value: &str, stages: &[&str]) -> String {
    let request = json!({
        "SecretId": name, "SecretString": value, "VersionStages": stages, "ClientRequestToken": token(),
    });
    let put = ask(url, "secretsmanager.PutSecretValue", &request).unwrap();
    put["VersionId"].as_str().unwrap().to_owned()
}

/// Takes a stage from one version of a secret and gives it to another.
pub fn move_stage(url: &str, name: &str, stage: &str, from: &str, to: &str) {
    let request = json!({
        "SecretId": name, "VersionStage": stage, "RemoveFromVersionId": from, "MoveToVersionId": to,
    });
    ask(url, "secretsmanager.UpdateSecretVersionStage", &request).unwrap();
}

/// Writes a new version of a parameter of this type, for example `SecureString`.
pub fn put_parameter(url: &str, name: &str, value: &str, kind: &str) {
    let request = json!({ "Name": name, "Value": value, "Type": kind, "Overwrite": true });
    ask(url, "AmazonSSM.PutParameter", &request).unwrap();
}

/// Makes a bucket.
pub fn make_bucket(url: &str, bucket: &str) {
    let (status, answer) = rest(url, "PUT", &format!("/{bucket}"), b"");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
}

/// Puts an object; the key as it is to stand in a URL.
pub fn put_object(url: &str, bucket: &str, key: &str, body: &[u8]) {
    let (status, answer) = rest(url, "PUT", &format!("/{bucket}/{key}"), body);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
}

/// A token that no other request of this run has.
fn token() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    format!(
        "00000000-0000-4000-{:04x}-{:012x}",
        process & 0xffff,
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}
