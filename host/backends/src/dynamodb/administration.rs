//! Editing the tables from the command line. The gateway itself has no right to any of this.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::{
    DynamoStore,
    item::{Item, Reader, keys, number, text},
};
use crate::{
    administration::{Administration, Granted, Listed, Watching, rules},
    aws::failed,
    ports::{Answer, Media, PortError},
};

impl Administration for DynamoStore {
    fn grant<'a>(
        &'a self,
        user: &'a str,
        series: &'a str,
        status: &'a str,
        valid_until: Option<u64>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            rules::grant(user, series, status, valid_until)?;
            let mut item = keys([("user", user), ("series", series)]);
            item.insert("status".to_owned(), text(status));
            item.extend(valid_until.map(|time| ("validUntil".to_owned(), number(time))));
            self.put(&self.tables.entitlements, item).await
        })
    }

    fn revoke<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            rules::identifiers([("user", user), ("series", series)])?;
            let keys = keys([("user", user), ("series", series)]);
            self.delete(&self.tables.entitlements, keys).await
        })
    }

    fn entitlements<'a>(&'a self, user: Option<&'a str>) -> Answer<'a, Vec<Granted>> {
        Box::pin(async move {
            let table = &self.tables.entitlements;
            let mut granted = Vec::new();
            for item in self.list(table, "user", user).await? {
                let reader = Reader::new(table, &item);
                granted.push(Granted {
                    user: reader.text("user")?,
                    series: reader.text("series")?,
                    entitlement: reader.entitlement()?,
                });
            }
            granted.sort_by(|a, b| (&a.user, &a.series).cmp(&(&b.user, &b.series)));
            Ok(granted)
        })
    }

    fn put_episode<'a>(
        &'a self,
        series: &'a str,
        episode: &'a str,
        media: &'a Media,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            rules::episode(series, episode, media)?;
            let mut item = keys([("series", series), ("episode", episode)]);
            item.extend(media.video.as_ref().map(|key| ("video".to_owned(), text(key))));
            item.extend(media.poster.as_ref().map(|key| ("poster".to_owned(), text(key))));
            self.put(&self.tables.catalog, item).await
        })
    }

    fn remove_episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            rules::identifiers([("series", series), ("episode", episode)])?;
            let keys = keys([("series", series), ("episode", episode)]);
            self.delete(&self.tables.catalog, keys).await
        })
    }

    fn episodes<'a>(&'a self, series: Option<&'a str>) -> Answer<'a, Vec<Listed>> {
        Box::pin(async move {
            let table = &self.tables.catalog;
            let mut listed = Vec::new();
            for item in self.list(table, "series", series).await? {
                let reader = Reader::new(table, &item);
                listed.push(Listed {
                    series: reader.text("series")?,
                    episode: reader.text("episode")?,
                    media: reader.media()?,
                });
            }
            listed.sort_by(|a, b| (&a.series, &a.episode).cmp(&(&b.series, &b.episode)));
            Ok(listed)
        })
    }

    fn sessions<'a>(&'a self, user: Option<&'a str>, now: u64) -> Answer<'a, Vec<Watching>> {
        Box::pin(async move {
            let table = &self.tables.sessions;
            let mut watching = Vec::new();
            for item in self.list(table, "user", user).await? {
                let reader = Reader::new(table, &item);
                let user = reader.text("user")?;
                let live = reader.leases()?.live(now).into_iter();
                watching.extend(live.map(|session| Watching { user: user.clone(), session }));
            }
            // Stable, so that the leases of a user stay in order.
            watching.sort_by(|a, b| a.user.cmp(&b.user));
            Ok(watching)
        })
    }
}

impl DynamoStore {
    async fn put(&self, table: &str, item: Item) -> Result<(), PortError> {
        let request = self.client.put_item().table_name(table).set_item(Some(item));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(failed("dynamodb:PutItem", format_args!("table {table}"), &error)),
        }
    }

    /// Whether there was such an item.
    async fn delete(&self, table: &str, keys: Item) -> Result<bool, PortError> {
        let request = self.client.delete_item().table_name(table).set_key(Some(keys));
        // An attempt whose answer was lost has deleted it already; the next one then says that there was none.
        match request.return_values(ReturnValue::AllOld).send().await {
            Ok(answer) => Ok(answer.attributes.is_some_and(|item| !item.is_empty())),
            Err(error) => Err(failed("dynamodb:DeleteItem", format_args!("table {table}"), &error)),
        }
    }

    /// Every item of one partition or of the table, whatever number of pages that takes.
    async fn list(
        &self,
        table: &str,
        partition: &str,
        value: Option<&str>,
    ) -> Result<Vec<Item>, PortError> {
        let Some(value) = value else {
            let pages = self.client.scan().table_name(table).consistent_read(true);
            let items = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
            return items
                .map_err(|error| failed("dynamodb:Scan", format_args!("table {table}"), &error));
        };
        if value.is_empty() {
            return Ok(Vec::new());
        }
        let pages = self
            .client
            .query()
            .table_name(table)
            .consistent_read(true)
            .key_condition_expression("#partition = :value")
            .expression_attribute_names("#partition", partition)
            .expression_attribute_values(":value", AttributeValue::S(value.to_owned()));
        let items = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        items.map_err(|error| failed("dynamodb:Query", format_args!("table {table}"), &error))
    }
}
