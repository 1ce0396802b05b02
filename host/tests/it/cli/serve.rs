//! `serve`: what `--check` says, how it starts, what stands in its way, and how it ends.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

use super::{
    process::{Server, command, run},
    site::{Site, curl},
};

/// More than the sockets' buffers hold, so that whoever does not read keeps the download open.
const LARGE: usize = 64 << 20;

#[test]
fn check_says_that_a_good_configuration_works_and_opens_no_socket() {
    let site = Site::with_edge();
    // Whoever opened these sockets would find them taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = run(command(site.path())
        .args(["serve", "--check"])
        .env("TOLLGATE__GATEWAY__LISTEN", &address)
        .env("TOLLGATE__EDGE__LISTEN", &address));
    outcome.ended(0, &["the configuration works"]);
    assert!(!outcome.err.contains("listening"), "{outcome}");
}

#[test]
fn check_says_every_mistake_at_once_and_repeats_no_value() {
    let site = Site::new();
    site.write(
        "tollgate.toml",
        r#"
        [gateway]
        listen = "hunter2"
        requset-timeout = 5
        request-timeout = "hunter2"
        [policy]
        domain = "media.example.com"
        [store]
        type = "hunter2"
        [objects]
        type = "folder"
        [signing-keys]
        type = "pem"
        key-pair-id = "hunter2 hunter2"
        [edge]
        behaviors = []
        [suprise]
        hunter2 = 1
        "#,
    );
    for check in [&["serve", "--check"][..], &["serve"]] {
        let outcome = site.run(check);
        outcome.refused(&[
            "tollgate.toml has ",
            "mistakes",
            "gateway.listen: must be an address and a port",
            "gateway.requset-timeout: unknown key; did you mean `request-timeout`?",
            "gateway.request-timeout: ",
            "store.type: ",
            "objects.path: is required",
            "signing-keys.key-pair-id: ",
            "signing-keys.path: is required",
            "auth: is required",
            "edge.origins: is required",
            "edge.behaviors: ",
            "suprise: ",
        ]);
        assert!(!outcome.err.contains("hunter2"), "{outcome}");
    }
}

#[test]
fn what_the_configuration_names_and_is_not_there_is_said_at_once_too() {
    let site = Site::with_edge();
    fs::remove_dir_all(site.file("media")).unwrap();
    for name in ["cloudfront.private.pem", "cloudfront.public.pem", "issuer.public.pem"] {
        fs::remove_file(site.file(name)).unwrap();
    }
    site.run(&["serve", "--check"]).refused(&[
        "the configuration cannot be used:",
        "objects.path: ",
        "signing-keys.path: ",
        "auth.path: ",
        "edge.key-groups.players.K2JCJMDEHXQW5F: ",
    ]);
}

#[test]
fn a_policy_with_a_mistake_is_found_before_anybody_asks() {
    let site = Site::new();
    let text = fs::read_to_string(site.file("tollgate.toml")).unwrap();
    let table = "policy = { domain = \"media.example.com\" }";
    assert!(text.contains(table));
    for (policy, says) in [
        ("policy = { domain = \"Media\" }", "policy.domain: must be a lower-case host"),
        ("policy = { domain = \"m.example.com\", max-devices = 0 }", "policy.max-devices: "),
        ("policy = { domain = \"m.example.com\", max-devcies = 2 }", "policy.max-devcies: "),
        ("policy = { file = \"policy.json\" }", "policy.file: "),
    ] {
        site.write("tollgate.toml", &text.replace(table, policy));
        site.run(&["serve", "--check"]).refused(&[says]);
    }
}

