//! The sessions port on DynamoDB: one item per user, replaced as a whole if nobody wrote it since it was read.
//!
//! So a claim is decided on all leases of the user at once, by any number of gateways, and what TTL has not deleted
//! yet is seen for what it is. Every write has a random revision of its own: an item that was deleted and made anew
//! is not mistaken for the one that was read, and when the answer to a write is lost and the SDK asks again, the
//! failed condition gives back an item with that very revision.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::{
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure},
};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::{
    DynamoStore,
    item::{Item, Reader, user_item},
    leases::{Leases, Verdict},
    store::read,
};
use crate::{
    aws::failed,
    lease,
    ports::{Answer, ClaimOutcome, ClaimRequest, PortError, RenewRequest, Session, Sessions},
};

/// A user's item as it was read; without a revision there was none.
#[derive(Clone, Debug, Default)]
struct State {
    revision: Option<String>,
    leases: Leases,
}

/// What became of a write.
enum Written {
    /// It stands.
    Done,
    /// Somebody else wrote since; this is the item now.
    Lost(State),
    /// A transaction of somebody else holds the item.
    Held,
}

impl Sessions for DynamoStore {
    fn expect(&self, user: &str) {
        let (client, table) = (self.client.clone(), self.tables.sessions.clone());
        let name = user.to_owned();
        self.ahead.start(user, async move { state(&client, &table, &name).await });
    }

    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        Box::pin(async move {
            lease::check_claim(request)?;
            if request.user.is_empty() {
                return Err(PortError::InvalidArgument("user must not be empty".to_owned()));
            }
            self.change(&request.user, request.now, |leases| leases.claim(request)).await
        })
    }

    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        Box::pin(async move {
            lease::check(request.now, request.expires_at)?;
            self.change(&request.user, request.now, |leases| Ok(leases.renew(request))).await
        })
    }

    fn release<'a>(&'a self, user: &'a str, session_id: &'a str, now: u64) -> Answer<'a, bool> {
        Box::pin(self.change(user, now, move |leases| Ok(leases.release(session_id, now))))
    }

    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>> {
        Box::pin(async move {
            let found = state(&self.client, &self.tables.sessions, user).await?;
            Ok(found.leases.live(now))
        })
    }
}

impl DynamoStore {
    /// Decides on what is there and writes what comes of it, again and again until nobody was in between.
    async fn change<T>(
        &self,
        user: &str,
        now: u64,
        decide: impl Fn(&Leases) -> Result<Verdict<T>, PortError> + Send,
    ) -> Result<T, PortError> {
        let work = async {
            // What was read ahead is good enough to be written over, because the write is conditional.
            let (mut known, mut fresh) = match self.ahead.take(user).await {
                Some(known) => (known, false),
                None => (state(&self.client, &self.tables.sessions, user).await?, true),
            };
            let mut races = 0;
            loop {
                match decide(&known.leases)? {
                    Verdict::Keep(answer) if fresh => return Ok(answer),
                    // Nothing is written, so nothing would show that it has become stale.
                    Verdict::Keep(_) => {
                        known = state(&self.client, &self.tables.sessions, user).await?;
                        fresh = true;
                    }
                    Verdict::Write(leases, answer) => {
                        let item = |revision: &str| user_item(user, revision, &leases, now);
                        match self.write(&known, item).await? {
                            Written::Done => return Ok(answer),
                            Written::Lost(found) => known = found,
                            Written::Held => {
                                known = state(&self.client, &self.tables.sessions, user).await?;
                            }
                        }
                        fresh = true;
                        tokio::time::sleep(pause(races)).await;
                        races += 1;
                    }
                }
            }
        };
        tokio::time::timeout(self.timeout, work).await.unwrap_or_else(|_| {
            let table = &self.tables.sessions;
            Err(PortError::Unavailable(format!("table {table}: no turn in time to write an item")))
        })
    }

