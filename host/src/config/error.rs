//! What is wrong with a configuration, for the person who wrote it.

use std::{
    io,
    path::{Path, PathBuf},
};

use tollgate_backends::section::Mistake;

/// Why a configuration cannot be used. Never repeats a value: it may be a secret in the wrong place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{file} cannot be read: {source}")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is no TOML.
    #[error("{file}, line {line}: {message}")]
    Syntax {
        /// The file.
        file: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser expected.
        message: String,
    },
    /// Keys that break rules, all of them.
    #[error("{file} has {}:\n{}", count(.mistakes), lines(.mistakes))]
    Mistakes {
        /// The file.
        file: PathBuf,
        /// What is wrong, in the order of reading.
        mistakes: Vec<Mistake>,
    },
}

impl ConfigError {
    pub(super) fn syntax(file: &Path, text: &str, error: &toml::de::Error) -> Self {
        let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or(text));
        Self::Syntax {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            // Only the message: the full text quotes the line, which may hold a secret.
            message: error.message().to_owned(),
        }
    }
}

fn count(mistakes: &[Mistake]) -> String {
    match mistakes.len() {
        1 => "a mistake".to_owned(),
        many => format!("{many} mistakes"),
    }
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| format!("  {mistake}")).collect::<Vec<_>>().join("\n")
}
