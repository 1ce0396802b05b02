//! A whole installation in a throw-away folder: real store, real objects, real keys, the real component.

use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

use tempfile::TempDir;
use tollgate::component::{
    EdgeVerifier, Gate, GateOptions, Runtime, SignerComponent,
    gate::{Delivery, Denial, Grant, PlaybackRequest, Role, Viewer},
    signer::{EdgeRequest, TrustedKey, Verdict},
};
use tollgate_backends::{
    administration::Administration,
    ports::Media,
    registry::{Port, PortTables, configure},
    section::Section,
};

/// Everything a request meets, without the network.
pub struct Installation {
    pub gate: Gate,
    pub store: Arc<dyn Administration>,
    verifier: EdgeVerifier,
    _folder: TempDir,
}

impl Installation {
    /// `mode` is `held` or `revealed`; `policy` are more lines of that table.
    pub async fn new(mode: &str, policy: &str) -> Self {
        Self::on(Runtime::new().unwrap(), mode, policy).await
    }

    /// The same on a runtime with another gate.
    pub async fn on(runtime: Runtime, mode: &str, policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.pem");
        fs::write(&key, include_str!("../../../../signer-component/core/testdata/p256.pkcs8.pem"))
            .unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        for object in ["content/series/s/video/hls/video.m3u8", "content/series/s/raw/raw.mp4"] {
            let path = folder.path().join("objects").join(object);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let text = format!(
            r#"
            [policy]
            domain = "media.example.com"
            {policy}
            [store]
            type = "sqlite"
            path = "tollgate.db"
            [objects]
            type = "folder"
            path = "objects"
            [signing-keys]
            type = "pem"
            key-pair-id = "K1"
            path = "key.pem"
            mode = "{mode}"
            "#
        );
        let mut file = Section::new("", text.parse().unwrap()).based_on(folder.path());
        let tables = PortTables::take_from(&mut file);
        assert_eq!(file.finish(), []);
        let opened =
            configure(tables).unwrap().open().await.unwrap_or_else(|error| panic!("{error:?}"));
        let store = Arc::clone(&opened.administration[&Port::Entitlements]);
        fill(store.as_ref()).await;

        let gate = Gate::start(&runtime, opened.ports, GateOptions::default()).await.unwrap();
        let public = include_str!("../../../../signer-component/core/testdata/p256.public.pem");
        let trusted = TrustedKey { key_pair_id: "K1".to_owned(), public_key: public.to_owned() };
        let verifier =
            SignerComponent::new(&runtime).unwrap().verifier(vec![trusted], true).unwrap();
        Self { gate, store, verifier, _folder: folder }
    }

    pub async fn ask(&self, user: &str, episode: &str, device: &str) -> Result<Grant, Denial> {
        self.ask_for(user, episode, device, None).await
    }

    pub async fn ask_for(
        &self,
        user: &str,
        episode: &str,
        device: &str,
        delivery: Option<Delivery>,
    ) -> Result<Grant, Denial> {
        let request = PlaybackRequest {
            viewer: viewer(user, device),
            series: "s".to_owned(),
            episode: episode.to_owned(),
            delivery,
        };
        self.gate.authorize(request).await.unwrap()
    }

    /// What the edge says at `later` seconds from now: `None` to let it pass, or the finer reason.
    pub fn edge(&self, url: &str, cookies: Vec<String>, later: u64) -> Option<String> {
        let request = EdgeRequest {
            url: url.to_owned(),
            cookies,
            client_ip: Some("192.0.2.7".to_owned()),
            now: now() + later,
        };
        match self.verifier.verify(&request).unwrap() {
            Verdict::Allow => None,
            Verdict::Deny(denied) => Some(denied.reason),
        }
    }
}

pub fn viewer(user: &str, device: &str) -> Viewer {
    Viewer {
        subject: user.to_owned(),
        user: user.to_owned(),
        roles: vec![Role::Standard],
        source_ip: Some("192.0.2.7".to_owned()),
        user_agent: Some(device.to_owned()),
    }
}

pub fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

async fn fill(store: &dyn Administration) {
    for (user, status, valid_until) in [
        ("alice", "Active", None),
        ("carol", "Completed", None),
        ("erin", "Expired", None),
        ("dave", "Active", Some(1)),
    ] {
        store.grant(user, "s", status, valid_until).await.unwrap();
    }
    let raw = Some("content/series/s/raw/raw.mp4".to_owned());
    for (episode, video) in [("hls", None), ("raw", raw), ("nothing", None)] {
        store.put_episode("s", episode, &Media { video, poster: None }).await.unwrap();
    }
}
