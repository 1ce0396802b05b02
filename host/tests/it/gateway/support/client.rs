//! An HTTP client that shows every byte it is given, and a socket for what no HTTP client would send.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
    rt,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{soon, until};

/// One request, to be sent as often as one likes.
#[derive(Clone)]
pub struct Call {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self {
            method: method.parse().unwrap(),
            target: target.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    fn request(&self, authority: &str) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.parse().unwrap();
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().insert("host", authority.parse().unwrap());
        request
    }

    /// Sends it on a connection of its own.
    pub async fn send(&self, to: SocketAddr) -> Reply {
        let mut line = Line::open(TcpStream::connect(to).await.unwrap()).await;
        line.send(self).await.unwrap()
    }

    /// Sends it as HTTP/2 over `stream`.
    pub async fn send_http2<S>(&self, stream: S) -> Reply
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        let mut request = self.request("localhost");
        request.headers_mut().remove("host");
        *request.uri_mut() = format!("https://localhost{}", self.target).parse().unwrap();
        Reply::read(soon("an answer", sender.send_request(request)).await.unwrap()).await.unwrap()
    }
}

/// One HTTP/1.1 connection that is kept.
pub struct Line {
    sender: http1::SendRequest<Full<Bytes>>,
}

impl Line {
    pub async fn open<S>(stream: S) -> Self
    where
        TokioIo<S>: rt::Read + rt::Write + Unpin + Send + 'static,
    {
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self { sender }
    }

    pub async fn to(address: SocketAddr) -> Self {
        Self::open(TcpStream::connect(address).await.unwrap()).await
    }

    pub async fn send(&mut self, call: &Call) -> hyper::Result<Reply> {
        soon("a connection that is free", self.sender.ready()).await?;
        let answer = self.sender.send_request(call.request("tollgate.test"));
        Reply::read(soon("an answer", answer).await?).await
    }

    /// Resolves when the other side has closed.
    pub async fn closed(&self) {
        until("the end of a connection", async || self.sender.is_closed()).await;
    }
}

/// One answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    async fn read(response: Response<Incoming>) -> hyper::Result<Self> {
        let (head, body) = response.into_parts();
        let body = soon("a whole body", body.collect()).await?.to_bytes();
        Ok(Self { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// A header as text; nothing if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    /// The problem this is, with everything checked that all problems share.
    pub fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        assert_eq!(self.header("cache-control"), "no-store");
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["requestId"], self.header("x-request-id"));
        for field in ["title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        assert!(!self.text().contains("https://"), "a problem holds a URL: {problem}");
        problem
    }

    /// Status and `type` of the problem this is.
    pub fn slug(&self) -> (u16, String) {
        (self.status, self.problem()["type"].as_str().unwrap().to_owned())
    }
}

/// Sends bytes as they are and reads until the other side closes.
pub async fn raw(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).await.unwrap();
    // The other side may answer and close before it has read everything.
    let _ = stream.write_all(bytes).await;
    read_to_end(&mut stream).await
}

/// Reads until the other side closes; a reset counts as that.
pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let _ = soon("the end of a connection", stream.read_to_end(&mut all)).await;
    String::from_utf8_lossy(&all).into_owned()
}
