//! A client that sends exactly the bytes it is told to: others tidy up paths on their own.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The host that every URL of these tests is signed for.
pub const HOST: &str = "media.example";

/// An answer, taken apart no further than needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// All values of a header.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let values = self.headers.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.as_str()).collect()
    }

    /// CloudFront's code for a denial or an error; empty if there is none.
    pub fn code(&self) -> &str {
        let text = std::str::from_utf8(&self.body).unwrap_or_default();
        let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once('<'));
        code.map_or("", |(code, _)| code)
    }
}

/// Asks, with these headers besides the usual ones, and reads until the connection is closed.
pub async fn ask(
    edge: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(String, String)],
) -> Reply {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(edge).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    // Only so that an edge that hangs fails its test rather than all of them.
    let ended = tokio::time::timeout(Duration::from_secs(120), stream.read_to_end(&mut bytes));
    ended.await.expect("the edge neither answers nor closes").unwrap();
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").unwrap_or((line.trim_end_matches(':'), "")))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut body = bytes[end + 4..].to_vec();
    if headers.iter().any(|(name, _)| name == "transfer-encoding") {
        body = unchunked(&body);
    }
    Reply { status, headers, body }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n").expect("a chunk has a size");
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return whole;
        }
        whole.extend_from_slice(&bytes[end + 2..end + 2 + size]);
        bytes = &bytes[end + 2 + size + 2..];
    }
}
