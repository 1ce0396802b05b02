//! How long a rotation waits.

use std::time::Duration;

use tollgate_backends::section::duration;

/// How long Secrets Manager may be silent to some gateway without a viewer noticing, on top of `refresh`.
const OUTAGE: Duration = Duration::from_secs(3600);

/// What CloudFront takes until every edge has a new key group, generously.
const PROPAGATION: &str = "10m";

#[derive(Debug, clap::Args)]
pub(super) struct Times {
    /// How long CloudFront may take until every edge trusts a new key
    #[arg(long, value_name = "DURATION", default_value = PROPAGATION, value_parser = parse)]
    propagation: Duration,
    /// The longest life of a URL; the longest `ttl` and `expiry-window` of [policy] unless told otherwise. Longer if
    /// [policy] said so a while ago; 0 to deny them to viewers, when a key is in the wrong hands
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

    pub(super) fn url_lifetime(&self, longest: u64) -> Duration {
        self.url_lifetime.unwrap_or(Duration::from_secs(longest))
    }

    pub(super) fn max_key_age(&self, refresh: Duration) -> Duration {
        self.max_key_age.unwrap_or(refresh + OUTAGE)
    }

    /// What shorter times cost.
    pub(super) fn notes(&self, longest: u64, refresh: Duration) -> Vec<&'static str> {
        let mut notes = Vec::new();
        if self.url_lifetime(longest) < Duration::from_secs(longest) {
            notes.push("--url-lifetime is shorter than what [policy] allows: viewers may be denied before their URL ends");
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
