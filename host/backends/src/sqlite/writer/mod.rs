//! The one thread that writes: whatever waits for it is written in one transaction, and answered when that is done.
//!
//! SQLite lets one connection write at a time and makes each transaction pay for its commit. So everything that came
//! while the last group was written is the next group: each member in a savepoint of its own, so that one which fails
//! undoes nothing of the others, and one commit for all. Nobody is answered before that.
//!
//! A caller that went away before its group began is skipped; one that leaves later has its write done all the same,
//! as if it had left after the answer.

mod group;
#[cfg(test)]
mod tests;

use std::{
    io,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use self::group::write;
use crate::ports::PortError;

/// The most writes that wait. A gateway has fewer requests in progress than this; with a disk that stands still, those
/// that nobody waits for any more pile up until it moves again.
const MOST_WAITING: usize = 16_384;

/// The most writes of one transaction: enough to share a commit among many, and few enough that the first of them
/// does not wait long for the last.
const MOST_TOGETHER: usize = 256;

/// When a write is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Soon after its answer: a crash of the machine may lose it, a crash of the process does not.
    Soon,
    /// Before its answer.
    Now,
}

/// The queue of the thread, and the thread.
pub(super) struct Writer {
    jobs: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// `busy` is how long a group waits for another process.
    pub(super) fn start(connection: Connection, busy: Duration) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(MOST_WAITING);
        let thread = thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || work_off(connection, &waiting, busy))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Has `work` done in a transaction that nobody else can write beside, here or in another process.
    pub(super) async fn write<T, F>(&self, durability: Durability, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Write { durability, work: Some(work), made: None, reply };
        let jobs = self.jobs.as_ref().ok_or_else(closed)?;
        jobs.try_send(Box::new(job)).map_err(|refused| match refused {
            TrySendError::Full(_) => {
                PortError::Unavailable("too much waits to be written to the store".to_owned())
            }
            TrySendError::Disconnected(_) => closed(),
        })?;
        answer.await.unwrap_or_else(|_| {
            Err(PortError::Other("the call to the store was cut off".to_owned()))
        })
    }
}

impl Drop for Writer {
    /// Whoever waited is gone, because waiting borrows this; so the thread has nothing left to do but to close the file.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // It contains the panics of others, and has no result.
            let _ = thread.join();
        }
    }
}

fn closed() -> PortError {
    PortError::Unavailable("the store is closed".to_owned())
}

fn work_off(connection: Connection, waiting: &Receiver<Box<dyn Job>>, busy: Duration) {
    while let Ok(first) = waiting.recv() {
        let more = waiting.try_iter().take(MOST_TOGETHER - 1);
        write(&connection, std::iter::once(first).chain(more).collect(), busy);
    }
}

/// One write on its way, whatever it answers.
trait Job: Send {
    /// Whether nobody waits for the answer.
    fn is_abandoned(&self) -> bool;
    fn durability(&self) -> Durability;
    /// Does it, within a transaction.
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// Says what came of it, once it is clear that it stands or does not.
    fn answer(self: Box<Self>, outcome: Result<(), PortError>);
}

struct Write<T, F> {
    durability: Durability,
    work: Option<F>,
    made: Option<T>,
    reply: oneshot::Sender<Result<T, PortError>>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.reply.is_closed()
    }

    fn durability(&self) -> Durability {
        self.durability
    }

    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.made = Some(work(connection)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), PortError>) {
        let Self { made, reply, .. } = *self;
        // Without a result it panicked, and dropping the sender says so.
        let answer = match outcome {
            Ok(()) => made.map(Ok),
            Err(error) => Some(Err(error)),
        };
        if let Some(answer) = answer {
            // Whoever left meanwhile does not hear it.
            let _ = reply.send(answer);
        }
    }
}
