//! A gate on ports in memory, so that nothing but the gate is measured.

use std::{env, fs, num::NonZero, path::PathBuf};

use anyhow::{Context as _, Result, anyhow};
use tollgate::{
    Gate, Grant, PlaybackRequest, Role, Runtime, Viewer,
    ports::{Entitlement, GivenKeys, Media},
};

/// The id the keys have.
pub const KEY_PAIR_ID: &str = "KBENCH1";

/// The private keys of the tests: nobody's.
pub const RSA: &str = include_str!("../../signer-component/core/testdata/rsa-2048.pkcs8.pem");
/// The other kind.
pub const P256: &str = include_str!("../../signer-component/core/testdata/p256.pkcs8.pem");

/// Which build of the component runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// With wide arithmetic, as the gateway runs it.
    Wide,
    /// As Spin runs it.
    Portable,
}

/// What a gate is made of.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// The build of the component.
    pub build: Build,
    /// The private key in PEM.
    pub pem: &'static str,
    /// Whether the host signs, or shows the component its key.
    pub held: bool,
    /// `SHA1` or `SHA256`.
    pub hash: &'static str,
}

impl Build {
    /// The component, where the build put it.
    ///
    /// # Errors
    /// It is not there.
    pub fn bytes(self) -> Result<Vec<u8>> {
        let folder = env::var_os("CARGO_TARGET_DIR").map_or_else(
            || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target"),
            PathBuf::from,
        );
        let path = folder.join("components").join(match self {
            Self::Wide => "gate.wide.wasm",
            Self::Portable => "gate.wasm",
        });
        fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
    }
}

impl Given {
    /// One instance of it. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// The component is not there, or the gate cannot start.
    pub async fn gate(self) -> Result<Gate> {
        let runtime = Runtime::with_gate(&self.build.bytes()?);
        self.gate_in(&runtime.context("no engine")?).await
    }

    /// The same in an engine that is there.
    ///
    /// # Errors
    /// The gate cannot start.
    pub async fn gate_in(self, runtime: &Runtime) -> Result<Gate> {
        let keys = match self.held {
            true => GivenKeys::new(KEY_PAIR_ID, self.pem),
            false => GivenKeys::revealed(KEY_PAIR_ID, self.pem),
        };
        Gate::builder()
            .runtime(runtime)
            .instances(NonZero::<usize>::MIN)
            .entitlements_fn(async |_, _| {
                Ok(Some(Entitlement { status: "Active".to_owned(), valid_until: None }))
            })
            .catalog_fn(async |series, episode| {
                let poster = format!("content/series/{series}/video/{episode}/poster.jpg");
                Ok(Some(Media { video: None, poster: Some(poster) }))
            })
            .objects(Everything)
            .key(keys.context("no key")?)
            .policy(policy(self.hash))
            .build()
            .await
            .context("no gate")
    }
}

/// The policy document. Its window is the longest, so that hardly any ends while something is measured.
pub fn policy(hash: &str) -> String {
    format!(r#"{{"domain": "media.example.com", "expiry-window": 3600, "hash": "{hash}"}}"#)
}

/// Asks for an episode. Each has a directory of its own, and so a statement of its own.
pub fn request(episode: &str) -> PlaybackRequest {
    PlaybackRequest {
        viewer: Viewer {
            subject: "alice".to_owned(),
            user: "alice".to_owned(),
            roles: vec![Role::Standard],
            source_ip: Some("203.0.113.7".to_owned()),
            user_agent: Some("bench/1.0".to_owned()),
        },
        series: "series-1".to_owned(),
        episode: episode.to_owned(),
        delivery: None,
    }
}

/// Plays, and accepts nothing but a grant.
///
/// # Errors
/// There is none.
pub async fn play(gate: &Gate, episode: &str) -> Result<Grant> {
    let answer = gate.authorize(request(episode)).await.context("the gate gave no answer")?;
    answer.map_err(|denial| anyhow!("the gate refused: {denial:?}"))
}

/// A store of objects in which there is every one.
struct Everything;

impl tollgate::ports::Objects for Everything {
    fn exists<'a>(&'a self, _: &'a str) -> tollgate::ports::Answer<'a, bool> {
        Box::pin(async { Ok(true) })
    }
}
