//! From the text of a configuration to ports at work.

use std::{fs, path::Path};

use tempfile::TempDir;
use tollgate_backends::{
    ports::{Media, Ports},
    registry::{Opened, Port, PortTables, Wiring, configure},
    section::{Mistake, Section},
};

use crate::{
    contract::claims::{claimed, request},
    keys::{RSA, pem, write_private},
};

/// The ten lines of the guide.
const SHORT: &str = r#"
    [policy]
    domain = "media.example.com"
    [store]
    type = "sqlite"
    path = "tollgate.db"
    [objects]
    type = "folder"
    path = "content"
    [signing-keys]
    type = "pem"
    key-pair-id = "K2JCJMDEHXQW5F"
    path = "private.pem"
"#;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("content")).unwrap();
    write_private(&folder.path().join("private.pem"), &pem("PRIVATE KEY", &RSA.pkcs8));
    folder
}

fn wire(folder: &Path, text: &str) -> Result<Wiring, Vec<Mistake>> {
    let mut file = Section::new("", toml::from_str(text).unwrap()).based_on(folder);
    let tables = PortTables::take_from(&mut file);
    assert_eq!(file.finish(), [], "every table is taken");
    configure(tables)
}

fn mistakes(text: &str) -> Vec<String> {
    let found = wire(Path::new("/nowhere"), text).expect_err("it must be refused");
    found.iter().map(ToString::to_string).collect()
}

