//! Waiting, but not forever.

use std::{future::Future, pin::pin, time::Duration};

use futures::future::{Either, select};
use spin_sdk::time::sleep;

/// What the work comes to, or `None` if it takes longer than allowed; it is given up then.
pub(crate) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(sleep(limit))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(((), _)) => None,
    }
}