#[test]
fn it_serves_and_a_signal_ends_it_with_0() {
    let site = Site::with_edge();
    for signal in ["-TERM", "-INT"] {
        let mut server = site.serve();
        let gateway = server.address("gateway.listen");
        let edge = server.address("edge.listen");
        for path in ["healthz", "readyz"] {
            let (body, status) = curl(&[&format!("http://{gateway}/{path}")]);
            assert_eq!((body.as_str(), status), (r#"{"status":"ok"}"#, 200), "{path}");
        }
        let (body, status) = curl(&[&format!("http://{edge}/public/hello.txt")]);
        assert_eq!((body.as_str(), status), ("hello\n", 200));
        let outcome = server.stop(signal);
        outcome.ended(0, &["stopped; every request was answered"]);
    }
}

#[test]
fn a_download_that_is_under_way_is_finished_before_it_ends() {
    let (site, mut download, server) = downloading("");
    server.signal("-TERM");
    let mut rest = Vec::new();
    download.read_to_end(&mut rest).unwrap();
    assert!(rest.len() > LARGE - (1 << 16), "{} bytes arrived", rest.len());
    server.end().ended(0, &["stopped; every request was answered"]);
    drop(site);
}

#[test]
fn a_download_that_is_cut_is_not_an_answered_request() {
    let (site, download, server) = downloading("drain-timeout = 0\n");
    server.stop("-TERM").ended(1, &["the drain timeout cut connections"]);
    drop((site, download));
}

/// A gateway with an edge, and a download of which only the begin has been read.
fn downloading(more: &str) -> (Site, TcpStream, Server) {
    let site = Site::with_edge();
    let text = fs::read_to_string(site.file("tollgate.toml")).unwrap();
    site.write("tollgate.toml", &text.replace("[edge]\n", &format!("[edge]\n{more}")));
    let large = fs::File::create(site.file("media/public/large")).unwrap();
    large.set_len(LARGE as u64).unwrap();
    let mut server = site.serve();
    let mut stream = TcpStream::connect(server.address("edge.listen")).unwrap();
    let request = b"GET /public/large HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut begin = [0; 12];
    stream.read_exact(&mut begin).unwrap();
    assert_eq!(&begin, b"HTTP/1.1 200");
    (site, stream, server)
}

#[test]
fn an_address_that_is_taken_is_named_by_its_key() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (variable, key) in [
        ("TOLLGATE__GATEWAY__LISTEN", "gateway.listen"),
        ("TOLLGATE__GATEWAY__OPERATORS_LISTEN", "gateway.operators-listen"),
        ("TOLLGATE__EDGE__LISTEN", "edge.listen"),
    ] {
        let site = Site::with_edge();
        let outcome = run(command(site.path()).arg("serve").env(variable, &address));
        let says = format!("{key}: {address} cannot be listened on: ");
        outcome.ended(1, &[&says, "in use"]);
    }
}

#[test]
fn the_environment_stands_over_the_file_and_names_it() {
    let site = Site::new();
    fs::rename(site.file("tollgate.toml"), site.file("other.toml")).unwrap();
    let text = fs::read_to_string(site.file("other.toml")).unwrap();
    site.write("other.toml", &text.replace("127.0.0.1:0", "192.0.2.1:1"));
    let mut server = Server::start(
        command(site.path())
            .arg("serve")
            .env("TOLLGATE_CONFIG", "other.toml")
            .env("TOLLGATE__GATEWAY__LISTEN", "127.0.0.1:0")
            .env("TOLLGATE__GATEWAY__OPERATORS_LISTEN", "127.0.0.1:0"),
    );
    let public = server.address("gateway.listen");
    let operators = server.address("gateway.operators-listen");
    assert!(public.starts_with("127.0.0.1:") && public != operators);
    assert_eq!(curl(&[&format!("http://{public}/healthz")]).1, 200);
    assert_eq!(curl(&[&format!("http://{operators}/metrics")]).1, 200);
    assert_eq!(curl(&[&format!("http://{public}/metrics")]).1, 404);
    assert_eq!(server.stop("-TERM").code, Some(0));

    for (name, value, says) in [
        (
            "TOLLGATE__GATEWAY__LISTEM",
            "hunter2",
            "gateway.listem: unknown key; did you mean `listen`?",
        ),
        ("TOLLGATE__GATEWAY__LISTEN", "hunter2", "gateway.listen: must be an address"),
        ("TOLLGATE__LISTEN", "hunter2", "TOLLGATE__LISTEN: must name a table and a key"),
    ] {
        let mut command = command(site.path());
        let outcome =
            run(command.args(["serve", "--config", "other.toml", "--check"]).env(name, value));
        outcome.refused(&[says]);
        assert!(!outcome.err.contains("hunter2"), "{outcome}");
    }
}

#[test]
fn compiled_components_are_kept_in_the_users_cache_folder() {
    let site = Site::new();
    let check = |cache: &str| {
        let mut command = command(site.path());
        run(command.args(["serve", "--check"]).env("XDG_CACHE_HOME", site.file(cache)))
    };
    check("cache").ended(0, &["the configuration works"]);
    let kept = files(&site.file("cache/tollgate/compiled"));
    assert!(kept > 0, "the second start takes them from there");
    check("cache").ended(0, &["the configuration works"]);

    // A folder that cannot be made costs time and nothing else.
    check("tollgate.toml/below")
        .ended(0, &["the configuration works", "compiled code is not kept there"]);
}

/// How many files there are below a folder.
fn files(folder: &std::path::Path) -> usize {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { 1 }
        })
        .sum()
}
