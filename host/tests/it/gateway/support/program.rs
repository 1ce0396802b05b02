//! The real program in a process of its own, and what it logs.

use std::{
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

use super::{soon, until};

/// `tollgate serve` with its log.
pub struct Program {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reading: JoinHandle<()>,
}

impl Program {
    /// Runs it on the configuration in this folder.
    pub fn start(folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tollgate"))
            .args(["serve", "--config"])
            .arg(folder.join("tollgate.toml"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, log) = (Arc::clone(&lines), child.stderr.take().unwrap());
        let reading = tokio::spawn(async move {
            let mut log = BufReader::new(log).lines();
            while let Some(line) = log.next_line().await.unwrap() {
                kept.lock().unwrap().push(line);
            }
        });
        Self { child, lines, reading }
    }

    /// Where it says it listens.
    pub async fn address(&self, key: &str) -> SocketAddr {
        let mut found = None;
        until("a line that says where it listens", async || {
            found = self.lines.lock().unwrap().iter().find_map(|line| {
                let line: Value = serde_json::from_str(line).ok()?;
                (line["message"] == "listening" && line["key"] == key)
                    .then(|| line["address"].as_str().unwrap().parse().unwrap())
            });
            found.is_some()
        })
        .await;
        found.unwrap()
    }

    /// Sends a signal to this process and no other.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        // The shell's own: a small machine has no other.
        let mut kill = Command::new("sh");
        let sent = kill.args(["-c", "kill \"$0\" \"$1\"", name, &id]).status().await;
        assert!(sent.unwrap().success());
    }

    /// Sends SIGTERM and returns the exit code and every line of the log.
    pub async fn ended(mut self) -> (Option<i32>, Vec<String>) {
        self.signal("-TERM").await;
        let status = soon("the end of the program", self.child.wait()).await.unwrap();
        soon("the end of its log", self.reading).await.unwrap();
        let lines = std::mem::take(&mut *self.lines.lock().unwrap());
        (status.code(), lines)
    }
}
