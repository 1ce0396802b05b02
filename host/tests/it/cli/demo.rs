//! `demo`: the check shows its steps, and every line the demo prints works when it is pasted.

use std::fs;

use super::process::{Server, command, run, shell};

#[test]
fn the_check_prints_every_step_exits_with_0_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let outcome =
        run(command(folder.path()).args(["demo", "--check"]).env("TMPDIR", folder.path()));
    let lines: Vec<&str> = outcome.done().lines().collect();
    let (last, steps) = lines.split_last().unwrap();
    assert!(steps.len() >= 25, "{outcome}");
    assert!(steps.iter().all(|step| step.starts_with("ok  ")), "{outcome}");
    assert_eq!(*last, format!("all {} steps saw what they should", steps.len()));
    for step in ["a grant for alice", "the playlist", "unsigned: 403 MissingKey", "expired: 403"] {
        assert!(steps.iter().any(|line| line.contains(step)), "{step}: {outcome}");
    }
    assert!(!outcome.out.contains("Signature=") && !outcome.out.contains("eyJ"), "{outcome}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "its folder is gone");
}

#[test]
fn a_check_that_is_interrupted_leaves_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    let mut check = command(folder.path());
    check.args(["demo", "--check"]).env("TMPDIR", folder.path());
    let mut check = Server::start(&mut check);
    check.printed(|line| line.starts_with("ok  ").then_some(()));
    let outcome = check.stop("-INT");
    // On a slow machine the signal may come too late to interrupt anything.
    let interrupted =
        outcome.code == Some(1) && outcome.err.contains("tollgate: the check was told to stop");
    assert!(interrupted || outcome.code == Some(0), "{outcome}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "its folder is gone");
}

#[test]
fn what_the_demo_prints_works_when_it_is_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = command(folder.path());
    demo.args(["demo", "--port", "0", "--edge-port", "0"]).env("TMPDIR", folder.path());
    let mut demo = Server::start(&mut demo);
    let line =
        |part: &'static str| move |line: &str| line.contains(part).then(|| line.trim().to_owned());
    let token = demo.printed(|line| line.starts_with("ey").then(|| line.to_owned()));
    let grant = demo.printed(|line| line.ends_with("signed-urls").then(|| line.trim().to_owned()));
    let playlist = demo.printed(line("| xargs curl"));
    let unsigned = demo.printed(line("curl -i "));
    let mint = demo.printed(line(" token --config "));
    let sessions = demo.printed(line("Who watches now: "));
    let paste = |line: &str| run(&mut shell(folder.path(), line));

    assert!(grant.starts_with("curl ") && grant.contains(&token));
    let granted = paste(&grant).json();
    assert_eq!(granted["isHls"], true);
    let url = granted["videoUrl"].as_str().unwrap();
    assert!(url.contains("Signature="));
    assert!(paste(&playlist).done().starts_with("#EXTM3U"));
    let denied = paste(&format!("{unsigned} -s"));
    assert!(denied.done().starts_with("HTTP/1.1 403 Forbidden"), "{denied}");
    assert!(denied.out.contains("<Code>MissingKey</Code>"), "{denied}");

    let carol = paste(&mint);
    let ask = grant.replace(&token, carol.done()).replace("/alice/", "/carol/");
    let raw = paste(&ask.replace("/ep1/", "/ep2/")).json();
    assert_eq!(raw["isHls"], false);
    let watching = paste(sessions.strip_prefix("Who watches now: ").unwrap());
    assert!(watching.done().contains("alice") && watching.done().contains("carol"), "{watching}");

    let outcome = demo.stop("-INT");
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "its folder is gone");
    // What it prints is for whoever started it; the log is not.
    assert!(!outcome.err.contains(&token) && !outcome.err.contains("Signature="), "{outcome}");
}

#[test]
fn a_port_that_is_taken_is_refused_when_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (flag, key) in [("--port", "gateway.listen"), ("--edge-port", "edge.listen")] {
        let mut demo = command(folder.path());
        demo.args(["demo", "--check", flag, &port]).env("TMPDIR", folder.path());
        run(&mut demo).ended(1, &[&format!("{key}: 127.0.0.1:{port} cannot be listened on")]);
    }
    for (flag, value) in [("--port", "65536"), ("--log", "a=b=c"), ("--port", "")] {
        let outcome = run(command(folder.path()).args(["demo", "--check", flag, value]));
        outcome.refused(&[flag]);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
