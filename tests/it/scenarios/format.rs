//! What a scenario file may say; `tests/scenarios/README.md` explains it. Anything else in it is an error.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct File {
    /// What these scenarios have in common, for people.
    #[serde(rename = "about")]
    pub _about: String,
    /// Where those are played that say nothing else.
    #[serde(default)]
    pub installation: Installation,
    /// What every one of them has, each under names of its own.
    #[serde(default)]
    pub before: Before,
    pub scenarios: Vec<Scenario>,
}

/// State before, requests with the answers expected, and state after.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Scenario {
    pub name: String,
    pub installation: Option<Installation>,
    #[serde(default)]
    pub before: Before,
    pub steps: Vec<Step>,
    pub after: Option<After>,
}

/// How the place is set up. Scenarios with the same one share a place.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Installation {
    /// Laid over `{"domain": "media.example.com", "expiry-window": 0}`.
    pub policy: Map<String, Value>,
    pub keys: Vec<Key>,
    /// The id of the key to sign with, if it is not the first.
    pub current: Option<String>,
    pub trusted_proxies: Vec<String>,
    pub cors_origins: Vec<String>,
    /// In seconds.
    pub request_timeout: u64,
    /// In seconds.
    pub port_timeout: u64,
    pub broken: BTreeMap<Dependency, Manner>,
}

impl Default for Installation {
    fn default() -> Self {
        Self {
            policy: Map::new(),
            keys: vec![Key { id: "K1".to_owned(), kind: Kind::P256 }],
            current: None,
            trusted_proxies: vec!["127.0.0.0/8".to_owned()],
            cors_origins: Vec::new(),
            request_timeout: 10,
            port_timeout: 3,
            broken: BTreeMap::new(),
        }
    }
}

/// One private key.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    pub id: String,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Rsa,
    P256,
}

/// What can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dependency {
    Entitlements,
    Catalog,
    Objects,
    Sessions,
    SigningKeys,
    Settings,
    TokenKeys,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// It answers with an error, or nobody is there.
    Fails,
    /// It never answers.
    Hangs,
}

/// What is recorded before the first request.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Before {
    pub entitlements: Vec<Entitlement>,
    pub episodes: Vec<Episode>,
    pub objects: Vec<Object>,
    pub sessions: Vec<Lease>,
}

impl Before {
    /// The same with the values that earlier steps saved, in the names of leases.
    pub fn filled_in(mut self, fill_in: impl Fn(&str) -> String) -> Self {
        for lease in &mut self.sessions {
            lease.id = fill_in(&lease.id);
        }
        self
    }

    /// This, and then that.
    pub fn and(mut self, that: Self) -> Self {
        self.entitlements.extend(that.entitlements);
        self.episodes.extend(that.episodes);
        self.objects.extend(that.objects);
        self.sessions.extend(that.sessions);
        self
    }
}

/// An object that exists.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Object {
    /// Under this key; what is in it matters to nobody.
    Key(String),
    /// With this text in it.
    With(Text),
}

/// An object that is read.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    key: String,
    lines: Vec<String>,
}

impl Object {
    pub fn key(&self) -> &str {
        match self {
            Self::Key(key) | Self::With(Text { key, .. }) => key,
        }
    }

