//! As much of an HTTP client as asking one question takes.

use std::{
    fmt,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, Result};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a server said.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl fmt::Display for Answer {
    /// Without the body, which may hold a signed URL.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "status {} and {} bytes", self.status, self.body.len())
    }
}

/// Asks once, on a connection of its own. `request` is a line of the files that wrk sends: path, TAB, headers.
pub(crate) fn ask(address: SocketAddr, request: &str) -> Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).context("no connection")?;
    stream.set_read_timeout(Some(PATIENCE)).context("no time limit")?;
    let (path, headers) = request.split_once('\t').unwrap_or((request, ""));
    let mut head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    for header in headers.split('\t').filter(|header| !header.is_empty()) {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).context("the request was not taken")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).context("the answer broke off")?;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("no HTTP")?;
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = bytes.split_off(end + 4);
    Ok(Answer { status: status.context("no status")?, body })
}
