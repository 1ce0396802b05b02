//! Reads the keys of a policy document, each once, and names the one that is wrong.

use serde_json::{Map, Value};

use crate::error::InvalidField;

/// One JSON object whose keys are taken one after another. What is left over at the end is unknown.
pub(super) struct Document {
    path: String,
    keys: Map<String, Value>,
}

impl Document {
    pub(super) fn new(path: impl Into<String>, value: Value) -> Result<Self, InvalidField> {
        let path = path.into();
        match value {
            Value::Object(keys) => Ok(Self { path, keys }),
            _ => Err(InvalidField::new(path, "must be an object")),
        }
    }

    pub(super) fn wrong(
        &self,
        key: &str,
        rule: impl Into<std::borrow::Cow<'static, str>>,
    ) -> InvalidField {
        InvalidField::new(format!("{}.{key}", self.path), rule)
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.keys.remove(key)
    }

    pub(super) fn text(&mut self, key: &str) -> Result<Option<String>, InvalidField> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(key, "must be a text")),
        }
    }

    pub(super) fn flag(&mut self, key: &str) -> Result<Option<bool>, InvalidField> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.wrong(key, "must be true or false")),
        }
    }

    pub(super) fn number(
        &mut self,
        key: &str,
        least: u64,
        most: u64,
    ) -> Result<Option<u64>, InvalidField> {
        let Some(value) = self.take(key) else { return Ok(None) };
        let number = value.as_u64().filter(|number| (least..=most).contains(number));
        let number = number.ok_or_else(|| {
            self.wrong(key, format!("must be a whole number from {least} to {most}"))
        })?;
        Ok(Some(number))
    }

    pub(super) fn list(&mut self, key: &str) -> Result<Option<Vec<Value>>, InvalidField> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::Array(list)) => Ok(Some(list)),
            Some(_) => Err(self.wrong(key, "must be a list")),
        }
    }

    pub(super) fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>, InvalidField> {
        let Some(list) = self.list(key)? else { return Ok(None) };
        let text = |value: Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let texts: Option<Vec<String>> = list.into_iter().map(text).collect();
        match texts {
            Some(texts) if !texts.is_empty() => Ok(Some(texts)),
            _ => Err(self.wrong(key, "must be a list of one or more texts")),
        }
    }

    /// Takes one of a few words.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, InvalidField> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let found = choices.iter().find(|(word, _)| *word == text).map(|(_, choice)| *choice);
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        found
            .map(Some)
            .ok_or_else(|| self.wrong(key, format!("must be one of {}", words.join(", "))))
    }

    /// Refuses the first key that nobody took.
    pub(super) fn finish(self) -> Result<(), InvalidField> {
        match self.keys.keys().next() {
            None => Ok(()),
            Some(key) => Err(self.wrong(key, "is not a key of this document")),
        }
    }
}
