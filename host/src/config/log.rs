//! `[log]`: how the process writes its log.

use tollgate_backends::section::Section;

use crate::telemetry::Format;

/// `[log]`.
#[derive(Clone, Debug)]
pub struct LogTable {
    /// `json` for machines, the default, or `text`.
    pub format: Format,
    /// In the form of `RUST_LOG`, `info` by default.
    pub filter: String,
}

impl LogTable {
    pub(super) fn take(root: &mut Section) -> Self {
        let mut section =
            root.section("log").unwrap_or_else(|| Section::new("log", toml::Table::new()));
        let formats = [("json", Format::Json), ("text", Format::Text)];
        let format = section.choice("format", &formats, Format::Json);
        let filter = section.text("filter").unwrap_or_else(|| "info".to_owned());
        if let Err(error) = crate::telemetry::subscriber(format, &filter, std::io::sink) {
            section.mistake("filter", error.to_string());
        }
        root.absorb(section);
        Self { format, filter }
    }
}
