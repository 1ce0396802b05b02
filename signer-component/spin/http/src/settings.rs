//! What the variables of the application say. Knows nothing of Spin.

use std::{ops::RangeInclusive, time::Duration};

use tollgate_api::{
    Cors, FieldError, TokenRules,
    client::TrustedProxies,
    token::{DEFAULT_LEEWAY, DEFAULT_ROLES_CLAIM, jwks_url},
};

/// Every variable that is read here.
pub(crate) const NAMES: [&str; 10] = [
    "jwt_issuer",
    "jwt_audiences",
    "jwks",
    "jwks_url",
    "jwks_refresh",
    "jwt_leeway",
    "jwt_roles_claim",
    "trusted_proxies",
    "cors_origins",
    "request_timeout",
];

/// How requests are answered.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) rules: TokenRules,
    pub(crate) keys: KeySource,
    pub(crate) trusted_proxies: TrustedProxies,
    pub(crate) cors: Cors,
    pub(crate) timeout: Duration,
}

/// Where the keys of tokens come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// They stand in a variable.
    Text(String),
    /// The issuer publishes them.
    Url { url: http::Uri, refresh: Duration },
}

impl Settings {
    /// Reads the variables, in the order of [`NAMES`].
    ///
    /// # Errors
    /// Everything that is to be set otherwise. No value is repeated that could be a secret; there is none among them.
    pub(crate) fn of_variables(values: &[Option<String>]) -> Result<Self, Vec<String>> {
        let mut reading = Reading { values, mistakes: Vec::new() };
        let rules = TokenRules {
            issuer: reading.required("jwt_issuer"),
            audiences: reading.audiences(),
            leeway: reading.seconds("jwt_leeway", 0..=300, DEFAULT_LEEWAY),
            roles_claim: reading.get("jwt_roles_claim").unwrap_or(DEFAULT_ROLES_CLAIM).to_owned(),
        };
        let settings = Self {
            rules,
            keys: reading.keys(),
            trusted_proxies: reading.parsed("trusted_proxies", TrustedProxies::parse),
            cors: reading.parsed("cors_origins", Cors::parse),
            timeout: Duration::from_secs(reading.seconds("request_timeout", 1..=300, 10)),
        };
        if reading.mistakes.is_empty() { Ok(settings) } else { Err(reading.mistakes) }
    }
}

struct Reading<'a> {
    values: &'a [Option<String>],
    mistakes: Vec<String>,
}

impl<'a> Reading<'a> {
    fn get(&self, name: &str) -> Option<&'a str> {
        let at = NAMES.iter().position(|known| *known == name)?;
        self.values.get(at)?.as_deref()
    }

    fn required(&mut self, name: &str) -> String {
        let value = self.get(name).map(str::to_owned);
        value.unwrap_or_else(|| {
            self.mistakes.push(format!("set the Spin variable {name}"));
            String::new()
        })
    }

    fn audiences(&mut self) -> Vec<String> {
        let audiences: Vec<_> = list(&self.required("jwt_audiences")).map(str::to_owned).collect();
        if audiences.is_empty() && self.get("jwt_audiences").is_some() {
            self.mistakes.push("the Spin variable jwt_audiences names no audience".to_owned());
        }
        audiences
    }

    fn keys(&mut self) -> KeySource {
        let refresh = Duration::from_secs(self.seconds("jwks_refresh", 10..=86_400, 300));
        match (self.get("jwks"), self.get("jwks_url")) {
            (Some(text), None) => return KeySource::Text(text.to_owned()),
            (None, Some(url)) => match jwks_url(url.trim(), false) {
                Ok(url) => return KeySource::Url { url, refresh },
                Err(rule) => self.mistakes.push(format!("the Spin variable jwks_url {rule}")),
            },
            (Some(_), Some(_)) => self
                .mistakes
                .push("set one of the Spin variables jwks and jwks_url, not both".to_owned()),
            (None, None) => {
                self.mistakes.push("set the Spin variable jwks_url, or jwks".to_owned());
            }
        }
        KeySource::Text(String::new())
    }

    fn seconds(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> u64 {
        let Some(text) = self.get(name) else { return default };
        match text.trim().parse() {
            Ok(seconds) if range.contains(&seconds) => seconds,
            _ => {
                let (least, most) = (range.start(), range.end());
                self.mistakes
                    .push(format!("the Spin variable {name} must be {least} to {most} seconds"));
                default
            }
        }
    }

    fn parsed<T: Default>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Vec<&'a str>) -> Result<T, Vec<FieldError>>,
    ) -> T {
        let texts = self.get(name).map(list).into_iter().flatten().collect();
        parse(texts).unwrap_or_else(|errors| {
            let mistakes =
                errors.iter().map(|error| format!("the Spin variable {name} {}", error.rule));
            self.mistakes.extend(mistakes);
            T::default()
        })
    }
}

/// The entries of a list with commas between them.
fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let value = |name: &&str| {
            let found = set.iter().rev().find(|(known, _)| known == name)?.1;
            Some(found.to_owned()).filter(|text| !text.is_empty())
        };
        Settings::of_variables(&NAMES.iter().map(value).collect::<Vec<_>>())
    }

    const LEAST: [(&str, &str); 3] = [
        ("jwt_issuer", "https://login.example.com"),
        ("jwt_audiences", "video, tv,"),
        ("jwks_url", "https://login.example.com/jwks.json"),
    ];

    #[test]
    fn three_variables_are_enough() {
        let settings = read(&LEAST).unwrap();
        assert_eq!(settings.rules.audiences, ["video", "tv"]);
        assert_eq!((settings.rules.leeway, settings.rules.roles_claim.as_str()), (30, "roles"));
        assert_eq!(settings.timeout, Duration::from_secs(10));
        let KeySource::Url { url, refresh } = settings.keys else { panic!("no URL") };
        assert_eq!((url.host(), refresh.as_secs()), (Some("login.example.com"), 300));
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let mistakes = read(&[
            ("jwt_audiences", ","),
            ("jwks_url", "http://login.example.com/"),
            ("jwt_leeway", "301"),
            ("trusted_proxies", "10.0.0.0/8, here"),
            ("cors_origins", "watch.example"),
            ("request_timeout", "0"),
            ("jwks_refresh", "soon"),
        ])
        .unwrap_err();
        for name in [
            "jwt_issuer",
            "jwt_audiences",
            "jwks_url",
            "jwt_leeway",
            "trusted_proxies",
            "cors_origins",
            "request_timeout",
            "jwks_refresh",
        ] {
            let naming = mistakes.iter().filter(|mistake| mistake.contains(name));
            assert_eq!(naming.count(), 1, "{name}: {mistakes:?}");
        }
    }

    #[test]
    fn keys_come_from_one_place() {
        let with = |change: &[(&'static str, &'static str)]| {
            read(&[LEAST.as_slice(), change].concat()).map(|settings| settings.keys)
        };
        assert_eq!(
            with(&[("jwks_url", ""), ("jwks", "{}")]).unwrap(),
            KeySource::Text("{}".to_owned())
        );
        assert!(with(&[("jwks", "{}")]).unwrap_err()[0].contains("not both"));
        assert!(with(&[("jwks_url", "")]).unwrap_err()[0].contains("jwks_url, or jwks"));
    }
}
