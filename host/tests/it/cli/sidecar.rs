//! `tollgate serve` beside another program: a Unix socket for it, and an address for whoever looks after both.

use std::{fs, os::unix::fs::MetadataExt as _, path::PathBuf, process::Command};

use super::{
    process::{Outcome, Server, command, run},
    site::{Site, curl},
};

const SIGNED_URLS: &str = "http://tollgate/users/alice/series/series-1/episodes/ep1/signed-urls";

/// An installation whose viewers come through a socket.
struct Sidecar {
    site: Site,
}

impl Sidecar {
    fn new() -> Self {
        let site = Site::new();
        let words = ["grant", "--user", "alice", "--series", "series-1"];
        site.run(&words).done();
        site.run(&["episode", "put", "--series", "series-1", "--episode", "ep1"]).done();
        fs::create_dir(site.file("run")).unwrap();
        Self { site }
    }

    fn socket(&self) -> PathBuf {
        self.site.file("run/tollgate.sock")
    }

    fn serve(&self) -> Command {
        let mut serve = command(self.site.path());
        serve
            .arg("serve")
            .env("TOLLGATE__GATEWAY__LISTEN", "unix:run/tollgate.sock")
            .env("TOLLGATE__GATEWAY__OPERATORS_LISTEN", "127.0.0.1:0")
            .env("TOLLGATE__GATEWAY__TRUSTED_PROXIES", "[\"unix\"]");
        serve
    }

    fn ask(&self, arguments: &[&str]) -> (String, u16) {
        let socket = self.socket();
        let mut all = vec!["--unix-socket", socket.to_str().unwrap()];
        all.extend(arguments);
        curl(&all)
    }
}

/// Waits until it listens, and says where operators may ask.
fn started(server: &mut Server) -> String {
    server.address("gateway.listen");
    server.address("gateway.operators-listen")
}

#[test]
fn a_neighbour_asks_through_a_socket_and_operators_over_http() {
    let sidecar = Sidecar::new();
    let token = format!("authorization: Bearer {}", sidecar.site.token("alice"));
    let mut server = Server::start(&mut sidecar.serve());
    assert!(server.address("gateway.listen").ends_with("run/tollgate.sock"));
    let operators = started(&mut server);
    assert_eq!(fs::symlink_metadata(sidecar.socket()).unwrap().mode() & 0o7777, 0o660);

    let viewer = ["--header", &token, "--header", "x-forwarded-for: 203.0.113.7", SIGNED_URLS];
    let (body, status) = sidecar.ask(&viewer);
    assert_eq!(status, 200, "{body}");
    assert!(body.contains("\"videoUrl\":\"https://media.example.com/content/series/series-1/"));
    let (body, status) = sidecar.ask(&["--header", &token, SIGNED_URLS]);
    assert_eq!(status, 400, "{body}");

    assert_eq!(curl(&[&format!("http://{operators}/readyz")]).1, 200);
    assert_eq!(sidecar.ask(&["http://tollgate/readyz"]).1, 404);

    let Outcome { code, err, .. } = server.stop("-TERM");
    assert_eq!(code, Some(0));
    assert!(err.contains("\"source_ip\":\"unix\"") && err.contains("203.0.113.7"), "{err}");
    assert_eq!(fs::read_dir(sidecar.site.file("run")).unwrap().count(), 0, "it is tidied up");
}

#[test]
fn what_a_killed_gateway_left_gives_way_and_a_living_one_does_not() {
    let sidecar = Sidecar::new();
    let mut killed = Server::start(&mut sidecar.serve());
    started(&mut killed);
    let refused = run(&mut sidecar.serve());
    assert_eq!(refused.code, Some(1), "{refused}");
    for words in ["gateway.listen: unix:", "cannot be listened on", "somebody listens there"] {
        assert!(refused.err.contains(words), "{refused}");
    }
    assert_eq!(sidecar.ask(&["http://tollgate/healthz"]).1, 200);

    killed.signal("-KILL");
    drop(killed);
    assert!(sidecar.socket().exists());
    let mut next = Server::start(&mut sidecar.serve());
    started(&mut next);
    assert_eq!(sidecar.ask(&["http://tollgate/healthz"]).1, 200);
    assert_eq!(next.stop("-TERM").code, Some(0));

    fs::write(sidecar.socket(), "a file of somebody").unwrap();
    let refused = run(&mut sidecar.serve());
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.err.contains("something that is no socket is there"), "{refused}");
    assert_eq!(fs::read_to_string(sidecar.socket()).unwrap(), "a file of somebody");
}

#[test]
fn a_socket_nobody_is_trusted_on_is_said_at_the_start() {
    let sidecar = Sidecar::new();
    let mut serve = sidecar.serve();
    let mut server = Server::start(serve.env_remove("TOLLGATE__GATEWAY__TRUSTED_PROXIES"));
    started(&mut server);
    let outcome = server.stop("-TERM");
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.err.contains("gateway.trusted-proxies"), "{outcome}");
}
