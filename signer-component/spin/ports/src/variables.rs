//! Spin variables, each asked for at most every half minute by one instance: behind them may be a Vault.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use futures::future::join_all;
use spin_sdk::{
    variables::{self, Error},
    wasip3::clocks::monotonic_clock,
};

use crate::{
    patience::within,
    recent::{Recent, Silence, Step},
};

/// How long the provider may take. It is below what a port and a request may, so that a provider that hangs leaves time
/// to answer with what is known.
const PATIENCE: Duration = Duration::from_secs(1);

/// Values of names that are asked for together, in their order.
type Values = Vec<Option<String>>;

thread_local! {
    static KEPT: RefCell<HashMap<&'static [&'static str], Recent<Values>>> = RefCell::default();
}

/// The provider of the variable gave no answer, and there is no earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoAnswer {
    pub(crate) name: &'static str,
    pub(crate) timed_out: bool,
}

/// The variables in the order of their names, each without space around it, as a file's last newline is; `None` if it
/// is not set or empty. The last good values stay in use while the provider is silent, all of them or none: what
/// belongs together is not mixed of two times.
pub(crate) async fn get<const COUNT: usize>(
    names: &'static [&'static str; COUNT],
) -> Result<[Option<String>; COUNT], NoAnswer> {
    let asked = now();
    let step = KEPT.with_borrow_mut(|kept| kept.entry(names.as_slice()).or_default().step(asked));
    let outcome = match step {
        Step::Use(values) => Ok(values),
        Step::Fail(silence) => Err(silence),
        Step::Ask => {
            let answer = within(PATIENCE, ask(names)).await;
            KEPT.with_borrow_mut(|kept| {
                let recent = kept.entry(names.as_slice()).or_default();
                match answer.unwrap_or(Err(Silence { place: None })) {
                    Ok(values) => {
                        recent.answered(asked, values.clone());
                        Ok(values)
                    }
                    Err(silence) => recent.failed(now(), silence),
                }
            })
        }
    };
    outcome.map(in_order).map_err(|Silence { place }| NoAnswer {
        name: place
            .and_then(|place| names.get(place))
            .or(names.first())
            .copied()
            .unwrap_or_default(),
        timed_out: place.is_none(),
    })
}

/// One variable.
#[allow(dead_code, reason = "one of the two guests reads all of its variables at once")]
pub(crate) async fn get_one(name: &'static [&'static str; 1]) -> Result<Option<String>, NoAnswer> {
    get(name).await.map(|[value]| value)
}

async fn ask(names: &[&str]) -> Result<Values, Silence> {
    // At once: the provider may be far away.
    let answers = join_all(names.iter().map(|name| variables::get(*name))).await;
    let value = |(place, answer): (usize, Result<String, Error>)| match answer {
        Ok(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
        Err(Error::Undefined(_)) => Ok(None),
        // The text may be the provider's, who may repeat what it was given.
        Err(_) => Err(Silence { place: Some(place) }),
    };
    answers.into_iter().enumerate().map(value).collect()
}

fn in_order<const COUNT: usize>(values: Values) -> [Option<String>; COUNT] {
    let mut values = values.into_iter();
    std::array::from_fn(|_| values.next().flatten())
}

fn now() -> Duration {
    Duration::from_nanos(monotonic_clock::now())
}
