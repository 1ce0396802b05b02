//! The claims of a token whose signature holds.

use serde_json::{Map, Value};

use super::error::TokenError;
use crate::viewer::Role;

/// Tolerated difference between the issuer's clock and ours, in seconds: clocks kept by NTP differ by less.
pub const DEFAULT_LEEWAY: u64 = 30;

/// Where roles stand unless configured otherwise.
pub const DEFAULT_ROLES_CLAIM: &str = "roles";

/// What a token must say to be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRules {
    /// The only accepted `iss`, compared byte by byte.
    pub issuer: String,
    /// Accepted values of `aud`, or of `client_id` in tokens without `aud`. None means that no token is accepted.
    pub audiences: Vec<String>,
    /// Tolerated clock difference in seconds, for `exp`, `nbf` and `iat`.
    pub leeway: u64,
    /// The claim that holds the roles, for example `roles`, `cognito:groups` or `realm_access.roles`.
    /// A claim of exactly this name counts first, then dots descend into objects.
    pub roles_claim: String,
}

/// What a verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Whom the token is about.
    pub sub: String,
    /// The roles that are known here, each once.
    pub roles: Vec<Role>,
    /// First second in which the token no longer holds, leeway not counted.
    pub exp: u64,
    /// First second in which it holds, leeway not counted: the later of `nbf` and `iat`, 0 without either.
    pub not_before: u64,
}

impl Claims {
    /// Whether a token that was checked before still holds at the time `now`, for whoever remembers its claims.
    pub fn hold_at(&self, now: u64, rules: &TokenRules) -> bool {
        !is_over(self.exp, now, rules) && !is_early(self.not_before, now, rules)
    }
}

fn is_over(exp: u64, now: u64, rules: &TokenRules) -> bool {
    now >= exp.saturating_add(rules.leeway)
}

fn is_early(not_before: u64, now: u64, rules: &TokenRules) -> bool {
    not_before > now.saturating_add(rules.leeway)
}

/// Checks `iss`, `aud`, `exp`, `nbf`, `iat` and `sub`, in this order.
pub(super) fn check(json: &[u8], rules: &TokenRules, now: u64) -> Result<Claims, TokenError> {
    let claims: Map<String, Value> =
        serde_json::from_slice(json).map_err(|_| TokenError::Malformed("claims"))?;
    if claims.get("iss").and_then(Value::as_str) != Some(rules.issuer.as_str()) {
        return Err(broken("iss", "does not name the trusted issuer"));
    }
    check_audience(&claims, &rules.audiences)?;
    let exp = seconds(&claims, "exp")?.ok_or_else(|| broken("exp", "is missing"))?;
    if is_over(exp, now, rules) {
        return Err(broken("exp", "is in the past"));
    }
    let mut not_before = 0;
    for name in ["nbf", "iat"] {
        let time = seconds(&claims, name)?.unwrap_or_default();
        if is_early(time, now, rules) {
            return Err(broken(name, "is in the future"));
        }
        not_before = not_before.max(time);
    }
    let sub = claims.get("sub").and_then(Value::as_str).filter(|sub| !sub.is_empty());
    let sub = sub.ok_or_else(|| broken("sub", "must be a text"))?.to_owned();
    Ok(Claims { sub, roles: roles(&claims, &rules.roles_claim), exp, not_before })
}

fn check_audience(claims: &Map<String, Value>, accepted: &[String]) -> Result<(), TokenError> {
    // Access tokens of Cognito name their client instead of an audience.
    let (name, value) = match claims.get("aud") {
        Some(value) => ("aud", Some(value)),
        None if claims.contains_key("client_id") => ("client_id", claims.get("client_id")),
        None => return Err(broken("aud", "is missing")),
    };
    let fits =
        |value: &Value| value.as_str().is_some_and(|text| accepted.iter().any(|a| a == text));
    let found = match value {
        Some(Value::Array(values)) if name == "aud" => values.iter().any(fits),
        Some(value) => fits(value),
        None => false,
    };
    if found { Ok(()) } else { Err(broken(name, "does not name this service")) }
}

/// A time in whole seconds. RFC 7519 allows fractions; they are cut off, and times before 1970 are 0.
fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<Option<u64>, TokenError> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    let whole = value.as_u64().or_else(|| {
        // A cast of a float saturates, which is what an absurd time should do.
        value.as_f64().map(|seconds| seconds as u64)
    });
    whole.map(Some).ok_or_else(|| broken(name, "must be a number"))
}

/// The known roles in a list or in a text with spaces. Whatever else stands there gives no role.
fn roles(claims: &Map<String, Value>, path: &str) -> Vec<Role> {
    let value = claims.get(path).or_else(|| {
        let mut names = path.split('.');
        let first = claims.get(names.next()?)?;
        names.try_fold(first, |value, name| value.get(name))
    });
    let names: Vec<&str> = match value {
        Some(Value::String(text)) => text.split(' ').collect(),
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let mut roles = Vec::new();
    for role in names.into_iter().filter_map(Role::from_name) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    roles
}

fn broken(name: &'static str, rule: &'static str) -> TokenError {
    TokenError::Claim { name, rule }
}
