//! The program itself: a gateway and an edge that run, a viewer who plays, and `tollgate keys rotate` beside them.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tollgate_emulators::{cdn, services};

use super::account::Account;
use crate::{
    cli::site::Site,
    edge::scene::{ask_with, get},
};

/// How long the viewer uses what it was given, which is less than `--url-lifetime` below.
const USED_FOR: Duration = Duration::from_secs(2);

fn configuration(account: &Account) -> String {
    let url = account.proxy.url();
    let Account { secret, group, .. } = account;
    format!(
        r#"
gateway = {{ listen = "127.0.0.1:0" }}
policy = {{ domain = "media.example.com", ttl = 60, expiry-window = 0 }}
store = {{ type = "sqlite", path = "tollgate.db" }}
objects = {{ type = "folder", path = "media" }}
auth = {{ type = "pem", path = "issuer.public.pem", issuer = "https://login.example.com", audiences = ["video"] }}
[signing-keys]
type = "secrets-manager"
secret-id = "{secret}"
refresh = 10
endpoint-url = "{url}"
[cloudfront]
key-group-id = "{group}"
public-keys = "keys"
endpoint-url = "{url}"
[edge]
listen = "127.0.0.1:0"
domain = "media.example.com"
key-groups = {{ players = "keys" }}
origins = [{{ name = "media", type = "folder", path = "media" }}]
behaviors = [{{ path-pattern = "*", origin = "media", trusted-key-groups = ["players"] }}]
"#
    )
}

/// Path and query of a URL for the playlist, from the gateway.
async fn ask_for_url(gateway: SocketAddr, bearer: &str) -> String {
    let path = "/users/alice/series/series-1/episodes/ep1/signed-urls";
    let reply = ask_with(gateway, "GET", path, &[("Authorization", bearer)]).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let granted: serde_json::Value = serde_json::from_str(reply.text()).unwrap();
    let url = granted["videoUrl"].as_str().unwrap();
    url.strip_prefix("https://media.example.com").unwrap().to_owned()
}

fn signer(target: &str) -> &str {
    let (_, id) = target.split_once("Key-Pair-Id=").unwrap();
    id.split('&').next().unwrap()
}

/// Plays until told to stop: each URL at once and again for a while. How many requests, and by whom the last was
/// signed.
async fn play(
    gateway: SocketAddr,
    edge: SocketAddr,
    bearer: String,
    stop: Arc<AtomicBool>,
) -> (usize, String) {
    let mut urls: VecDeque<(Instant, String)> = VecDeque::new();
    let mut played = 0;
    while !stop.load(Ordering::Relaxed) {
        urls.push_back((Instant::now(), ask_for_url(gateway, &bearer).await));
        for (given, target) in &urls {
            let reply = get(edge, target).await;
            let (signer, age) = (signer(target), given.elapsed());
            assert_eq!(reply.status, 200, "{} of {signer} after {age:?}", reply.code());
            played += 1;
        }
        urls.retain(|(given, _)| given.elapsed() < USED_FOR);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let last = ask_for_url(gateway, &bearer).await;
    (played, signer(&last).to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_plays_on_while_the_program_rotates_the_key() {
    let (account, site) = (Account::new().await, Site::new());
    site.write("tollgate.toml", &configuration(&account));
    let pem = cdn::public_key(services(), &account.first).unwrap();
    site.write(&format!("keys/{}.pem", account.first), &pem);
    site.run(&["grant", "--user", "alice", "--series", "series-1"]).done();
    site.run(&["episode", "put", "--series", "series-1", "--episode", "ep1"]).done();
    let bearer = format!("Bearer {}", site.token("alice"));
    let mut server = site.serve();
    let [gateway, edge] =
        ["gateway.listen", "edge.listen"].map(|key| server.address(key).parse().unwrap());
    let before = ask_for_url(gateway, &bearer).await;
    assert_eq!(signer(&before), account.first);
    let stop = Arc::new(AtomicBool::new(false));
    let viewer = tokio::spawn(play(gateway, edge, bearer, Arc::clone(&stop)));

    let site = Arc::new(site);
    let operator = Arc::clone(&site);
    // The edge looks at its folder every two seconds, so it needs more than one until it trusts the new key.
    let times = ["--wait", "--propagation=4s", "--max-key-age=12s", "--url-lifetime=3s"];
    let rotated = tokio::task::spawn_blocking(move || {
        operator.run(&[&["keys", "rotate"], &times[..]].concat())
    });
    let rotated = rotated.await.unwrap();
    // And on, until the edge has noticed that the old key is gone.
    let until = Instant::now() + Duration::from_secs(20);
    while get(edge, &before).await.code() != "InvalidKey" {
        assert!(Instant::now() < until, "the old key is still trusted");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let (played, signs) = viewer.await.unwrap();
    assert!(rotated.done().ends_with(&format!("the key that signs now is {signs}")), "{rotated}");
    assert!(signs != account.first && signs == account.held("AWSCURRENT").0, "{signs}");
    assert_eq!(account.found().group, [signs]);
    assert!(played > 100, "{played} requests");
    server.stop("-TERM").ended(0, &[]);
}
