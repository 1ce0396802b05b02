//! `grant`, `revoke`, `entitlements`, `episode` and `sessions` on a real store.

use std::fs;

use serde_json::json;

use super::site::{Site, curl};

#[test]
fn a_grant_is_listed_replaced_and_revoked() {
    let site = Site::new();
    assert_eq!(site.run(&["entitlements", "--json"]).json(), json!([]));
    site.run(&["grant", "--user", "alice", "--series", "series-1"]).done();
    let until = ["--status", "Completed", "--valid-until", "2027-01-01"];
    site.run(&[&["grant", "--user", "carol", "--series", "series-1"], &until[..]].concat()).done();
    let alice =
        json!({ "user": "alice", "series": "series-1", "status": "Active", "validUntil": null });
    let carol = json!({
        "user": "carol", "series": "series-1", "status": "Completed", "validUntil": 1_798_761_600,
    });
    assert_eq!(site.run(&["entitlements", "--json"]).json(), json!([alice, carol]));
    assert_eq!(site.run(&["entitlements", "--user", "carol", "--json"]).json(), json!([carol]));
    assert_eq!(site.run(&["entitlements", "--user", "erin", "--json"]).json(), json!([]));
    let table = site.run(&["entitlements"]);
    assert_eq!(
        table.done(),
        "USER   SERIES    STATUS     VALID UNTIL\n\
         alice  series-1  Active     -\n\
         carol  series-1  Completed  2027-01-01T00:00:00Z"
    );

    let replaced = site.run(&["grant", "--user", "carol", "--series", "series-1"]);
    assert!(replaced.code == Some(0) && replaced.out.is_empty(), "{replaced}");
    let found = site.run(&["entitlements", "--user", "carol", "--json"]).json();
    assert_eq!(found[0]["status"], "Active");
    assert!(found[0]["validUntil"].is_null());

    let revoke = || site.run(&["revoke", "--user", "carol", "--series", "series-1"]);
    revoke().done();
    revoke().ended(1, &["nothing was recorded"]);
    assert_eq!(site.run(&["entitlements", "--json"]).json(), json!([alice]));
}

#[test]
fn what_is_recorded_is_said_as_it_is() {
    let site = Site::new();
    let said = site.run(&["grant", "--user", "erin", "--series", "s", "--status", "Expired"]);
    assert_eq!((said.code, said.err.trim_end()), (Some(0), "erin, s: Expired is recorded"));
}

#[test]
fn an_episode_is_put_listed_replaced_and_removed() {
    let site = Site::new();
    let episode = ["--series", "series-1", "--episode", "ep2"];
    let put = |more: &[&str]| site.run(&[&["episode", "put"], &episode[..], more].concat());
    let list = || site.run(&["episode", "list", "--json"]).json();
    assert_eq!(list(), json!([]));
    put(&["--video", "content/raw/ep2.mp4", "--poster", "p/ep2.jpg"]).done();
    let row = |video: Option<&str>, poster: Option<&str>| json!([{ "series": "series-1", "episode": "ep2", "video": video, "poster": poster }]);
    assert_eq!(list(), row(Some("content/raw/ep2.mp4"), Some("p/ep2.jpg")));
    put(&[]).done();
    assert_eq!(list(), row(None, None));
    assert_eq!(
        site.run(&["episode", "list"]).done(),
        "SERIES    EPISODE  VIDEO  POSTER\nseries-1  ep2      -      -"
    );
    assert_eq!(site.run(&["episode", "list", "--series", "other", "--json"]).json(), json!([]));
    let remove = || site.run(&[&["episode", "remove"], &episode[..]].concat());
    remove().done();
    remove().ended(1, &["there is no such episode"]);
    assert_eq!(list(), json!([]));
}

/// Commands with an argument that breaks a rule, and what they must say.
const REFUSED: [(&str, &[&str]); 17] = [
    ("grant --user a/b --series s", &["--user: must be 1 to 128 of"]),
    ("grant --user= --series s", &["--user: must be 1 to 128 of"]),
    ("grant --user .. --series s", &["--user: must be 1 to 128 of"]),
    ("grant --user alice --series a%2Fb", &["--series: must be 1 to 128 of"]),
    ("grant --user alice --series s --status=", &["status must be one word"]),
    ("grant --user alice --series s --valid-until noon", &["--valid-until: must be one of"]),
    ("grant --user alice --series s --valid-until 1767290400000", &["valid-until", "milliseconds"]),
    ("revoke --user a/b --series series-1", &["--user: must be"]),
    ("revoke --user alice --series=", &["--series: must be"]),
    ("entitlements --user a/b", &["--user: must be"]),
    ("episode put --series . --episode e", &["--series: must be"]),
    ("episode put --series s --episode=", &["--episode: must be"]),
    ("episode put --series s --episode e --video /abs", &["video must be an object key"]),
    ("episode put --series s --episode e --poster=", &["poster must be 1 to 1024"]),
    ("episode remove --series s --episode e/", &["--episode: must be"]),
    ("episode list --series s/", &["--series: must be"]),
    ("sessions --user a/b", &["--user: must be"]),
];

