//! SIGHUP, which ends a process that does not listen for it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use super::command::{OBJECTS, Running, address, edge, open_edge, tollgate};
use crate::patience::PATIENCE;

#[test]
fn an_edge_without_tls_outlives_a_hangup_and_says_that_it_has_nothing_to_read() {
    let folder = open_edge("", OBJECTS);
    let mut running = Running::start(&mut edge(folder.path()));
    let mut log = running.log();
    address(&mut log);
    for _ in 0..2 {
        running.signal("HUP");
        log.until("SIGHUP: there is nothing to reload");
    }
    running.signal("TERM");
    log.until("every request was answered");
    assert_eq!(running.ended().code(), Some(0));
}

#[test]
fn an_edge_with_tls_says_at_a_hangup_that_it_reloads() {
    let lines = "tls-certificate = \"tls.pem\"\ntls-key = \"tls.key\"";
    let folder = open_edge(lines, OBJECTS);
    let identity = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let write = |made: rcgen::CertifiedKey<rcgen::KeyPair>| {
        fs::write(folder.path().join("tls.pem"), made.cert.pem()).unwrap();
        fs::write(folder.path().join("tls.key"), made.signing_key.serialize_pem()).unwrap();
    };
    write(identity());
    let mut running = Running::start(&mut edge(folder.path()));
    let mut log = running.log();
    address(&mut log);
    write(identity());
    running.signal("HUP");
    // Two tasks hear of it, and either may be the first to say so.
    let lines = [log.until("certificate"), log.until("certificate")].concat();
    assert!(lines.contains("SIGHUP: certificates are read again"), "{lines}");
    assert!(lines.contains("the certificate was replaced"), "{lines}");
    running.signal("TERM");
    assert_eq!(running.ended().code(), Some(0));
}

#[test]
fn a_demo_whose_terminal_goes_away_stops_and_takes_its_keys_with_it() {
    for signal in ["HUP", "INT", "TERM"] {
        let temporary = tempfile::tempdir().unwrap();
        let mut demo = tollgate(&["demo", "--port", "0", "--edge-port", "0"]);
        let mut running = Running::start(demo.env("TMPDIR", temporary.path()));
        running.output().until("Who watches now");
        let folder = only_folder(&temporary).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(folder.join("issuer.private.pem").exists());
        running.signal(signal);
        assert_eq!(running.ended().code(), Some(0), "{signal}");
        assert_eq!(only_folder(&temporary), None, "{signal}");
    }
}

#[test]
fn a_demo_that_is_told_to_stop_before_it_runs_leaves_nothing_either() {
    for check in [&[][..], &["--check"]] {
        let temporary = tempfile::tempdir().unwrap();
        let mut demo = tollgate(&[&["demo", "--port", "0", "--edge-port", "0"], check].concat());
        let mut running = Running::start(demo.env("TMPDIR", temporary.path()));
        let deadline = Instant::now() + PATIENCE;
        // There is no event for a folder that appears, but it is not missed by looking often.
        while only_folder(&temporary).is_none() {
            assert!(!running.has_ended(), "{check:?}: it ended before its folder was seen");
            assert!(Instant::now() < deadline, "{check:?}: it makes no folder");
            std::thread::sleep(Duration::from_millis(1));
        }
        running.signal("HUP");
        running.ended();
        assert_eq!(only_folder(&temporary), None, "{check:?}");
    }
}

fn only_folder(parent: &tempfile::TempDir) -> Option<PathBuf> {
    fs::read_dir(parent.path()).unwrap().next().map(|entry| entry.unwrap().path())
}
