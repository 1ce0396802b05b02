//! What every port does around its question: an end to patience, and a line in the log if there is no answer.

use std::{future::Future, time::Duration};

use serde_json::Value;

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
    let bounded = async {
        let limit = patience().await?;
        within(limit, question).await.unwrap_or_else(|| {
            let advice = format!("no answer within {} s", limit.as_secs());
            Err(Failure { error: PortError::Timeout, advice })
        })
    };
    match bounded.await {
        Ok(answer) => Ok(answer),
        Err(Failure { error, advice }) => {
            let fields = [("port", Value::from(port)), ("error", advice.into())];
            log::write(Level::Warn, "a port gave no answer", &fields).await;
            Err(error)
        }
    }
}

async fn patience() -> Result<Duration, Failure> {
    let Ok(Some(text)) = within(Duration::from_secs(PATIENCE), variables::get("port_timeout"))
        .await
        .unwrap_or(Ok(None))
    else {
        return Ok(Duration::from_secs(PATIENCE));
    };
    match text.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err(Failure::of_setup("the Spin variable port_timeout must be 1 to 60 seconds")),
    }
}
