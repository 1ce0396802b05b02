//! What is particular to an HTTP server: what its statuses mean, what it is asked, and every way in which it fails.

mod bodies;
mod faults;
mod opening;
mod requests;
mod tls;

use std::sync::Arc;

use tollgate_backends::{
    administration::Upkeep,
    http_origin::BACKEND,
    ports::Objects,
    registry::{Adapter, Commons, Configured, Port, Service},
    section::Section,
};

use crate::server::{Asked, Server, Step};

/// The backend at work.
pub struct Opened {
    pub objects: Arc<dyn Objects>,
    pub upkeep: Arc<dyn Upkeep>,
}

/// Nothing is kept, so that each question is one to the server.
pub const NOTHING_KEPT: &str = "found-for = 0\nmissing-for = 0\nplaylists-for = 0";

/// Reads a table, or says what is wrong with it.
pub fn configured(text: &str) -> Result<Box<dyn Configured>, Vec<String>> {
    let section = Section::new("objects", toml::from_str(text).unwrap());
    (BACKEND.configure)(Port::Objects, section)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

/// The backend below a path of the server, with more lines in its table.
pub async fn open(url: &str, lines: &str) -> Opened {
    let text = format!("type = 'http'\nurl = '{url}/live'\n{lines}");
    let adapter = configured(&text).unwrap().open(&Commons::default()).await.unwrap();
    match adapter {
        Adapter { service: Service::Objects(objects), upkeep: Some(upkeep), .. } => {
            Opened { objects, upkeep }
        }
        _ => panic!("another port"),
    }
}

/// A server that answers every request so, and the backend that asks it.
pub async fn against(
    lines: &str,
    answer: impl Fn(&Asked) -> Vec<Step> + Send + Sync + 'static,
) -> (Server, Opened) {
    let server = Server::start(answer);
    let opened = open(server.url(), lines).await;
    (server, opened)
}
