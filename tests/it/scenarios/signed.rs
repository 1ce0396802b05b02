//! Looks at a signature as the edge would, and at what it says.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::{Value, json};
use tollgate::component::{
    EdgeVerifier, Runtime, SignerComponent,
    signer::{EdgeRequest, Verdict},
};
use tollgate_core::cloudfront::encoding;

use super::{
    expect::{Span, matches},
    format::{Installation, Signed, usual_address},
};

static SIGNER: LazyLock<SignerComponent> =
    LazyLock::new(|| SignerComponent::new(&Runtime::new().unwrap()).unwrap());

/// An edge that trusts the keys of an installation.
pub fn edge(installation: &Installation) -> EdgeVerifier {
    SIGNER.verifier(installation.trusted(), true).unwrap()
}

/// Where a signature travels.
pub enum Carrier<'a> {
    /// In the URL itself.
    Query(&'a str),
    /// In cookies, for a URL without one.
    Cookies(&'a str, BTreeMap<String, String>),
}

/// What a signature says.
struct Statement {
    key: String,
    hash: String,
    form: &'static str,
    resource: String,
    until: u64,
    ip: Option<String>,
}

/// Splits a signed URL into the URL and its signing parameters, by their names without a prefix.
pub fn split(url: &str) -> (String, BTreeMap<String, String>) {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    (base.to_owned(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// The policy in a signing parameter.
pub fn policy(text: &str) -> Option<Value> {
    serde_json::from_slice(&encoding::decode(text)?).ok()
}

/// What of a signature is not as expected.
pub fn check(
    edge: &EdgeVerifier,
    carrier: &Carrier<'_>,
    expected: &Signed,
    span: Span,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let (base, parameters) = match carrier {
        Carrier::Query(url) => split(url),
        Carrier::Cookies(url, cookies) => ((*url).to_owned(), cookies.clone()),
    };
    let Some(statement) = Statement::read(&base, &parameters) else {
        return vec![format!("no readable signature, but {:?}", parameters.keys())];
    };
    let mut compare = |what: &str, ours: &str, theirs: &str| {
        if ours != theirs {
            wrong.push(format!("{what} is {theirs:?}, not {ours:?}"));
        }
    };
    let url = expected.url.as_deref().unwrap_or(&base);
    compare("the URL", url, &base);
    compare("the key", &expected.key, &statement.key);
    compare("the hash", &expected.hash, &statement.hash);
    compare("the form", &expected.form, statement.form);
    compare("the resource", expected.resource.as_deref().unwrap_or(url), &statement.resource);
    compare(
        "the network",
        expected.ip.as_deref().unwrap_or(""),
        statement.ip.as_deref().unwrap_or(""),
    );
    if let Some(until) = &expected.until {
        matches(until, &json!(statement.until), "the end", span, &mut wrong);
    }
    let ask = |url: &str, parameters: &BTreeMap<String, String>, now: u64, ip: &str| {
        let (url, cookies) = match carrier {
            Carrier::Query(_) => (joined(url, parameters), Vec::new()),
            Carrier::Cookies(..) => (url.to_owned(), cookies(parameters)),
        };
        let request = EdgeRequest { url, cookies, client_ip: Some(ip.to_owned()), now };
        match edge.verify(&request).unwrap() {
            Verdict::Allow => "allowed".to_owned(),
            Verdict::Deny(denied) => denied.reason,
        }
    };
    let ip = usual_address();
    let mut says = |what: &str, verdict: String, is_allowed: bool| {
        if (verdict == "allowed") != is_allowed {
            wrong.push(format!("{what} is {verdict} at the edge"));
        }
    };
    says("the URL now", ask(url, &parameters, span.1, &ip), true);
    says("its last second", ask(url, &parameters, statement.until - 1, &ip), true);
    says("the second after", ask(url, &parameters, statement.until, &ip), false);
    if statement.ip.is_some() {
        says("another address", ask(url, &parameters, span.1, "198.51.100.1"), false);
    }
    for name in parameters.keys().filter(|name| name.ends_with("Signature")) {
        let mut changed = parameters.clone();
        let signature = changed.get_mut(name).unwrap();
        let last = if signature.starts_with('A') { "B" } else { "A" };
        signature.replace_range(..1, last);
        says("a changed signature", ask(url, &changed, span.1, &ip), false);
    }
    for other in &expected.opens {
        says(other, ask(other, &parameters, span.1, &ip), true);
    }
    for other in &expected.closed {
        says(other, ask(other, &parameters, span.1, &ip), false);
    }
    wrong
}

impl Statement {
    fn read(url: &str, parameters: &BTreeMap<String, String>) -> Option<Self> {
        let field = |name: &str| {
            parameters.get(name).or_else(|| parameters.get(&format!("CloudFront-{name}")))
        };
        let key = field("Key-Pair-Id")?.clone();
        let hash = field("Hash-Algorithm").cloned().unwrap_or_else(|| "SHA1".to_owned());
        field("Signature")?;
        if let Some(expires) = field("Expires") {
            let (until, resource) = (expires.parse().ok()?, url.to_owned());
            return Some(Self { key, hash, form: "canned", resource, until, ip: None });
        }
        let policy = policy(field("Policy")?)?;
        let statement = &policy["Statement"][0];
        let condition = &statement["Condition"];
        Some(Self {
            key,
            hash,
            form: "custom",
            resource: statement["Resource"].as_str()?.to_owned(),
            until: condition["DateLessThan"]["AWS:EpochTime"].as_u64()?,
            ip: condition["IpAddress"]["AWS:SourceIp"].as_str().map(str::to_owned),
        })
    }
}

fn joined(url: &str, parameters: &BTreeMap<String, String>) -> String {
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{url}?{}", pairs.join("&"))
}

fn cookies(parameters: &BTreeMap<String, String>) -> Vec<String> {
    vec![
        parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect::<Vec<_>>()
            .join("; "),
    ]
}
