//! The configuration file of the demo.

use std::net::SocketAddr;

use super::terms::{Names, Terms, line};
use crate::cli::Failure;

pub(super) const KEY_PAIR_ID: &str = "KDEMO1";
pub(super) const ISSUER: &str = "https://login.demo.example";
pub(super) const AUDIENCE: &str = "tollgate-demo";

/// The file, for servers that listen there and are reached by those names.
pub(super) fn configuration(
    gateway: SocketAddr,
    edge: SocketAddr,
    names: &Names,
    terms: &Terms,
) -> Result<String, Failure> {
    let hls_js = terms.hls_js.as_ref().map(std::path::absolute).transpose();
    let hls_js = hls_js.map_err(|error| Failure::argument("hls-js", error))?;
    let hls_js = line("hls-js", hls_js.map(|path| quoted(&path.display().to_string())));
    let rules = [
        line("ttl", terms.ttl),
        // A short signature shall end when it says so, and not at the next full minute.
        line("expiry-window", terms.ttl.map(|_| 0)),
        line("device-lease", terms.device_lease),
        line("on-limit", terms.on_limit.as_deref().map(quoted)),
        line("delivery", terms.delivery.as_deref().map(quoted)),
        line(
            "cookies",
            names
                .cookie_domain
                .as_deref()
                .map(|name| format!("{{ domain = {}, same-site = \"Lax\" }}", quoted(name))),
        ),
    ]
    .concat();
    let Names { gateway: gateway_name, edge: edge_name, .. } = names;
    // Scripts of any page may try the API; only those of the player page may do so with cookies, and a browser calls
    // one machine by several names.
    let mut origins = vec![gateway_name.clone(), gateway.to_string()];
    origins.dedup();
    origins.push(format!("localhost:{}", gateway.port()));
    let page =
        origins.iter().map(|host| format!("\"http://{host}\"")).collect::<Vec<_>>().join(", ");
    Ok(format!(
        r#"# Made by `tollgate demo`; every key is explained in docs/configuration.md.
[gateway]
listen = "{gateway}"
cors-origins = [{page}, "*"]

[gateway.pages]
player = true
explain = true
media-origins = ["http://{edge_name}"]
public-keys = {{ {KEY_PAIR_ID} = "cloudfront.public.pem" }}
{hls_js}
[auth]
type = "pem"
path = "issuer.public.pem"
issuer = "{ISSUER}"
audiences = ["{AUDIENCE}"]

[policy]
domain = "{edge_name}"
scheme = "http"
gateway-url = "http://{gateway_name}"
dash-path = "content/series/{{series}}/video/{{episode}}/manifest.mpd"
{rules}
[store]
type = "sqlite"
path = "tollgate.db"

[objects]
type = "folder"
path = "objects"

[signing-keys]
type = "pem"
key-pair-id = "{KEY_PAIR_ID}"
path = "cloudfront.private.pem"

[edge]
listen = "{edge}"
explain = true
cors-origins = [{page}, "*"]

[edge.key-groups]
demo = {{ {KEY_PAIR_ID} = "cloudfront.public.pem" }}

[[edge.origins]]
name = "objects"
type = "folder"
path = "objects"

[[edge.behaviors]]
path-pattern = "/public/*"
origin = "objects"

[[edge.behaviors]]
path-pattern = "*"
origin = "objects"
trusted-key-groups = ["demo"]

[log]
format = "text"
"#
    ))
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}
