//! Connections that only read, so many that each thread which asks has one to itself.
//!
//! A lookup by a prepared statement takes some microseconds, less than handing it to another thread and back. So it
//! is made where it is asked for, and must never wait: these connections have no patience with a file that is busy,
//! and whoever asked comes again later.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rusqlite::{Connection, ErrorCode};

use super::connect;

/// For each core, so that threads seldom meet: a gateway reads from one thread per core, and tests from more.
const PER_CORE: usize = 2;

/// An end to that on large machines. Each place is two open files once it is used.
const MOST: usize = 64;

/// Places for connections, each opened by the first who comes to it.
pub(super) struct Readers {
    path: PathBuf,
    places: Vec<Mutex<Option<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let places = cores.saturating_mul(PER_CORE).clamp(PER_CORE, MOST);
        Self { path: path.to_owned(), places: (0..places).map(|_| Mutex::default()).collect() }
    }

    /// Runs `work` on this thread. A file that is busy is an error at once.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let Some(mut place) = self.place() else { return Err(rusqlite::Error::InvalidQuery) };
        let result = match &*place {
            Some(connection) => work(connection),
            None => work(place.insert(connect::reader(&self.path, Duration::ZERO)?)),
        };
        if result.as_ref().is_err_and(is_lasting) {
            // What is wrong may be wrong with what this connection has open; the next one opens it anew.
            *place = None;
        }
        result
    }

    /// The place of this thread, or the next one that is free. There is one, because the list is not empty.
    fn place(&self) -> Option<MutexGuard<'_, Option<Connection>>> {
        let own = NUMBER.with(|number| *number) % self.places.len().max(1);
        let (before, after) = self.places.split_at_checked(own)?;
        for place in after.iter().chain(before) {
            match place.try_lock() {
                Ok(place) => return Some(place),
                Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        // More threads read than there are places: this one waits as long as one lookup takes.
        self.places.get(own).map(|place| place.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn is_lasting(error: &rusqlite::Error) -> bool {
    use ErrorCode::{
        CannotOpen, DatabaseCorrupt, FileLockingProtocolFailed, NotADatabase, SystemIoFailure,
    };
    matches!(
        error.sqlite_error_code(),
        Some(
            CannotOpen
                | DatabaseCorrupt
                | FileLockingProtocolFailed
                | NotADatabase
                | SystemIoFailure
        )
    )
}

static NEXT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Threads that read are numbered as they come, so that the first few have different places.
    static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
}
