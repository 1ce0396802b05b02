//! What every backend on AWS shares: where the service is, whose credentials, how long a call may take, and what
//! its errors mean.

mod clock;
mod error;

use std::{sync::Arc, time::Duration};

use aws_config::{
    BehaviorVersion, Region, SdkConfig, default_provider::region::DefaultRegionChain,
    environment::EnvironmentVariableCredentialsProvider,
    meta::credentials::CredentialsProviderChain, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_credential_types::Credentials;
use aws_types::service_config::ServiceConfigKey;
use http::Uri;

pub(crate) use self::{
    clock::ServiceClock,
    error::{Kind, failed, kind},
};
use crate::{
    registry::Commons,
    section::{Mistake, Section},
};

/// How long one call with its retries may take. Less than the gateway's `port-timeout`, so that what is heard
/// is what was wrong and not only that it took too long.
pub(crate) const TIMEOUT: u64 = 2;

/// The same for a command that changes things.
const PATIENCE: Duration = Duration::from_secs(30);

/// A lost answer is asked for again after half of the time, so that a second attempt fits.
const ATTEMPTS_THAT_FIT: u32 = 2;

/// The first of them, and three more while there is time.
const ATTEMPTS: u32 = 4;

/// What the delay before the second attempt is drawn from; it doubles for each one more.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// No delay is longer: whoever waits is a viewer.
const LONGEST_BACKOFF: Duration = Duration::from_millis(500);

/// The keys that every AWS table takes: `region`, `endpoint-url` and `timeout`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// Where the table stands in the configuration.
    path: String,
    region: Option<String>,
    endpoint: Option<String>,
    timeout: Duration,
    /// The region of a service that has only one, where nobody names another.
    usual_region: Option<&'static str>,
}

impl Access {
    /// Takes the keys; mistakes stay in the section.
    pub fn take(section: &mut Section) -> Self {
        Self::take_with(section, TIMEOUT)
    }

    /// The same with another `timeout`, in seconds, where the table says nothing.
    pub fn take_with(section: &mut Section, timeout: u64) -> Self {
        let region = section.text("region");
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if region.as_deref().is_some_and(|text| text.is_empty() || !text.bytes().all(plain)) {
            section.mistake("region", "must be the code of a region, for example `eu-central-1`");
        }
        let endpoint = section.text("endpoint-url");
        if let Some(Err(rule)) = endpoint.as_deref().map(check_endpoint) {
            section.mistake("endpoint-url", rule);
        }
        let timeout = Duration::from_secs(section.seconds("timeout", 1..=60, timeout));
        Self { path: section.path().to_owned(), region, endpoint, timeout, usual_region: None }
    }

    /// The same for a command: nobody waits for it as a viewer does, and services that change things take their time.
    #[must_use]
    pub(crate) fn patient(self) -> Self {
        Self { timeout: self.timeout.max(PATIENCE), ..self }
    }

    /// The same for a service that is in one region only, whatever the environment says or does not say.
    #[must_use]
    pub(crate) fn usually_in(self, region: &'static str) -> Self {
        Self { usual_region: Some(region), ..self }
    }

    /// Where the table stands in the configuration.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// How long one call with its retries may take.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// For the line in the log: where the service is, as far as the configuration says.
    pub(crate) fn summary(&self) -> String {
        let region = self.region.as_deref().map(|region| format!(" in {region}"));
        let endpoint = self.endpoint.as_deref().map(|endpoint| format!(" at {endpoint}"));
        format!("{}{}", region.unwrap_or_default(), endpoint.unwrap_or_default())
    }

    /// What the clients of one wiring are made from; tables that say the same share connections and credentials.
    ///
    /// # Errors
    /// No region is known.
    pub async fn open(&self, commons: &Commons) -> Result<Arc<SdkConfig>, Vec<Mistake>> {
        let name = format!("{:?} {:?} {:?}", self.region, self.endpoint, self.timeout);
        commons.shared(&name, self.load()).await
    }

