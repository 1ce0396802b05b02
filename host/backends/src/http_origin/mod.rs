//! Objects at any HTTP server, such as a live packager: whether they exist, and what is in playlists.
//!
//! | call | asks |
//! | --- | --- |
//! | `catalog.exists` | HEAD, unless the answer is known; GET of a server that knows no HEAD |
//! | `catalog.read` | GET with the playlist's query, unless a copy that is young enough is at hand |
//! | readiness | HEAD of the base, if the server has not answered anything for 15 s |

mod address;
mod failure;
mod objects;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;

use self::{address::Base, objects::HttpObjects};
use crate::{
    objects::{Lifetimes, MISSING_FAR_AWAY, Shared},
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend { name: "http", ports: &[Port::Objects], configure };

/// How long one question may take, in seconds. Less than the gateway's `port-timeout`, so that what is heard is what
/// was wrong and not only that it took too long.
const TIMEOUT: u64 = 2;

struct Table {
    path: String,
    base: Base,
    timeout: Duration,
    lifetimes: Lifetimes,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let path = section.path().to_owned();
    let url = section.required_text("url");
    let allow_http = section.boolean("allow-http", false);
    let base = Base::parse(&url, allow_http);
    if let (false, Err(rule)) = (url.is_empty(), &base) {
        section.mistake("url", *rule);
    }
    let timeout = Duration::from_secs(section.seconds("timeout", 1..=60, TIMEOUT));
    let lifetimes = Lifetimes::take(&mut section, MISSING_FAR_AWAY);
    match (base, section.finish()) {
        (Ok(base), mistakes) if mistakes.is_empty() => {
            Ok(Box::new(Table { path, base, timeout, lifetimes }))
        }
        (_, mistakes) => Err(mistakes),
    }
}

impl Configured for Table {
    fn summary(&self) -> String {
        format!("http {}", self.base)
    }

    fn open<'a>(&'a self, _: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            // A server that does not answer may do so later, so that nobody is asked at the start.
            let objects = HttpObjects::new(self.base.clone(), self.timeout).map_err(|rule| {
                vec![Mistake {
                    key: format!("{}.url", self.path),
                    rule: format!("cannot be asked by https: {rule}"),
                }]
            })?;
            let objects = Arc::new(objects);
            let shared = Shared::new(Arc::clone(&objects), self.lifetimes);
            Ok(Adapter {
                service: Service::Objects(Arc::new(shared)),
                administration: None,
                upkeep: Some(objects),
            })
        })
    }
}
