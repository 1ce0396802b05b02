//! `[gateway]`: where the gateway listens, and its limits.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use tollgate_api::{FieldError, client::TrustedProxies};
use tollgate_backends::section::Section;

use super::PagesTable;
use crate::{
    component::GateOptions,
    gateway::{Cors, ListenAddress, RequestSettings, ServerSettings},
};

/// `[gateway]`.
#[derive(Clone, Debug)]
pub struct GatewayTable {
    /// For viewers.
    pub listen: ListenAddress,
    /// For operators only, if they have their own.
    pub operators_listen: Option<ListenAddress>,
    /// Certificate and key, if the gateway speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// Connections. Its `tls` is still empty.
    pub server: ServerSettings,
    /// Requests.
    pub requests: RequestSettings,
    /// Instances of the component. Nobody observes them yet.
    pub gate: GateOptions,
    /// Pages for people.
    pub pages: PagesTable,
}

/// Where certificate and key are.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// PEM, the server's own certificate first.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

impl GatewayTable {
    pub(super) fn take(root: &mut Section) -> Self {
        let empty = || Section::new("gateway", toml::Table::new());
        let mut section = root.section("gateway").unwrap_or_else(empty);
        let mode = socket_mode(&mut section);
        let listen = place(&mut section, "listen", mode).unwrap_or(DEFAULT_LISTEN.into());
        let operators_listen = place(&mut section, "operators-listen", mode);
        if matches!((&listen, &operators_listen), (ListenAddress::Unix { path, .. }, Some(ListenAddress::Unix { path: other, .. })) if path == other)
        {
            section.mistake("operators-listen", "must be another socket than `listen`");
        }
        let tls = tls(&mut section);
        let server = server(&mut section);
        let defaults = RequestSettings::default();
        let requests = RequestSettings {
            timeout: seconds(&mut section, "request-timeout", 1..=300, defaults.timeout),
            body_limit: size(&mut section, "body-limit", 0..=1 << 20, defaults.body_limit),
            trusted_proxies: parsed(&mut section, "trusted-proxies", |texts| {
                TrustedProxies::parse(texts)
            }),
            cors: parsed(&mut section, "cors-origins", |texts| Cors::parse(texts)),
        };
        let gate = gate(&mut section);
        let pages = PagesTable::take(&mut section);
        root.absorb(section);
        Self { listen, operators_listen, tls, server, requests, gate, pages }
    }
}

/// On this machine only, until somebody decides otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Owner and group may connect: the program beside this one runs as another user more often than not.
const DEFAULT_SOCKET_MODE: u32 = 0o660;

fn gate(section: &mut Section) -> GateOptions {
    let defaults = GateOptions::default();
    let most = section.integer("instances", 1..=256, defaults.instances as u64);
    GateOptions {
        instances: usize::try_from(most).unwrap_or(defaults.instances),
        memory: size(section, "instance-memory", 8 << 20..=1 << 30, defaults.memory),
        hang_limit: seconds(section, "hang-limit", 1..=60, defaults.hang_limit),
        port_timeout: seconds(section, "port-timeout", 1..=60, defaults.port_timeout),
        observer: defaults.observer,
    }
}

/// What every server is told about its connections; `[edge]` has the same keys.
pub(super) fn server(section: &mut Section) -> ServerSettings {
    let defaults = ServerSettings::default();
    let connections = section.integer("connections", 1..=1_000_000, defaults.connections as u64);
    ServerSettings {
        connections: usize::try_from(connections).unwrap_or(defaults.connections),
        head_limit: size(section, "head-limit", 16 << 10..=256 << 10, defaults.head_limit),
        first_request_timeout: seconds(
            section,
            "first-request-timeout",
            1..=300,
            defaults.first_request_timeout,
        ),
        idle_timeout: seconds(section, "idle-timeout", 1..=3600, defaults.idle_timeout),
        drain_delay: seconds(section, "drain-delay", 0..=300, defaults.drain_delay),
        drain_timeout: seconds(section, "drain-timeout", 0..=3600, defaults.drain_timeout),
        tls: None,
    }
}

