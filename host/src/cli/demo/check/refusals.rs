//! What must not work: requests the edge denies, and viewers the gateway refuses.

use super::{
    super::{client::Reply, scene::RAW_VIDEO},
    Broken, Check, Seen, problem, status, text,
};
use crate::{
    cli::time,
    component::{
        Runtime, SignerComponent,
        signer::{Hash, Terms},
    },
};

pub(super) async fn run(check: &mut Check<'_>) -> Result<(), Broken> {
    let grant = check.ask("alice", "ep1", "check/laptop").await.map(|reply| reply.json());
    let url = grant.and_then(|grant| text(&grant, "videoUrl")).unwrap_or_default();
    let (unsigned, query) = url.split_once('?').unwrap_or((&url, ""));
    let edge = format!("http://{}", check.scene.names.edge);

    let reply = check.fetch(unsigned).await;
    check.step("unsigned", reply.and_then(|reply| denied(&reply, "MissingKey")))?;
    let reply = check.fetch(&tampered(&url)).await;
    check.step("tampered", reply.and_then(|reply| denied(&reply, "AccessDenied")))?;
    let reply = match expired(check, unsigned) {
        Ok(url) => check.fetch(&url).await,
        Err(error) => Err(error),
    };
    check.step("expired", reply.and_then(|reply| denied(&reply, "AccessDenied")))?;
    let reply = check.fetch(&format!("{edge}/{RAW_VIDEO}?{query}")).await;
    check.step("another directory", reply.and_then(|reply| denied(&reply, "AccessDenied")))?;
    let stranger = url.replace(check.scene.key_pair_id(), "KOTHER1");
    let reply = check.fetch(&stranger).await;
    check.step("another key", reply.and_then(|reply| denied(&reply, "InvalidKey")))?;
    let reply = check.fetch(&format!("{edge}/public/hello.txt")).await;
    check.step("a public object, unsigned", reply.and_then(|reply| status(&reply, 200)))?;

    for (user, why) in [("nobody", "nothing recorded"), ("erin", "expired")] {
        let reply = check.ask(user, "ep1", "check/laptop").await;
        let seen = reply.and_then(|reply| problem(&reply, 403, "not-entitled"));
        check.step(&format!("{user}, entitlement: {why}"), seen)?;
    }
    let own = check.scene.signed_urls("alice", "ep1");
    let reply = check.call(http::Method::GET, &own, "carol", "check/laptop").await;
    check.step("carol in alice's name", reply.and_then(|reply| status(&reply, 403)))?;
    let reply = check.fetch(&own).await;
    check.step("without a token", reply.and_then(|reply| problem(&reply, 401, "unauthenticated")))
}

/// The edge denied as CloudFront does.
fn denied(reply: &Reply, code: &str) -> Seen {
    status(reply, 403)?;
    let body = reply.text();
    if body.contains(&format!("<Code>{code}</Code>")) {
        Ok(format!("403 {code} ({})", reply.header("x-tollgate-reason")))
    } else {
        Err(format!("403 without {code}"))
    }
}

/// The URL with one character of its signature changed.
fn tampered(url: &str) -> String {
    let Some((before, after)) = url.split_once("Signature=") else { return String::new() };
    // In the middle, so that it is neither the DER header nor padding.
    let (left, right) = after.split_at(after.len().min(40));
    let other = if right.starts_with('A') { 'B' } else { 'A' };
    format!("{before}Signature={left}{other}{}", right.get(1..).unwrap_or_default())
}

/// The URL, rightly signed an hour ago for a minute.
fn expired(check: &Check<'_>, url: &str) -> Result<String, String> {
    let terms = Terms {
        expires_at: time::now() - 3540,
        not_before: None,
        ip_address: None,
        resource: None,
        allow_wildcard_domain: false,
        hash: Hash::Sha256,
        now: None,
    };
    let key = check.scene.signing_key().map_err(|error| error.to_string())?;
    let signer = Runtime::new().and_then(|runtime| SignerComponent::new(&runtime));
    let signer = signer.map_err(|error| error.to_string())?;
    signer.sign_url(check.scene.key_pair_id(), &key, url, &terms).map_err(|error| error.to_string())
}
