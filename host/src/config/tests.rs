//! Whole configurations: what is read, what is refused, and that every mistake is said at once.

use std::{net::SocketAddr, path::Path, time::Duration};

use super::{Config, ConfigError, Needs};
use crate::{auth::KeySource, gateway::ListenAddress};

const SMALLEST: &str = r#"
auth = { type = "pem", path = "issuer.pem", issuer = "https://login.example.com", audiences = ["video"] }
policy = { domain = "media.example.com" }
store = { type = "sqlite", path = "tollgate.db" }
objects = { type = "folder", path = "content" }
signing-keys = { type = "pem", key-pair-id = "K1", path = "k1.pem" }
"#;

fn parse(text: &str, environment: &[(&str, &str)], needs: Needs) -> Result<Config, ConfigError> {
    Config::parse(
        Path::new("/etc/tollgate/tollgate.toml"),
        text,
        environment.iter().copied(),
        needs,
    )
}

fn mistakes(text: &str, environment: &[(&str, &str)], needs: Needs) -> Vec<String> {
    match parse(text, environment, needs) {
        Err(ConfigError::Mistakes { mistakes, .. }) => {
            mistakes.iter().map(ToString::to_string).collect()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

#[test]
fn the_smallest_configuration_gets_defaults_and_paths_beside_the_file() {
    let config = parse(SMALLEST, &[], Needs::Gateway).unwrap();
    assert_eq!(config.gateway.listen, SocketAddr::from(([127, 0, 0, 1], 8080)).into());
    assert!(config.gateway.tls.is_none() && config.edge.is_none());
    assert_eq!(config.log.filter, "info");
    let auth = config.auth.unwrap();
    assert_eq!(auth.rules.leeway, 30);
    assert_eq!(auth.rules.roles_claim, "roles");
    let KeySource::PemFile(path) = auth.keys else { panic!("{:?}", auth.keys) };
    assert_eq!(path, Path::new("/etc/tollgate/issuer.pem"));
}

#[test]
fn the_environment_stands_over_the_file() {
    let environment = [
        ("TOLLGATE__GATEWAY__LISTEN", "[::1]:9000"),
        ("TOLLGATE__GATEWAY__REQUEST_TIMEOUT", "4s"),
        ("TOLLGATE__GATEWAY__TRUSTED_PROXIES", "[\"10.0.0.0/8\"]"),
        ("TOLLGATE__AUTH__ISSUER", "https://other.example.com"),
    ];
    let config = parse(SMALLEST, &environment, Needs::Gateway).unwrap();
    assert_eq!(config.gateway.listen.to_string(), "[::1]:9000");
    assert_eq!(config.gateway.requests.timeout, Duration::from_secs(4));
    assert_eq!(config.auth.unwrap().rules.issuer, "https://other.example.com");
}

#[test]
fn a_gateway_may_listen_on_unix_sockets() {
    let text = "[gateway]\nlisten = \"unix:run/a.sock\"\noperators-listen = \"unix:/run/b.sock\"\n\
                socket-mode = \"0600\"\ntrusted-proxies = [\"unix\", \"10.0.0.0/8\"]";
    let config = parse(&format!("{SMALLEST}\n{text}"), &[], Needs::Gateway).unwrap();
    assert_eq!(
        (config.gateway.listen, config.gateway.operators_listen),
        (
            // Relative to the file, as every path.
            ListenAddress::Unix { path: "/etc/tollgate/run/a.sock".into(), mode: 0o600 },
            Some(ListenAddress::Unix { path: "/run/b.sock".into(), mode: 0o600 }),
        )
    );
    assert!(config.gateway.requests.trusted_proxies.trusts_unix());

    let environment = [("TOLLGATE__GATEWAY__LISTEN", "unix:/run/a.sock")];
    let config = parse(SMALLEST, &environment, Needs::Gateway).unwrap();
    assert_eq!(
        config.gateway.listen,
        ListenAddress::Unix { path: "/run/a.sock".into(), mode: 0o660 }
    );
    assert!(!config.gateway.requests.trusted_proxies.trusts_unix());
}

#[test]
fn a_unix_socket_is_a_file_with_permissions() {
    for (lines, rule) in [
        ("listen = \"unix:\"", "gateway.listen: must name the file"),
        ("listen = \"unix:@abstract\"", "gateway.listen: must name a file"),
        ("listen = \"unix:/run/\"", "gateway.listen: must name the file of the socket, and not"),
        ("listen = \"/run/a.sock\"", "gateway.listen: must be an address and a port"),
        ("operators-listen = \"unix:\"", "gateway.operators-listen: must name the file"),
        (
            "listen = \"unix:/a.sock\"\noperators-listen = \"unix:/a.sock\"",
            "gateway.operators-listen: must be another socket",
        ),
        ("socket-mode = \"660\"", "gateway.socket-mode: must be four octal digits"),
        ("socket-mode = \"0668\"", "gateway.socket-mode: must be four octal digits"),
        ("socket-mode = \"0460\"", "gateway.socket-mode: must be four octal digits"),
        ("socket-mode = \"1660\"", "gateway.socket-mode: must be four octal digits"),
        ("socket-mode = 660", "gateway.socket-mode: must be a text"),
    ] {
        let found = mistakes(&format!("{SMALLEST}\n[gateway]\n{lines}"), &[], Needs::Gateway);
        assert_eq!(found.len(), 1, "{lines}: {found:?}");
        assert!(found[0].starts_with(rule), "{lines}: {found:?}");
    }
}

#[test]
fn every_mistake_is_said_at_once_and_no_value_is_repeated() {
    let text = r#"
        [gateway]
        listen = "hunter2"
        tls-key = "key.pem"
        request-timeout = 0
        trusted-proxies = ["10.0.0.0/8"]
        requset-timeout = 5
        [auth]
        type = "jwks-url"
        url = "https://login.example.com/jwks"
        [log]
        format = "xml"
        [signing-keys]
        type = "hunter2"
        [surprise]
    "#;
    let found = mistakes(text, &[("TOLLGATE__ALONE", "hunter2")], Needs::Gateway);
    for key in [
        "TOLLGATE__ALONE",
        "gateway.listen",
        "gateway.tls-certificate",
        "gateway.request-timeout",
        "gateway.requset-timeout",
        "auth.issuer",
        "auth.audiences",
        "log.format",
        "policy",
        "entitlements",
        "catalog",
        "sessions",
        "objects",
        "signing-keys.type",
        "surprise",
    ] {
        let start = format!("{key}:");
        assert!(found.iter().any(|mistake| mistake.starts_with(&start)), "{key} in {found:#?}");
    }
    assert!(found.iter().any(|mistake| mistake.contains("did you mean `request-timeout`?")));
    assert!(!found.iter().any(|mistake| mistake.contains("hunter2")), "{found:#?}");
}

#[test]
fn a_command_needs_only_its_own_tables() {
    for (needs, missing) in [
        (Needs::Edge, "edge"),
        (Needs::Auth, "auth"),
        (Needs::Gateway, "auth"),
        (Needs::Ports, "policy"),
    ] {
        let found = mistakes("", &[], needs);
        let start = format!("{missing}: is required");
        assert!(found.iter().any(|mistake| mistake.starts_with(&start)), "{needs:?}: {found:?}");
    }
    assert!(parse(SMALLEST, &[], Needs::Ports).is_ok());
    // What is there is checked whoever reads it.
    assert!(!mistakes("[store]\ntype = 1", &[], Needs::Auth).is_empty());
}

#[test]
fn what_is_no_toml_is_named_by_its_line_without_its_text() {
    let error = parse("[auth]\ntype = \"pem\"\nsecret = hunter2\n", &[], Needs::Auth).unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("/etc/tollgate/tollgate.toml, line 3: "), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Path::new("/nonexistent/tollgate.toml"), Needs::Auth).unwrap_err();
    assert!(
        error.to_string().starts_with("/nonexistent/tollgate.toml cannot be read: "),
        "{error}"
    );
}

#[test]
fn pages_are_off_until_they_are_asked_for_and_their_mistakes_are_said_at_once() {
    let pages = |table: &str| format!("{SMALLEST}[gateway.pages]\n{table}");
    let config = parse(SMALLEST, &[], Needs::Gateway).unwrap();
    assert!(!config.gateway.pages.player && !config.gateway.pages.explain);
    let text = pages(
        "player = true\nexplain = true\nhls-js = \"hls.js\"\nmedia-origins = [\"https://m.example\"]\n\
         public-keys = { K1 = \"k1.pem\" }",
    );
    let found = parse(&text, &[], Needs::Gateway).unwrap().gateway.pages;
    assert_eq!(found.hls_js.unwrap(), Path::new("/etc/tollgate/hls.js"));
    assert_eq!(found.media_origins, ["https://m.example"]);
    let (id, path) = &found.public_keys[0];
    assert_eq!((id.as_str(), path.as_path()), ("K1", Path::new("/etc/tollgate/k1.pem")));
    assert!(found.sample.is_none());

    let text = pages(
        "player = 1\nmedia-origins = [\"https://m.example/secret; script-src *\"]\nplayr = true\n\
         public-keys = { \"../secret\" = 1 }",
    );
    let found = mistakes(&text, &[], Needs::Gateway);
    for key in ["player", "media-origins", "playr", "public-keys.../secret"] {
        let key = format!("gateway.pages.{key}: ");
        assert!(found.iter().any(|mistake| mistake.starts_with(&key)), "{key}: {found:#?}");
    }
    for origin in
        ["*", "m.example", "https://m.example/", "https://M.example", "https://m.example;"]
    {
        let text = pages(&format!("media-origins = [\"{origin}\"]"));
        assert_eq!(mistakes(&text, &[], Needs::Gateway).len(), 1, "{origin}");
    }
    let found = mistakes(&pages("explain = true"), &[], Needs::Gateway);
    assert!(found[0].starts_with("gateway.pages.public-keys: is required"), "{found:?}");
}
