//! `tollgate demo --check`: the main job, step by step, with what each step saw.

mod deliveries;
mod devices;
mod refusals;
mod stream;

use http::Method;
use serde_json::Value;

use super::{
    client::{Client, Reply},
    scene::Scene,
};
use crate::cli::{Failure, output};

/// Runs every step; the first that does not see what it should ends the check.
pub(super) async fn run(scene: &Scene) -> Result<(), Failure> {
    let mut check = Check { scene, client: Client::new(scene), steps: 0 };
    let outcome = async {
        stream::run(&mut check).await?;
        deliveries::run(&mut check).await?;
        refusals::run(&mut check).await?;
        devices::run(&mut check).await?;
        check.operations().await
    };
    match outcome.await {
        Ok(()) => output::line(format_args!("all {} steps saw what they should", check.steps)),
        Err(Broken { step, saw }) => {
            output::line(format_args!("FAILED {step}: {saw}"))?;
            Err(Failure::Failed(format!("the check failed: {step}")))
        }
    }
}

/// A step that did not see what it should.
struct Broken {
    step: String,
    saw: String,
}

/// What every step needs.
struct Check<'a> {
    scene: &'a Scene,
    client: Client,
    steps: usize,
}

/// What a step saw, or what it saw instead.
type Seen = Result<String, String>;

impl Check<'_> {
    /// Shows a step that saw what it should; ends the check otherwise.
    fn step(&mut self, name: &str, seen: Seen) -> Result<(), Broken> {
        let saw = seen.map_err(|saw| Broken { step: name.to_owned(), saw })?;
        self.steps += 1;
        output::line(format_args!("ok  {name}: {saw}"))
            .map_err(|error| Broken { step: name.to_owned(), saw: error.to_string() })
    }

    /// Asks the gateway for an episode.
    async fn ask(&self, user: &str, episode: &str, device: &str) -> Result<Reply, String> {
        let url = self.scene.signed_urls(user, episode);
        self.call(Method::GET, &url, user, device).await
    }

    /// Calls the gateway with a token of `user`.
    async fn call(
        &self,
        method: Method,
        url: &str,
        user: &str,
        device: &str,
    ) -> Result<Reply, String> {
        let token = self.scene.issuer.token(user, "Standard").map_err(|error| error.to_string())?;
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), ("user-agent", device)];
        self.client.send(method, url, &headers).await
    }

    /// Fetches from the edge.
    async fn fetch(&self, url: &str) -> Result<Reply, String> {
        self.client.send(Method::GET, url, &[]).await
    }

    async fn operations(&mut self) -> Result<(), Broken> {
        let at = |path: &str| format!("http://{}{path}", self.scene.names.gateway);
        let ready = self.fetch(&at("/readyz")).await;
        let metrics = self.fetch(&at("/metrics")).await;
        self.step("the gateway is ready", ready.and_then(|reply| status(&reply, 200)))?;
        let counted = metrics.and_then(|reply| {
            let text = reply.text();
            let lines = text.lines().filter(|line| {
                line.starts_with("signed_url_generation_errors_total") && !line.ends_with(" 0")
            });
            match (text.contains("signed_url_generation_errors_total"), lines.count()) {
                (true, 0) => {
                    Ok("signed_url_generation_errors_total is 0 for every kind".to_owned())
                }
                (true, _) => Err("signed_url_generation_errors_total is not 0".to_owned()),
                (false, _) => Err("signed_url_generation_errors_total is missing".to_owned()),
            }
        });
        self.step("no signature failed", counted)
    }
}

/// The reply has this status.
fn status(reply: &Reply, wanted: u16) -> Seen {
    if reply.status == wanted {
        Ok(wanted.to_string())
    } else {
        let slug = slug(reply).unwrap_or_default();
        Err(format!("{} instead of {wanted} {slug}", reply.status))
    }
}

/// The reply is this problem.
fn problem(reply: &Reply, wanted: u16, slug: &str) -> Seen {
    status(reply, wanted)?;
    match self::slug(reply) {
        Some(found) if found == slug => Ok(format!("{wanted} {slug}")),
        other => Err(format!("{wanted} with {other:?} instead of {slug}")),
    }
}

/// The `type` of a problem.
fn slug(reply: &Reply) -> Option<String> {
    Some(reply.json().get("type")?.as_str()?.to_owned())
}

/// A text of a grant.
fn text(grant: &Value, key: &str) -> Result<String, String> {
    grant
        .get(key)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("no {key} in the grant"))
}
