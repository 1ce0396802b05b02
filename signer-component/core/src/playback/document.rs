//! Reads the keys of a policy document, each once, and collects what is wrong with them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::error::InvalidField;

/// One JSON object whose keys are taken one after another. What is left over at the end is unknown.
///
/// A key that breaks its rule is remembered as a mistake and reads as if it were not there, so that everything
/// wrong is found in one go.
pub(super) struct Document {
    path: String,
    keys: Map<String, Value>,
    mistakes: Vec<InvalidField>,
}

impl Document {
    pub(super) fn new(path: impl Into<String>, value: Value) -> Self {
        let path = path.into();
        match value {
            Value::Object(keys) => Self { path, keys, mistakes: Vec::new() },
            _ => {
                let mistakes = vec![InvalidField::new(path.clone(), "must be an object")];
                Self { path, keys: Map::new(), mistakes }
            }
        }
    }

    /// Whether what stood there was no object, which says all there is to say.
    pub(super) fn is_hopeless(&self) -> bool {
        self.keys.is_empty() && !self.mistakes.is_empty()
    }

    pub(super) fn wrong(&mut self, key: &str, rule: impl Into<Cow<'static, str>>) {
        self.mistakes.push(InvalidField::new(format!("{}.{key}", self.path), rule));
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.keys.remove(key)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        match self.take(key)? {
            Value::String(text) => Some(text),
            _ => self.refuse(key, "must be a text"),
        }
    }

    /// A key that must be there; if it is not, that is a mistake.
    pub(super) fn required_text(&mut self, key: &str) -> Option<String> {
        if !self.contains(key) {
            return self.refuse(key, "is missing");
        }
        self.text(key)
    }

    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        match self.take(key)? {
            Value::Bool(flag) => Some(flag),
            _ => self.refuse(key, "must be true or false"),
        }
    }

    pub(super) fn number(&mut self, key: &str, least: u64, most: u64) -> Option<u64> {
        let number = self.take(key)?.as_u64();
        number
            .filter(|number| (least..=most).contains(number))
            .or_else(|| self.refuse(key, format!("must be a whole number from {least} to {most}")))
    }

    pub(super) fn list(&mut self, key: &str) -> Option<Vec<Value>> {
        match self.take(key)? {
            Value::Array(list) => Some(list),
            _ => self.refuse(key, "must be a list"),
        }
    }

    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let list = self.list(key)?;
        let text = |value: Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let texts: Option<Vec<String>> = list.into_iter().map(text).collect();
        texts
            .filter(|texts| !texts.is_empty())
            .or_else(|| self.refuse(key, "must be a list of one or more texts"))
    }

    /// Takes one of a few words.
    pub(super) fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        found.or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            self.refuse(key, format!("must be one of {}", words.join(", ")))
        })
    }

    /// Takes over what was wrong with an object inside this one.
    pub(super) fn absorb(&mut self, inner: Self) {
        self.mistakes.extend(inner.finish());
    }

    /// Everything that was wrong, keys that nobody took included.
    pub(super) fn finish(mut self) -> Vec<InvalidField> {
        let unknown: Vec<String> = self.keys.keys().cloned().collect();
        for key in unknown {
            self.wrong(&key, "is not a key of this document");
        }
        self.mistakes
    }

    fn refuse<T>(&mut self, key: &str, rule: impl Into<Cow<'static, str>>) -> Option<T> {
        self.wrong(key, rule);
        None
    }
}
