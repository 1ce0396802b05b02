//! Everything on one machine, and an issuer elsewhere.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, SystemTime},
};

use super::{count, doctor, says};
use crate::{
    cli::{
        process::{command, run},
        site::Site,
    },
    edge::scene::{OriginServer, server::reply},
};

#[test]
fn a_site_that_is_well_has_nothing_but_ok() {
    let site = Site::with_edge();
    let before = doctor(site.path());
    says(&before, 0, &[&["warn", "tollgate.db is not there yet"]]);
    assert!(!site.file("tollgate.db").exists(), "looking makes nothing");
    site.run(&["grant", "--user", "alice", "--series", "series-1"]).done();
    let outcome = doctor(site.path());
    says(
        &outcome,
        0,
        &[
            &["ok ", "configuration", "holds together"],
            &["ok ", "entitlements", "can be read"],
            &["ok ", "catalog", "can be read"],
            &["ok ", "sessions", "can be read"],
            &["ok ", "tollgate.db can be written"],
            &["ok ", "objects", "knows what is not there"],
            &["ok ", "signing-keys", "signs with K2JCJMDEHXQW5F"],
            &["ok ", "policy", "the component takes it"],
            &["ok ", "auth", "1 keys"],
            &["ok ", "edge", "can be used"],
        ],
    );
    assert!(!outcome.out.contains("warn") && !outcome.out.contains("FAIL"), "{outcome}");
    let json = run(command(site.path()).args(["doctor", "--json"]));
    assert_eq!((count(&json, "warn"), count(&json, "fail")), (0, 0), "{json}");
    assert_eq!(count(&json, "ok"), outcome.out.lines().count());
}

#[test]
fn each_thing_that_is_wrong_has_a_line_and_hides_no_other() {
    let site = Site::with_edge();
    fs::write(site.file("tollgate.db"), "this is no database, and it never was one").unwrap();
    fs::remove_dir_all(site.file("media")).unwrap();
    fs::remove_file(site.file("issuer.public.pem")).unwrap();
    let key = site.file("cloudfront.private.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let text = fs::read_to_string(site.file("tollgate.toml")).unwrap();
    let text = text.replace("policy = { domain", "policy = { ttl = 1, domain");
    fs::write(site.file("tollgate.toml"), text).unwrap();
    let outcome = doctor(site.path());
    says(
        &outcome,
        1,
        &[
            &["FAIL", "store.path"],
            &["FAIL", "objects.path"],
            &["FAIL", "signing-keys.path", "chmod 600"],
            &["FAIL", "policy.ttl"],
            &["FAIL", "auth", "issuer.public.pem"],
            &["FAIL", "edge.origins"],
        ],
    );
}

#[test]
fn mistakes_in_the_file_are_checks_that_fail() {
    let site = Site::new();
    site.append("[cloudfront]\nkey-group-id = \"a/b\"\n[gateway2]\n");
    let outcome = doctor(site.path());
    says(
        &outcome,
        1,
        &[&["FAIL", "cloudfront.key-group-id", "docs/configuration.md"], &["gateway2"]],
    );
    fs::remove_file(site.file("tollgate.toml")).unwrap();
    doctor(site.path()).ended(2, &["cannot be read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_is_compared_with_that_of_the_issuer() {
    const KEYS: &str = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":"1",
                           "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    for (behind, verdict, code) in [(0, "ok ", 0), (90, "warn", 0), (900, "FAIL", 1)] {
        let date = httpdate::fmt_http_date(SystemTime::now() - Duration::from_secs(behind));
        let headers = format!("Date: {date}\r\n");
        let issuer = OriginServer::start(move |_| reply("200 OK", &headers, KEYS.as_bytes())).await;
        let site = Site::new();
        let text = fs::read_to_string(site.file("tollgate.toml")).unwrap();
        let text = text
            .replace("type = \"pem\"\npath = \"issuer.public.pem\"", "type = \"jwks-url\"")
            .replace("issuer =", &format!("url = \"{}/jwks\"\nissuer =", issuer.url));
        fs::write(site.file("tollgate.toml"), text).unwrap();
        says(&doctor(site.path()), code, &[&[verdict, "clock", "the issuer"], &["ok ", "auth"]]);
    }
}
