//! The client, the names of the tables, and the one way to read an item.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{
    Client,
    config::{Builder, retry::RetryPartition},
};

use super::{
    item::{self, Item},
    sessions::ReadAhead,
};
use crate::{
    administration::Upkeep,
    aws::failed,
    ports::{Answer, PortError},
    registry::Port,
};

/// Names or ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tables {
    pub(super) entitlements: String,
    pub(super) catalog: String,
    pub(super) sessions: String,
}

/// Three tables of one account and region.
pub struct DynamoStore {
    pub(super) client: Client,
    pub(super) tables: Tables,
    /// How long one call of a port may take, however many requests it needs.
    pub(super) timeout: Duration,
    pub(super) ahead: ReadAhead,
    /// What the tables are asked for; the others need not exist.
    ports: Mutex<BTreeSet<Port>>,
}

impl DynamoStore {
    pub(super) fn new(config: &SdkConfig, tables: Tables, timeout: Duration) -> Self {
        // A budget of second attempts for these tables: what fails elsewhere in the process must not use it up.
        let budget = RetryPartition::new(format!("{tables:?}"));
        let client = Client::from_conf(Builder::from(config).retry_partition(budget).build());
        Self { client, tables, timeout, ahead: ReadAhead::default(), ports: Mutex::default() }
    }

    /// Notes that this port is served from here.
    pub(super) fn serves(&self, port: Port) {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner).insert(port);
    }

    /// The item under these key attributes.
    pub(super) async fn item<const KEYS: usize>(
        &self,
        table: &str,
        keys: [(&str, &str); KEYS],
        consistent: bool,
    ) -> Result<Option<Item>, PortError> {
        read(&self.client, table, keys, consistent).await
    }
}

/// One GetItem. DynamoDB has no empty keys, so under one there is nothing, and nobody is asked.
pub(super) async fn read<const KEYS: usize>(
    client: &Client,
    table: &str,
    keys: [(&str, &str); KEYS],
    consistent: bool,
) -> Result<Option<Item>, PortError> {
    if keys.iter().any(|(_, value)| value.is_empty()) {
        return Ok(None);
    }
    let request = client
        .get_item()
        .table_name(table)
        .set_key(Some(item::keys(keys)))
        .consistent_read(consistent);
    match request.send().await {
        Ok(answer) => Ok(answer.item),
        Err(error) => Err(failed("dynamodb:GetItem", format_args!("table {table}"), &error)),
    }
}

impl Upkeep for DynamoStore {
    /// The tables delete by themselves, by TTL.
    fn purge(&self, _: u64) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    /// Reads items that are not there, as the gateway's own rights allow it.
    fn check(&self) -> Answer<'_, ()> {
        const NOBODY: &str = "-";
        Box::pin(async move {
            let ports = self.ports.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Tables { entitlements, catalog, sessions } = &self.tables;
            let reads = ports.into_iter().map(|port| async move {
                match port {
                    Port::Entitlements => {
                        self.item(entitlements, [("user", NOBODY), ("series", NOBODY)], false).await
                    }
                    Port::Catalog => {
                        self.item(catalog, [("series", NOBODY), ("episode", NOBODY)], false).await
                    }
                    _ => self.item(sessions, [("user", NOBODY)], false).await,
                }
            });
            futures::future::try_join_all(reads).await.map(drop)
        })
    }
}
