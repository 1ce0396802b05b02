//! Reads one table of the configuration and collects every mistake in it, instead of stopping at the first.
//!
//! A rule never repeats the value it complains about: the value may be a secret in the wrong place.

mod quantity;
mod suggestion;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fmt,
    ops::RangeInclusive,
    path::{Path, PathBuf},
};

use toml::Value;

/// A key of the configuration that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Dotted path, for example `sessions.path`.
    pub key: String,
    /// The rule, as a sentence without a final period.
    pub rule: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.rule)
    }
}

/// Reads a duration as the configuration writes it, in seconds: `900`, `"90s"`, `"15m"`, `"1h"`, `"7d"`.
///
/// # Errors
/// What it must be, to follow the name of whatever held the text.
pub fn duration(text: &str) -> Result<u64, String> {
    let parsed = quantity::DURATION.parse(text).ok().flatten();
    parsed.ok_or_else(|| format!("must be {}", quantity::DURATION.expected))
}

/// One table. Keys are marked as they are read; what is left over at [`Section::finish`] is unknown.
#[derive(Clone)]
pub struct Section {
    path: String,
    base: PathBuf,
    table: toml::Table,
    /// Every key somebody asked for, there or not: what an unknown key may have been meant to be.
    known: BTreeSet<String>,
    mistakes: Vec<Mistake>,
}

/// Names only: values may be secrets.
impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("path", &self.path)
            .field("unread", &self.table.keys().collect::<Vec<_>>())
            .field("mistakes", &self.mistakes)
            .finish_non_exhaustive()
    }
}

impl Section {
    /// Starts to read a table that stands at `path` in the file; an empty path is the file itself.
    pub fn new(path: impl Into<String>, table: toml::Table) -> Self {
        Self {
            path: path.into(),
            base: PathBuf::new(),
            table,
            known: BTreeSet::new(),
            mistakes: Vec::new(),
        }
    }

    /// Makes relative paths count from `folder`, here and in every sub-table read later.
    #[must_use]
    pub fn based_on(mut self, folder: impl Into<PathBuf>) -> Self {
        self.base = folder.into();
        self
    }

    /// Where this table stands in the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A path out of a text that holds more than a path; relative ones count from the folder given to
    /// [`Section::based_on`].
    pub fn beside(&self, path: &str) -> PathBuf {
        self.base.join(Path::new(path))
    }

