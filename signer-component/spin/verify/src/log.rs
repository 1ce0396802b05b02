//! Lines for people, in JSON, on standard error, which Spin puts into its log of the component.

use serde_json::{Map, Value};
use spin_sdk::wasip3::{cli::stderr, wit_stream};

/// Writes one line. A log that cannot be written to stops nobody.
pub async fn line(level: &str, message: &str, fields: Value) {
    let mut entry = Map::new();
    entry.insert("level".to_owned(), level.into());
    entry.insert("component".to_owned(), "tollgate-verify".into());
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
