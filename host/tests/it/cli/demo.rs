//! `demo`: the check shows its steps, and every line the demo prints works when it is pasted.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use serde_json::Value;

use super::process::{Server, command, run, shell};

#[test]
fn the_check_prints_every_step_exits_with_0_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let outcome =
        run(command(folder.path()).args(["demo", "--check"]).env("TMPDIR", folder.path()));
    let lines: Vec<&str> = outcome.done().lines().collect();
    let (last, steps) = lines.split_last().unwrap();
    assert!(steps.len() >= 38, "{outcome}");
    assert!(steps.iter().all(|step| step.starts_with("ok  ")), "{outcome}");
    assert_eq!(*last, format!("all {} steps saw what they should", steps.len()));
    for step in [
        "a grant for alice",
        "the playlist",
        "unsigned: 403 MissingKey",
        "expired: 403",
        "by a link",
    ] {
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

/// What a server that listens on loopback answers under the name viewers call it by, headers included.
fn fetched(folder: &Path, arguments: &str) -> String {
    run(&mut shell(folder, &format!("curl -si --max-time 20 {arguments}"))).done().to_owned()
}

fn body(answer: &str) -> Value {
    serde_json::from_str(answer.rsplit_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_program_finds_the_demo_by_its_ready_file_and_plays_by_its_terms() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = folder.path().join("tmp");
    fs::create_dir(&temporary).unwrap();
    fs::write(folder.path().join("hls.js"), "window.Hls = 1;").unwrap();
    let mut demo = command(folder.path());
    demo.args(["demo", "--port", "0", "--edge-port", "0", "--ready-file", "ready.json"])
        .args(["--host", "app.tollgate.localhost", "--edge-host", "media.tollgate.localhost"])
        .args(["--ttl", "20", "--device-lease", "30", "--delivery", "cookies"])
        .args(["--on-limit", "evict-oldest", "--hls-js", "hls.js"])
        .env("TMPDIR", &temporary);
    let mut demo = Server::start(&mut demo);
    demo.printed(|line| line.contains("/player").then_some(()));
    let file = folder.path().join("ready.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let ready: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let url = |key: &str| ready[key].as_str().unwrap().to_owned();
    let (gateway, edge) = (url("gateway"), url("edge"));
    assert!(gateway.starts_with("http://app.tollgate.localhost:"), "{gateway}");
    assert!(edge.starts_with("http://media.tollgate.localhost:"), "{edge}");
    assert!(Path::new(&url("config")).is_file());
    let port = |url: &str| url.rsplit(':').next().unwrap().to_owned();
    let there = format!(
        "--resolve app.tollgate.localhost:{}:127.0.0.1 --resolve media.tollgate.localhost:{}:127.0.0.1",
        port(&gateway),
        port(&edge)
    );
    let fetch = |arguments: String| fetched(folder.path(), &format!("{there} {arguments}"));

    // The terms hold: so long, by cookies for both names, and the fourth device takes a place.
    let token = ready["tokens"]["alice"].as_str().unwrap();
    let ask = |agent: &str, episode: &str| {
        let target =
            format!("{gateway}/users/alice/series/series-1/episodes/{episode}/signed-urls");
        fetch(format!("-A {agent} -H 'Authorization: Bearer {token}' {target}"))
    };
    for agent in ["a", "b", "c", "d"] {
        let answer = ask(agent, "ep1");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains("; Domain=tollgate.localhost;"), "{answer}");
        let grant = body(&answer);
        assert_eq!((&grant["delivery"], &grant["expiresIn"]), (&"cookies".into(), &20.into()));
        assert!(grant["videoUrl"].as_str().unwrap().starts_with(&edge), "{grant}");
    }
    assert_eq!(body(&ask("d", "live"))["isHls"], true);
    assert!(body(&ask("d", "ep3"))["dashUrl"].is_string());

    // The player page has users to pick from, whose tokens work, and may read from the edge with cookies.
    let page = fetch(format!("{gateway}/player"));
    assert!(page.contains("data-hls-js=\"yes\" data-demo=\"yes\" data-explain=\"yes\""), "{page}");
    assert!(page.contains(&format!("connect-src 'self' {edge};")), "{page}");
    let sample = body(&fetch(format!("{gateway}/player/demo.json")));
    // A page of somebody else's, whose name was made to lead here, gets no tokens.
    let elsewhere = fetch(format!("-H Host:evil.example {gateway}/player/demo.json"));
    assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
    let users: Vec<_> =
        sample["users"].as_array().unwrap().iter().map(|user| &user["user"]).collect();
    assert_eq!(users, ["alice", "carol", "erin", "nobody", "root"]);
    assert_eq!(sample["episodes"].as_array().unwrap().len(), 4);
    let carol = sample["users"][1]["token"].as_str().unwrap();
    let list = fetch(format!("-H 'Authorization: Bearer {carol}' {gateway}/users/carol/sessions"));
    assert!(list.starts_with("HTTP/1.1 200"), "{list}");
    let answer = fetch(format!("-H 'Origin: {gateway}' {edge}/public/hello.txt"));
    assert!(answer.contains(&format!("access-control-allow-origin: {gateway}\r\n")), "{answer}");
    assert!(answer.contains("access-control-allow-credentials: true\r\n"), "{answer}");
    let other = format!("-H 'Origin: http://evil.example' {gateway}/player/demo.json");
    assert!(!fetch(other).contains("access-control-allow-origin"), "tokens are for the page");

    let outcome = demo.stop("-INT");
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(!file.exists(), "there are tokens in it");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0, "its folder is gone");
}

#[test]
fn names_that_no_cookie_can_be_for_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (host, edge, flag) in [
        ("app.localhost", "media.localhost", "--edge-host"),
        ("App.tollgate.localhost", "media.tollgate.localhost", "--host"),
        ("app.tollgate.localhost", "media.tollgate.localhost:80", "--edge-host"),
    ] {
        let mut demo = command(folder.path());
        demo.args(["demo", "--check", "--host", host, "--edge-host", edge]);
        run(demo.env("TMPDIR", folder.path())).refused(&[flag]);
    }
    for flags in [["--host", "a.b"], ["--delivery", "post"], ["--ttl", "soon"]] {
        let mut demo = command(folder.path());
        run(demo.args(["demo", "--check"]).args(flags)).refused(&[flags[0]]);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
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
