//! `edge` alone: it verifies what openssl signed, and needs nothing but its table.

use std::net::TcpListener;

use super::{
    openssl::{encode, sign_with},
    process::{Server, command, run},
    site::{EDGE, Site, curl},
};

/// The query of a URL that openssl signed with the site's key, until 2100.
fn signed(site: &Site, url: &str) -> String {
    let policy = format!(
        r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"DateLessThan":{{"AWS:EpochTime":4102444800}}}}}}]}}"#
    );
    let key = site.file("cloudfront.private.pem");
    let signature = sign_with(&["dgst", "-sha256", "-sign", key.to_str().unwrap()], &policy);
    let signature = encode(&signature);
    format!(
        "Expires=4102444800&Signature={signature}&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256"
    )
}

fn edge(site: &Site) -> Server {
    site.write("edge.toml", EDGE);
    Server::start(command(site.path()).args(["edge", "--config", "edge.toml"]))
}

#[test]
fn it_serves_what_was_signed_and_what_is_public_and_nothing_else() {
    let site = Site::new();
    let mut server = edge(&site);
    let address = server.address("edge.listen");
    let playlist = "content/series/series-1/video/ep1/video.m3u8";
    let query = signed(&site, &format!("https://media.example.com/{playlist}"));
    let (body, status) = curl(&[&format!("http://{address}/{playlist}?{query}")]);
    assert_eq!((body.as_str(), status), ("#EXTM3U\n", 200));
    let (body, status) = curl(&[&format!("http://{address}/public/hello.txt")]);
    assert_eq!((body.as_str(), status), ("hello\n", 200));

    for (path, code) in [
        (playlist.to_owned(), "MissingKey"),
        (format!("content/other.m3u8?{query}"), "AccessDenied"),
        (format!("{playlist}?{}", query.replace("K2JCJMDEHXQW5F", "KOTHER")), "InvalidKey"),
    ] {
        let (body, status) = curl(&[&format!("http://{address}/{path}")]);
        assert_eq!(status, 403, "{path}");
        assert!(body.contains(&format!("<Code>{code}</Code>")), "{body}");
    }
    let outcome = server.stop("-TERM");
    outcome.ended(0, &["stopped; every request was answered"]);
    let signature = query.split('&').nth(1).unwrap();
    assert!(!outcome.err.contains(signature), "no signature reaches the log");
}

#[test]
fn it_names_what_is_missing_wrong_or_taken() {
    let site = Site::new();
    site.run(&["edge"]).refused(&["edge: is required"]);
    site.write("edge.toml", &EDGE.replace("origin = \"media\"", "origin = \"medai\""));
    site.run(&["edge", "--config", "edge.toml"])
        .refused(&["edge.behaviors[0].origin: must name one of `edge.origins`"]);
    site.write("edge.toml", &EDGE.replace("cloudfront.public.pem", "cloudfront.private.pem"));
    let outcome = site.run(&["edge", "--config", "edge.toml"]);
    outcome.refused(&["edge.key-groups.players.K2JCJMDEHXQW5F: ", "private key"]);

    site.write("edge.toml", EDGE);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut command = command(site.path());
    let outcome = run(command
        .args(["edge", "--config", "edge.toml"])
        .env("TOLLGATE__EDGE__LISTEN", &address));
    outcome.ended(1, &[&format!("edge.listen: {address} cannot be listened on")]);
}