    /// Replaces the item if it is still the one that was read.
    async fn write(
        &self,
        known: &State,
        item: impl FnOnce(&str) -> Item,
    ) -> Result<Written, PortError> {
        let table = &self.tables.sessions;
        let revision = Uuid::new_v4().simple().to_string();
        let request = self
            .client
            .put_item()
            .table_name(table)
            .set_item(Some(item(&revision)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let request = match &known.revision {
            None => request
                .condition_expression("attribute_not_exists(#user)")
                .expression_attribute_names("#user", "user"),
            Some(revision) => request
                .condition_expression("#revision = :revision")
                .expression_attribute_names("#revision", "revision")
                .expression_attribute_values(":revision", AttributeValue::S(revision.clone())),
        };
        let error = match request.send().await {
            Ok(_) => return Ok(Written::Done),
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let found = match failed.item() {
                    Some(item) => State::read(&Reader::new(table, item))?,
                    None => State::default(),
                };
                // The answer to the first attempt was lost, and the SDK asked again.
                let ours = found.revision.as_ref() == Some(&revision);
                Ok(if ours { Written::Done } else { Written::Lost(found) })
            }
            Some(PutItemError::TransactionConflictException(_)) => Ok(Written::Held),
            _ => Err(failed("dynamodb:PutItem", format_args!("table {table}"), &error)),
        }
    }
}

impl State {
    fn read(item: &Reader<'_>) -> Result<Self, PortError> {
        Ok(Self { revision: Some(item.text("revision")?), leases: item.leases()? })
    }
}

/// The item as it is now.
async fn state(
    client: &aws_sdk_dynamodb::Client,
    table: &str,
    user: &str,
) -> Result<State, PortError> {
    // Consistent: a refusal must not rest on a lease that was given back a moment ago.
    let item = read(client, table, [("user", user)], true).await?;
    item.map_or_else(|| Ok(State::default()), |item| State::read(&Reader::new(table, &item)))
}

/// How long to wait after so many lost races: somewhere between nothing and a limit that doubles, so that those who
/// collided do not collide again.
fn pause(races: u32) -> Duration {
    const FIRST: u64 = 10_000;
    const LONGEST: u64 = 160_000;
    let limit = FIRST.saturating_mul(1 << races.min(8)).min(LONGEST);
    let (random, _) = Uuid::new_v4().as_u64_pair();
    Duration::from_micros(random % limit)
}

/// Reads that were begun because a claim is likely to follow, by user.
#[derive(Default)]
pub(super) struct ReadAhead(Mutex<HashMap<String, Vec<Begun>>>);

struct Begun {
    at: Instant,
    reading: JoinHandle<Result<State, PortError>>,
}

/// A claim follows within the time of two lookups, or was refused before it came to that.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// Beyond so many users at once, claims read for themselves.
const MOST_USERS: usize = 10_000;

impl ReadAhead {
    fn start(
        &self,
        user: &str,
        reading: impl Future<Output = Result<State, PortError>> + Send + 'static,
    ) {
        // Outside of a runtime there is nobody to read.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.len() >= MOST_USERS {
            begun.retain(|_, reads| reads.iter().any(|read| read.at.elapsed() < FORGOTTEN));
            if begun.len() >= MOST_USERS {
                return;
            }
        }
        let reads = begun.entry(user.to_owned()).or_default();
        reads.retain(|read| read.at.elapsed() < FORGOTTEN);
        reads.push(Begun { at: Instant::now(), reading: runtime.spawn(reading) });
    }

    /// The latest of them. One that failed is as good as none: the claim asks for itself.
    async fn take(&self, user: &str) -> Option<State> {
        let latest = {
            let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let reads = begun.get_mut(user)?;
            let latest = reads.pop();
            if reads.is_empty() {
                begun.remove(user);
            }
            latest.filter(|read| read.at.elapsed() < FORGOTTEN)
        };
        latest?.reading.await.ok()?.ok()
    }
}