/// Takes an address and port or the path of a Unix socket, if the key is there.
fn place(section: &mut Section, key: &str, mode: u32) -> Option<ListenAddress> {
    let text = section.text(key)?;
    let Some(path) = text.strip_prefix("unix:") else {
        let address = text.parse().ok().map(ListenAddress::Internet);
        if address.is_none() {
            section.mistake(
                key,
                "must be an address and a port, like 127.0.0.1:8080 or [::]:443, or a Unix socket, \
                 like unix:/run/tollgate/tollgate.sock",
            );
        }
        return address;
    };
    if !cfg!(unix) {
        section.mistake(key, "must be an address and a port: there are no Unix sockets here");
        return None;
    }
    let path = match path {
        "" => Err("must name the file of the socket behind `unix:`"),
        path if path.starts_with('@') || path.contains('\0') => {
            Err("must name a file behind `unix:`; sockets without one have no permissions")
        }
        path if path.ends_with('/') => Err("must name the file of the socket, and not a folder"),
        path => Ok(section.beside(path)),
    };
    match path {
        Ok(path) => Some(ListenAddress::Unix { path, mode }),
        Err(rule) => {
            section.mistake(key, rule);
            None
        }
    }
}

/// Takes the permissions of Unix sockets: octal digits in a text, as `chmod` takes them.
fn socket_mode(section: &mut Section) -> u32 {
    let Some(text) = section.text("socket-mode") else { return DEFAULT_SOCKET_MODE };
    let mode = (text.len() == 4).then(|| u32::from_str_radix(&text, 8).ok()).flatten();
    match mode.filter(|mode| mode & 0o7000 == 0 && mode & 0o600 == 0o600) {
        Some(mode) => mode,
        None => {
            let rule = "must be four octal digits that let the owner read and write, like \"0660\"";
            section.mistake("socket-mode", rule);
            DEFAULT_SOCKET_MODE
        }
    }
}

/// Takes an address and port, if the key is there.
pub(super) fn address(section: &mut Section, key: &str) -> Option<SocketAddr> {
    let text = section.text(key)?;
    let address = text.parse().ok();
    if address.is_none() {
        section.mistake(key, "must be an address and a port, like 127.0.0.1:8080 or [::]:443");
    }
    address
}

/// Takes certificate and key: both or neither.
pub(super) fn tls(section: &mut Section) -> Option<TlsFiles> {
    let certificate = section.optional_path("tls-certificate");
    let key = section.optional_path("tls-key");
    match (certificate, key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
        (None, None) => None,
        (Some(_), None) => {
            section.mistake("tls-key", "is required beside `tls-certificate`");
            None
        }
        (None, Some(_)) => {
            section.mistake("tls-certificate", "is required beside `tls-key`");
            None
        }
    }
}

fn parsed<T: Default>(
    section: &mut Section,
    key: &str,
    parse: impl for<'a> FnOnce(Vec<&'a str>) -> Result<T, Vec<FieldError>>,
) -> T {
    let texts = section.texts(key);
    parse(texts.iter().map(String::as_str).collect()).unwrap_or_else(|errors| {
        for error in errors {
            section.mistake(key, error.rule);
        }
        T::default()
    })
}

fn seconds(
    section: &mut Section,
    key: &str,
    range: std::ops::RangeInclusive<u64>,
    default: Duration,
) -> Duration {
    Duration::from_secs(section.seconds(key, range, default.as_secs()))
}

fn size(
    section: &mut Section,
    key: &str,
    range: std::ops::RangeInclusive<u64>,
    default: usize,
) -> usize {
    usize::try_from(section.bytes(key, range, default as u64)).unwrap_or(default)
}
