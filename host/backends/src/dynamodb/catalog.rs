//! The catalogue port on DynamoDB.

use super::{DynamoStore, item::Reader};
use crate::ports::{Answer, Catalog, Media};

impl Catalog for DynamoStore {
    fn episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>> {
        Box::pin(async move {
            let table = &self.tables.catalog;
            // Eventually consistent, for half the price: the catalogue says where the media of an episode are, and
            // the entitlement, which is read consistently, who may see them. What is stale is so for less than a
            // second, in which an episode is not there yet, or a viewer who was entitled to it a second ago gets a
            // URL of what was there a second ago.
            let item = self.item(table, [("series", series), ("episode", episode)], false).await?;
            item.map(|item| Reader::new(table, &item).media()).transpose()
        })
    }
}