async fn opened(folder: &Path, text: &str) -> Opened {
    match wire(folder, text).unwrap().open().await {
        Ok(opened) => opened,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn ten_lines_wire_everything() {
    let folder = folder();
    let summary = wire(folder.path(), SHORT).unwrap().summary();
    let lines: Vec<_> = summary.iter().map(|(port, line)| format!("{port}: {line}")).collect();
    let all = lines.join("\n").replace(&folder.path().display().to_string(), "");
    assert_eq!(
        all,
        "entitlements: sqlite /tollgate.db\ncatalog: sqlite /tollgate.db\n\
         sessions: sqlite /tollgate.db\nobjects: folder /content\n\
         signing-keys: pem K2JCJMDEHXQW5F, current K2JCJMDEHXQW5F, held\n\
         policy: document in the configuration"
    );
    assert!(!folder.path().join("tollgate.db").exists(), "reading a table touches nothing");

    let opened = opened(folder.path(), SHORT).await;
    assert_eq!(opened.upkeep.len(), 1, "one file, one store");
    opened.administration[&Port::Entitlements].grant("u", "s", "active", None).await.unwrap();
    assert!(opened.ports.entitlements.lookup("u", "s").await.unwrap().is_some());
    claimed(&*opened.ports.sessions, &request("u", "d", 1_000)).await;
    assert_eq!(opened.ports.catalog.episode("s", "e").await.unwrap(), None);
    assert!(!opened.ports.objects.exists("a").await.unwrap());
    opened.ports.signing_keys.current().await.unwrap();
    let policy = opened.ports.settings.policy().await.unwrap();
    assert_eq!(policy, r#"{"domain":"media.example.com"}"#);
}

#[tokio::test]
async fn a_table_of_its_own_wins_over_the_store() {
    let folder = folder();
    let text = format!("{SHORT}\n[sessions]\ntype = \"sqlite\"\npath = \"sessions.db\"");
    let opened = opened(folder.path(), &text).await;
    assert_eq!(opened.upkeep.len(), 2);
    claimed(&*opened.ports.sessions, &request("u", "d", 1_000)).await;
    let sessions = &opened.administration[&Port::Sessions];
    assert_eq!(sessions.sessions(None, 1_000).await.unwrap().len(), 1);
    let others = &opened.administration[&Port::Catalog];
    assert_eq!(others.sessions(None, 1_000).await.unwrap(), []);
}

#[tokio::test]
async fn one_port_opens_without_the_others() {
    let folder = folder();
    fs::remove_file(folder.path().join("private.pem")).unwrap();
    let wiring = wire(folder.path(), SHORT).unwrap();
    let adapter = wiring.open_port(Port::Entitlements).await.ok().unwrap();
    adapter.administration.unwrap().grant("u", "s", "active", None).await.unwrap();
}

fn media(video: &str) -> Media {
    Media { video: Some(video.to_owned()), poster: None }
}

/// Whether a change is seen at once: of an entitlement that was taken away, and of an episode that is another now.
async fn sees_changes(text: &str) -> (bool, bool) {
    let folder = folder();
    let opened = opened(folder.path(), text).await;
    let Ports { entitlements, catalog, .. } = &opened.ports;
    let shop = &opened.administration[&Port::Entitlements];
    let editor = &opened.administration[&Port::Catalog];
    // Whatever is believed, what is added counts at once.
    assert_eq!(entitlements.lookup("u", "s").await.unwrap(), None);
    assert_eq!(catalog.episode("s", "e").await.unwrap(), None);
    shop.grant("u", "s", "active", None).await.unwrap();
    editor.put_episode("s", "e", &media("old.mp4")).await.unwrap();
    assert!(entitlements.lookup("u", "s").await.unwrap().is_some());
    assert_eq!(catalog.episode("s", "e").await.unwrap(), Some(media("old.mp4")));
    shop.revoke("u", "s").await.unwrap();
    editor.put_episode("s", "e", &media("new.mp4")).await.unwrap();
    (
        entitlements.lookup("u", "s").await.unwrap().is_none(),
        catalog.episode("s", "e").await.unwrap() == Some(media("new.mp4")),
    )
}

#[tokio::test]
async fn how_long_answers_are_believed_is_for_the_tables_to_say() {
    let store = |keys: &str| {
        SHORT.replace("path = \"tollgate.db\"", &format!("path = \"tollgate.db\"\n{keys}"))
    };
    let own = |port: &str, keys: &str| {
        format!("{SHORT}[{port}]\ntype = \"sqlite\"\npath = \"tollgate.db\"\n{keys}")
    };
    for (text, seen) in [
        (SHORT.to_owned(), (true, false)),
        (store("catalog-cache-ttl = 0"), (true, true)),
        (store("entitlements-cache-ttl = \"1m\""), (false, false)),
        (own("catalog", "cache-ttl = 0"), (true, true)),
        (own("catalog", ""), (true, false)),
        (own("entitlements", "cache-ttl = 60"), (false, false)),
        (own("entitlements", ""), (true, false)),
    ] {
        assert_eq!(sees_changes(&text).await, seen, "{text}");
    }
    let believed = store("entitlements-cache-ttl = \"1m\"");
    let summary = wire(Path::new("/nowhere"), &believed).unwrap().summary();
    for (port, line) in summary {
        assert_eq!(
            line.contains("believed for 60 s"),
            port == Port::Entitlements,
            "{port}: {line}"
        );
    }
    for (text, told) in [
        (store("catalog-cache-ttl = 3601"), "store.catalog-cache-ttl: must be between 0 and 3600"),
        (
            store("entitlements-cache-ttl = 301"),
            "store.entitlements-cache-ttl: must be between 0 and 300",
        ),
        (own("catalog", "cache-ttl = 3601"), "catalog.cache-ttl: must be between 0 and 3600"),
        (
            own("entitlements", "cache-ttl = 301"),
            "entitlements.cache-ttl: must be between 0 and 300",
        ),
        (own("sessions", "cache-ttl = 1"), "sessions.cache-ttl: unknown key"),
        (own("catalog", "catalog-cache-ttl = 1"), "catalog.catalog-cache-ttl: unknown key"),
        (store("cache-ttl = 1"), "store.cache-ttl: unknown key"),
    ] {
        let mistakes = mistakes(&text);
        assert!(mistakes.len() == 1 && mistakes[0].starts_with(told), "{mistakes:?}");
    }
}

#[test]
fn every_mistake_of_every_table_is_told_at_once() {
    let text = r#"
        [policy]
        file = "policy.json"
        domain = "media.example.com"
        [store]
        type = "sqlite"
        paht = "tollgate.db"
        [sessions]
        type = "folder"
        [signing-keys]
        type = "pem"
        mode = "sold"
        current = "K3"
        keys = [{ key-pair-id = "K1", path = "a" }, { key-pair-id = "K1" }, { path = 4 }]
    "#;
    assert_eq!(
        mistakes(text),
        [
            "policy.domain: must not stand beside `file`: the document is in the file",
            "store.path: is required: a text",
            "store.paht: unknown key; did you mean `path`?",
            "sessions.type: must name a backend that can serve sessions: `dynamodb`, `sqlite`",
            "objects: is required: a table with `type`, one of `s3`, `http`, `folder`",
            "signing-keys.mode: must be one of `held`, `revealed`",
            "signing-keys.keys[1].path: is required: a text",
            "signing-keys.keys[1].key-pair-id: is there twice",
            "signing-keys.keys[2].key-pair-id: is required: a text",
            "signing-keys.keys[2].path: must be a text, not a whole number",
            "signing-keys.current: must be the key-pair-id of one of `keys`",
        ]
    );
}

#[test]
fn what_is_missing_is_named() {
    let all = mistakes("").join("\n");
    for port in Port::ALL {
        assert!(all.contains(&format!("{port}: is required")), "{all}");
    }
    let own = "type = 'sqlite'\npath = 'a'\n";
    let idle = format!("[store]\n{own}[entitlements]\n{own}[catalog]\n{own}[sessions]\n{own}");
    assert!(mistakes(&idle).join("\n").contains("store: is not used"), "{idle}");
    let dates = mistakes("[policy]\ndomain = 2026-01-01\nttl = nan\nrules = [{ a = 10:00:00 }]");
    for key in ["policy.domain", "policy.ttl", "policy.rules[0].a"] {
        assert!(dates.iter().any(|line| line.starts_with(key)), "{dates:?}");
    }
}

#[tokio::test]
async fn everything_that_cannot_be_opened_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = SHORT.replace("domain = \"media.example.com\"", "file = \"policy.json\"");
    fs::write(folder.path().join("policy.json"), "{\n  \"domain\": media\n}").unwrap();
    let error = wire(folder.path(), &text).unwrap().open().await.err().unwrap().to_string();
    for part in [
        "policy.file: ",
        "policy.json: is not JSON, line 2 column",
        "objects.path: ",
        "signing-keys.path: ",
        "No such file",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!error.contains("store"), "{error}");
}
