//! The two servers that answer `signed-urls`: the gateway and the peer, with the same users, episodes and keys.

use std::{fmt::Write as _, path::PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use tollgate_bench::tokens::{AUDIENCE, ISSUER};

use super::{
    DOMAIN, KEY_PAIR_ID, SERIES, Server, Stage, attended, free_address, http,
    store::{Size, episode_name, fill, folder_of, user_name},
    write,
};

/// Places for devices of each user beside the leases that are there. One device asks.
const PLACES: usize = 3;

/// How statements are made and signed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Whether each signature is for the viewer's address. Then it is good for nobody else, and is not kept: every
    /// grant signs.
    pub(crate) bound: bool,
    /// Whether the gateway signs by itself, or shows the component its key.
    pub(crate) held: bool,
}

/// A scene in which grants are asked for: a store, objects, and a file of requests.
pub(crate) struct Grants {
    name: String,
    size: Size,
    kind: Kind,
    requests: PathBuf,
    first: String,
    /// The table `[objects]`.
    objects: String,
}

impl Grants {
    /// Fills a store and writes down the requests: of `asked` users for `wanted` episodes, spread evenly over the store.
    pub(crate) fn set(
        stage: &Stage,
        name: &str,
        (size, kind): (Size, Kind),
        (asked, wanted): (usize, usize),
    ) -> Result<Self> {
        fill(&stage.path(&format!("{name}/tollgate.db")), size)?;
        for number in 0..size.episodes {
            let key = format!("{}/video.m3u8", folder_of(&episode_name(number)));
            write(&stage.path(&format!("{name}/objects/{key}")), b"#EXTM3U\n")?;
        }
        let mut lines = String::new();
        for number in 0..asked {
            let user = user_name(number * size.users / asked);
            let episode = episode_name(number % wanted * size.episodes / wanted);
            let token = stage.issuer.token(&user)?;
            write!(
                lines,
                "/users/{user}/series/{SERIES}/episodes/{episode}/signed-urls\t\
                 Authorization: Bearer {token}\tUser-Agent: bench/1.0"
            )?;
            if kind.bound {
                let [.., high, low] = u32::try_from(number)?.to_be_bytes();
                write!(lines, "\tX-Forwarded-For: 10.0.{high}.{low}")?;
            }
            lines.push('\n');
        }
        let first = lines.lines().next().context("nobody asks")?.to_owned();
        let requests = stage.write(&format!("{name}/requests"), &lines)?;
        let objects = "type = \"folder\"\npath = \"objects\"".to_owned();
        Ok(Self { name: name.to_owned(), size, kind, requests, first, objects })
    }

    /// The gateway asks for objects elsewhere.
    pub(crate) fn with_objects(self, objects: &str) -> Self {
        Self { objects: objects.to_owned(), ..self }
    }

    /// The file of requests.
    pub(crate) fn requests(&self) -> &std::path::Path {
        &self.requests
    }

    /// One of them.
    pub(crate) fn first(&self) -> &str {
        &self.first
    }

    /// Starts the gateway and waits until it grants.
    pub(crate) fn gateway(&self, stage: &Stage) -> Result<Server> {
        let (server, log) = self.spawn_gateway(stage, true)?;
        let server = server.until_it_serves(&self.first, &log)?;
        self.check(stage, &server)?;
        Ok(server)
    }

