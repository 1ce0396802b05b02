//! Where a server listens: an address and a port, or a Unix socket.

use std::{fmt, io, net::SocketAddr, path::PathBuf};

use tokio::net::{TcpListener, TcpStream};
use tollgate_api::client::Peer;

#[cfg(unix)]
use super::unix_socket::UnixSocket;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// An address and a port; port 0 lets the system choose.
    Internet(SocketAddr),
    /// The file of a Unix socket.
    Unix {
        /// The file.
        path: PathBuf,
        /// Its permissions: who may connect.
        mode: u32,
    },
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self::Internet(address)
    }
}

/// As the configuration writes it.
impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internet(address) => address.fmt(formatter),
            Self::Unix { path, .. } => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// A socket that takes connections. The file of a Unix socket is removed when this is dropped.
#[derive(Debug)]
#[non_exhaustive]
pub enum Listener {
    /// On an address and a port.
    Internet(TcpListener),
    /// On a file.
    #[cfg(unix)]
    Unix(UnixSocket),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Internet(listener)
    }
}

impl Listener {
    /// Listens. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// The address is taken, is not of this machine, or needs more rights.
    pub async fn bind(address: &ListenAddress) -> io::Result<Self> {
        match address {
            ListenAddress::Internet(address) => TcpListener::bind(address).await.map(Self::from),
            #[cfg(unix)]
            ListenAddress::Unix { path, mode } => {
                let (path, mode) = (path.clone(), *mode);
                UnixSocket::bind(path, mode).map(Self::Unix)
            }
            #[cfg(not(unix))]
            ListenAddress::Unix { .. } => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "there are no Unix sockets here"))
            }
        }
    }

    /// Address and port, which the system may have chosen.
    ///
    /// # Errors
    /// A Unix socket has neither.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Internet(listener) => listener.local_addr(),
            #[cfg(unix)]
            Self::Unix(_) => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "a Unix socket has no address"))
            }
        }
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&self) -> io::Result<(Accepted, Peer)> {
        match self {
            Self::Internet(listener) => {
                let (stream, peer) = listener.accept().await?;
                // Answers are small and written at once; waiting for more would only add latency.
                let _ = stream.set_nodelay(true);
                Ok((Accepted::Internet(stream), peer.into()))
            }
            #[cfg(unix)]
            Self::Unix(socket) => Ok((Accepted::Unix(socket.accept().await?), Peer::Unix)),
        }
    }
}

/// A connection that was taken.
pub(super) enum Accepted {
    Internet(TcpStream),
    #[cfg(unix)]
    Unix(tokio::net::UnixStream),
}

impl Accepted {
    /// Takes it out of this runtime, so that another can serve it.
    pub(super) fn detach(self) -> io::Result<Detached> {
        match self {
            Self::Internet(stream) => stream.into_std().map(Detached::Internet),
            #[cfg(unix)]
            Self::Unix(stream) => stream.into_std().map(Detached::Unix),
        }
    }
}

/// A connection that belongs to no runtime.
pub(super) enum Detached {
    Internet(std::net::TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Detached {
    /// Gives it to the runtime this is called in.
    pub(super) fn attach(self) -> io::Result<Accepted> {
        match self {
            Self::Internet(stream) => TcpStream::from_std(stream).map(Accepted::Internet),
            #[cfg(unix)]
            Self::Unix(stream) => tokio::net::UnixStream::from_std(stream).map(Accepted::Unix),
        }
    }
}
