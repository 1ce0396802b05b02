//! The throw-away folder: keys, configuration, sample content and users.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use include_dir::{Dir, include_dir};
use tempfile::TempDir;
use tollgate_backends::{administration::Administration, ports::Media, registry::Port};
use zeroize::Zeroizing;

use super::{
    backends::Backends,
    configuration::{KEY_PAIR_ID, configuration},
    terms::{Names, Terms},
    viewers::Issuer,
};
use crate::{
    cli::{
        Failure,
        keygen::{KeyAlgorithm, generate},
        keys,
    },
    config::{Config, Needs, SampleViewers},
};

/// The sample stream, made by `host/demo/make-content`.
pub(super) static OBJECTS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo/objects");

pub(super) const SERIES: &str = "series-1";
pub(super) const RAW_VIDEO: &str = "content/series/series-1/raw/ep2.mp4";

/// An installation in a folder that goes away with it.
pub(super) struct Scene {
    folder: TempDir,
    pub(super) issuer: Issuer,
    backends: Option<Backends>,
    /// The configuration file.
    pub(super) config: PathBuf,
    /// What stands in it.
    pub(super) text: String,
    /// Where gateway and edge listen.
    pub(super) gateway: SocketAddr,
    pub(super) edge: SocketAddr,
    /// What viewers call them.
    pub(super) names: Names,
}

impl Scene {
    /// Makes keys, writes the configuration and the sample, and fills the store.
    pub(super) async fn set(
        gateway: SocketAddr,
        edge: SocketAddr,
        backends: Option<Backends>,
        terms: &Terms,
    ) -> Result<Self, Failure> {
        let names = terms.names(gateway, edge)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix("tollgate-demo-");
        // There are keys and tokens in it, and temporary folders are everybody's.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder
            .tempdir()
            .map_err(|error| Failure::Failed(format!("no throw-away folder: {error}")))?;
        generate(KeyAlgorithm::EcdsaP256, folder.path(), "cloudfront")?;
        let issuer = generate(KeyAlgorithm::EcdsaP256, folder.path(), "issuer")?;
        let issuer = Issuer::new(keys::read("private-key", &issuer.private.display().to_string())?);
        let text = configuration(gateway, edge, &names, terms)?;
        let text = match &backends {
            Some(backends) => backends.replace_in(&text)?,
            None => text,
        };
        let config = folder.path().join("tollgate.toml");
        write(&config, text.as_bytes())?;
        unpack(&OBJECTS, &folder.path().join("objects"))?;
        let scene = Self { folder, issuer, backends, config, text, gateway, edge, names };
        scene.fill().await?;
        Ok(scene)
    }

    /// The folder's path.
    pub(super) fn folder(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// The private key CloudFront would trust.
    pub(super) fn signing_key(&self) -> Result<Zeroizing<String>, Failure> {
        if let Some(backends) = &self.backends {
            return Ok(backends.private_key.clone());
        }
        let path = self.folder.path().join("cloudfront.private.pem");
        keys::read("private-key", &path.display().to_string())
    }

    /// The id of that key.
    pub(super) fn key_pair_id(&self) -> &str {
        self.backends.as_ref().map_or(KEY_PAIR_ID, |backends| &backends.key_pair_id)
    }

    /// Where the demo's own objects are, unless other backends hold them.
    pub(super) fn objects(&self) -> Option<PathBuf> {
        self.backends.is_none().then(|| self.folder.path().join("objects"))
    }

    /// What the player page asks for, by whichever name of this machine it was opened.
    pub(super) fn sample(&self, live: bool) -> SampleViewers {
        let local = format!("localhost:{}", self.gateway.port());
        self.issuer.sample(live, vec![self.names.gateway.clone(), self.gateway.to_string(), local])
    }

    /// Where a viewer asks for an episode.
    pub(super) fn signed_urls(&self, user: &str, episode: &str) -> String {
        let gateway = &self.names.gateway;
        format!("http://{gateway}/users/{user}/series/{SERIES}/episodes/{episode}/signed-urls")
    }

    async fn fill(&self) -> Result<(), Failure> {
        let nothing: [(&str, &str); 0] = [];
        let config = Config::parse(&self.config, &self.text, nothing, Needs::Ports)?;
        let failed = |error: &dyn std::fmt::Display| Failure::Failed(format!("the store: {error}"));
        let wiring = config.wiring.ok_or_else(|| failed(&"is not configured"))?;
        let adapter = wiring.open_port(Port::Entitlements).await.map_err(|error| failed(&error))?;
        let store = adapter.administration.ok_or_else(|| failed(&"cannot be edited"))?;
        people_and_episodes(store.as_ref()).await.map_err(|error| failed(&error))
    }
}

async fn people_and_episodes(
    store: &dyn Administration,
) -> Result<(), tollgate_backends::ports::PortError> {
    for (user, status) in [("alice", "Active"), ("carol", "Completed"), ("erin", "Expired")] {
        store.grant(user, SERIES, status, None).await?;
    }
    let poster = |key: &str| Some(format!("content/series/series-1/{key}"));
    let hls = Media { video: None, poster: poster("video/ep1/poster.jpg") };
    let raw = Media { video: Some(RAW_VIDEO.to_owned()), poster: poster("posters/ep2.jpg") };
    let both = Media { video: None, poster: poster("video/ep3/poster.jpg") };
    store.put_episode(SERIES, "ep1", &hls).await?;
    store.put_episode(SERIES, "ep2", &raw).await?;
    store.put_episode(SERIES, "ep3", &both).await?;
    // Where nothing makes it, it is an episode without a video.
    store.put_episode(SERIES, "live", &Media { video: None, poster: None }).await
}

fn unpack(folder: &Dir<'_>, target: &Path) -> Result<(), Failure> {
    for file in folder.files() {
        write(&target.join(file.path()), file.contents())?;
    }
    folder.dirs().try_for_each(|inner| unpack(inner, target))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| Failure::Failed(format!("{} cannot be written: {error}", path.display())))
}
