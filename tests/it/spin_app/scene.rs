//! An app with its store, in a throw-away folder, and users who ask it.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use futures::future::join_all;
use serde_json::Value;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tollgate_spin_host::{Allowed, App, Interference, Options};

use crate::scenarios::{
    client::{self, Answer},
    clock::now,
    format::{Before, Installation, Token},
    issuer,
    store::Store,
    test_host::component,
    variables::of_component,
};

/// How the app is run.
pub struct Setting {
    /// The component, as [`component`] takes it.
    pub component: &'static str,
    pub installation: Installation,
    pub concurrent: usize,
    pub interference: Option<Arc<dyn Interference>>,
    /// Changes what the app is given.
    pub change: Box<dyn FnOnce(&mut Options) + Send>,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            component: "fixtures/spin-app.wasm",
            installation: Installation::default(),
            concurrent: Options::default().concurrent,
            interference: None,
            change: Box::new(|_| {}),
        }
    }
}

/// A running app.
pub struct Scene {
    pub app: App,
    pub address: SocketAddr,
    pub ground: Ground,
    task: JoinHandle<()>,
}

/// What is there before the app, and after it.
pub struct Ground {
    pub store: Store,
    folder: TempDir,
}

impl Ground {
    /// A store in which `alice` may watch episode `e` of series `s`.
    async fn prepare(installation: &Installation) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::make(&folder.path().join("store.db"), installation).await;
        store.fill(&before(), now());
        Self { store, folder }
    }
}

impl Ground {
    /// Where what the app says is written.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("app.log")
    }
}

/// An installation with these lines of a policy, in which nothing is too slow on a busy machine.
pub fn patient(policy: &Value) -> Installation {
    Installation {
        policy: policy.as_object().unwrap().clone(),
        port_timeout: 60,
        request_timeout: 60,
        ..Installation::default()
    }
}

/// What every store of these tests has.
pub fn before() -> Before {
    serde_json::from_value(serde_json::json!({
        "entitlements": [{ "user": "alice", "series": "s" }],
        "episodes": [{ "series": "s", "episode": "e" }],
        "objects": ["content/series/s/video/e/video.m3u8"],
    }))
    .unwrap()
}

impl Scene {
    pub async fn set(setting: Setting) -> Self {
        let ground = Ground::prepare(&setting.installation).await;
        Self::on(ground, setting).await
    }

    /// The same on a store that is there.
    pub async fn on(ground: Ground, setting: Setting) -> Self {
        let objects = &ground.store.objects;
        let mut options = Options {
            variables: of_component(&setting.installation, objects.address()),
            database: Some(ground.store.database.path().to_owned()),
            allowed_hosts: Allowed::authorities([objects.address().to_string().as_str()]),
            concurrent: setting.concurrent,
            log: Some(ground.log()),
            ..Options::default()
        };
        if let Some(interference) = setting.interference {
            options.interference = interference;
        }
        (setting.change)(&mut options);
        let app = App::open(&component(setting.component), options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(app.clone().serve(listener));
        Self { app, address, ground, task }
    }

    /// Ends the app and leaves what it stood on.
    pub async fn end(self) -> Ground {
        self.task.abort();
        // It is cancelled, which is no failure.
        let _ = self.task.await;
        self.ground
    }

    pub async fn play(&self, series: &str, agent: &str) -> Answer {
        play(self.address, series, agent).await
    }

    /// So many devices at once.
    pub async fn crowd(&self, count: usize) -> Vec<Answer> {
        crowd(self.address, count).await
    }
}

/// So many devices of `alice` at once.
pub async fn crowd(address: SocketAddr, count: usize) -> Vec<Answer> {
    let agents: Vec<_> = (0..count).map(|device| format!("device-{device}")).collect();
    join_all(agents.iter().map(|agent| play(address, "s", agent))).await
}

/// A play of `alice`.
pub async fn play(address: SocketAddr, series: &str, agent: &str) -> Answer {
    let path = format!("/users/alice/series/{series}/episodes/e/signed-urls");
    ask(address, "GET", &path, agent).await
}

/// A request of `alice`.
pub async fn ask(address: SocketAddr, method: &str, path: &str, agent: &str) -> Answer {
    let headers = [
        ("authorization", issuer::bearer(&Token::Of("alice".to_owned()))),
        ("x-forwarded-for", "192.0.2.7".to_owned()),
        ("user-agent", agent.to_owned()),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value));
    client::send(address, method, path, &headers).await.unwrap()
}
