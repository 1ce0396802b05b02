//! Results that cannot be written.

use std::{
    fs::File,
    io::Write as _,
    process::{Command, Output, Stdio},
};

use super::command::tollgate;
use crate::edge::scene::sign;

const UNSIGNED: &str = "https://media.example/a";

/// Commands that write a result, each in one of the forms it can take.
fn commands() -> Vec<Command> {
    let key = sign::testdata("p256.public.pem").display().to_string();
    let private = sign::testdata("p256.pkcs8.pem").display().to_string();
    let (public, private) = (format!("K1={key}"), private.as_str());
    let verify = ["verify", "--url", UNSIGNED, "--public-key", &public];
    let sign = ["--url", UNSIGNED, "--key-pair-id", "K1", "--private-key", private];
    let expires = ["--date-less-than", "2100-01-01"];
    vec![
        tollgate(&verify),
        tollgate(&[&verify[..], &["--json"]].concat()),
        tollgate(&[&verify[..], &["--explain"]].concat()),
        tollgate(&[&["sign"], &sign[..], &expires[..]].concat()),
        tollgate(&[&["sign-cookies"], &sign[..], &expires[..]].concat()),
    ]
}

#[test]
fn a_result_that_does_not_fit_on_the_disk_is_a_failure() {
    for mut command in commands() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let Output { status, stderr, .. } =
            command.stdout(full).stderr(Stdio::piped()).output().unwrap();
        let complaint = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(1), "{command:?}: {complaint}");
        assert!(complaint.contains("the result cannot be written"), "{command:?}: {complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_changes_nothing() {
    for mut command in commands() {
        let usual = command.output().unwrap();
        assert!(!usual.stdout.is_empty(), "{command:?}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let Output { status, stderr, .. } =
            command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((status, stderr), (usual.status, usual.stderr), "{command:?}");
    }
}

#[test]
fn rows_that_do_not_fit_are_a_failure_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("tollgate.toml");
    let mut file = File::create(&config).unwrap();
    file.write_all(
        br#"
        policy = { domain = "media.example" }
        store = { type = "sqlite", path = "tollgate.db" }
        objects = { type = "folder", path = "." }
        signing-keys = { type = "pem", key-pair-id = "K1", path = "none.pem" }
        "#,
    )
    .unwrap();
    let config = config.display().to_string();
    for more in [&[][..], &["--json"]] {
        let arguments = [&["entitlements", "--config", &config], more].concat();
        let usual = tollgate(&arguments).output().unwrap();
        assert_eq!(usual.status.code(), Some(0), "{}", String::from_utf8_lossy(&usual.stderr));
        let full = File::options().write(true).open("/dev/full").unwrap();
        let status = tollgate(&arguments).stdout(full).status().unwrap();
        assert_eq!(status.code(), Some(1), "{more:?}");
    }
}