#[test]
fn a_refused_command_names_the_flag_and_changes_nothing() {
    let site = Site::new();
    site.run(&["grant", "--user", "alice", "--series", "series-1"]).done();
    site.run(&["episode", "put", "--series", "series-1", "--episode", "ep1"]).done();
    let state = || {
        let entitlements = site.run(&["entitlements", "--json"]).json();
        (entitlements, site.run(&["episode", "list", "--json"]).json())
    };
    let before = state();
    for (line, says) in REFUSED {
        site.run(&line.split(' ').collect::<Vec<_>>()).refused(says);
    }
    let long = "a".repeat(129);
    site.run(&["grant", "--user", &long, "--series", "s"]).refused(&["--user: must be 1 to 128"]);
    site.run(&["sessions", "--user", "alice", "--end="]).refused(&["--end: must be"]);
    assert_eq!(state(), before);
}

#[test]
fn what_can_be_refused_is_refused_before_a_store_is_made() {
    let site = Site::new();
    for (line, _) in REFUSED.iter().filter(|(_, says)| says[0].starts_with("--")) {
        site.run(&line.split(' ').collect::<Vec<_>>()).refused(&["--"]);
        assert!(!site.file("tollgate.db").exists(), "{line}");
    }
}

#[test]
fn a_store_that_cannot_be_opened_is_named_by_its_key() {
    let site = Site::new();
    fs::create_dir(site.file("tollgate.db")).unwrap();
    for arguments in [&["entitlements"][..], &["episode", "list"], &["sessions"]] {
        site.run(arguments).refused(&["store.path"]);
    }
    let site = Site::new();
    site.write("tollgate.db", &"this is no database ".repeat(100));
    site.run(&["entitlements"]).refused(&["store.path"]);
    let text = fs::read_to_string(site.file("tollgate.db")).unwrap();
    assert!(text.starts_with("this is no database"), "it was left alone");
}

#[test]
fn a_session_is_listed_and_ended() {
    let site = Site::new();
    site.run(&["grant", "--user", "alice", "--series", "series-1"]).done();
    site.run(&["episode", "put", "--series", "series-1", "--episode", "ep1"]).done();
    assert_eq!(site.run(&["sessions", "--json"]).json(), json!([]));
    let mut server = site.serve();
    let address = server.address("gateway.listen");
    let bearer = format!("Authorization: Bearer {}", site.token("alice"));
    let url = format!("http://{address}/users/alice/series/series-1/episodes/ep1/signed-urls");
    let (body, status) = curl(&["--header", &bearer, &url]);
    assert_eq!(status, 200, "{body}");
    let granted: serde_json::Value = serde_json::from_str(&body).unwrap();
    let session = granted["sessionId"].as_str().unwrap();

    // Beside the running gateway, as an operator would.
    let listed = site.run(&["sessions", "--user", "alice", "--json"]).json();
    let row = &listed[0];
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(row["sessionId"], session);
    assert_eq!(
        (&row["user"], &row["series"], &row["episode"]),
        (&json!("alice"), &json!("series-1"), &json!("ep1"))
    );
    assert_eq!(row["expiresAt"], granted["sessionExpiresAt"]);
    assert_eq!(row["startedAt"], row["renewedAt"]);
    let table = site.run(&["sessions"]);
    assert!(table.done().contains(&format!("alice  {session}  series-1/ep1  ")), "{table}");
    assert_eq!(site.run(&["sessions", "--user", "carol", "--json"]).json(), json!([]));

    let end = |user: &str| site.run(&["sessions", "--user", user, "--end", session]);
    end("carol").ended(1, &["there is no such session"]);
    site.run(&["sessions", "--end", session]).refused(&["--user"]);
    end("alice").done();
    end("alice").ended(1, &["there is no such session"]);
    assert_eq!(site.run(&["sessions", "--json"]).json(), json!([]));
    assert_eq!(server.stop("-TERM").code, Some(0));
}
