//! DynamoDB and CloudFront in the emulators.

use std::{
    fs,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::json;
use tollgate_emulators::{Fault, Proxy, ask, cdn, dynamodb, services, stage};

use super::{doctor, says};
use crate::{
    cli::site::Site,
    rotation::account::{make, public},
};

/// Three tables, a key group whose key signs, and a distribution that trusts it.
struct Installation {
    site: Site,
    tables: Proxy,
    cdn: Proxy,
    name: String,
    key: String,
}

impl Installation {
    async fn new() -> Self {
        Self::behind(&[("content/series/*", true, "media"), ("*", true, "media")]).await
    }

    async fn behind(behaviors: &[cdn::Behavior<'_>]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("doctor-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let site = Site::new();
        stage::make_tables(dynamodb(), &name);
        let private = fs::read_to_string(site.file("cloudfront.private.pem")).unwrap();
        let key = cdn::make_public_key(services(), &name, &public(&private));
        let made = Self {
            site,
            tables: Proxy::before(dynamodb()).await,
            cdn: Proxy::before(services()).await,
            name,
            key,
        };
        let group = cdn::make_key_group(services(), &made.name, &[&made.key]);
        let alias = format!("{}.example.com", made.name);
        let id = cdn::make_distribution(services(), &made.name, &alias, behaviors, &group);
        made.write(
            &made.key,
            &alias,
            "hls-path = \"content/series/{series}/video/{episode}/video.m3u8\"",
            &group,
            &id,
        );
        made
    }

    fn write(&self, key: &str, domain: &str, policy: &str, group: &str, distribution: &str) {
        let (tables, cdn, name) = (self.tables.url(), self.cdn.url(), &self.name);
        let text = format!(
            r#"
            [policy]
            domain = "{domain}"
            {policy}
            [store]
            type = "dynamodb"
            endpoint-url = "{tables}"
            entitlements-table = "{name}-entitlements"
            catalog-table = "{name}-catalog"
            sessions-table = "{name}-sessions"
            [objects]
            type = "folder"
            path = "media"
            [signing-keys]
            type = "pem"
            key-pair-id = "{key}"
            path = "cloudfront.private.pem"
            [auth]
            type = "pem"
            path = "issuer.public.pem"
            issuer = "https://login.example.com"
            audiences = ["video"]
            [cloudfront]
            key-group-id = "{group}"
            distribution-id = "{distribution}"
            endpoint-url = "{cdn}"
            "#
        );
        self.site.write("tollgate.toml", &text);
    }

    fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.site.file("tollgate.toml")).unwrap();
        assert!(text.contains(from), "{from}");
        self.site.write("tollgate.toml", &text.replacen(from, to, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_is_well_is_said_to_be_and_nothing_is_changed() {
    let made = Installation::new().await;
    let outcome = doctor(made.site.path());
    let (key, name) = (made.key.as_str(), made.name.as_str());
    says(
        &outcome,
        0,
        &[
            &["ok ", "entitlements", "dynamodb", "can be read"],
            &["ok ", "entitlements", "has the right keys"],
            &["ok ", "catalog", "has the right keys"],
            &["ok ", "sessions", "can be written"],
            &["ok ", "sessions", "deletes what has expired"],
            &["ok ", "clock", "DynamoDB"],
            &["ok ", "cloudfront", key, "which signs"],
            &["ok ", "cloudfront", key, "is the other half"],
            &["ok ", "cloudfront", "is deployed"],
            &["ok ", "cloudfront", "serves", name],
            &["ok ", "cloudfront", "behaviour content/series/* trusts", "ep1/segment-1.ts"],
            &["ok ", "cloudfront", "behaviour * trusts", "everything else"],
            &["ok ", "clock", "CloudFront"],
        ],
    );
    assert!(!outcome.out.contains("FAIL"), "{outcome}");
    let writes = made.tables.take_calls().into_iter().filter(|call| call.operation == "PutItem");
    assert_eq!(writes.count(), 1, "one that cannot succeed");
    let scan = json!({ "TableName": format!("{name}-sessions") });
    assert_eq!(ask(dynamodb(), "DynamoDB_20120810.Scan", &scan).unwrap()["Count"], 0);
    let mut calls = made.cdn.take_calls().into_iter().map(|call| call.operation);
    assert!(calls.all(|call| call.starts_with("GET ")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_viewers_would_be_denied_for_is_found() {
    let made =
        Installation::behind(&[("content/series/*", true, "media"), ("*", false, "media")]).await;
    // A key that the group does not hold, and that is not the other half either.
    let other = cdn::make_public_key(
        services(),
        &format!("{}-other", made.name),
        &public(&make(tollgate_backends::ports::Algorithm::Rsa2048)),
    );
    made.change(&format!("\"{}\"", made.key), &format!("\"{other}\""));
    says(
        &doctor(made.site.path()),
        1,
        &[
            &["FAIL", "does not hold", &other, "InvalidKey", "add that public key"],
            &["FAIL", &other, "is not the other half", "AccessDenied"],
        ],
    );
    made.change(&format!("\"{other}\""), "\"KNOBODYKNOWS\"");
    says(&doctor(made.site.path()), 1, &[&["FAIL", "there is no public key KNOBODYKNOWS"]]);
    made.change("\"KNOBODYKNOWS\"", &format!("\"{}\"", made.key));
    // What the policy signs lies under another behaviour, which asks for no signature; and the host is another's.
    made.change("content/series/{series}", "open/{series}");
    made.change(&format!("{}.example.com", made.name), "elsewhere.example.com");
    says(
        &doctor(made.site.path()),
        1,
        &[
            &["FAIL", "behaviour * serves /open/series-1/video/ep1/video.m3u8,"],
            &["FAIL", "does not serve elsewhere.example.com"],
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_group_that_nobody_signs_with_is_a_warning_with_what_removes_it() {
    let made = Installation::new().await;
    let name = format!("{}-left", made.name);
    let left = make(tollgate_backends::ports::Algorithm::EcdsaP256);
    let left = cdn::make_public_key(services(), &name, &public(&left));
    let group = cdn::make_key_group(services(), &name, &[&made.key, &left]);
    let text = fs::read_to_string(made.site.file("tollgate.toml")).unwrap();
    let line = text.lines().find(|line| line.contains("key-group-id")).unwrap();
    made.change(line, &format!("key-group-id = \"{group}\""));
    says(
        &doctor(made.site.path()),
        1,
        &[&["warn", "also holds", &left, &format!("update-key-group --id {group}"), &made.key]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_behaviour_that_serves_what_is_signed_to_everybody_is_found_wherever_it_is() {
    const PLAYLISTS: &str = "*.m3u8";
    const SEGMENTS: &str = "content/series/*/video/*/*";
    for (behaviors, code, words) in [
        // The playlist needs a signature, and what it lists does not.
        (
            &[(PLAYLISTS, true, "media"), (SEGMENTS, false, "media"), ("*", true, "media")][..],
            1,
            &["FAIL", SEGMENTS, "/content/series/series-1/video/ep1/segment-1.ts", "everybody"][..],
        ),
        (
            &[(SEGMENTS, true, "media"), ("*", false, "media")],
            1,
            &["FAIL", "behaviour * serves everything else to everybody"],
        ),
        (
            &[("*.jpg", false, "media"), ("*", true, "media")],
            1,
            &["FAIL", "behaviour *.jpg serves /content/series/series-1/video/ep1/poster.jpg"],
        ),
        // A web site beside the media.
        (
            &[(SEGMENTS, true, "media"), ("*", false, "site")],
            0,
            &["warn", "behaviour * serves everything else to everybody", "-site.s3"],
        ),
        (&[("*", true, "media")], 0, &["ok ", "behaviour * trusts", "segment-1.ts, "]),
    ] {
        let made = Installation::behind(behaviors).await;
        says(&doctor(made.site.path()), code, &[words]);
    }
    // A rule of the policy signs objects of its own.
    let made = Installation::behind(&[
        ("trailers/*", false, "media"),
        (SEGMENTS, true, "media"),
        ("*", true, "media"),
    ])
    .await;
    assert_eq!(doctor(made.site.path()).code, Some(0));
    made.change("hls-path", "rules = [{ pattern = \"trailers/**\", sign = \"exact\" }]\nhls-path");
    says(
        &doctor(made.site.path()),
        1,
        &[&["FAIL", "behaviour trailers/* serves /trailers/video.mp4"]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_and_tables_that_are_missing_are_named() {
    let made = Installation::new().await;
    made.tables.fail("PutItem", Fault::AccessDenied, 100);
    made.tables.fail("DescribeTable", Fault::AccessDenied, 100);
    made.cdn.fail("*", Fault::AccessDenied, 100);
    says(
        &doctor(made.site.path()),
        1,
        &[
            &["FAIL", "sessions", "dynamodb:PutItem", "not allowed", "allow the action"],
            &["warn", "catalog", "was not checked", "dynamodb:DescribeTable"],
            &["warn", "cloudfront", "was not checked", "cloudfront:GetKeyGroup"],
        ],
    );
    made.tables.heal();
    made.cdn.heal();
    made.change(&format!("{}-sessions", made.name), &format!("{}-catalog", made.name));
    made.change(
        &format!("catalog-table = \"{}-catalog\"", made.name),
        "catalog-table = \"nowhere\"",
    );
    says(
        &doctor(made.site.path()),
        1,
        &[
            &["FAIL", "catalog", "dynamodb:GetItem", "table nowhere does not exist"],
            &["FAIL", "sessions", "has the keys", "make a table with user (partition)"],
        ],
    );
    made.tables.fail("*", Fault::Reset, 1000);
    let outcome = doctor(made.site.path());
    says(&outcome, 1, &[&["FAIL", "entitlements", "unavailable", "network"]]);
}
