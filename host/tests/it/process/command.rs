//! A running `tollgate`, whose output is read line by line, and which ends with its test.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// The program, with no configuration from outside.
pub fn tollgate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    command.args(arguments).env_remove("TOLLGATE_CONFIG").env_remove("RUST_LOG");
    command
}

/// A process that is killed when its test is over.
pub struct Running(Child);

impl Running {
    /// Starts it with both outputs piped.
    pub fn start(command: &mut Command) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self(child)
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// The lines of its standard output.
    pub fn output(&mut self) -> Lines {
        Lines::of(self.0.stdout.take().unwrap())
    }

    /// The lines of its standard error: logs and complaints.
    pub fn log(&mut self) -> Lines {
        Lines::of(self.0.stderr.take().unwrap())
    }

    /// Sends a signal by its short name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("sh")
            // The shell's own: a small machine has no other.
            .args(["-c", "kill -s \"$0\" \"$1\"", name, &self.id().to_string()])
            .status();
        assert!(sent.unwrap().success(), "{name} cannot be sent");
    }

    /// Whether it has come to its end already.
    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub fn ended(mut self) -> ExitStatus {
        let status = self.0.wait().unwrap();
        assert_eq!(status.signal(), None, "it was killed");
        status
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a process writes. It is read whether anybody waits for it or not.
pub struct Lines(Receiver<String>);

impl Lines {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let lines = BufReader::new(stream).lines();
            lines.map_while(Result::ok).all(|line| sender.send(line).is_ok())
        });
        Self(receiver)
    }

    /// Reads on to a line with this text.
    pub fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        loop {
            // Only so that a process that says nothing fails its test rather than all of them.
            let Ok(line) = self.0.recv_timeout(Duration::from_secs(60)) else {
                panic!("no `{text}` in {seen:#?}");
            };
            if line.contains(text) {
                return line;
            }
            seen.push(line);
        }
    }
}

/// A folder with the configuration of an open edge; more lines go into `[edge]`.
pub fn open_edge(lines: &str, origin: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("objects")).unwrap();
    let text = format!(
        r#"
        [edge]
        listen = "127.0.0.1:0"
        {lines}
        [[edge.origins]]
        name = "origin"
        {origin}
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "origin"
        "#
    );
    fs::write(folder.path().join("tollgate.toml"), text).unwrap();
    folder
}

/// The line of an origin that is the folder `objects`.
pub const OBJECTS: &str = "type = \"folder\"\npath = \"objects\"";

/// `tollgate edge` with the configuration of this folder.
pub fn edge(folder: &Path) -> Command {
    let config = folder.join("tollgate.toml");
    tollgate(&["edge", "--config", &config.display().to_string()])
}

/// Where it listens, from its log.
pub fn address(log: &mut Lines) -> std::net::SocketAddr {
    let line = log.until("\"listening\"");
    let (_, rest) = line.split_once("\"address\":\"").unwrap();
    rest.split('"').next().unwrap().parse().unwrap()
}
