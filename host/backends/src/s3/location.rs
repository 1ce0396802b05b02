//! Where objects are: a bucket, what stands in front of their keys, and the service that has them.

use std::{net::Ipv4Addr, time::Duration};

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use super::signer::Signer;
use crate::{
    aws::Access,
    section::{Mistake, Section},
};

/// The keys `bucket`, `prefix`, `region`, `endpoint-url` and `timeout` of a table.
#[derive(Clone, Debug)]
pub struct Location {
    bucket: String,
    prefix: String,
    access: Access,
}

impl Location {
    /// Takes the keys; mistakes stay in the section. `timeout` holds, in seconds, where the table says nothing.
    pub fn take(section: &mut Section, timeout: u64) -> Self {
        let bucket = section.required_text("bucket");
        if let (false, Err(rule)) = (bucket.is_empty(), check_bucket(&bucket)) {
            section.mistake("bucket", rule);
        }
        let prefix = section.text("prefix").unwrap_or_default();
        if let (false, Err(rule)) = (prefix.is_empty(), check_prefix(&prefix)) {
            section.mistake("prefix", rule);
        }
        Self { bucket, prefix, access: Access::take_with(section, timeout) }
    }

    /// What `timeout` says.
    pub fn timeout(&self) -> Duration {
        self.access.timeout()
    }

    /// One line for the log.
    pub fn summary(&self) -> String {
        let slash = if self.prefix.is_empty() { "" } else { "/" };
        format!("s3 {}{slash}{}{}", self.bucket, self.prefix, self.access.summary())
    }

    /// Makes what signs requests for the objects. Asks nobody for credentials yet.
    ///
    /// # Errors
    /// No region is known, or none of these services has an address.
    pub async fn signer(&self) -> Result<Signer, Vec<Mistake>> {
        let config = self.access.load().await?;
        Signer::new(&config, &self.bucket, &self.prefix)
            .map_err(|rule| vec![Mistake { key: format!("{}.region", self.access.path()), rule }])
    }

    pub(super) fn bucket(&self) -> &str {
        &self.bucket
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }
}

/// The endpoint that stands in for AWS's own, if somebody names one: the table, the environment or a profile.
pub(super) fn own_endpoint(config: &SdkConfig) -> Option<String> {
    if !config.get_origin("endpoint_url").is_client_config() {
        // The variable for S3 alone stands over the one for every service.
        let key = ServiceConfigKey::builder().service_id("S3").env("AWS_ENDPOINT_URL");
        let key = key.profile("endpoint_url").build().ok();
        let own = key.and_then(|key| config.service_config()?.load_config(key));
        if own.is_some() {
            return own;
        }
    }
    config.endpoint_url().map(str::to_owned)
}

/// S3's rules for names; access point aliases are as good as names.
fn check_bucket(name: &str) -> Result<(), &'static str> {
    const RULE: &str =
        "must be the name of a bucket: 3 to 63 lower-case letters, digits, hyphens and dots";
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let plain = name.bytes().all(|byte| letter(byte) || byte == b'-' || byte == b'.');
    let ends = [name.bytes().next(), name.bytes().last()];
    let ends = ends.into_iter().all(|byte| byte.is_some_and(letter));
    if !(3..=63).contains(&name.len()) || !plain || !ends || name.contains("..") {
        return Err(RULE);
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return Err("must not have the form of an IP address");
    }
    let taken = ["xn--", "sthree-"].iter().any(|start| name.starts_with(start));
    // Kinds of bucket that other requests are for.
    let kinds = ["--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    if taken || kinds.iter().any(|end| name.ends_with(end)) {
        return Err("must be the name of a general purpose bucket, or an access point alias");
    }
    Ok(())
}

fn check_prefix(prefix: &str) -> Result<(), &'static str> {
    let odd = |part: &str| matches!(part, "" | "." | "..");
    if prefix.split('/').any(odd) || prefix.chars().any(char::is_control) {
        return Err(
            "must be names with single slashes between them, as in \"media/v1\", and none at its ends",
        );
    }
    if prefix.len() > 512 {
        return Err("must leave room for a key: at most 512 bytes");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_named_by_the_rules_of_s3() {
        for name in ["abc", "media.example.com", "a-1", "0.a", "1.2.3", "media-abc-s3alias"] {
            assert_eq!(check_bucket(name), Ok(()), "{name}");
        }
        let long = "a".repeat(64);
        for name in [
            "ab",
            "Media",
            "a_b",
            "-ab",
            "ab-",
            ".ab",
            "ab.",
            "a..b",
            "192.168.5.4",
            "xn--abc",
            "a/b",
            "arn:aws:s3:::b",
            "media--x-s3",
            "a b",
            "bücher",
            "b--ol-s3",
            &long,
        ] {
            assert!(check_bucket(name).is_err(), "{name}");
        }
    }

    #[tokio::test]
    async fn a_bucket_has_the_address_its_region_and_name_give_it() {
        for (table, address) in [
            ("region = 'eu-central-1'", "https://media.s3.eu-central-1.amazonaws.com"),
            (
                "region = 'us-east-1'\nprefix = 'a b/c'",
                "https://media.s3.us-east-1.amazonaws.com/a%20b/c",
            ),
            ("region = 'cn-north-1'", "https://media.s3.cn-north-1.amazonaws.com.cn"),
            ("endpoint-url = 'http://127.0.0.1:9'", "http://127.0.0.1:9/media"),
            (
                "region = 'eu-west-1'\nendpoint-url = 'https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com/'",
                "https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com/media",
            ),
        ] {
            let table = toml::from_str(&format!("bucket = 'media'\n{table}")).unwrap();
            let mut section = Section::new("origin", table);
            let location = Location::take(&mut section, 30);
            assert_eq!(section.finish(), []);
            assert_eq!(location.signer().await.unwrap().address(), address);
        }
        // A certificate for subdomains covers no dots.
        let table = toml::from_str("bucket = 'media.example.com'\nregion = 'eu-west-1'").unwrap();
        let location = Location::take(&mut Section::new("origin", table), 30);
        let address = location.signer().await.unwrap().address();
        assert_eq!(address, "https://s3.eu-west-1.amazonaws.com/media.example.com");
    }

    #[test]
    fn a_prefix_is_a_path_without_slashes_around_it() {
        for prefix in ["media", "media/v1", "a b/é", "..a"] {
            assert_eq!(check_prefix(prefix), Ok(()), "{prefix}");
        }
        let long = "a".repeat(513);
        for prefix in ["/", "/media", "media/", "a//b", ".", "a/../b", "a\nb", &long] {
            assert!(check_prefix(prefix).is_err(), "{prefix}");
        }
    }
}
