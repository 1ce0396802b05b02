//! Loading keys once, to see whether that works.

use std::time::SystemTime;

use super::settings::KeySource;
use super::source::Source;

/// What loading the keys once brought.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Where they come from, without a secret.
    pub from: String,
    /// How many there are.
    pub keys: usize,
    /// What time it is there, if it is another machine that says so.
    pub time: Option<SystemTime>,
}

/// Loads the keys once.
///
/// # Errors
/// Why they cannot be had, with its causes.
pub async fn try_keys(settings: &KeySource) -> Result<Trial, String> {
    let (source, _) = Source::open(settings).map_err(|error| chain(&error))?;
    let keys =
        source.load().await.map_err(|error| format!("{}: {}", source.summary(), chain(&error)))?;
    Ok(Trial { from: source.summary(), keys: keys.len(), time: source.time() })
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