    /// Whether the key is there and has not been read.
    pub fn contains(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Whether the key is there, has not been read, and holds a text, where a table would do as well.
    pub fn is_text(&self, key: &str) -> bool {
        self.table.get(key).is_some_and(Value::is_str)
    }

    /// Takes a text, if the key is there.
    pub fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            other => self.wrong_type(key, "a text", &other),
        }
    }

    /// Takes a text that must be there; a mistake and an empty text otherwise.
    pub fn required_text(&mut self, key: &str) -> String {
        if self.missing(key, "a text") {
            return String::new();
        }
        let text = self.text(key);
        if text.as_deref() == Some("") {
            self.mistake(key, "must not be empty");
        }
        text.unwrap_or_default()
    }

    /// Takes a file or folder path, if the key is there; see [`Section::required_path`].
    pub fn optional_path(&mut self, key: &str) -> Option<PathBuf> {
        self.contains(key).then(|| self.required_path(key)).or_else(|| {
            self.known.insert(key.to_owned());
            None
        })
    }

    /// Takes a file or folder path; relative ones count from the folder given to [`Section::based_on`].
    pub fn required_path(&mut self, key: &str) -> PathBuf {
        let text = self.required_text(key);
        if text.contains('\0') {
            self.mistake(key, "must not hold a NUL character");
        }
        if text.is_empty() { PathBuf::new() } else { self.base.join(Path::new(&text)) }
    }

    /// Takes a whole number within `range`, or `default`.
    pub fn integer(&mut self, key: &str, range: RangeInclusive<u64>, default: u64) -> u64 {
        match self.take(key) {
            None => default,
            Some(Value::Integer(number)) => {
                self.within(key, u64::try_from(number).ok(), range, default, "")
            }
            Some(other) => self.wrong_type(key, "a whole number", &other).unwrap_or(default),
        }
    }

    /// Takes a duration within `range` seconds, or `default`: `900`, `"90s"`, `"15m"`, `"1h"`, `"7d"`.
    pub fn seconds(&mut self, key: &str, range: RangeInclusive<u64>, default: u64) -> u64 {
        self.quantity(key, &quantity::DURATION, range, default)
    }

    /// Takes a size within `range` bytes, or `default`: `1048576`, `"64MiB"`, `"1GiB"`, `"500kB"`.
    pub fn bytes(&mut self, key: &str, range: RangeInclusive<u64>, default: u64) -> u64 {
        self.quantity(key, &quantity::SIZE, range, default)
    }

    /// Takes a truth value, or `default`.
    pub fn boolean(&mut self, key: &str, default: bool) -> bool {
        match self.take(key) {
            None => default,
            Some(Value::Boolean(value)) => value,
            Some(other) => self.wrong_type(key, "true or false", &other).unwrap_or(default),
        }
    }

    /// Takes one of the named choices, or `default`.
    pub fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)], default: T) -> T {
        let Some(text) = self.text(key) else { return default };
        if let Some((_, value)) = choices.iter().find(|(name, _)| *name == text) {
            return *value;
        }
        let names: Vec<_> = choices.iter().map(|(name, _)| format!("`{name}`")).collect();
        self.mistake(key, format!("must be one of {}", names.join(", ")));
        default
    }

    /// Takes a list of texts, empty if the key is not there.
    pub fn texts(&mut self, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for (index, item) in self.items(key, "a list of texts").into_iter().enumerate() {
            match item {
                Value::String(text) => texts.push(text),
                other => {
                    self.wrong_type::<()>(&format!("{key}[{index}]"), "a text", &other);
                }
            }
        }
        texts
    }

    /// Takes a sub-table, if there is one; give it back through [`Section::absorb`].
    pub fn section(&mut self, key: &str) -> Option<Section> {
        match self.take(key)? {
            Value::Table(table) => Some(self.child(key, table)),
            other => self.wrong_type(key, "a table", &other),
        }
    }

    /// Takes an array of tables; give each back through [`Section::absorb`].
    pub fn sections(&mut self, key: &str) -> Vec<Section> {
        let mut sections = Vec::new();
        for (index, item) in self.items(key, "a list of tables").into_iter().enumerate() {
            let key = format!("{key}[{index}]");
            match item {
                Value::Table(table) => sections.push(self.child(&key, table)),
                other => {
                    self.wrong_type::<()>(&key, "a table", &other);
                }
            }
        }
        sections
    }

    /// The keys nobody has read yet, for tables whose keys are names of the user's choice.
    pub fn names(&self) -> Vec<String> {
        self.table.keys().cloned().collect()
    }

    /// Takes everything that is left, as it is.
    pub fn rest(&mut self) -> toml::Table {
        std::mem::take(&mut self.table)
    }

    /// Notes that `key` breaks `rule`. The rule must not repeat a value that may be secret.
    pub fn mistake(&mut self, key: &str, rule: impl Into<String>) {
        self.mistakes.push(Mistake { key: self.full(key), rule: rule.into() });
    }

    /// Takes over the mistakes of a sub-table that was read to its end.
    pub fn absorb(&mut self, section: Section) {
        self.mistakes.extend(section.finish());
    }

    /// Every mistake, unknown keys among them.
    pub fn finish(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes;
        for key in self.table.keys() {
            let rule = match suggestion::nearest(key, self.known.iter().map(String::as_str)) {
                Some(name) => format!("unknown key; did you mean `{name}`?"),
                None if self.known.is_empty() => "unknown key".to_owned(),
                None => {
                    let names: Vec<_> = self.known.iter().map(|name| format!("`{name}`")).collect();
                    format!("unknown key; known here: {}", names.join(", "))
                }
            };
            mistakes.push(Mistake { key: join(&self.path, key), rule });
        }
        mistakes
    }

    fn full(&self, key: &str) -> String {
        join(&self.path, key)
    }

    fn child(&self, key: &str, table: toml::Table) -> Section {
        Section::new(self.full(key), table).based_on(self.base.clone())
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.known.insert(key.to_owned());
        self.table.remove(key)
    }

    fn items(&mut self, key: &str, expected: &str) -> Vec<Value> {
        match self.take(key) {
            None => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(other) => self.wrong_type(key, expected, &other).unwrap_or_default(),
        }
    }

    fn missing(&mut self, key: &str, expected: &str) -> bool {
        let missing = !self.contains(key);
        if missing {
            self.known.insert(key.to_owned());
            self.mistake(key, format!("is required: {expected}"));
        }
        missing
    }

    fn wrong_type<T>(&mut self, key: &str, expected: &str, found: &Value) -> Option<T> {
        let found = match found {
            Value::String(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a fraction",
            Value::Boolean(_) => "true or false",
            Value::Datetime(_) => "a date",
            Value::Array(_) => "a list",
            Value::Table(_) => "a table",
        };
        self.mistake(key, format!("must be {expected}, not {found}"));
        None
    }

    fn quantity(
        &mut self,
        key: &str,
        kind: &quantity::Kind,
        range: RangeInclusive<u64>,
        default: u64,
    ) -> u64 {
        match self.take(key) {
            None => default,
            Some(Value::Integer(number)) => {
                self.within(key, u64::try_from(number).ok(), range, default, kind.unit)
            }
            Some(Value::String(text)) => match kind.parse(&text) {
                Ok(number) => self.within(key, number, range, default, kind.unit),
                Err(()) => {
                    self.mistake(key, format!("must be {}", kind.expected));
                    default
                }
            },
            Some(other) => self.wrong_type(key, kind.expected, &other).unwrap_or(default),
        }
    }

    /// `None` stands for a number that is below zero or beyond counting.
    fn within(
        &mut self,
        key: &str,
        number: Option<u64>,
        range: RangeInclusive<u64>,
        default: u64,
        unit: &str,
    ) -> u64 {
        match number {
            Some(number) if range.contains(&number) => number,
            _ => {
                let (low, high) = (range.start(), range.end());
                self.mistake(
                    key,
                    match (*high, *low) {
                        (u64::MAX, low) => format!("must be at least {low}{unit}"),
                        (high, low) => format!("must be between {low} and {high}{unit}"),
                    },
                );
                default
            }
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
