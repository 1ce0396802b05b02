//! A client that sends exactly the bytes it is told to: others tidy up paths on their own.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::HOST;

/// An answer, taken apart no further than needed.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The only value of a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map_or("", |(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }

    /// Whether a header is there.
    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known == name)
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// CloudFront's code for a denial or an error.
    pub fn code(&self) -> &str {
        let code = self.text().split_once("<Code>").and_then(|(_, rest)| rest.split_once('<'));
        code.map_or("", |(code, _)| code)
    }
}

/// GET, with nothing but a `Host`.
pub async fn get(edge: SocketAddr, target: &str) -> Reply {
    ask(edge, "GET", target).await
}

/// Any method, with nothing but a `Host`.
pub async fn ask(edge: SocketAddr, method: &str, target: &str) -> Reply {
    ask_with(edge, method, target, &[]).await
}

/// Any method, with more headers.
pub async fn ask_with(
    edge: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Reply {
    let mut all = vec![("Host", HOST), ("Connection", "close")];
    all.extend_from_slice(headers);
    exchange(edge, &head(method, target, &all)).await
}

/// A request head.
pub fn head(method: &str, target: &str, headers: &[(&str, &str)]) -> String {
    let lines: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("{method} {target} HTTP/1.1\r\n{lines}\r\n")
}

/// Sends these bytes and reads until the edge closes the connection.
pub async fn exchange(edge: SocketAddr, request: &str) -> Reply {
    let mut stream = TcpStream::connect(edge).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    read(&mut stream).await
}

/// Reads an answer to its end, which the edge makes by closing the connection.
pub async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Reply {
    let mut bytes = Vec::new();
    // Only so that an edge that hangs fails its test rather than all of them.
    let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut bytes));
    ended.await.expect("the edge neither answers nor closes").unwrap();
    parse(&bytes)
}

/// Takes an answer apart.
pub fn parse(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(": ").unwrap_or((line.trim_end_matches(':'), "")))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut reply = Reply { status, headers, body: bytes[end + 4..].to_vec() };
    if reply.has("transfer-encoding") {
        reply.body = unchunked(&reply.body);
    }
    reply
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
