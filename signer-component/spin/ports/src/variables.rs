//! Spin variables, each asked for at most every half minute by one instance: behind them may be a Vault.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use spin_sdk::{
    variables::{self, Error},
    wasip3::clocks::monotonic_clock,
};

/// How old a value may be. A changed variable counts after that in every instance, new ones have it at once.
const FRESH: Duration = Duration::from_secs(30);

struct Kept {
    value: Option<String>,
    /// Nanoseconds of the monotonic clock.
    read_at: u64,
}

thread_local! {
    static KEPT: RefCell<HashMap<&'static str, Kept>> = RefCell::new(HashMap::new());
}

/// The provider of the variable gave no answer, and there is no earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NoAnswer(pub(crate) &'static str);

/// The variable, or `None` if it is not set or empty. The last good value stays in use while the provider is silent.
pub(crate) async fn get(name: &'static str) -> Result<Option<String>, NoAnswer> {
    let asked_at = monotonic_clock::now();
    let known = KEPT.with_borrow(|kept| {
        let kept = kept.get(name)?;
        let age = Duration::from_nanos(asked_at.saturating_sub(kept.read_at));
        Some((kept.value.clone(), age < FRESH))
    });
    if let Some((value, true)) = known {
        return Ok(value);
    }
    let value = match variables::get(name).await {
        Ok(text) => Some(text).filter(|text| !text.trim().is_empty()),
        Err(Error::Undefined(_)) => None,
        // The text may be the provider's, who may repeat what it was given.
        Err(_) => return known.map(|(value, _)| value).ok_or(NoAnswer(name)),
    };
    KEPT.with_borrow_mut(|kept| {
        kept.insert(name, Kept { value: value.clone(), read_at: asked_at });
    });
    Ok(value)
}
