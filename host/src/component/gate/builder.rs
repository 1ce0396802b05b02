//! Puts a gate together out of what a program has, and refuses to start with a part missing.

use std::{future::Future, num::NonZero, sync::Arc, time::Duration};

use tollgate_backends::{
    memory::{GivenPolicy, MemorySessions},
    ports::{
        Answer, Catalog, Entitlement, Entitlements, Media, Objects, PortError, Ports, Sessions,
        Settings, SigningKeys,
    },
};

use super::{Denial, Gate, GateError, GateOptions, InvalidField};
use crate::component::{PortObserver, Runtime, RuntimeError};

/// Why there is no gate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Parts without which a gate would be open, or could not open: the methods of [`GateBuilder`] to call.
    #[error("the gate lacks {}", .0.join(", "))]
    Missing(Vec<&'static str>),
    /// What the component says of policy and key; never nothing.
    #[error("the gate cannot be used: {}", lines(.0))]
    Misconfigured(Vec<InvalidField>),
    /// The components cannot be run on this machine.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The component fails already when it looks at policy and key.
    #[error("the gate cannot look at policy and key")]
    Gate(#[from] GateError),
}

fn lines(wrong: &[InvalidField]) -> String {
    let lines: Vec<_> = wrong.iter().map(|one| format!("{}: {}", one.field, one.rule)).collect();
    lines.join("; ")
}

/// Puts a [`Gate`] together; see [`Gate::builder`].
#[must_use = "a builder does nothing until it is built"]
#[derive(Default)]
pub struct GateBuilder {
    entitlements: Option<Arc<dyn Entitlements>>,
    catalog: Option<Arc<dyn Catalog>>,
    objects: Option<Arc<dyn Objects>>,
    sessions: Option<Arc<dyn Sessions>>,
    signing_keys: Option<Arc<dyn SigningKeys>>,
    settings: Option<Arc<dyn Settings>>,
    runtime: Option<Runtime>,
    options: GateOptions,
}

impl std::fmt::Debug for GateBuilder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("GateBuilder")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl GateBuilder {
    /// Says what users have paid for. Required.
    pub fn entitlements(mut self, port: impl Entitlements + 'static) -> Self {
        self.entitlements = Some(Arc::new(port));
        self
    }

    /// The same as a function of user and series. The future must own what it uses: a function that keeps a client
    /// clones it into each, `move |user, series| { let shop = shop.clone(); async move { … } }`.
    pub fn entitlements_fn<F, A>(self, lookup: F) -> Self
    where
        F: Fn(String, String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Option<Entitlement>, PortError>> + Send + 'static,
    {
        self.entitlements(Function(lookup))
    }

    /// Says what there is to be watched. Required, or [`GateBuilder::every_episode_is_hls`].
    pub fn catalog(mut self, port: impl Catalog + 'static) -> Self {
        self.catalog = Some(Arc::new(port));
        self
    }

    /// The same as a function of series and episode.
    pub fn catalog_fn<F, A>(self, episode: F) -> Self
    where
        F: Fn(String, String) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Option<Media>, PortError>> + Send + 'static,
    {
        self.catalog(Function(episode))
    }

    /// Says whether an object is there, which decides between HLS and a raw video. Required, or
    /// [`GateBuilder::every_episode_is_hls`].
    pub fn objects(mut self, port: impl Objects + 'static) -> Self {
        self.objects = Some(Arc::new(port));
        self
    }

    /// Takes the place of catalogue and objects: whoever may watch a series may watch every episode that is asked
    /// for, published or not, and each is taken to have a playlist where the policy's `hls-path` says.
    pub fn every_episode_is_hls(self) -> Self {
        self.catalog(Everything).objects(Everything)
    }

    /// Says on how many devices users watch. Without it that is kept in the memory of this process, by
    /// [`MemorySessions`]: a program that runs more than once gives a store that all of them share.
    pub fn sessions(mut self, port: impl Sessions + 'static) -> Self {
        self.sessions = Some(Arc::new(port));
        self
    }

    /// Gives the private keys that CloudFront trusts: [`crate::ports::GivenKeys`], or whatever else can sign. Required.
    pub fn key(mut self, port: impl SigningKeys + 'static) -> Self {
        self.signing_keys = Some(Arc::new(port));
        self
    }

    /// Gives the playback policy as JSON text, with the keys of `[policy]` in `docs/configuration.md`. Required, or
    /// [`GateBuilder::domain`], or [`GateBuilder::settings`].
    pub fn policy(self, document: impl Into<String>) -> Self {
        self.settings(GivenPolicy::new(document))
    }

    /// Gives the host name of the distribution, and leaves every other rule of the policy at its default.
    pub fn domain(self, domain: &str) -> Self {
        // A text in Rust's own notation is not JSON for every text, but it is for every host name; others are refused
        // by the component.
        self.policy(format!("{{\"domain\": {domain:?}}}"))
    }

    /// Gives a policy that may change while the gate runs.
    pub fn settings(mut self, port: impl Settings + 'static) -> Self {
        self.settings = Some(Arc::new(port));
        self
    }

    /// Shares an engine with a [`crate::Signer`] or another gate. Without it the gate makes its own.
    pub fn runtime(mut self, runtime: &Runtime) -> Self {
        self.runtime = Some(runtime.clone());
        self
    }

    /// How many instances run side by side, each on a thread of its own; one per core without it.
    pub fn instances(mut self, count: NonZero<usize>) -> Self {
        self.options.instances = count.get();
        self
    }

    /// The most memory of one instance, in bytes; 64 MiB without it.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.options.memory = bytes;
        self
    }

    /// How long an instance may compute without waiting for anything until it is replaced; 1 s without it.
    pub fn hang_limit(mut self, limit: Duration) -> Self {
        self.options.hang_limit = limit;
        self
    }

    /// How long one call of a port may take, and is no answer after; 3 s without it.
    pub fn port_timeout(mut self, limit: Duration) -> Self {
        self.options.port_timeout = limit;
        self
    }

    /// Hears of every call of a port, for metrics.
    pub fn observer(mut self, observer: impl PortObserver + 'static) -> Self {
        self.options.observer = Arc::new(observer);
        self
    }

    /// Starts the instances and looks at policy and key. Must be called within a tokio runtime, which the ports then
    /// use.
    ///
    /// A key or a policy that does not answer now is no error: it may come, and until then nothing is granted.
    ///
    /// # Errors
    /// A part is missing, the component refuses policy or key, or it cannot be run here.
    pub async fn build(self) -> Result<Gate, BuildError> {
        let (Some(entitlements), Some(catalog), Some(objects), Some(signing_keys), Some(settings)) =
            (&self.entitlements, &self.catalog, &self.objects, &self.signing_keys, &self.settings)
        else {
            return Err(BuildError::Missing(self.missing()));
        };
        let ports = Ports {
            entitlements: Arc::clone(entitlements),
            catalog: Arc::clone(catalog),
            objects: Arc::clone(objects),
            sessions: self.sessions.unwrap_or_else(|| Arc::new(MemorySessions::new())),
            signing_keys: Arc::clone(signing_keys),
            settings: Arc::clone(settings),
        };
        let runtime = self.runtime.map_or_else(Runtime::new, Ok)?;
        let gate = Gate::start(&runtime, ports, self.options).await?;
        match gate.trouble().await {
            Ok(Some(Denial::Misconfigured(wrong))) => Err(BuildError::Misconfigured(wrong)),
            Ok(Some(denial)) => {
                tracing::warn!(?denial, "not ready");
                Ok(gate)
            }
            Ok(None) => Ok(gate),
            Err(error) => Err(error.into()),
        }
    }

    fn missing(&self) -> Vec<&'static str> {
        let parts = [
            (self.entitlements.is_none(), "entitlements"),
            (self.catalog.is_none(), "catalog (or every_episode_is_hls)"),
            (self.objects.is_none(), "objects (or every_episode_is_hls)"),
            (self.signing_keys.is_none(), "key"),
            (self.settings.is_none(), "policy (or domain)"),
        ];
        parts.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, name)| name).collect()
    }
}

/// A function that answers a port.
struct Function<F>(F);

impl<F, A> Entitlements for Function<F>
where
    F: Fn(String, String) -> A + Send + Sync,
    A: Future<Output = Result<Option<Entitlement>, PortError>> + Send + 'static,
{
    fn lookup<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>> {
        Box::pin((self.0)(user.to_owned(), series.to_owned()))
    }
}

impl<F, A> Catalog for Function<F>
where
    F: Fn(String, String) -> A + Send + Sync,
    A: Future<Output = Result<Option<Media>, PortError>> + Send + 'static,
{
    fn episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>> {
        Box::pin((self.0)(series.to_owned(), episode.to_owned()))
    }
}

/// A catalogue in which every episode is, and a store in which its playlist is.
struct Everything;

impl Catalog for Everything {
    fn episode<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Media>> {
        Box::pin(async { Ok(Some(Media { video: None, poster: None })) })
    }
}

impl Objects for Everything {
    fn exists<'a>(&'a self, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(true) })
    }
}
