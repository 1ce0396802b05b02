//! What `tollgate doctor` asks DynamoDB beyond what the gateway does: how tables are made.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::{
    Client, config,
    types::{KeyType, PointInTimeRecoveryStatus, TimeToLiveStatus},
};

use super::{Table, item::text};
use crate::{
    aws::{ServiceClock, failed},
    examination::{Finding, asked, clock},
    ports::PortError,
    registry::{Commons, Port},
};

impl Table {
    pub(super) async fn findings(&self, port: Port, commons: &Commons) -> Vec<Finding> {
        let (mut findings, adapter) = asked(port, self, commons).await;
        let (Some(_), Ok(config)) = (adapter, self.access.open(commons).await) else {
            return findings;
        };
        let time = ServiceClock::default();
        let config = config::Builder::from(&*config).interceptor(time.clone()).build();
        let examiner = Examiner { client: Client::from_conf(config), table: self, port };
        findings.push(examiner.keys().await);
        if port == Port::Sessions {
            findings.push(examiner.write().await);
            findings.push(examiner.expiry().await);
        }
        findings.push(examiner.recovery().await);
        findings.extend(time.ahead().map(|ahead| clock("DynamoDB", ahead)));
        findings
    }
}

struct Examiner<'a> {
    client: Client,
    table: &'a Table,
    port: Port,
}

impl Examiner<'_> {
    fn name(&self) -> &str {
        let tables = &self.table.tables;
        match self.port {
            Port::Entitlements => &tables.entitlements,
            Port::Catalog => &tables.catalog,
            _ => &tables.sessions,
        }
    }

    fn subject(&self) -> &'static str {
        self.port.section()
    }

    fn unseen(&self, what: &str, error: &PortError) -> Finding {
        Finding::unseen(self.subject(), what, error)
    }

    async fn keys(&self) -> Finding {
        let name = self.name();
        let seen = self.client.describe_table().table_name(name).send().await;
        let table = match seen {
            Ok(seen) => seen.table,
            Err(error) => {
                let resource = format_args!("table {name}");
                return self
                    .unseen("its keys", &failed("dynamodb:DescribeTable", resource, &error));
            }
        };
        let expected = match self.port {
            Port::Entitlements => &[("user", true), ("series", false)][..],
            Port::Catalog => &[("series", true), ("episode", false)],
            _ => &[("user", true)],
        };
        let expected: BTreeSet<(String, bool)> =
            expected.iter().map(|(key, partition)| ((*key).to_owned(), *partition)).collect();
        let keys = table.and_then(|table| table.key_schema).unwrap_or_default();
        let keys: BTreeSet<(String, bool)> = keys
            .into_iter()
            .map(|key| (key.attribute_name, key.key_type == KeyType::Hash))
            .collect();
        if keys == expected {
            return Finding::ok(self.subject(), format!("table {name} has the right keys"));
        }
        let said = |keys: &BTreeSet<(String, bool)>| {
            let names: Vec<_> = keys
                .iter()
                .map(|(key, partition)| {
                    format!("{key} ({})", if *partition { "partition" } else { "sort" })
                })
                .collect();
            names.join(", ")
        };
        Finding::fail(
            self.subject(),
            format!("table {name} has the keys {}", said(&keys)),
            format!("make a table with {}", said(&expected)),
        )
    }

    /// A condition that cannot hold: what is refused for it is not refused for want of a right.
    async fn write(&self) -> Finding {
        let name = self.name();
        let request = self.client.put_item().table_name(name).item("user", text("tollgate-doctor"));
        let put = request
            .condition_expression("attribute_exists(#user) AND attribute_not_exists(#user)")
            .expression_attribute_names("#user", "user")
            .send()
            .await;
        let can = || Finding::ok(self.subject(), format!("table {name} can be written"));
        match put {
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(|error| error.is_conditional_check_failed_exception()) =>
            {
                can()
            }
            Err(error) => {
                let resource = format_args!("table {name}");
                Finding::of(self.subject(), &failed("dynamodb:PutItem", resource, &error))
            }
            Ok(_) => Finding::fail(
                self.subject(),
                format!("table {name} wrote an item against its condition"),
                "this is no DynamoDB; claims would exceed the limit of devices",
            ),
        }
    }

    async fn expiry(&self) -> Finding {
        let name = self.name();
        let seen = self.client.describe_time_to_live().table_name(name).send().await;
        let expiry = match seen {
            Ok(seen) => seen.time_to_live_description,
            Err(error) => {
                let resource = format_args!("table {name}");
                let error = failed("dynamodb:DescribeTimeToLive", resource, &error);
                return self.unseen("its time to live", &error);
            }
        };
        let right = expiry.is_some_and(|expiry| {
            expiry.attribute_name.as_deref() == Some("expiresAt")
                && matches!(
                    expiry.time_to_live_status,
                    Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
                )
        });
        if right {
            return Finding::ok(self.subject(), format!("table {name} deletes what has expired"));
        }
        Finding::warn(
            self.subject(),
            format!("table {name} keeps what has expired for ever"),
            "turn on time to live on the attribute `expiresAt`",
        )
    }

    async fn recovery(&self) -> Finding {
        let name = self.name();
        let seen = self.client.describe_continuous_backups().table_name(name).send().await;
        let backups = match seen {
            Ok(seen) => seen.continuous_backups_description,
            Err(error) => {
                let resource = format_args!("table {name}");
                let error = failed("dynamodb:DescribeContinuousBackups", resource, &error);
                return self.unseen("its recovery", &error);
            }
        };
        let recovery = backups.and_then(|backups| backups.point_in_time_recovery_description);
        let on = recovery.and_then(|recovery| recovery.point_in_time_recovery_status)
            == Some(PointInTimeRecoveryStatus::Enabled);
        if on {
            return Finding::ok(self.subject(), format!("table {name} can be recovered"));
        }
        Finding::warn(
            self.subject(),
            format!("table {name} cannot be recovered to an earlier moment"),
            "turn on point-in-time recovery",
        )
    }
}
