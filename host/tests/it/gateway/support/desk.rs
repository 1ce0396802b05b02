//! A gateway before a gate that does what the series asked for is called.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use futures::FutureExt as _;
use tokio::sync::{OnceCell, watch};
use tollgate::{
    auth::{AuthSettings, Authenticator, KeySource},
    component::{
        Gate, GateError, GateOptions,
        gate::{
            Delivery, Denial, Device, Grant, InvalidField, LinkedRequest, Manifest,
            PlaybackRequest, Playlist, Redirect, Seat, Viewer,
        },
    },
    gateway::{Gateway, Playback, Readiness, RequestSettings, ServerSettings, Verdict},
};
use tollgate_api::TokenRules;

use super::{
    client::{Call, Reply},
    running::{self, Running},
    site::signed_urls,
    soon,
    tokens::{self, AUDIENCE, ISSUER},
};
use crate::component;

/// A running gateway and the gate behind it.
pub struct Desk {
    pub address: SocketAddr,
    pub gate: Arc<Scripted>,
    pub running: Running,
}

impl Desk {
    pub async fn open(server: ServerSettings, requests: RequestSettings) -> Self {
        let gate = Arc::new(Scripted::new().await);
        let gateway = gateway(Arc::clone(&gate) as Arc<dyn Playback>, requests);
        let (address, running) = running::serve(gateway, server).await;
        Self { address, gate, running }
    }

    pub async fn ask(&self, series: &str) -> Reply {
        ask(series).send(self.address).await
    }
}

/// A call that makes the scripted gate do what `series` says.
pub fn ask(series: &str) -> Call {
    Call::get(signed_urls("alice", series, "e")).token(&tokens::token("alice"))
}

/// A gateway that trusts the issuer's P-256 key.
pub fn gateway(playback: Arc<dyn Playback>, requests: RequestSettings) -> Gateway {
    let metrics = Gateway::metrics();
    let authenticator = authenticator();
    let readiness = Readiness::of(Arc::clone(&playback), Arc::clone(&authenticator));
    Gateway::new(playback, authenticator, readiness, metrics, requests)
}

fn authenticator() -> Arc<Authenticator> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), tokens::public("p256")).unwrap();
    let settings = AuthSettings {
        keys: KeySource::PemFile(file.path().to_owned()),
        rules: TokenRules {
            issuer: ISSUER.to_owned(),
            audiences: vec![AUDIENCE.to_owned()],
            leeway: 30,
            roles_claim: "roles".to_owned(),
        },
    };
    // Read at once, so the file may go; the last good key stays.
    Arc::new(Authenticator::new(settings).unwrap())
}

/// Does what the series asked for is called; see [`Playback::authorize`] below.
pub struct Scripted {
    held: watch::Sender<usize>,
    open: watch::Sender<bool>,
    pub seen: Mutex<Vec<Viewer>>,
    seats: &'static Gate,
}

impl Scripted {
    pub async fn new() -> Self {
        Self {
            held: watch::Sender::new(0),
            open: watch::Sender::new(false),
            seen: Mutex::default(),
            seats: SEATS.get_or_init(seats).await,
        }
    }
}

/// Threads for the connections of every test, where a real gate would have them.
static SEATS: OnceCell<Gate> = OnceCell::const_new();

async fn seats() -> Gate {
    let options = GateOptions { instances: 2, ..GateOptions::default() };
    component::faulty_with(component::fakes::ports(&Arc::default()), options).await
}

impl Scripted {
    /// Lets the requests go that it holds, and those that come.
    pub fn release(&self) {
        self.open.send_replace(true);
    }

    /// Resolves when exactly so many requests are held.
    pub async fn holds(&self, count: usize) {
        let mut held = self.held.subscribe();
        let _ = soon("a request that is held", held.wait_for(|held| *held == count)).await;
    }
}

struct Held<'a>(&'a watch::Sender<usize>);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|held| *held -= 1);
    }
}

impl Playback for Scripted {
    fn authorize(&self, request: PlaybackRequest) -> Verdict<'_, Grant> {
        self.seen.lock().unwrap().push(request.viewer);
        async move {
            match request.series.as_str() {
                "hold" => {
                    self.held.send_modify(|held| *held += 1);
                    let _held = Held(&self.held);
                    let _ = self.open.subscribe().wait_for(|open| *open).await;
                }
                "panic" => panic!("a panic of the test with {MARKER}"),
                "failed" => return Err(GateError::Failed),
                "stopped" => return Err(GateError::Stopped),
                "misconfigured" => {
                    let invalid =
                        InvalidField { field: "policy.x".to_owned(), rule: MARKER.to_owned() };
                    return Ok(Err(Denial::Misconfigured(vec![invalid])));
                }
                "bad-cookie" => {
                    return Ok(Ok(Grant { cookies: vec!["a=b\r\nc: d".to_owned()], ..grant() }));
                }
                _ => {}
            }
            Ok(Ok(grant()))
        }
        .boxed()
    }

    fn renew(
        &self,
        _: Viewer,
        _: String,
        _: Option<(String, String)>,
        _: Option<Delivery>,
    ) -> Verdict<'_, Grant> {
        async { Ok(Ok(grant())) }.boxed()
    }

    fn authorize_playlist(&self, _: PlaybackRequest, _: Manifest) -> Verdict<'_, Playlist> {
        async { Ok(Err(Denial::PlaylistUnusable(MARKER.to_owned()))) }.boxed()
    }

    fn linked_playlist(&self, _: LinkedRequest, _: Manifest) -> Verdict<'_, Playlist> {
        async { Ok(Err(Denial::PlaylistNotFound)) }.boxed()
    }

    fn linked_cookies(&self, _: LinkedRequest) -> Verdict<'_, Redirect> {
        async { Ok(Err(Denial::InvalidLink("is a test's".to_owned()))) }.boxed()
    }

    fn release(&self, _: Viewer, _: String) -> Verdict<'_, bool> {
        async { Ok(Ok(true)) }.boxed()
    }

    fn devices(&self, _: Viewer) -> Verdict<'_, Vec<Device>> {
        async { Ok(Ok(Vec::new())) }.boxed()
    }

    fn seat(&self) -> Option<Seat> {
        self.seats.seat()
    }

    fn trouble(&self) -> futures::future::BoxFuture<'_, Result<Option<Denial>, GateError>> {
        async { Ok(None) }.boxed()
    }
}

/// What operators may see and viewers may not.
pub const MARKER: &str = "only-for-operators";

fn grant() -> Grant {
    Grant {
        video_url: "https://media.example.com/v".to_owned(),
        dash_url: None,
        poster_url: None,
        is_hls: false,
        expires_at: 2,
        expires_in: 1,
        refresh_at: 1,
        session_id: "s1".to_owned(),
        session_expires_at: 2,
        delivery: Delivery::Url,
        query: Vec::new(),
        cookies: Vec::new(),
        bootstrap_url: None,
    }
}
