//! Certificate and key from PEM files, read again when they change.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

/// Certificate and key of a server. Cheap to clone; all clones change together.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    identity: Arc<Identity>,
}

/// Why certificate and key cannot be used. Never holds what is in the files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("{path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path} holds no {what} in PEM form")]
    Content {
        /// The file.
        path: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The key is of a kind nobody here can use, or belongs to another certificate.
    #[error("key and certificate do not go together")]
    Mismatch(#[source] rustls::Error),
    /// The TLS library refuses its own defaults.
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

impl Tls {
    /// Reads the certificate chain, its own certificate first, and the key.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let files = Files::read(certificate, key)?;
        let identity = Arc::new(Identity {
            current: RwLock::new(Arc::new(files.certified(&provider, certificate, key)?)),
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            seen: Mutex::new(files),
            provider: Arc::clone(&provider),
        });
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&identity) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), identity })
    }

    /// Reads the files again. Tells whether they had changed; on an error the old ones stay in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let identity = &self.identity;
        let files = Files::read(&identity.certificate, &identity.key)?;
        let mut seen = identity.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == files {
            return Ok(false);
        }
        let certified =
            files.certified(&identity.provider, &identity.certificate, &identity.key)?;
        *identity.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(certified);
        *seen = files;
        Ok(true)
    }

    /// Reads the files again every half minute and at SIGHUP, until the result is dropped.
    pub(crate) fn watch(&self) -> Watch {
        let tls = self.clone();
        // Now and not when the task first runs: until it is caught, SIGHUP ends the process.
        let mut hangups = Hangups::new();
        Watch(tokio::spawn(async move {
            loop {
                hangups.next_or(RELOAD).await;
                let tls = tls.clone();
                // Files may be on a network disk, which must not hold up requests.
                match tokio::task::spawn_blocking(move || tls.reload()).await {
                    Ok(Ok(true)) => tracing::info!("the certificate was replaced"),
                    Ok(Ok(false)) => {}
                    // Between two files being written they do not go together; the next look will tell.
                    Ok(Err(error)) => tracing::warn!(%error, "the old certificate stays in use"),
                    Err(_) => return,
                }
            }
        }))
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tls").field("certificate", &self.identity.certificate).finish()
    }
}

/// Looks after the files while it lives.
pub(crate) struct Watch(tokio::task::JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    provider: Arc<CryptoProvider>,
    current: RwLock<Arc<CertifiedKey>>,
    seen: Mutex<Files>,
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identity").finish_non_exhaustive()
    }
}

/// What stood in the files when they were last read.
#[derive(PartialEq, Eq)]
struct Files {
    certificate: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Files {
    fn read(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|source| TlsError::Read { path: path.to_owned(), source })
        };
        Ok(Self { certificate: read(certificate)?, key: Zeroizing::new(read(key)?) })
    }

    fn certified(
        &self,
        provider: &CryptoProvider,
        certificate: &Path,
        key: &Path,
    ) -> Result<CertifiedKey, TlsError> {
        let content = |path: &Path, what| TlsError::Content { path: path.to_owned(), what };
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<_, _>>()
            .map_err(|_| content(certificate, "certificate"))?;
        if chain.is_empty() {
            return Err(content(certificate, "certificate"));
        }
        let key =
            PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| content(key, "private key"))?;
        CertifiedKey::from_der(chain, key, provider).map_err(TlsError::Mismatch)
    }
}

/// SIGHUP, where there is such a thing.
struct Hangups {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangups {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn next_or(&mut self, period: Duration) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal {
            let _ = tokio::time::timeout(period, signal.recv()).await;
            return;
        }
        tokio::time::sleep(period).await;
    }
}

/// Certificates are replaced weeks before they end; this is for people who wait for the result.
const RELOAD: Duration = Duration::from_secs(30);
