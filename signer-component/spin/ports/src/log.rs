//! Log lines on standard error, where Spin picks them up: one JSON object each, in the form of the gateway's.
//!
//! Both guests have this file. Never give it a secret.

use serde_json::{Map, Value};
use spin_sdk::wasip3::{cli::stderr, clocks::system_clock, wit_stream};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How grave it is.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    #[allow(dead_code, reason = "one of the two guests reports no requests")]
    Info,
    Warn,
    #[allow(dead_code, reason = "one of the two guests has nothing that grave")]
    Error,
}

/// Writes a line and waits until Spin has it.
pub(crate) async fn write(level: Level, message: &str, fields: &[(&str, Value)]) {
    let mut line = Map::new();
    if let Some(timestamp) = timestamp() {
        line.insert("timestamp".to_owned(), timestamp.into());
    }
    let level = match level {
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    };
    line.insert("level".to_owned(), level.into());
    line.insert("message".to_owned(), message.into());
    line.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let text = format!("{}\n", Value::Object(line));

    let (mut writer, reader) = wit_stream::new();
    let written = stderr::write_via_stream(reader);
    // Nothing can be done about a log that nobody takes.
    let _ = writer.write_all(text.into_bytes()).await;
    drop(writer);
    let _ = written.await;
}

fn timestamp() -> Option<String> {
    let now = system_clock::now();
    let time = OffsetDateTime::from_unix_timestamp(now.seconds).ok()?;
    time.replace_nanosecond(now.nanoseconds).ok()?.format(&Rfc3339).ok()
}
