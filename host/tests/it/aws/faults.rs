//! Every port on AWS in turn fails in every way: no URL without a fresh positive answer, and none lost for a fault
//! that passes.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use futures::future::join_all;
use tollgate_emulators::{Fault, Proxy};

use super::place::Place;
use crate::gateway::support::{client::Reply, program::Program, site::watch};

/// Faults that are over after one call. Late answers are looked at where the time for a call can be chosen.
const PASSING: [Fault; 4] = [Fault::Throttle, Fault::Internal, Fault::Reset, Fault::LostReply];

/// Faults that are there to stay.
const STAYING: [Fault; 9] = [
    Fault::Throttle,
    Fault::Internal,
    Fault::Reset,
    Fault::LostReply,
    Fault::Silence,
    Fault::Delay(Duration::from_secs(30)),
    Fault::AccessDenied,
    Fault::Garbage,
    Fault::NotFoundBySomebody,
];

/// One gateway, and plays of episodes that nobody has asked for yet, so that nothing comes out of a cache.
struct Scene {
    place: Place,
    address: SocketAddr,
    program: Program,
    played: usize,
}

impl Scene {
    async fn set() -> Self {
        let place = Place::new().await;
        let program = Program::start(place.folder());
        let address = program.address("gateway.listen").await;
        Self { place, address, program, played: 0 }
    }

    /// A play of a new episode while `call` of this proxy fails so often.
    async fn play(&mut self, proxy: &Proxy, call: &str, fault: Fault, times: usize) -> Reply {
        self.played += 1;
        let episode = format!("e{}", self.played);
        let playlist = self.place.hls(&episode);
        proxy.fail(&call.replace("{playlist}", &playlist), fault, times);
        let started = Instant::now();
        let call = watch("alice", &episode).header("user-agent", "phone");
        let reply = call.send(self.address).await;
        let took = started.elapsed();
        assert!(
            took < Duration::from_secs(10),
            "{fault:?}: within the request's deadline: {took:?}"
        );
        proxy.heal();
        reply
    }

    async fn try_all(mut self, port: &str, proxy: Proxy, call: &str) {
        for fault in PASSING {
            let reply = self.play(&proxy, call, fault, 1).await;
            assert_eq!(reply.status, 200, "{port}, {fault:?} once: {}", reply.text());
        }
        for fault in STAYING {
            let reply = self.play(&proxy, call, fault, usize::MAX).await;
            let slug = reply.slug();
            assert_eq!(slug, (503, "dependency-unavailable".to_owned()), "{port}, {fault:?}");
            assert!(!reply.header("retry-after").is_empty(), "{port}, {fault:?}");
            assert!(!reply.text().contains("Signature"), "{port}, {fault:?}: {}", reply.text());
            let problem = reply.problem();
            assert_eq!(problem["port"], port, "{fault:?}");
        }
        let reply = self.play(&proxy, "nothing", Fault::Reset, 0).await;
        assert_eq!(reply.status, 200, "{port}, healed: {}", reply.text());
        // Whatever was lost on the way, one device has one lease.
        let sessions = self.sessions().await;
        assert_eq!(sessions, 1, "{port}");
        assert_eq!(self.program.ended().await.0, Some(0));
    }

    async fn sessions(&self) -> usize {
        use crate::gateway::support::{client::Call, tokens::token};
        let call = Call::get("/users/alice/sessions").token(&token("alice"));
        let listed = call.send(self.address).await.json();
        listed["sessions"].as_array().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_port_that_fails_leads_to_a_url() {
    let mut cases = Vec::new();
    for (port, call) in [
        ("entitlements", "GetItem {table}"),
        ("catalog", "GetItem {table}"),
        ("sessions", "GetItem {table}"),
        ("sessions", "PutItem"),
        ("catalog", "HEAD {playlist}"),
    ] {
        let scene = Scene::set().await;
        let proxy =
            if call.starts_with("HEAD") { &scene.place.objects } else { &scene.place.dynamodb };
        let (proxy, table) = (proxy.clone(), scene.place.table(port));
        cases.push(async move {
            // A read ahead that fails is made up for by the claim's own, unless that fails too.
            scene.try_all(port, proxy, &call.replace("{table}", &table)).await;
        });
    }
    join_all(cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_never_had_grants_nothing_and_one_that_was_had_goes_on() {
    let place = Place::new().await;
    place.secrets.fail("GetSecretValue", Fault::Internal, usize::MAX);
    let program = Program::start(place.folder());
    let address = program.address("gateway.listen").await;
    let reply = watch("alice", "hls").header("user-agent", "phone").send(address).await;
    assert_eq!(reply.slug(), (503, "dependency-unavailable".to_owned()));
    assert_eq!(reply.problem()["port"], "signing-keys");
    place.secrets.heal();
    crate::patience::until("a key", async || {
        let reply = watch("alice", "hls").header("user-agent", "phone").send(address).await;
        reply.status == 200
    })
    .await;
    // What was had goes on while the service fails.
    place.secrets.fail("GetSecretValue", Fault::Internal, usize::MAX);
    let reply = watch("alice", "raw").header("user-agent", "phone").send(address).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(program.ended().await.0, Some(0));
}
