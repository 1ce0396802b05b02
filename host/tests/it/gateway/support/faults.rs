//! Real ports that fail, or never answer, when a test says so.

use std::sync::{Arc, Mutex};

use tollgate_backends::ports::{
    Algorithm, Answer, Bytes, Catalog, ClaimOutcome, ClaimRequest, Entitlement, Entitlements, Hash,
    HeldKey, Key, Media, Objects, PortError, Ports, RenewRequest, Session, Sessions, Settings,
    SigningKeys,
};

/// One of the calls a port offers, as the tests tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    Entitlements,
    Catalog,
    Objects,
    Claim,
    Renew,
    Release,
    Active,
    CurrentKey,
    Sign,
    Settings,
}

/// How a call fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    AccessDenied,
    Unavailable,
    Timeout,
    InvalidArgument,
    Other,
    Hangs,
}

impl Fault {
    pub const ALL: [Self; 6] = [
        Self::AccessDenied,
        Self::Unavailable,
        Self::Timeout,
        Self::InvalidArgument,
        Self::Other,
        Self::Hangs,
    ];
}

/// Text of a backend's error, which only operators may see.
pub const SECRET: &str = "backend-detail-for-operators";

/// The switch.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Option<(At, Fault)>>>);

impl Faults {
    /// Makes one call fail from now on, and every other one work.
    pub fn set(&self, fault: Option<(At, Fault)>) {
        *self.0.lock().unwrap() = fault;
    }

    /// The same ports, behind the switch.
    pub fn before(&self, ports: Ports) -> Ports {
        let here = Arc::new(Faulty { faults: self.clone(), inner: ports });
        Ports {
            entitlements: here.clone(),
            catalog: here.clone(),
            objects: here.clone(),
            sessions: here.clone(),
            signing_keys: here.clone(),
            settings: here,
        }
    }

    async fn pass(&self, at: At) -> Result<(), PortError> {
        let fault = self.0.lock().unwrap().filter(|(broken, _)| *broken == at);
        Err(match fault {
            None => return Ok(()),
            Some((_, Fault::AccessDenied)) => PortError::AccessDenied(SECRET.to_owned()),
            Some((_, Fault::Unavailable)) => PortError::Unavailable(SECRET.to_owned()),
            Some((_, Fault::Timeout)) => PortError::Timeout,
            Some((_, Fault::InvalidArgument)) => PortError::InvalidArgument(SECRET.to_owned()),
            Some((_, Fault::Other)) => PortError::Other(SECRET.to_owned()),
            Some((_, Fault::Hangs)) => std::future::pending().await,
        })
    }
}

struct Faulty {
    faults: Faults,
    inner: Ports,
}

macro_rules! guarded {
    ($self:ident, $at:ident, $call:expr) => {
        Box::pin(async move {
            $self.faults.pass(At::$at).await?;
            $call.await
        })
    };
}

impl Entitlements for Faulty {
    fn lookup<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>> {
        guarded!(self, Entitlements, self.inner.entitlements.lookup(user, series))
    }
}

impl Catalog for Faulty {
    fn episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>> {
        guarded!(self, Catalog, self.inner.catalog.episode(series, episode))
    }
}

impl Objects for Faulty {
    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        guarded!(self, Objects, self.inner.objects.exists(key))
    }

    fn read<'a>(
        &'a self,
        key: &'a str,
        query: Option<&'a str>,
        most: u32,
    ) -> Answer<'a, Option<Bytes>> {
        guarded!(self, Objects, self.inner.objects.read(key, query, most))
    }
}

impl Sessions for Faulty {
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        guarded!(self, Claim, self.inner.sessions.claim(request))
    }

    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        guarded!(self, Renew, self.inner.sessions.renew(request))
    }

    fn release<'a>(&'a self, user: &'a str, session: &'a str, now: u64) -> Answer<'a, bool> {
        guarded!(self, Release, self.inner.sessions.release(user, session, now))
    }

    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>> {
        guarded!(self, Active, self.inner.sessions.active(user, now))
    }
}

impl SigningKeys for Faulty {
    fn current(&self) -> Answer<'_, Key> {
        Box::pin(async move {
            self.faults.pass(At::CurrentKey).await?;
            Ok(match self.inner.signing_keys.current().await? {
                Key::Held(inner) => {
                    Key::Held(Arc::new(FaultyKey { faults: self.faults.clone(), inner }))
                }
                revealed => revealed,
            })
        })
    }

    fn by_id<'a>(&'a self, key_pair_id: &'a str) -> Answer<'a, Option<Key>> {
        guarded!(self, CurrentKey, self.inner.signing_keys.by_id(key_pair_id))
    }
}

struct FaultyKey {
    faults: Faults,
    inner: Arc<dyn HeldKey>,
}

impl HeldKey for FaultyKey {
    fn key_pair_id(&self) -> &str {
        self.inner.key_pair_id()
    }

    fn algorithm(&self) -> Algorithm {
        self.inner.algorithm()
    }

    fn public_key(&self) -> &str {
        self.inner.public_key()
    }

    fn sign<'a>(&'a self, message: &'a [u8], hash: Hash) -> Answer<'a, Vec<u8>> {
        guarded!(self, Sign, self.inner.sign(message, hash))
    }
}

impl Settings for Faulty {
    fn policy(&self) -> Answer<'_, String> {
        guarded!(self, Settings, self.inner.settings.policy())
    }
}
