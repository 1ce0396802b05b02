//! A server that answers byte by byte as a test says: rightly, wrongly, slowly or without end.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Lines, names in lower case.
    pub headers: Vec<String>,
}

/// One part of an answer.
#[derive(Clone, Debug)]
pub enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Until nobody listens any more.
    Forever(Vec<u8>, Duration),
    /// The connection ends; otherwise it is there for another request.
    Close,
}

/// At work until the test ends. It has threads of its own, so that it can be started wherever there is no runtime.
pub struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Asked) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (answer, noted) = (Arc::new(answer), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&noted));
                thread::spawn(move || serve(stream, &*answer, &seen));
            }
        });
        Self { url, seen }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Every request since the last time this was asked.
    pub fn take_seen(&self) -> Vec<Asked> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&Asked) -> Vec<Step>, seen: &Mutex<Vec<Asked>>) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(asked) = request(&mut reader) {
        seen.lock().unwrap().push(asked.clone());
        for step in answer(&asked) {
            match step {
                Step::Send(bytes) if stream.write_all(&bytes).is_err() => return,
                Step::Send(_) => {}
                Step::Wait(time) => thread::sleep(time),
                Step::Forever(bytes, pause) => {
                    while stream.write_all(&bytes).is_ok() {
                        thread::sleep(pause);
                    }
                    return;
                }
                Step::Close => return,
            }
        }
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = || {
        let mut line = String::new();
        let read = reader.read_line(&mut line).ok().filter(|read| *read > 0);
        read.map(|_| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        match header.split_once(':') {
            Some((name, value)) => headers.push(format!("{}:{value}", name.to_lowercase())),
            None => return Some(Asked { method, target, headers }),
        }
    }
}

/// An answer with a length, and without its body to HEAD.
pub fn whole(asked: &Asked, status: u16, headers: &str, body: &[u8]) -> Vec<Step> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\n\r\n");
    let body = if asked.method == "HEAD" { &[] } else { body };
    vec![Step::Send([head.as_bytes(), body].concat())]
}

/// An answer that says `headers` about itself, and what comes of it after them.
pub fn begun(headers: &str, rest: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let head = format!("HTTP/1.1 200 x\r\n{headers}\r\n");
    std::iter::once(Step::Send(head.into_bytes())).chain(rest).collect()
}
