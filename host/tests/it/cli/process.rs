//! Processes of the built binary: those that end by themselves, and servers.

use std::{
    ffi::OsStr,
    fmt,
    io::{BufRead as _, BufReader, Read},
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Beyond what the slowest machine takes to compile the components; only a hang reaches it.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a process ended, and what it wrote.
pub struct Outcome {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Outcome {
    pub fn of(output: Output) -> Self {
        let Output { status, stdout, stderr } = output;
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is written is UTF-8");
        let outcome = Self { code: status.code(), out: text(stdout), err: text(stderr) };
        // Whatever was asked of it, the command never panics.
        assert!(!outcome.err.contains("panicked at"), "{outcome}");
        outcome
    }

    /// The result of a command that must have done what it was asked, without its last line end.
    pub fn done(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self}");
        self.out.trim_end()
    }

    /// The same, as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(self.done()).unwrap_or_else(|error| panic!("{error}: {self}"))
    }

    /// Asserts that the command line or what it names was refused, that each word says why, and that nothing
    /// else was written.
    pub fn refused(&self, words: &[&str]) {
        self.ended(2, words);
    }

    /// Asserts how it ended without a result, and that each word is in what it says.
    pub fn ended(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        assert!(self.out.is_empty(), "{self}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in {self}");
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {:?}\n{}\n{}", self.code, self.out, self.err)
    }
}

/// The binary with a clean environment, in `folder`.
pub fn command(folder: &Path) -> Command {
    within(Command::new(env!("CARGO_BIN_EXE_tollgate")), folder)
}

/// A shell that finds `tollgate` on its path, as a user who pastes a line has it.
pub fn shell(folder: &Path, line: &str) -> Command {
    let mut shell = within(Command::new("sh"), folder);
    let bin = Path::new(env!("CARGO_BIN_EXE_tollgate")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    shell.env("PATH", format!("{}:{path}", bin.display())).args(["-eu", "-c", line]);
    shell
}

fn within(mut command: Command, folder: &Path) -> Command {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TOLLGATE") {
            command.env_remove(name);
        }
    }
    // Shared between tests, so that only the first process compiles; never the cache of whoever runs them.
    command.env("XDG_CACHE_HOME", concat!(env!("CARGO_TARGET_TMPDIR"), "/cache"));
    command.current_dir(folder).stdin(Stdio::null());
    command
}

/// Runs one command in `folder` to its end.
pub fn tollgate<A: AsRef<OsStr>>(folder: &Path, arguments: &[A]) -> Outcome {
    run(command(folder).args(arguments))
}

/// Runs a process to its end.
pub fn run(command: &mut Command) -> Outcome {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    Outcome::of(child.wait_with_output().expect("it ends"))
}

/// A process that runs until it is told to stop.
pub struct Server {
    child: Child,
    lines: Receiver<(Stream, String)>,
    out: Vec<String>,
    err: Vec<String>,
}

#[derive(Clone, Copy)]
enum Stream {
    Out,
    Err,
}

impl Server {
    pub fn start(command: &mut Command) -> Self {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let (sender, lines) = channel();
        forward(child.stdout.take().expect("it is piped"), Stream::Out, sender.clone());
        forward(child.stderr.take().expect("it is piped"), Stream::Err, sender);
        Self { child, lines, out: Vec::new(), err: Vec::new() }
    }

    /// The address that the configuration's `key` became, which only the log tells when the port is 0.
    pub fn address(&mut self, key: &str) -> String {
        let listening = |line: &String| {
            let line: Value = serde_json::from_str(line).ok()?;
            let found = line["message"] == "listening" && line["key"] == key;
            found.then(|| line["address"].as_str().unwrap_or_default().to_owned())
        };
        self.wait(|server| server.err.iter().find_map(listening))
    }

    /// The first line of its results that `find` makes something of.
    pub fn printed<T>(&mut self, find: impl Fn(&str) -> Option<T>) -> T {
        self.wait(|server| server.out.iter().find_map(|line| find(line)))
    }

    /// Sends a signal, waits for the end, and returns the exit code with all that was written.
    pub fn stop(self, signal: &str) -> Outcome {
        self.signal(signal);
        self.end()
    }

    pub fn signal(&self, signal: &str) {
        let kill = format!("kill {signal} {}", self.child.id());
        let sent = Command::new("sh").args(["-c", &kill]).status().expect("a shell");
        assert!(sent.success());
    }

    /// Waits for the end.
    pub fn end(mut self) -> Outcome {
        let until = Instant::now() + PATIENCE;
        while self.read_line(until) {}
        let code = self.child.wait().expect("it ends").code();
        let outcome = Outcome { code, out: self.out.join("\n"), err: self.err.join("\n") };
        assert!(!outcome.err.contains("panicked at"), "{outcome}");
        outcome
    }

    fn wait<T>(&mut self, find: impl Fn(&Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = find(self) {
                return found;
            }
            assert!(self.read_line(until), "it ended: {:#?} {:#?}", self.out, self.err);
        }
    }

    /// Reads one more line; `false` when there are no more.
    fn read_line(&mut self, until: Instant) -> bool {
        match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok((Stream::Out, line)) => self.out.push(line),
            Ok((Stream::Err, line)) => self.err.push(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("it hangs: {:#?} {:#?}", self.out, self.err),
        }
        true
    }
}

/// Reads a pipe on a thread of its own, so that the process never waits for its reader.
fn forward(pipe: impl Read + Send + 'static, stream: Stream, lines: Sender<(Stream, String)>) {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // The receiver is gone when a test has seen enough.
            let _ = lines.send((stream, line));
        }
    });
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test leaves nothing running; one that ended is not there any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
