//! A whole installation in a throw-away folder: real store, real objects, real keys, the real component.

use std::sync::Arc;

use tempfile::TempDir;
use tollgate::component::{
    EdgeVerifier, Gate, GateOptions, Runtime, SignerComponent,
    gate::{Delivery, Denial, Grant, PlaybackRequest, Role, Viewer},
    signer::{EdgeRequest, TrustedKey, Verdict},
};
use tollgate_backends::{
    administration::Administration,
    registry::{Port, PortTables, configure},
    section::Section,
};

use crate::ground;

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
        ground::prepare(folder.path());
        let text = ground::tables(policy, &format!("mode = \"{mode}\""));
        let mut file = Section::new("", text.parse().unwrap()).based_on(folder.path());
        let tables = PortTables::take_from(&mut file);
        assert_eq!(file.finish(), []);
        let opened =
            configure(tables).unwrap().open().await.unwrap_or_else(|error| panic!("{error:?}"));
        let store = Arc::clone(&opened.administration[&Port::Entitlements]);
        ground::fill(store.as_ref()).await;

        let gate = Gate::start(&runtime, opened.ports, GateOptions::default()).await.unwrap();
        let public = ground::SIGNING_KEY_PUBLIC.to_owned();
        let trusted = TrustedKey { key_pair_id: "K1".to_owned(), public_key: public };
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
