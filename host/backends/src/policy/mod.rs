//! The playback policy document, from a JSON file or written inline as TOML.
//!
//! Only the form is checked here; what the document says is for the component, which is the one
//! place that knows its keys.

mod lifetime;

use std::{path::PathBuf, sync::Arc};

use futures::future::{self, BoxFuture};
use toml::Value;

pub use self::lifetime::{LONGEST_POSSIBLE, Signing};
use crate::{
    ports::{Answer, Settings},
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend { name: "document", ports: &[Port::Policy], configure };

/// The document that a table holds or names, as JSON, for a command that needs no other port.
///
/// # Errors
/// Every mistake in the table, or that the file it names cannot be used.
pub async fn document(section: Section) -> Result<String, Vec<Mistake>> {
    source(section)?.text().await
}

/// A policy document is a page or two; more is a mistake in the path.
const LARGEST: u64 = 1 << 20;

enum Source {
    File { key: String, path: PathBuf },
    Inline(String),
}

fn configure(_: Port, section: Section) -> Configuring {
    Ok(Box::new(source(section)?))
}

fn source(mut section: Section) -> Result<Source, Vec<Mistake>> {
    // `type` is how the registry found this backend; it is no key of the document.
    section.text("type");
    if let Some(path) = section.optional_path("file") {
        let rest = section.rest();
        for key in rest.keys() {
            section.mistake(key, "must not stand beside `file`: the document is in the file");
        }
        let key = format!("{}.file", section.path());
        let mistakes = section.finish();
        return if mistakes.is_empty() { Ok(Source::File { key, path }) } else { Err(mistakes) };
    }
    let mut document = serde_json::Map::new();
    for (key, value) in section.rest() {
        if let Some(value) = json(&mut section, &key, value) {
            document.insert(key, value);
        }
    }
    let mistakes = section.finish();
    if mistakes.is_empty() {
        Ok(Source::Inline(serde_json::Value::Object(document).to_string()))
    } else {
        Err(mistakes)
    }
}

/// The same value as JSON; a mistake where JSON has no such thing.
fn json(section: &mut Section, key: &str, value: Value) -> Option<serde_json::Value> {
    Some(match value {
        Value::String(text) => text.into(),
        Value::Integer(number) => number.into(),
        Value::Boolean(value) => value.into(),
        Value::Float(number) => match serde_json::Number::from_f64(number) {
            Some(number) => number.into(),
            None => {
                section.mistake(key, "must be a number that can be counted with");
                return None;
            }
        },
        Value::Datetime(_) => {
            section.mistake(key, "must not be a date");
            return None;
        }
        Value::Array(items) => {
            let items = items.into_iter().enumerate();
            items.filter_map(|(at, item)| json(section, &format!("{key}[{at}]"), item)).collect()
        }
        Value::Table(table) => serde_json::Value::Object(
            table
                .into_iter()
                .filter_map(|(name, value)| {
                    let value = json(section, &format!("{key}.{name}"), value)?;
                    Some((name, value))
                })
                .collect(),
        ),
    })
}

impl Configured for Source {
    fn summary(&self) -> String {
        match self {
            Self::File { path, .. } => format!("document in {}", path.display()),
            Self::Inline(_) => "document in the configuration".to_owned(),
        }
    }

    fn open<'a>(&'a self, _: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            Ok(Adapter::plain(Service::Policy(Arc::new(Document(self.text().await?)))))
        })
    }
}

impl Source {
    async fn text(&self) -> Result<String, Vec<Mistake>> {
        match self {
            Self::Inline(text) => Ok(text.clone()),
            Self::File { key, path } => {
                read(path).await.map_err(|rule| vec![Mistake { key: key.clone(), rule }])
            }
        }
    }
}

async fn read(path: &std::path::Path) -> Result<String, String> {
    let name = path.display();
    let size = tokio::fs::metadata(path).await.map_err(|error| format!("{name}: {error}"))?.len();
    if size > LARGEST {
        return Err(format!("{name}: is larger than a policy document can be"));
    }
    let text = tokio::fs::read_to_string(path).await.map_err(|error| format!("{name}: {error}"))?;
    match serde_json::from_str(&text) {
        Ok(serde_json::Value::Object(_)) => Ok(text),
        Ok(_) => Err(format!("{name}: must hold a JSON object")),
        Err(error) => {
            Err(format!("{name}: is not JSON, line {} column {}", error.line(), error.column()))
        }
    }
}

struct Document(String);

impl Settings for Document {
    fn policy(&self) -> Answer<'_, String> {
        Box::pin(future::ready(Ok(self.0.clone())))
    }
}
