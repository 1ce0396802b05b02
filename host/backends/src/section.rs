//! Reads one table of the configuration and collects every mistake in it, instead of stopping at the first.

use std::path::PathBuf;

/// A key of the configuration that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Dotted path, for example `sessions.path`.
    pub key: String,
    /// The rule, as a sentence without a final period.
    pub rule: String,
}

/// One table. Keys are marked as they are read; what is left over at [`Section::finish`] is unknown.
#[derive(Debug)]
pub struct Section {
    path: String,
    table: toml::Table,
    mistakes: Vec<Mistake>,
}

impl Section {
    /// Starts to read a table that stands at `path` in the file.
    pub fn new(path: impl Into<String>, table: toml::Table) -> Self {
        Self { path: path.into(), table, mistakes: Vec::new() }
    }

    /// Takes a text, if the key is there.
    pub fn text(&mut self, key: &str) -> Option<String> {
        let _ = key;
        unimplemented!()
    }

    /// Takes a text that must be there; a mistake and an empty text otherwise.
    pub fn required_text(&mut self, key: &str) -> String {
        let _ = key;
        unimplemented!()
    }

    /// Takes a file or folder path; relative ones count from the folder of the file (done by the caller of `new`).
    pub fn required_path(&mut self, key: &str) -> PathBuf {
        let _ = key;
        unimplemented!()
    }

    /// Takes a whole number within `range`, or `default`.
    pub fn integer(
        &mut self,
        key: &str,
        range: std::ops::RangeInclusive<u64>,
        default: u64,
    ) -> u64 {
        let _ = (key, range, default);
        unimplemented!()
    }

    /// Takes a truth value, or `default`.
    pub fn boolean(&mut self, key: &str, default: bool) -> bool {
        let _ = (key, default);
        unimplemented!()
    }

    /// Takes a list of texts, empty if the key is not there.
    pub fn texts(&mut self, key: &str) -> Vec<String> {
        let _ = key;
        unimplemented!()
    }

    /// Takes a sub-table, if there is one; give it back through [`Section::absorb`].
    pub fn section(&mut self, key: &str) -> Option<Section> {
        let _ = key;
        unimplemented!()
    }

    /// Takes an array of tables.
    pub fn sections(&mut self, key: &str) -> Vec<Section> {
        let _ = key;
        unimplemented!()
    }

    /// Takes everything that is left, as it is.
    pub fn rest(&mut self) -> toml::Table {
        unimplemented!()
    }

    /// Notes that `key` breaks `rule`.
    pub fn mistake(&mut self, key: &str, rule: impl Into<String>) {
        self.mistakes.push(Mistake { key: format!("{}.{key}", self.path), rule: rule.into() });
    }

    /// Takes over the mistakes of a sub-table that was read to its end.
    pub fn absorb(&mut self, section: Section) {
        self.mistakes.extend(section.finish());
    }

    /// Every mistake, unknown keys among them.
    pub fn finish(self) -> Vec<Mistake> {
        let _ = &self.table;
        unimplemented!()
    }
}
