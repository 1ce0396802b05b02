//! The object store of places that ask one by HTTP: says whether an object is there, and what is in it, until it is
//! broken.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use super::format::{Manner, Object};

/// What stands before every key.
pub const PREFIX: &str = "/objects/";

#[derive(Default)]
struct State {
    contents: BTreeMap<String, Bytes>,
    broken: Option<Manner>,
    /// How many questions have to be there before the first is answered.
    gathering: usize,
    /// How many there were.
    asked: Arc<watch::Sender<usize>>,
}

/// A server on loopback, which ends when it is dropped.
pub struct Objects {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Objects {
    pub async fn start(broken: Option<Manner>) -> Self {
        Self::with(State { broken, ..State::default() }).await
    }

    /// Answers nobody until so many ask at once.
    #[cfg(feature = "spin")]
    pub async fn gathering(count: usize) -> Self {
        Self::with(State { gathering: count, ..State::default() }).await
    }

    async fn with(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move {
                    let service = service_fn(|request| answer(Arc::clone(&state), request));
                    // A caller that gives up is no error of ours.
                    let _ =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, state, task }
    }

    /// How many asked before the first was answered, if they gathered.
    #[cfg(feature = "spin")]
    pub fn most_at_once(&self) -> usize {
        *self.state.lock().unwrap().asked.borrow()
    }

    pub fn put<'a>(&self, objects: impl IntoIterator<Item = &'a Object>) {
        let contents =
            objects.into_iter().map(|object| (object.key().to_owned(), object.content().into()));
        self.state.lock().unwrap().contents.extend(contents);
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (broken, gathering, asked) = {
        let state = state.lock().unwrap();
        (state.broken, state.gathering, Arc::clone(&state.asked))
    };
    asked.send_modify(|asked| *asked += 1);
    // An error is a sender that is gone, and with it the server.
    let _ = asked.subscribe().wait_for(|asked| *asked >= gathering).await;
    let key = request.uri().path().strip_prefix(PREFIX);
    let (status, body) = match broken {
        Some(Manner::Hangs) => std::future::pending().await,
        Some(Manner::Fails) => (500, Bytes::new()),
        None if !matches!(request.method().as_str(), "HEAD" | "GET") => (405, Bytes::new()),
        None => match key.and_then(|key| state.lock().unwrap().contents.get(key).cloned()) {
            Some(body) => (200, body),
            None => (404, Bytes::new()),
        },
    };
    // The server leaves the body of an answer to HEAD out.
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status.try_into().unwrap();
    Ok(response)
}
