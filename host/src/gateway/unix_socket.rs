//! A Unix socket and its file: put there whole, and taken away at the end.

use std::{
    fs, io,
    os::unix::{
        fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _},
        net::UnixStream as Knock,
    },
    path::{Path, PathBuf},
};

use tokio::net::{UnixListener, UnixStream};

/// A listening Unix socket.
#[derive(Debug)]
pub struct UnixSocket {
    listener: UnixListener,
    file: SocketFile,
}

impl UnixSocket {
    /// Listens at `path`. Whoever has a right to write among `mode` may connect.
    ///
    /// A socket that is left there by a process that is gone gives way; a socket somebody listens on, and everything
    /// that is no socket, does not.
    pub(super) fn bind(path: PathBuf, mode: u32) -> io::Result<Self> {
        make_way(&path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Bound where nobody else can go and then linked: at `path` there is never a socket with other permissions.
        let room = tempfile::Builder::new()
            .prefix(".")
            .rand_bytes(4)
            .tempdir_in(folder.unwrap_or(Path::new(".")))?;
        let inside = room.path().join("s");
        let listener = UnixListener::bind(&inside)?;
        fs::set_permissions(&inside, fs::Permissions::from_mode(mode))?;
        let made = fs::symlink_metadata(&inside)?;
        // A link and no move: it fails if somebody else has come to `path` meanwhile, and replaces nobody.
        fs::hard_link(&inside, &path)?;
        let file = SocketFile { path, device: made.dev(), inode: made.ino() };
        Ok(Self { listener, file })
    }

    pub(super) async fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().await.map(|(stream, _)| stream)
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.file.path
    }
}

/// Fails unless nothing is at `path`, or a socket that nobody listens on, which is removed.
fn make_way(path: &Path) -> io::Result<()> {
    let taken = |kind, text| Err(io::Error::new(kind, text));
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(found) if !found.file_type().is_socket() => {
            return taken(io::ErrorKind::AlreadyExists, "something that is no socket is there");
        }
        Ok(_) => {}
    }
    match Knock::connect(path) {
        Ok(_) => taken(io::ErrorKind::AddrInUse, "somebody listens there"),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        // It went away by itself.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The file of a socket, removed with it unless another has taken its place.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let is_own = fs::symlink_metadata(&self.path)
            .is_ok_and(|found| (found.dev(), found.ino()) == (self.device, self.inode));
        if is_own && let Err(error) = fs::remove_file(&self.path) {
            let path = self.path.display().to_string();
            tracing::warn!(path, %error, "the socket could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().mode() & 0o7777
    }

    #[tokio::test]
    async fn a_socket_is_there_with_its_permissions_and_gone_with_its_listener() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gate.sock");
        let socket = UnixSocket::bind(path.clone(), 0o660).unwrap();
        assert_eq!(mode(&path), 0o660);
        let (taken, came) = tokio::join!(socket.accept(), UnixStream::connect(&path));
        assert!(taken.is_ok() && came.is_ok());
        drop(socket);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn only_a_socket_nobody_listens_on_gives_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gate.sock");
        let first = UnixSocket::bind(path.clone(), 0o600).unwrap();
        let error = UnixSocket::bind(path.clone(), 0o600).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
        assert!(UnixStream::connect(&path).await.is_ok());
        drop(first);

        // What a process leaves that was killed.
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let second = UnixSocket::bind(path.clone(), 0o600).unwrap();
        assert!(UnixStream::connect(&path).await.is_ok());
        drop(second);

        for other in ["file", "folder", "link"] {
            match other {
                "file" => fs::write(&path, "kept").unwrap(),
                "folder" => fs::create_dir(&path).unwrap(),
                _ => std::os::unix::fs::symlink("elsewhere", &path).unwrap(),
            }
            let error = UnixSocket::bind(path.clone(), 0o600).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists, "{other}");
            match other {
                "folder" => fs::remove_dir(&path).unwrap(),
                _ => fs::remove_file(&path).unwrap(),
            }
        }
    }

    #[tokio::test]
    async fn a_socket_of_somebody_else_in_the_same_place_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gate.sock");
        let socket = UnixSocket::bind(path.clone(), 0o600).unwrap();
        fs::remove_file(&path).unwrap();
        let successor = UnixSocket::bind(path.clone(), 0o600).unwrap();
        drop(socket);
        assert!(UnixStream::connect(&path).await.is_ok());
        drop(successor);
        assert!(!path.exists());
    }
}