    /// Starts the gateway and does not wait.
    pub(crate) fn spawn_gateway(
        &self,
        stage: &Stage,
        is_attended: bool,
    ) -> Result<(Server, PathBuf)> {
        let address = free_address()?;
        let mode = if self.kind.held { "held" } else { "revealed" };
        let keys = stage.path("");
        let keys = keys.display();
        let max_devices = self.size.leases + PLACES;
        let bind_ip = self.kind.bound;
        // Whoever is trusted to name viewers' addresses has to name them.
        let proxies = if self.kind.bound { "\"127.0.0.1\"" } else { "" };
        let objects = &self.objects;
        let text = format!(
            r#"[gateway]
listen = "{address}"
trusted-proxies = [{proxies}]
[auth]
type = "pem"
path = "{keys}/issuer.public.pem"
issuer = "{ISSUER}"
audiences = ["{AUDIENCE}"]
[policy]
domain = "{DOMAIN}"
hash = "SHA1"
bind-ip = {bind_ip}
max-devices = {max_devices}
[store]
type = "sqlite"
path = "tollgate.db"
[objects]
{objects}
[signing-keys]
type = "pem"
key-pair-id = "{KEY_PAIR_ID}"
path = "{keys}/cloudfront.private.pem"
mode = "{mode}"
[log]
filter = "warn"
"#
        );
        let config = stage.write(&format!("{}/{mode}.toml", self.name), &text)?;
        let log = stage.path(&format!("{}/{mode}.log", self.name));
        let mut command = match is_attended {
            true => attended(&stage.places.tollgate),
            false => std::process::Command::new(&stage.places.tollgate),
        };
        command.args(["serve", "--config"]).arg(&config).env("XDG_CACHE_HOME", stage.path("cache"));
        Ok((Server::start("the gateway", &mut command, address, &log)?, log))
    }

    /// Starts the peer and waits until it grants.
    pub(crate) fn peer(&self, stage: &Stage, lookup_ms: u32) -> Result<Server> {
        let (server, log) = self.spawn_peer(stage, lookup_ms, true)?;
        let server = server.until_it_serves(&self.first, &log)?;
        self.check(stage, &server)?;
        Ok(server)
    }

    /// Starts the peer and does not wait.
    pub(crate) fn spawn_peer(
        &self,
        stage: &Stage,
        lookup_ms: u32,
        is_attended: bool,
    ) -> Result<(Server, PathBuf)> {
        let address = free_address()?;
        let log = stage.path(&format!("{}/peer.log", self.name));
        let mut command = match is_attended {
            true => attended(&stage.places.node),
            false => std::process::Command::new(&stage.places.node),
        };
        command
            .arg(stage.places.peer.join("server.js"))
            .current_dir(&stage.places.peer)
            .env("NODE_ENV", "production")
            .env("PORT", address.port().to_string())
            .env("WORKERS", "2")
            .env("DOMAIN", DOMAIN)
            .env("KEY_PAIR_ID", KEY_PAIR_ID)
            .env("PRIVATE_KEY", stage.path("cloudfront.private.pem"))
            .env("ISSUER", ISSUER)
            .env("AUDIENCE", AUDIENCE)
            .env("ISSUER_PUBLIC_KEY", stage.path("issuer.public.pem"))
            .env("USERS", self.size.users.to_string())
            .env("EPISODES", self.size.episodes.to_string())
            .env("LOOKUP_MS", lookup_ms.to_string())
            .env("BIND_IP", self.kind.bound.to_string())
            .env("MAX_DEVICES", (self.size.leases + PLACES).to_string());
        Ok((Server::start("the peer", &mut command, address, &log)?, log))
    }

    /// Whether what is granted opens what it should: both URLs are given to `tollgate verify`.
    fn check(&self, stage: &Stage, server: &Server) -> Result<()> {
        let answer = http::ask(server.address, &self.first)?;
        ensure!(answer.status == 200, "asked for a grant: {answer}");
        let grant: serde_json::Value = serde_json::from_slice(&answer.body).context("no JSON")?;
        let key = format!("{KEY_PAIR_ID}={}", stage.path("cloudfront.public.pem").display());
        for name in ["videoUrl", "posterUrl"] {
            let url = grant.get(name).and_then(serde_json::Value::as_str);
            let url = url.with_context(|| format!("the grant has no {name}"))?;
            let mut command = std::process::Command::new(&stage.places.tollgate);
            command.args(["verify", "--url", url, "--public-key", &key]);
            if self.kind.bound {
                command.args(["--ip", "10.0.0.0"]);
            }
            let verdict = command.output().context("tollgate cannot be run")?;
            if !verdict.status.success() {
                bail!("{name} does not verify: {}", String::from_utf8_lossy(&verdict.stdout));
            }
        }
        Ok(())
    }
}
