//! Log lines on their way out. A thread of their own writes them, so that no core waits for whoever reads them, and the
//! lines of a busy moment go out together.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait to be written. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lines {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    /// The writing thread sleeps on it.
    came: Condvar,
    /// Whoever flushes sleeps on it.
    written: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// Lines there was no room for.
    lost: u64,
    /// The writing thread has nothing to do and wants to be woken.
    asleep: bool,
    /// Somebody wants everything to be written now.
    hurry: bool,
    /// The writing thread is at what it took.
    writing: bool,
}

impl Lines {
    /// Writes to `out` from now on, until the process ends. `tell` hears how many lines were lost.
    pub(super) fn start(
        out: impl Write + Send + 'static,
        tell: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::default(),
            came: Condvar::new(),
            written: Condvar::new(),
        });
        let writer = Arc::clone(&shared);
        thread::Builder::new().name("log".to_owned()).spawn(move || writer.write_all(out, tell))?;
        Ok(Self { shared })
    }

    /// Waits until everything is written that came before, for as long as `patience` lasts.
    pub(super) fn flush(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let mut state = self.shared.lock();
        while state.writing || !state.waiting.is_empty() {
            state.hurry = true;
            self.shared.came.notify_one();
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            let waited = self.shared.written.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, line: &[u8]) {
        let mut state = self.lock();
        if state.waiting.len() + line.len() > MOST_WAITING {
            state.lost += 1;
            return;
        }
        state.waiting.extend_from_slice(line);
        if mem::take(&mut state.asleep) {
            self.came.notify_one();
        }
    }

    fn write_all(&self, mut out: impl Write, tell: impl Fn(u64)) {
        let mut batch = Vec::new();
        loop {
            let mut state = self.lock();
            state.writing = false;
            self.written.notify_all();
            while state.waiting.is_empty() {
                state.asleep = true;
                state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            // Nobody wakes this thread for what comes now, and it all goes out together.
            state.asleep = false;
            if !state.hurry {
                let rest = self.came.wait_timeout_while(state, GATHER, |state| !state.hurry);
                (state, _) = rest.unwrap_or_else(PoisonError::into_inner);
            }
            state.hurry = false;
            state.writing = true;
            mem::swap(&mut state.waiting, &mut batch);
            let lost = mem::take(&mut state.lost);
            drop(state);
            // There is nowhere to complain to if this fails.
            let _ = out.write_all(&batch).and_then(|()| out.flush());
            batch.clear();
            if lost > 0 {
                tell(lost);
            }
        }
    }
}

/// One line at a time: `tracing-subscriber` gives each in one piece.
pub(super) struct Line<'a>(&'a Shared);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.shared)
    }
}

/// How long lines may wait for others. What a process leaves unwritten that is killed.
const GATHER: Duration = Duration::from_millis(10);

/// Some ten thousand lines. Whoever reads slower than that for long loses some, which is said in their place: the
/// alternative is to stop granting.
const MOST_WAITING: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Gives away how many bytes are written, and blocks while nobody takes it.
    struct Reader(mpsc::SyncSender<Told>);

    enum Told {
        Written(u64),
        Lost(u64),
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(Told::Written(bytes.len() as u64));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    const PATIENCE: Duration = Duration::from_secs(60);

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_whole_and_in_order() {
        let page = Page::default();
        let lines = Lines::start(page.clone(), drop).unwrap();
        thread::scope(|scope| {
            for writer in 0..4 {
                let lines = lines.clone();
                scope.spawn(move || {
                    for number in 0..1000 {
                        let line = format!("{writer} {number}\n");
                        lines.make_writer().write_all(line.as_bytes()).unwrap();
                    }
                });
            }
        });
        lines.flush(PATIENCE);
        let text = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        for writer in 0..4 {
            let own: Vec<_> = text
                .lines()
                .filter_map(|line| line.strip_prefix(&format!("{writer} ")))
                .map(|number| number.parse::<usize>().unwrap())
                .collect();
            assert_eq!(own, (0..1000).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nobody_waits_for_a_reader_and_what_was_lost_is_counted() {
        let (sender, reader) = mpsc::sync_channel(0);
        let told = sender.clone();
        let tell = move |lost| {
            let _ = told.send(Told::Lost(lost));
        };
        let lines = Lines::start(Reader(sender), tell).unwrap();
        let line = [b'x'; 1 << 10];
        let count = 3 * (MOST_WAITING / line.len()) as u64;
        for _ in 0..count {
            lines.make_writer().write_all(&line).unwrap();
        }
        // Nobody reads yet, so this gives up.
        lines.flush(Duration::from_millis(50));
        let (mut written, mut lost) = (0, 0);
        while written + lost < count {
            match reader.recv_timeout(PATIENCE).unwrap() {
                Told::Written(bytes) => written += bytes / line.len() as u64,
                Told::Lost(more) => lost += more,
            }
        }
        assert_eq!(written + lost, count);
        assert!(written >= count / 3 && lost > 0, "{written} {lost}");
    }
}
