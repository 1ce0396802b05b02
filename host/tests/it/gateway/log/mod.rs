//! The real program at the filter `trace`: what its log, its problems and its metrics must never say.

mod viewers;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::support::{
    client::{Call, Reply},
    issuer::Issuer,
    program::Program,
    site::{EDGE, Ground, Layout},
    tokens::jwks,
    until,
};
use crate::ground::{SIGNING_KEY, SIGNING_KEY_PUBLIC};
use viewers::{HEARTBEAT, MAIN, Run, Sent, requests};

#[tokio::test(flavor = "multi_thread")]
async fn no_log_line_no_problem_and_no_metric_holds_a_secret() {
    for mode in ["held", "revealed"] {
        let issuer = Issuer::start(Some(jwks(&["p256"]))).await;
        let ground = Ground::prepare().await;
        ground.write("signing.pub", SIGNING_KEY_PUBLIC);
        // A symbolic link to itself: a folder that cannot be read, even by root.
        let lost = ground.path().join("objects/content/series/s/video/loop");
        std::os::unix::fs::symlink(&lost, &lost).unwrap();
        let layout = Layout {
            gateway: PAGES.to_owned(),
            auth: Some(issuer.table()),
            keys: format!("mode = \"{mode}\""),
            more: format!("{EDGE}\n[log]\nfilter = \"trace\""),
            ..Layout::default()
        };
        ground.write("tollgate.toml", &layout.text());
        let program = Program::start(ground.path());
        let to = program.address("gateway.listen").await;
        let edge = program.address("edge.listen").await;
        until("readiness", async || Call::get("/readyz").send(to).await.status == 200).await;

        let mut run = Run::new(to);
        let key = SIGNING_KEY.lines().filter(|line| !line.starts_with("-----"));
        run.secrets.extend(key.map(str::to_owned));
        requests(&mut run, edge).await;
        let (code, lines) = program.ended().await;
        assert_eq!(code, Some(0), "SIGTERM ends it well: {:?}", lines.last());

        check_secrets(&run, &lines);
        check_lines(&run, &lines);
    }
}

/// The explain page is shown signed URLs and cookies.
const PAGES: &str =
    "pages = { player = true, explain = true, public-keys = { K1 = \"signing.pub\" } }";

fn check_secrets(run: &Run, lines: &[String]) {
    assert!(run.secrets.iter().all(|secret| secret.len() >= 20), "too short to be looked for");
    let said = |reply: &Reply| {
        let headers = reply.headers.iter().map(|(_, value)| format!("{value:?}"));
        headers.chain([reply.text().to_owned()]).collect::<Vec<_>>().join("\n")
    };
    let refusals =
        run.sent.iter().filter(|sent| sent.reply.status != 200 || sent.route == "/metrics");
    let refusals: Vec<_> = refusals.map(|sent| said(&sent.reply)).collect();
    for secret in &run.secrets {
        for text in lines.iter().chain(&refusals) {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
    for line in lines {
        for never in ["Signature=", "Policy=", "CloudFront-", "PRIVATE KEY", "Bearer ey"] {
            assert!(!line.contains(never), "{never} is in {line}");
        }
    }
}

/// Each request has one line, under its id, with its route and status.
fn check_lines(run: &Run, lines: &[String]) {
    let mut levels = BTreeSet::new();
    let mut by_id: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in lines {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        levels.insert(line["level"].as_str().unwrap().to_owned());
        if line["message"] == "request" {
            let id = line["request_id"].as_str().unwrap().to_owned();
            by_id.entry(id).or_default().push(line);
        }
    }
    assert!(levels.contains("DEBUG"), "the filter was not at work: {levels:?}");
    for Sent { id, route, reply } in &run.sent {
        let found = by_id.get(id).map(Vec::as_slice).unwrap_or_default();
        let [line] = found else { panic!("{} lines of {id}", found.len()) };
        assert_eq!(line["route"], *route, "{line}");
        assert_eq!(line["status"], reply.status, "{line}");
        assert_eq!(line["level"], "INFO", "{line}");
        assert_eq!(line["source_ip"], "127.0.0.1", "{line}");
        assert!(line["duration_ms"].as_f64().is_some_and(|took| took > 0.0), "{line}");
        let outcome = match reply.status {
            200 | 204 if matches!(*route, MAIN | HEARTBEAT) => "granted".to_owned(),
            200 | 204 => "ok".to_owned(),
            _ => reply.problem()["type"].as_str().unwrap().to_owned(),
        };
        assert_eq!(line["outcome"], outcome, "{line}");
    }
}
