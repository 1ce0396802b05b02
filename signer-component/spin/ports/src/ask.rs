//! What every port does around its question: an end to patience, and a line in the log if there is no answer.

use std::{future::Future, pin::pin, time::Duration};

use futures::future::{Either, select};
use serde_json::Value;
use spin_sdk::wasip3::clocks::monotonic_clock;

use crate::{
    bindings::tollgate::gate::types::PortError,
    failure::Failure,
    log::{self, Level},
    patience::within,
    variables,
};

/// Seconds a port may take unless the variable `port_timeout` says otherwise.
const PATIENCE: u64 = 3;

/// Asks for no longer than allowed.
pub(crate) async fn ask<T>(
    port: &'static str,
    question: impl Future<Output = Result<T, Failure>>,
) -> Result<T, PortError> {
    match bounded(question).await {
        Ok(answer) => Ok(answer),
        Err(Failure { error, advice }) => {
            let fields = [("port", Value::from(port)), ("error", advice.into())];
            log::write(Level::Warn, "a port gave no answer", &fields).await;
            Err(error)
        }
    }
}

/// The limit is found out while the question is under way, so that a silent provider of variables adds nothing to it.
async fn bounded<T>(question: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let started = monotonic_clock::now();
    let mut question = pin!(question);
    let limit = match select(pin!(patience()), question.as_mut()).await {
        Either::Left((limit, _)) => limit?,
        Either::Right((answer, _)) => return answer,
    };
    let taken = Duration::from_nanos(monotonic_clock::now().saturating_sub(started));
    within(limit.saturating_sub(taken), question).await.unwrap_or_else(|| {
        let advice = format!("no answer within {} s", limit.as_secs());
        Err(Failure { error: PortError::Timeout, advice })
    })
}

async fn patience() -> Result<Duration, Failure> {
    let Ok(Some(text)) = variables::get_one(&["port_timeout"]).await else {
        return Ok(Duration::from_secs(PATIENCE));
    };
    match text.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err(Failure::of_setup("the Spin variable port_timeout must be 1 to 60 seconds")),
    }
}