    /// The same for a command that needs one client only.
    ///
    /// # Errors
    /// No region is known.
    pub async fn load(&self) -> Result<SdkConfig, Vec<Mistake>> {
        let region = match &self.region {
            Some(region) => Some(Region::new(region.clone())),
            None if self.is_emulator() => Some(Region::from_static("us-east-1")),
            None => {
                let found = DefaultRegionChain::builder().build().region().await;
                found.or_else(|| self.usual_region.map(Region::from_static))
            }
        };
        let Some(region) = region else {
            return Err(vec![Mistake {
                key: format!("{}.region", self.path),
                rule: "is required: neither AWS_REGION nor a profile nor this machine names one"
                    .to_owned(),
            }]);
        };
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(self.timeout)
            .operation_attempt_timeout(self.timeout / ATTEMPTS_THAT_FIT)
            .connect_timeout(self.timeout / ATTEMPTS_THAT_FIT)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(FIRST_BACKOFF)
            .with_max_backoff(LONGEST_BACKOFF);
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region)
            .timeout_config(timeouts)
            .retry_config(retries);
        if let Some(endpoint) = &self.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if self.is_emulator() {
            // It takes any, and must not be shown those of somebody's account.
            let made_up = Credentials::from_keys("test", "test", None);
            let environment = EnvironmentVariableCredentialsProvider::new();
            let chain = CredentialsProviderChain::first_try("Environment", environment);
            loader = loader.credentials_provider(chain.or_else("Emulator", made_up));
        }
        let config = loader.load().await;
        self.check_surroundings(&config)?;
        Ok(config)
    }

    /// Endpoints that environment or profile name have to keep the same rule as the one in the table.
    fn check_surroundings(&self, config: &SdkConfig) -> Result<(), Vec<Mistake>> {
        let service = |id| {
            let key = ServiceConfigKey::builder()
                .service_id(id)
                .env("AWS_ENDPOINT_URL")
                .profile("endpoint_url")
                .build()
                .ok()?;
            config.service_config()?.load_config(key)
        };
        let services = SERVICES.into_iter().filter_map(service);
        let all = config.endpoint_url().map(str::to_owned).into_iter().chain(services);
        match all.map(|url| check_endpoint(&url)).find_map(Result::err) {
            None => Ok(()),
            Some(rule) => Err(vec![Mistake {
                key: format!("{}.endpoint-url", self.path),
                rule: format!("{rule}, also where AWS_ENDPOINT_URL or a profile says it"),
            }]),
        }
    }

    /// Whether this is no service of AWS: those speak TLS.
    fn is_emulator(&self) -> bool {
        self.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }
}

/// The services that are asked for anything, as their models name them.
const SERVICES: [&str; 5] = ["CloudFront", "DynamoDB", "S3", "SSM", "Secrets Manager"];

/// Requests carry no secret of ours but answers do, so plain HTTP is for this machine only.
fn check_endpoint(text: &str) -> Result<(), &'static str> {
    const RULE: &str = "must be an https URL without a query, or an http URL of this machine";
    let uri: Uri = text.parse().map_err(|_| RULE)?;
    let host = uri.host().unwrap_or_default();
    let local = host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
    let right = match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => local,
        _ => false,
    };
    let authority = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if right && !authority && uri.query().is_none() { Ok(()) } else { Err(RULE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(table: &str) -> Vec<String> {
        let mut section = Section::new("store", toml::from_str(table).unwrap());
        Access::take(&mut section);
        section.finish().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "https://dynamodb.eu-central-1.amazonaws.com",
            "https://vpce-1.example.com/path",
            "http://127.0.0.1:8000",
            "http://[::1]:8000/",
            "http://localhost:4566",
        ] {
            assert_eq!(mistakes(&format!("endpoint-url = '{good}'")), [""; 0], "{good}");
        }
        for bad in [
            "",
            "dynamodb.eu-central-1.amazonaws.com",
            "http://10.0.0.1:8000",
            "http://localhost.example.com",
            "https://user:secret@example.com",
            "https://example.com/?a=b",
            "ftp://127.0.0.1",
        ] {
            let found = mistakes(&format!("endpoint-url = '{bad}'"));
            assert_eq!(found.len(), 1, "{bad}");
            assert!(!found.join("").contains("secret"), "{found:?}");
        }
    }

    #[test]
    fn endpoints_of_the_environment_keep_the_same_rule() {
        let mut section = Section::new("store", toml::Table::new());
        let access = Access::take(&mut section);
        for (url, right) in [
            (None, true),
            (Some("http://127.0.0.1:4566"), true),
            (Some("https://vpce-1.example.com"), true),
            (Some("http://10.0.0.5"), false),
        ] {
            let mut config = SdkConfig::builder();
            config.set_endpoint_url(url.map(str::to_owned));
            let checked = access.check_surroundings(&config.build());
            assert_eq!(checked.is_ok(), right, "{url:?}: {checked:?}");
        }
    }

    #[test]
    fn regions_and_timeouts_are_checked() {
        assert_eq!(mistakes("region = 'eu-central-1'\ntimeout = '1s'"), [""; 0]);
        let found = mistakes("region = 'Frankfurt'\ntimeout = 0\nregoin = 'x'");
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].starts_with("store.region: must be the code of a region"), "{found:?}");
    }
}
