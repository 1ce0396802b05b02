//! Entitlements, catalogue and sessions in DynamoDB, shared by as many gateways as like.
//!
//! | table | partition key | sort key | attributes |
//! | --- | --- | --- | --- |
//! | entitlements | `user` S | `series` S | `status` S, `validUntil` N (epoch seconds), if it ends |
//! | catalog | `series` S | `episode` S | `video` S, `poster` S: object keys, each if there is one |
//! | sessions | `user` S | | `revision` S, `leases` L, `expiresAt` N (epoch seconds): the TTL attribute |
//!
//! | call | asks | consistency | units |
//! | --- | --- | --- | --- |
//! | `entitlements.lookup` | GetItem | strong: a stale answer could grant what was revoked | 1 read |
//! | `catalog.episode` | GetItem | eventual: it says where media are, not who may see them | 0.5 read |
//! | `sessions.expect` | GetItem, beside the two above | strong | 1 read |
//! | `sessions.claim`, `renew` | PutItem on condition of the revision that was read | serialised by the item | 1 write |
//! | the same with nothing to write | GetItem once more | strong | 1 read |
//! | `sessions.release` | GetItem, then the same PutItem | | 1 read, 1 write |
//! | `sessions.active` | GetItem | strong | 1 read |
//!
//! Units are for items up to 4 KB read and 1 KB written; a user's item has about 300 bytes per device.

mod administration;
mod catalog;
mod entitlements;
mod examine;
mod item;
mod leases;
mod sessions;
mod store;

use std::sync::Arc;

use futures::future::BoxFuture;

pub use self::store::DynamoStore;
use self::store::Tables;
use crate::{
    aws::Access,
    examination::Finding,
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend {
    name: "dynamodb",
    ports: &[Port::Entitlements, Port::Catalog, Port::Sessions],
    configure,
};

pub(super) struct Table {
    port: Port,
    tables: Tables,
    access: Access,
}

fn configure(port: Port, mut section: Section) -> Configuring {
    section.text("type");
    let access = Access::take(&mut section);
    let tables = Tables {
        entitlements: table(&mut section, "entitlements-table", "tollgate-entitlements"),
        catalog: table(&mut section, "catalog-table", "tollgate-catalog"),
        sessions: table(&mut section, "sessions-table", "tollgate-sessions"),
    };
    let mistakes = section.finish();
    if mistakes.is_empty() { Ok(Box::new(Table { port, tables, access })) } else { Err(mistakes) }
}

fn table(section: &mut Section, key: &str, usual: &str) -> String {
    let name = section.text(key).unwrap_or_else(|| usual.to_owned());
    // A name or an ARN, which names tables of another account.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-:/".contains(&byte);
    if !(3..=1024).contains(&name.len()) || !name.bytes().all(plain) {
        section.mistake(key, "must be the name or the ARN of a table");
    }
    name
}

impl Configured for Table {
    fn summary(&self) -> String {
        let name = match self.port {
            Port::Entitlements => &self.tables.entitlements,
            Port::Catalog => &self.tables.catalog,
            _ => &self.tables.sessions,
        };
        format!("dynamodb {name}{}", self.access.summary())
    }

    fn open<'a>(&'a self, commons: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            let config = self.access.open(commons).await?;
            let name = format!("{:?} {:?}", self.tables, self.access);
            let tables = self.tables.clone();
            let open = async { Ok(DynamoStore::new(&config, tables, self.access.timeout())) };
            let store = commons.shared(&name, open).await?;
            store.serves(self.port);
            let service = match self.port {
                Port::Entitlements => Service::Entitlements(Arc::<DynamoStore>::clone(&store)),
                Port::Catalog => Service::Catalog(Arc::<DynamoStore>::clone(&store)),
                _ => Service::Sessions(Arc::<DynamoStore>::clone(&store)),
            };
            Ok(Adapter {
                service,
                administration: Some(Arc::<DynamoStore>::clone(&store)),
                upkeep: Some(store),
            })
        })
    }

    fn examine<'a>(&'a self, port: Port, commons: &'a Commons) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(self.findings(port, commons))
    }
}
