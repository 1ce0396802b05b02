//! The two servers that serve segments to whoever has a signature: the local edge, and nginx with `secure_link`.

use std::{fmt::Write as _, path::PathBuf, process::Command};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tollgate_bench::tokens::now;

use super::{KEY_PAIR_ID, Server, Stage, attended, free_address, output, store, write};

/// Segments of the episode. Few enough to be in every cache.
const SEGMENTS: usize = 32;

/// Bytes of a segment.
const SEGMENT: usize = 64 << 10;

/// How long URLs hold: longer than any run.
const LIFETIME: u64 = 24 * 3600;

/// What nginx hashes with path and expiry.
const SECRET: &str = "bench";

/// Segments in a folder.
pub(crate) struct Segments(());

impl Segments {
    /// Writes them.
    pub(crate) fn set(stage: &Stage) -> Result<Self> {
        for number in 0..SEGMENTS {
            // Not all alike, so that whoever serves the wrong one is seen to.
            let byte = u8::try_from(number % 251)?;
            write(&stage.path(&format!("edge/media{}", path(number))), &vec![byte; SEGMENT])?;
        }
        Ok(Self(()))
    }

    /// Starts the local edge, and writes requests with CloudFront's signature in the query.
    pub(crate) fn edge(&self, stage: &Stage) -> Result<(Server, PathBuf)> {
        let address = free_address()?;
        let key = stage.path("cloudfront.public.pem");
        let text = format!(
            r#"[edge]
listen = "{address}"
key-groups = {{ bench = {{ {KEY_PAIR_ID} = "{}" }} }}
origins = [{{ name = "media", type = "folder", path = "media" }}]
behaviors = [{{ path-pattern = "*", origin = "media", trusted-key-groups = ["bench"] }}]
[log]
filter = "warn"
"#,
            key.display()
        );
        let config = stage.write("edge/edge.toml", &text)?;
        let log = stage.path("edge/edge.log");
        let mut command = attended(&stage.places.tollgate);
        command.args(["edge", "--config"]).arg(&config).env("XDG_CACHE_HOME", stage.path("cache"));
        let server = Server::start("the edge", &mut command, address, &log)?;

        let base = format!("http://{address}");
        let folder = path(0).replace("/0.ts", "/*");
        let key = format!("file://{}", stage.path("cloudfront.private.pem").display());
        let mut command = Command::new(&stage.places.tollgate);
        command.args(["sign", "--key-pair-id", KEY_PAIR_ID, "--private-key", &key]);
        command.args(["--url", &format!("{base}{}", path(0))]);
        command.args(["--policy-resource", &format!("{base}{folder}")]);
        command.args(["--date-less-than", &(now()? + LIFETIME).to_string()]);
        let signed = output(&mut command)?;
        let (_, query) = signed.trim().split_once('?').context("the signed URL has no query")?;
        let mut lines = String::new();
        for number in 0..SEGMENTS {
            writeln!(lines, "{}?{query}", path(number))?;
        }
        let requests = stage.write("edge/edge.requests", &lines)?;
        let first = lines.lines().next().context("no segment")?;
        Ok((server.until_it_serves(first, &log)?, requests))
    }

    /// Starts nginx, and writes requests with its own kind of signature.
    pub(crate) fn nginx(&self, stage: &Stage) -> Result<(Server, PathBuf)> {
        let address = free_address()?;
        let folder = stage.path("edge");
        let folder = folder.display();
        let text = format!(
            r#"user root;
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    default_type video/mp2t;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    open_file_cache max=1000 inactive=60s;
    server {{
        listen {address};
        root {folder}/media;
        location / {{
            secure_link $arg_md5,$arg_expires;
            secure_link_md5 "$secure_link_expires$uri {SECRET}";
            if ($secure_link = "") {{ return 403; }}
            if ($secure_link = "0") {{ return 410; }}
        }}
    }}
}}
"#
        );
        let config = stage.write("edge/nginx.conf", &text)?;
        let log = stage.path("edge/nginx.log");
        let mut command = attended(&stage.places.nginx);
        command.arg("-p").arg(stage.path("edge")).arg("-c").arg(&config).args(["-e", "stderr"]);
        let server = Server::start("nginx", &mut command, address, &log)?;
        let expires = now()? + LIFETIME;
        let mut lines = String::new();
        for number in 0..SEGMENTS {
            let file =
                stage.write("edge/nginx.hashed", &format!("{expires}{} {SECRET}", path(number)))?;
            let mut command = Command::new("openssl");
            let hex = output(command.args(["md5", "-r"]).arg(file))?;
            let hex = hex.split(' ').next().unwrap_or_default();
            let bytes: Result<Vec<u8>, _> = (0..hex.len() / 2)
                .map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2).unwrap_or_default(), 16))
                .collect();
            let md5 = URL_SAFE_NO_PAD.encode(bytes.context("openssl printed no digest")?);
            writeln!(lines, "{}?md5={md5}&expires={expires}", path(number))?;
        }
        let requests = stage.write("edge/nginx.requests", &lines)?;
        let first = lines.lines().next().context("no segment")?;
        Ok((server.until_it_serves(first, &log)?, requests))
    }
}

/// Where a segment is, seen from the root of the server.
fn path(number: usize) -> String {
    format!("/{}/{number}.ts", store::folder_of("ep0"))
}
