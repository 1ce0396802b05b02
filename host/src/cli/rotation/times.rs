//! How long a rotation waits.

use std::time::Duration;

use tollgate_backends::{policy::LONGEST_POSSIBLE, section::duration};

/// How long Secrets Manager may be silent to some gateway without a viewer noticing, on top of `refresh`.
const OUTAGE: Duration = Duration::from_secs(3600);

/// What CloudFront takes until every edge has a new key group, generously.
const PROPAGATION: &str = "10m";

#[derive(Debug, clap::Args)]
pub(super) struct Times {
    /// How long CloudFront may take until every edge trusts a new key
    #[arg(long, value_name = "DURATION", default_value = PROPAGATION, value_parser = parse)]
    propagation: Duration,
    /// The longest life of a URL; the longest `ttl` and `expiry-window` of [policy] unless told otherwise, and the
    /// most that any policy allows (7d1h) if [policy] says neither `ttl` nor `rules`, for then the gateways' own may.
    /// Longer if [policy] said so a while ago; 0 to deny them to viewers, when a key is in the wrong hands
    #[arg(long, value_name = "DURATION", value_parser = parse)]
    url_lifetime: Option<Duration>,
    /// How long a gateway may still sign with the old key; `refresh` of [signing-keys] and one hour unless told
    /// otherwise, because gateways keep their key while Secrets Manager does not answer
    #[arg(long, value_name = "DURATION", value_parser = parse)]
    max_key_age: Option<Duration>,
}

impl Times {
    pub(super) fn propagation(&self) -> Duration {
        self.propagation
    }

    pub(super) fn url_lifetime(&self, longest: Option<u64>) -> Duration {
        // A gateway may be told its `ttl` by its environment, of which this machine knows nothing.
        let allowed = Duration::from_secs(longest.unwrap_or(LONGEST_POSSIBLE));
        self.url_lifetime.unwrap_or(allowed)
    }

    pub(super) fn max_key_age(&self, refresh: Duration) -> Duration {
        self.max_key_age.unwrap_or(refresh + OUTAGE)
    }

    /// Why it waits as long as it does, and what shorter times cost.
    pub(super) fn notes(&self, longest: Option<u64>, refresh: Duration) -> Vec<&'static str> {
        let mut notes = Vec::new();
        match (longest, self.url_lifetime) {
            (None, None) => notes.push(
                "[policy] says neither `ttl` nor `rules` here, and gateways may be told theirs by their environment, so \
                 the wait is for the longest life that any URL can have, 7d1h; write the gateways' own [policy] into \
                 this file, or give --url-lifetime (16m if they go by the defaults)",
            ),
            (None, Some(_)) => notes.push(
                "[policy] says neither `ttl` nor `rules` here, so nothing was compared with --url-lifetime: viewers \
                 may be denied if the gateways' own allows more",
            ),
            (Some(longest), Some(given)) if given < Duration::from_secs(longest) => notes.push(
                "--url-lifetime is shorter than what [policy] allows: viewers may be denied before their URL ends",
            ),
            _ => {}
        }
        if self.max_key_age(refresh) < refresh {
            notes.push("--max-key-age is shorter than `refresh`: gateways may hand out URLs that are denied");
        }
        notes
    }
}

fn parse(text: &str) -> Result<Duration, String> {
    duration(text).map(Duration::from_secs)
}
