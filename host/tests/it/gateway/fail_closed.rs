//! No answer from a backend means no signature: every port, every way to fail, the real component.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tollgate::{
    component::{Gate, GateOptions, Runtime},
    gateway::{RequestSettings, ServerSettings},
};
use tollgate_backends::ports::Media;

use super::support::{
    client::Call,
    desk::gateway,
    faults::{At, Fault, Faults, SECRET},
    now,
    running::{self, Running},
    site::{Ground, Layout, signed_urls, watch},
    tokens::token,
};

struct Broken {
    address: SocketAddr,
    faults: Faults,
    ground: Ground,
    made: AtomicU32,
    _running: Running,
}

impl Broken {
    async fn start() -> Self {
        let ground = Ground::prepare().await;
        let wiring = ground.config(&Layout::default()).wiring.unwrap();
        let opened = wiring.open().await.unwrap_or_else(|error| panic!("{error}"));
        let faults = Faults::default();
        let options = GateOptions {
            instances: 1,
            // Enough for SQLite on a machine that does much else.
            port_timeout: Duration::from_secs(1),
            ..GateOptions::default()
        };
        let runtime = Runtime::new().unwrap();
        let gate = Gate::start(&runtime, faults.before(opened.ports), options).await.unwrap();
        let gateway = gateway(Arc::new(gate), RequestSettings::default());
        let (address, running) = running::serve(gateway, ServerSettings::default()).await;
        Self { address, faults, ground, made: AtomicU32::new(0), _running: running }
    }

    /// An episode nobody has asked for yet. What was signed before is not signed again, and would not need the key.
    async fn new_episode(&self) -> String {
        let episode = format!("new-{}", self.made.fetch_add(1, Ordering::Relaxed));
        let video = Some(format!("content/series/s/raw/{episode}.mp4"));
        let media = Media { video, poster: None };
        self.ground.store.put_episode("s", &episode, &media).await.unwrap();
        episode
    }

    /// Fails `at` in each of these ways, and checks what `call`, made for a new episode, is answered meanwhile.
    async fn check(&self, at: At, port: &str, faults: &[Fault], call: impl Fn(&str) -> Call) {
        for fault in faults {
            let call = call(&self.new_episode().await);
            self.faults.set(Some((at, *fault)));
            let reply = call.send(self.address).await;
            self.faults.set(None);
            let expected = match fault {
                Fault::Timeout | Fault::Hangs => (504, "timeout".to_owned()),
                _ => (503, "dependency-unavailable".to_owned()),
            };
            // `slug` also checks that there is no URL in the answer.
            assert_eq!(reply.slug(), expected, "{at:?} {fault:?}");
            assert_eq!(reply.problem()["port"], port, "{at:?} {fault:?}");
            assert_eq!(reply.header("retry-after"), if reply.status == 503 { "5" } else { "" });
            for never in ["Signature", "Policy", "media.example.com", SECRET] {
                assert!(!reply.text().contains(never), "{at:?} {fault:?}: {}", reply.text());
            }
            assert!(reply.headers.get("set-cookie").is_none());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_port_fails_nobody_is_granted_anything() {
    let here = Broken::start().await;
    for (at, port) in [
        (At::Settings, "settings"),
        (At::Entitlements, "entitlements"),
        (At::Catalog, "catalog"),
        (At::Objects, "catalog"),
        (At::Claim, "sessions"),
        (At::CurrentKey, "signing-keys"),
        (At::Sign, "signing-keys"),
    ] {
        let ask = |delivery: &str, episode: &str| {
            let target = signed_urls("alice", "s", episode);
            Call::get(format!("{target}?delivery={delivery}")).token(&token("alice"))
        };
        here.check(at, port, &Fault::ALL, |episode| ask("url", episode)).await;
        here.check(at, port, &[Fault::Unavailable], |episode| ask("cookies", episode)).await;
        let mended = ask("url", &here.new_episode().await).send(here.address).await;
        assert_eq!(mended.status, 200, "{at:?}: {}", mended.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_claimed_only_when_everything_before_it_allowed() {
    let here = Broken::start().await;
    for at in [At::Settings, At::Entitlements, At::Catalog, At::Objects, At::Claim] {
        here.faults.set(Some((at, Fault::Unavailable)));
        assert_eq!(watch("alice", "hls").send(here.address).await.status, 503, "{at:?}");
        let leases = here.ground.store.sessions(None, now()).await.unwrap();
        assert!(leases.is_empty(), "{at:?}: {leases:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renewing_listing_and_ending_fail_closed_as_well() {
    let here = Broken::start().await;
    let granted = watch("alice", "hls").send(here.address).await.json();
    let session = granted["sessionId"].as_str().unwrap();
    let call = |method: &str, path: &str| {
        Call::new(method, format!("/users/alice/sessions{path}")).token(&token("alice"))
    };
    let heartbeat = |query: &str| call("POST", &format!("/{session}/heartbeat{query}"));
    for (at, port) in [
        (At::Settings, "settings"),
        (At::Entitlements, "entitlements"),
        (At::Catalog, "catalog"),
        (At::Objects, "catalog"),
        (At::Renew, "sessions"),
        (At::CurrentKey, "signing-keys"),
        (At::Sign, "signing-keys"),
    ] {
        let moving_on = |episode: &str| heartbeat(&format!("?seriesId=s&episodeId={episode}"));
        here.check(at, port, &Fault::ALL, moving_on).await;
    }
    // A heartbeat that does not say what is watched asks the lease first.
    here.check(At::Active, "sessions", &Fault::ALL, |_| heartbeat("")).await;
    for (at, port) in [(At::Settings, "settings"), (At::Active, "sessions")] {
        here.check(at, port, &Fault::ALL, |_| call("GET", "")).await;
    }
    for (at, port) in [(At::Settings, "settings"), (At::Release, "sessions")] {
        here.check(at, port, &Fault::ALL, |_| call("DELETE", &format!("/{session}"))).await;
    }
    // Through all of that the lease stayed.
    assert_eq!(heartbeat("").send(here.address).await.status, 200);
    assert_eq!(call("DELETE", &format!("/{session}")).send(here.address).await.status, 204);
}
