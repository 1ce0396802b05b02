//! Logs: one line per event, as JSON for machines or as text for people.

use std::{io, sync::OnceLock, time::Duration};

use serde::Deserialize;
use tracing::{Level, Subscriber};
use tracing_subscriber::{EnvFilter, filter::FilterFn, fmt::MakeWriter, layer::SubscriberExt};

use super::lines::Lines;

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// One JSON object per line.
    #[default]
    Json,
    /// A line for people.
    Text,
}

impl std::str::FromStr for Format {
    type Err = TelemetryError;

    fn from_str(text: &str) -> Result<Self, TelemetryError> {
        match text {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            other => Err(TelemetryError::Format(other.to_owned())),
        }
    }
}

/// Why logs cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The format is none of those there are.
    #[error("`{0}` is not a log format: use `json` or `text`")]
    Format(String),
    /// The filter cannot be read.
    #[error("the log filter cannot be read: {0}")]
    Filter(String),
    /// The operating system gives no thread that could write.
    #[error("no thread for the log")]
    Thread(#[source] io::Error),
    /// Somebody set up logs before.
    #[error("logs are set up already")]
    AlreadySet,
}

/// Sends the logs of this process to standard error; standard output stays free for results. Whoever ends the process
/// calls [`flush`] before.
///
/// `filter` has the form of `RUST_LOG`, for example `info` or `warn,tollgate=debug`.
pub fn init(format: Format, filter: &str) -> Result<(), TelemetryError> {
    let tell =
        |lost| tracing::warn!(lost, "log lines were lost: nobody reads as fast as they come");
    let lines = Lines::start(io::stderr(), tell).map_err(TelemetryError::Thread)?;
    tracing::subscriber::set_global_default(subscriber(format, filter, lines.clone())?)
        .map_err(|_| TelemetryError::AlreadySet)?;
    let _ = LINES.set(lines);
    Ok(())
}

/// Waits until everything that was logged is written, unless nobody reads it.
pub fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush(FLUSH);
    }
}

/// What [`init`] has installed.
static LINES: OnceLock<Lines> = OnceLock::new();

/// How long the end of the process waits for whoever reads its log.
const FLUSH: Duration = Duration::from_secs(1);

/// What [`init`] installs, with a writer of the caller's choice.
pub fn subscriber<W>(
    format: Format,
    filter: &str,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let filter =
        EnvFilter::builder().parse(filter).map_err(|e| TelemetryError::Filter(e.to_string()))?;
    // Not a directive of the filter: there a longer target, such as `hyper::proto=trace`, would win over it.
    let quiet = FilterFn::new(|of| *of.level() <= Level::INFO || !is_wire(of.target()));
    let registry = tracing_subscriber::registry().with(filter).with(quiet);
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    Ok(match format {
        Format::Json => {
            Box::new(registry.with(
                layer.json().flatten_event(true).with_current_span(true).with_span_list(false),
            ))
        }
        // Escape codes would end up in files; whoever wants colours has a pager that adds them.
        Format::Text => Box::new(registry.with(layer.with_ansi(false))),
    })
}

/// Libraries that print headers or bytes of the wire at their chattiest, where tokens, keys and signatures
/// travel. A filter of `trace` must not make a secret leak, so they stay at `info`.
fn is_wire(target: &str) -> bool {
    let library = target.split("::").next().unwrap_or_default();
    library.starts_with("aws_") || WIRE.contains(&library)
}

const WIRE: [&str; 8] =
    ["h2", "hyper", "hyper_util", "hyper_rustls", "rustls", "tokio_rustls", "tower", "wasmtime"];

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: Format, filter: &str, log: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(format, filter, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = lines.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_json_line_is_one_object_with_the_fields_of_event_and_span() {
        let text = logged(Format::Json, "info", || {
            let span = tracing::info_span!("request", request_id = "r-1");
            span.in_scope(|| tracing::info!(status = 200, user = "a\n\"b", "request"));
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["status"], 200);
        assert_eq!(line["user"], "a\n\"b");
        assert_eq!(line["span"]["request_id"], "r-1");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn a_text_line_cannot_be_split_by_what_it_reports() {
        let text = logged(Format::Text, "info", || {
            tracing::info!(user = "a\nINFO forged", "request");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
    }

    #[test]
    fn the_wire_stays_quiet_whatever_the_filter() {
        for filter in
            ["trace", "h2=trace", "trace,hyper=trace,hyper::proto=trace,aws_runtime=debug"]
        {
            let text = logged(Format::Json, filter, || {
                tracing::trace!(target: "h2::hpack", "authorization: Bearer marker");
                tracing::debug!(target: "hyper::proto", "authorization: Bearer marker");
                tracing::debug!(target: "aws_runtime::auth", "authorization: Bearer marker");
                tracing::info!(target: "h2", "kept");
            });
            assert!(!text.contains("marker"), "{filter}: {text}");
            assert!(text.contains("kept"), "{filter}: {text}");
        }
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        let error = subscriber(Format::Json, "tollgate=loud", io::sink).err().unwrap();
        assert!(error.to_string().contains("filter"), "{error}");
        assert!("xml".parse::<Format>().is_err());
        assert_eq!("text".parse::<Format>().unwrap(), Format::Text);
    }
}
