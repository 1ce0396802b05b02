//! What the variables say, all mistakes at once; with a mistake, nothing that is signed is open.

use super::{
    behaviors::{self, Row},
    keys,
};
use crate::{
    FieldError,
    client::TrustedProxies,
    cors::Cors,
    edge::{Site, wire::is_host},
};

/// The variables that are read.
pub const VARIABLES: [&str; 8] = [
    "verify_public_keys",
    "verify_behaviors",
    "verify_strict",
    "verify_explain",
    "verify_domain",
    "verify_scheme",
    "trusted_proxies",
    "cors_origins",
];

/// How requests are judged.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which paths need a signature; the first that matches decides. Everything, if that cannot be read.
    pub behaviors: Vec<Row>,
    /// Ids and PEM texts of those who may sign.
    pub keys: Vec<(String, String)>,
    /// Deny what CloudFront's documents leave open.
    pub strict: bool,
    /// Say the finer reason of a denial.
    pub explain: bool,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Which web origins may read answers.
    pub cors: Cors,
    /// What is wrong, by variable. While there is anything, a signature holds for nobody.
    pub mistakes: Vec<FieldError>,
    domain: Option<String>,
    scheme: Option<&'static str>,
}

impl Settings {
    /// Takes the variables. An empty one is one that is not there.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut mistakes = Vec::new();
        let get = |name: &str| get(name).map(str::trim).filter(|text| !text.is_empty());
        let mut wrong = |name: &str, rule: String| mistakes.push(FieldError::new(name, rule));

        let behaviors = get("verify_behaviors")
            .map_or_else(|| Ok(behaviors::everything_signed()), behaviors::read);
        let behaviors = behaviors.unwrap_or_else(|rule| {
            wrong("verify_behaviors", rule);
            behaviors::everything_signed()
        });
        let keys = match get("verify_public_keys").map(keys::read) {
            Some(Ok(keys)) => keys,
            Some(Err(rule)) => {
                wrong("verify_public_keys", rule);
                Vec::new()
            }
            None => {
                if behaviors.iter().any(|row| row.signed) {
                    let rule =
                        r#"is required: a JSON object of key-pair-ids and public keys in PEM"#;
                    wrong("verify_public_keys", rule.to_owned());
                }
                Vec::new()
            }
        };
        let mut choice = |name: &str, choices: [&'static str; 2]| match get(name) {
            None => None,
            Some(text) => {
                let chosen = choices.into_iter().find(|choice| *choice == text);
                if chosen.is_none() {
                    let [one, other] = choices;
                    wrong(name, format!("must be `{one}` or `{other}`"));
                }
                chosen
            }
        };
        let strict = choice("verify_strict", ["true", "false"]) == Some("true");
        let explain = choice("verify_explain", ["true", "false"]) == Some("true");
        let scheme = choice("verify_scheme", ["https", "http"]);
        let domain = get("verify_domain").map(str::to_owned);
        if domain.as_deref().is_some_and(|domain| !is_host(domain)) {
            let rule = "must be a host like media.example.com, with a port if needed";
            wrong("verify_domain", rule.to_owned());
        }
        let trusted_proxies = TrustedProxies::parse(list(get("trusted_proxies")));
        let cors = Cors::parse(list(get("cors_origins")));
        let trusted_proxies = trusted_proxies.unwrap_or_else(|errors| {
            errors.into_iter().for_each(|error| wrong("trusted_proxies", error.rule));
            TrustedProxies::default()
        });
        let cors = cors.unwrap_or_else(|errors| {
            errors.into_iter().for_each(|error| wrong("cors_origins", error.rule));
            Cors::default()
        });
        Self {
            scheme: scheme.or(domain.is_some().then_some("https")),
            behaviors,
            keys,
            strict,
            explain,
            trusted_proxies,
            cors,
            mistakes,
            domain,
        }
    }

    /// What URLs begin with that came over a connection of this scheme.
    pub fn site<'a>(&'a self, connection: &'a str) -> Site<'a> {
        Site { scheme: self.scheme.unwrap_or(connection), domain: self.domain.as_deref() }
    }
}

/// The entries of a list with commas between them.
fn list(text: Option<&str>) -> impl Iterator<Item = &str> {
    text.into_iter().flat_map(|text| text.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::Behavior as _;

    const KEYS: (&str, &str) = ("verify_public_keys", r#"{"K1": "pem"}"#);

    fn read(variables: &[(&str, &'static str)]) -> Settings {
        Settings::read(|name| {
            assert!(VARIABLES.contains(&name));
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
        })
    }

    fn mistaken(variables: &[(&str, &'static str)]) -> Vec<String> {
        read(variables).mistakes.into_iter().map(|mistake| mistake.field).collect()
    }

    #[test]
    fn with_nothing_but_keys_everything_is_signed() {
        let settings = read(&[KEYS, ("verify_strict", ""), ("cors_origins", " ")]);
        assert!(settings.mistakes.is_empty());
        assert!(settings.behaviors.iter().all(|row| row.signed && row.matches("/a/b")));
        assert!(!settings.strict && !settings.explain);
        assert_eq!(settings.site("http").scheme, "http");
    }

    #[test]
    fn without_keys_nothing_that_is_signed_can_be_open() {
        let open = r#"[{"pattern": "*", "signed": false}]"#;
        let mixed = r#"[{"pattern": "p/*", "signed": false}, {"pattern": "*", "signed": true}]"#;
        assert!(mistaken(&[("verify_behaviors", open)]).is_empty());
        assert_eq!(mistaken(&[]), ["verify_public_keys"]);
        assert_eq!(mistaken(&[("verify_behaviors", mixed)]), ["verify_public_keys"]);
        // What is open stays so.
        assert!(!read(&[("verify_behaviors", mixed)]).behaviors[0].signed);
        let unreadable = read(&[KEYS, ("verify_behaviors", "[{}]")]);
        assert!(unreadable.behaviors.iter().all(|row| row.signed));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let all = VARIABLES.map(|name| (name, "no such thing, at all"));
        let mut found = mistaken(&all);
        found.dedup();
        found.sort();
        let mut expected = VARIABLES.map(str::to_owned);
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!(mistaken(&[KEYS, ("verify_strict", "yes")]), ["verify_strict"]);
    }

    #[test]
    fn a_domain_is_reached_by_https_unless_told_otherwise() {
        let domain = ("verify_domain", "media.example");
        for (variables, scheme) in [
            (vec![KEYS, domain], "https"),
            (vec![KEYS, domain, ("verify_scheme", "http")], "http"),
            (vec![KEYS, ("verify_scheme", "https")], "https"),
            (vec![KEYS], "http"),
        ] {
            assert_eq!(read(&variables).site("http").scheme, scheme, "{variables:?}");
        }
        assert_eq!(read(&[KEYS, domain]).site("http").domain, Some("media.example"));
    }
}