    /// Each line ends with a newline.
    pub fn content(&self) -> String {
        match self {
            Self::Key(_) => "x".to_owned(),
            Self::With(text) => text.lines.iter().map(|line| format!("{line}\n")).collect(),
        }
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Entitlement {
    pub user: String,
    pub series: String,
    #[serde(default = "active")]
    pub status: String,
    pub valid_until: Option<Time>,
}

fn active() -> String {
    "Active".to_owned()
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Episode {
    pub series: String,
    pub episode: String,
    pub video: Option<String>,
    pub poster: Option<String>,
}

/// A lease on record, before or after.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lease {
    pub user: String,
    pub id: String,
    pub device: Device,
    pub series: String,
    pub episode: String,
    pub started_at: Time,
    pub renewed_at: Time,
    pub expires_at: Time,
}

/// What a device is told by.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    #[serde(default = "usual_address")]
    pub from: String,
    /// The player; an empty text is none.
    #[serde(default = "usual_agent")]
    pub agent: String,
}

pub fn usual_address() -> String {
    "192.0.2.7".to_owned()
}

pub fn usual_agent() -> String {
    "phone".to_owned()
}

/// A request and its answer.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What is recorded, or recorded anew, before the request.
    pub before: Option<Before>,
    pub request: Request,
    pub expect: Expect,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Request {
    #[serde(default = "get")]
    pub method: String,
    /// A whole URL is asked for at the place, whatever its host is.
    pub path: String,
    /// The query parameter of which one character is changed.
    pub altered: Option<String>,
    /// The user of a good token, or the claims of another one. Without it there is no token.
    pub token: Option<Token>,
    /// The whole header, in place of a token.
    pub authorization: Option<String>,
    /// The viewer's address, as a proxy on this machine reports it; an empty text is none.
    #[serde(default = "usual_address")]
    pub from: String,
    #[serde(default = "usual_agent")]
    pub agent: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

fn get() -> String {
    "GET".to_owned()
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Token {
    Of(String),
    With(Claims),
}

/// A token that differs from a good one.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Laid over the claims of a good token; `null` takes one away. Times are relative.
    pub claims: Map<String, Value>,
    /// Whose key signs: `rsa`, `p256` or `ed25519` of the issuer, or `stranger`.
    #[serde(default = "issuers_key")]
    pub key: String,
}

fn issuers_key() -> String {
    "p256".to_owned()
}

/// What an answer must be.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Expect {
    pub status: u16,
    /// The `type` of the problem, which is then checked as a whole.
    pub problem: Option<String>,
    /// Headers that must be there.
    #[serde(default)]
    pub headers: BTreeMap<String, Value>,
    /// Fields of the body that must be there.
    #[serde(default)]
    pub body: Map<String, Value>,
    /// The lines of a body that is text, all of them.
    pub text: Option<Vec<Value>>,
    /// Headers and fields of the body that must not be there.
    #[serde(default)]
    pub without: Vec<String>,
    /// What the cookies of the answer are signed for.
    pub cookies: Option<Signed>,
    /// Keeps something of the answer under a name, for `<name>` in what is expected and in later steps, and its query
    /// as `<name.query>`.
    #[serde(default)]
    pub save: BTreeMap<String, Saved>,
    /// By how many seconds more than two the times of two places may differ.
    #[serde(default)]
    pub slack: u64,
}

/// What of an answer is kept.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Saved {
    /// A field of the body.
    Field(String),
    /// A line of a text, from 1.
    Line(Line),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub line: usize,
}

/// What a signature must be.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Signed {
    /// The URL without its signature.
    pub url: Option<String>,
    pub key: String,
    pub hash: String,
    /// `canned`, or `custom` with a policy.
    pub form: String,
    /// What the statement is about, if it is not exactly the URL.
    pub resource: Option<String>,
    /// The network a viewer must be in.
    pub ip: Option<String>,
    /// When it ends.
    pub until: Option<Value>,
    /// Other URLs that it opens, and some that it does not.
    #[serde(default)]
    pub opens: Vec<String>,
    #[serde(default)]
    pub closed: Vec<String>,
    /// Attributes of every cookie.
    #[serde(default)]
    pub attributes: Option<String>,
}

/// What is recorded after the last request.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The live leases of each user, the oldest first.
    pub sessions: BTreeMap<String, Vec<Map<String, Value>>>,
}

/// `now`, or so many seconds from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Time(i64);

impl Time {
    pub fn after(self, now: u64) -> u64 {
        now.checked_add_signed(self.0).unwrap()
    }

    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("now")?;
        if rest.is_empty() { Some(Self(0)) } else { rest.parse().ok().map(Self) }
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::read(&text).ok_or_else(|| format!("must be like now+300, not {text}"))
    }
}
