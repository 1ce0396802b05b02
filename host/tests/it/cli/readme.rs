//! README.md, followed word for word by a new user in an empty folder.

use std::fs;

use serde_json::Value;

use super::{
    openssl::openssl,
    process::{Server, command, run, shell},
    site::curl,
};

const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"));

/// The code below a heading, block by block, each with its language.
fn blocks(heading: &str) -> Vec<(&'static str, &'static str)> {
    let (_, section) = README.split_once(&format!("\n## {heading}\n")).expect(heading);
    let section = section.split("\n## ").next().unwrap();
    section.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// An issuer that publishes the key set README's configuration asks for, served by an edge without signatures.
fn issuer(folder: &std::path::Path) -> Server {
    run(command(folder).args(["keygen", "--out", ".", "--name", "issuer"])).done();
    let public = folder.join("issuer.public.pem");
    let der = openssl(&["pkey", "-pubin", "-in", public.to_str().unwrap(), "-outform", "DER"], b"");
    let der = der.unwrap();
    // An uncompressed point ends the key: 32 bytes of x, 32 bytes of y.
    let (x, y) = der[der.len() - 64..].split_at(32);
    let base64 = |bytes: &[u8]| {
        let text = String::from_utf8(openssl(&["base64", "-A"], bytes).unwrap()).unwrap();
        text.replace('+', "-").replace('/', "_").replace('=', "")
    };
    let key = serde_json::json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "one",
        "x": base64(x), "y": base64(y),
    });
    fs::create_dir_all(folder.join("www")).unwrap();
    let set = serde_json::json!({ "keys": [key] }).to_string();
    fs::write(folder.join("www/jwks.json"), set).unwrap();
    let edge = r#"
        [edge]
        listen = "127.0.0.1:0"
        origins = [{ name = "www", type = "folder", path = "www" }]
        behaviors = [{ path-pattern = "*", origin = "www" }]
    "#;
    fs::write(folder.join("edge.toml"), edge).unwrap();
    Server::start(command(folder).args(["edge", "--config", "edge.toml"]))
}

#[test]
fn the_dozen_lines_and_the_commands_around_them_lead_to_a_grant() {
    let elsewhere = tempfile::tempdir().unwrap();
    let mut login = issuer(elsewhere.path());
    let login = format!("http://{}/jwks.json", login.address("edge.listen"));

    let empty = tempfile::tempdir().unwrap();
    let use_it = blocks("Use it");
    let [(_, keys), ("toml\n" | "toml", configuration), (_, store), (_, ask), ("json", answer)] =
        use_it[..]
    else {
        panic!("{use_it:#?}")
    };
    assert_eq!(configuration.lines().count(), 12, "a dozen lines, as is said");
    // Building takes minutes, and was done to get here.
    let keys =
        keys.split_once('\n').filter(|(build, _)| build.starts_with("cargo build")).unwrap().1;
    run(&mut shell(empty.path(), keys)).done();
    fs::write(empty.path().join("tollgate.toml"), configuration).unwrap();
    // "video.m3u8 and its segments belong here".
    let playlist = empty.path().join("media/content/series/series-1/video/ep1/video.m3u8");
    fs::write(playlist, "#EXTM3U\n").unwrap();

    // The issuer's name is made up, and the port may be somebody's.
    let (commands, serve) = store.trim_end().rsplit_once('\n').unwrap();
    run(shell(empty.path(), commands).env("TOLLGATE__AUTH__URL", &login))
        .ended(0, &["the configuration works", "is recorded"]);
    assert_eq!(serve, "tollgate serve");
    let mut server = shell(empty.path(), "exec tollgate serve");
    server.env("TOLLGATE__GATEWAY__LISTEN", "127.0.0.1:0").env("TOLLGATE__AUTH__URL", &login);
    let mut server = Server::start(&mut server);
    let address = server.address("gateway.listen");

    let mint = ["token", "--private-key"];
    let key = elsewhere.path().join("issuer.private.pem");
    let token = run(command(empty.path()).args(mint).arg(key).args(["--user", "alice"]));
    let ask = ask.replace("127.0.0.1:8080", &address);
    let granted = run(
        shell(empty.path(), &format!("{} --silent", ask.trim_end())).env("TOKEN", token.done())
    );
    let granted = granted.json();

    // The answer that is shown has the members, the URL and the spans of the one that came.
    let shown: Value = serde_json::from_str(answer).unwrap();
    let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&granted), members(&shown));
    assert_eq!(members(&granted["query"]), members(&shown["query"]));
    let until_query =
        |value: &Value| value["videoUrl"].as_str().unwrap().split_once('?').unwrap().0.to_owned();
    assert_eq!(until_query(&granted), until_query(&shown));
    for name in ["isHls", "delivery"] {
        assert_eq!(granted[name], shown[name], "{name}");
    }
    let now =
        |value: &Value| value["expiresAt"].as_u64().unwrap() - value["expiresIn"].as_u64().unwrap();
    for name in ["sessionExpiresAt", "refreshAt"] {
        let span = |value: &Value| value[name].as_u64().unwrap() - now(value);
        assert_eq!(span(&granted), span(&shown), "{name}");
    }
    let (_, status) = curl(&[&format!("http://{address}/openapi.json")]);
    assert_eq!(status, 200, "as \"Where next\" says");
    assert_eq!(server.stop("-TERM").code, Some(0));
}

#[test]
fn what_is_signed_by_hand_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    run(command(folder.path()).args(["keygen", "--out", "keys"])).done();
    let by_hand = blocks("By hand");
    let [("", commands)] = by_hand[..] else { panic!("{by_hand:#?}") };
    let outcome = run(&mut shell(folder.path(), commands));
    assert!(outcome.done().starts_with("allow\n"), "{outcome}");
}
