//! An object store that answers byte for byte as a test has it, and remembers what it was asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What it does once it has read a request for a playlist.
#[derive(Clone)]
pub enum Behaviour {
    /// Writes this and closes the connection.
    Says(String),
    /// Writes parts of a body in chunks for as long as somebody reads them.
    NeverEnds,
    /// Writes nothing.
    Waits,
}

impl Behaviour {
    /// A whole answer.
    pub fn answers(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::Says(format!(
            "HTTP/1.1 {status} -\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
        ))
    }
}

/// A server on loopback, which ends when it is dropped.
pub struct Origin {
    pub address: SocketAddr,
    behaviour: Arc<Mutex<Behaviour>>,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Origin {
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let behaviour = Arc::new(Mutex::new(behaviour));
        let (shared, current) = (Arc::clone(&asked), Arc::clone(&behaviour));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (behaviour, asked) = (Arc::clone(&current), Arc::clone(&shared));
                tokio::spawn(async move {
                    // A caller that gives up is no error of ours.
                    let _ = answer(stream, &behaviour, &asked).await;
                });
            }
        });
        Self { address, behaviour, asked, task }
    }

    /// What it does from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The heads of the requests for what is in a playlist, in lower case.
    pub fn reads(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|head| head.starts_with("get ")).cloned().collect()
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    mut stream: TcpStream,
    behaviour: &Mutex<Behaviour>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let is_read = head.starts_with("get ");
    asked.lock().unwrap().push(head);
    let behaviour = behaviour.lock().unwrap().clone();
    match behaviour {
        // Whether it is there is not what these tests are about.
        _ if !is_read => {
            let there = "HTTP/1.1 200 -\r\ncontent-length: 1\r\nconnection: close\r\n\r\n";
            stream.write_all(there.as_bytes()).await
        }
        Behaviour::Says(text) => stream.write_all(text.as_bytes()).await,
        Behaviour::NeverEnds => {
            stream.write_all(b"HTTP/1.1 200 -\r\ntransfer-encoding: chunked\r\n\r\n").await?;
            let part = format!("10000\r\n{}\r\n", "#".repeat(0x10000));
            loop {
                stream.write_all(part.as_bytes()).await?;
            }
        }
        Behaviour::Waits => std::future::pending().await,
    }
}
