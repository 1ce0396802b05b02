//! Lines for people on standard error, where Spin picks them up: one JSON object each, in the form of the gateway's.
//! Never give it a secret.

use serde_json::{Map, Value};
use spin_sdk::wasip3::{cli::stderr, clocks::system_clock, wit_stream};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Writes one line with these fields, which are an object. A log that cannot be written to stops nobody.
pub async fn line(level: &str, message: &str, fields: Value) {
    let mut entry = Map::new();
    if let Some(timestamp) = timestamp() {
        entry.insert("timestamp".to_owned(), timestamp.into());
    }
    entry.insert("level".to_owned(), level.into());
    entry.insert("message".to_owned(), message.into());
    if let Value::Object(fields) = fields {
        entry.extend(fields);
    }
    let text = format!("{}\n", Value::Object(entry));
    let (mut writer, reader) = wit_stream::new();
    let written = stderr::write_via_stream(reader);
    writer.write_all(text.into_bytes()).await;
    drop(writer);
    let _ = written.await;
}

fn timestamp() -> Option<String> {
    let now = system_clock::now();
    let time = OffsetDateTime::from_unix_timestamp(now.seconds).ok()?;
    time.replace_nanosecond(now.nanoseconds).ok()?.format(&Rfc3339).ok()
}
