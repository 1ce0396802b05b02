//! An origin server that writes down what it is asked, byte for byte.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the origin was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The whole head.
    pub head: String,
}

impl Asked {
    /// Path and query.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// The value of a header; empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.split("\r\n").skip(1);
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map_or("", |(_, value)| value)
    }
}

/// A server on a port of its own.
pub struct OriginServer {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// The whole answer to a request; `None` to take it and never answer.
type Answers = dyn Fn(&Asked) -> Option<Vec<u8>> + Send + Sync;

impl OriginServer {
    /// A server with an answer for every request.
    pub async fn start(
        answers: impl Fn(&Asked) -> Option<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let answers: Arc<Answers> = Arc::new(answers);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(answer(stream, Arc::clone(&answers), Arc::clone(&seen)));
            }
        });
        Self { url, asked }
    }

    /// Everything it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Path and query of everything it was asked so far.
    pub fn targets(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.target().to_owned()).collect()
    }
}

/// An answer with a length, which ends its connection.
pub fn reply(status: &str, headers: &str, body: &[u8]) -> Option<Vec<u8>> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    Some([head.as_bytes(), body].concat())
}

async fn answer(mut stream: TcpStream, answers: Arc<Answers>, seen: Arc<Mutex<Vec<Asked>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let asked = Asked { head: String::from_utf8(head).unwrap() };
    seen.lock().unwrap().push(asked.clone());
    match answers(&asked) {
        Some(bytes) => {
            // The edge may hang up on what it does not want, which is its right.
            let _ = stream.write_all(&bytes).await;
        }
        None => {
            let _ = stream.read_u8().await;
        }
    }
}
