//! Items of the tables, and what is read from them. A damaged item is an error, never an absence.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::leases::Leases;
use crate::ports::{Entitlement, Media, PortError, Session};

/// Attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

/// A text attribute.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// A number attribute.
pub(super) fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Key attributes, all of them texts.
pub(super) fn keys<const KEYS: usize>(keys: [(&str, &str); KEYS]) -> Item {
    keys.into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect()
}

/// One part of an item, by the names of its table for messages.
pub(super) struct Reader<'a> {
    table: &'a str,
    item: &'a Item,
}

impl<'a> Reader<'a> {
    pub(super) fn new(table: &'a str, item: &'a Item) -> Self {
        Self { table, item }
    }

    /// A text that may be missing. An empty one is what other writers put in place of none.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, PortError> {
        match self.item.get(name) {
            None | Some(AttributeValue::Null(_)) => Ok(None),
            Some(AttributeValue::S(value)) => Ok(Some(value.clone())),
            Some(_) => Err(self.damaged(name, "a text (S)")),
        }
    }

    pub(super) fn text(&self, name: &str) -> Result<String, PortError> {
        self.optional_text(name)?.ok_or_else(|| self.damaged(name, "a text (S)"))
    }

    pub(super) fn optional_time(&self, name: &str) -> Result<Option<u64>, PortError> {
        let rule = "epoch seconds (N)";
        match self.item.get(name) {
            None | Some(AttributeValue::Null(_)) => Ok(None),
            Some(AttributeValue::N(value)) => {
                value.parse().map(Some).map_err(|_| self.damaged(name, rule))
            }
            Some(_) => Err(self.damaged(name, rule)),
        }
    }

    pub(super) fn time(&self, name: &str) -> Result<u64, PortError> {
        self.optional_time(name)?.ok_or_else(|| self.damaged(name, "epoch seconds (N)"))
    }

    /// Names the attribute, but neither its value nor whose it is.
    fn damaged(&self, name: &str, rule: &str) -> PortError {
        PortError::Other(format!("{}: an item's `{name}` must be {rule}", self.table))
    }

    pub(super) fn entitlement(&self) -> Result<Entitlement, PortError> {
        Ok(Entitlement {
            status: self.text("status")?,
            valid_until: self.optional_time("validUntil")?,
        })
    }

    pub(super) fn media(&self) -> Result<Media, PortError> {
        Ok(Media { video: self.optional_text("video")?, poster: self.optional_text("poster")? })
    }

    pub(super) fn leases(&self) -> Result<Leases, PortError> {
        let Some(AttributeValue::L(list)) = self.item.get("leases") else {
            return Err(self.damaged("leases", "a list (L)"));
        };
        let leases = list.iter().map(|lease| match lease {
            AttributeValue::M(lease) => Reader::new(self.table, lease).lease(),
            _ => Err(self.damaged("leases", "a list of maps (M)")),
        });
        Ok(Leases(leases.collect::<Result<_, _>>()?))
    }

    fn lease(&self) -> Result<Session, PortError> {
        Ok(Session {
            id: self.text("id")?,
            device: self.text("device")?,
            series: self.text("series")?,
            episode: self.text("episode")?,
            started_at: self.time("startedAt")?,
            renewed_at: self.time("renewedAt")?,
            expires_at: self.time("expiresAt")?,
        })
    }
}

/// The item of a user's leases. Without any it goes at once: TTL never deletes what lies years back.
pub(super) fn user_item(user: &str, revision: &str, leases: &Leases, now: u64) -> Item {
    let expires_at = leases.0.iter().map(|lease| lease.expires_at).max().unwrap_or(now);
    let list = leases.0.iter().map(|lease| {
        AttributeValue::M(HashMap::from([
            ("id".to_owned(), text(&lease.id)),
            ("device".to_owned(), text(&lease.device)),
            ("series".to_owned(), text(&lease.series)),
            ("episode".to_owned(), text(&lease.episode)),
            ("startedAt".to_owned(), number(lease.started_at)),
            ("renewedAt".to_owned(), number(lease.renewed_at)),
            ("expiresAt".to_owned(), number(lease.expires_at)),
        ]))
    });
    HashMap::from([
        ("user".to_owned(), text(user)),
        ("revision".to_owned(), text(revision)),
        ("leases".to_owned(), AttributeValue::L(list.collect())),
        ("expiresAt".to_owned(), number(expires_at)),
    ])
}
