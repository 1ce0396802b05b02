//! The entitlements port on DynamoDB.

use super::{DynamoStore, item::Reader};
use crate::ports::{Answer, Entitlement, Entitlements};

impl Entitlements for DynamoStore {
    fn lookup<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>> {
        Box::pin(async move {
            let table = &self.tables.entitlements;
            // Consistent: a stale answer could grant what was revoked a moment ago.
            let item = self.item(table, [("user", user), ("series", series)], true).await?;
            item.map(|item| Reader::new(table, &item).entitlement()).transpose()
        })
    }
}
