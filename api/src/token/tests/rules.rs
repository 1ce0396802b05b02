//! Claims: the time window, who issued, for whom, and which roles.

use serde_json::{Value, json};

use super::{NOW, TokenError, check, claim, claims, jwks, mint, rules, trusted};
use crate::token::TokenRules;
use crate::viewer::Role;

const MISSING: Value = Value::Null;

/// Checks a token whose claims are the good ones with some replaced, or left out where [`MISSING`].
fn with(changes: &[(&str, Value)], rules: &TokenRules) -> Result<crate::Claims, TokenError> {
    let mut claims = claims();
    for (name, value) in changes {
        if *value == MISSING {
            claims.as_object_mut().unwrap().remove(*name);
        } else {
            claims[*name] = value.clone();
        }
    }
    check(&mint("ed25519", &claims), &trusted(), rules, NOW)
}

#[test]
fn claims_are_checked_with_leeway() {
    let past = |name| Err(claim(name, "is in the past"));
    let future = |name| Err(claim(name, "is in the future"));
    let number = |name| Err(claim(name, "must be a number"));
    let issuer = Err(claim("iss", "does not name the trusted issuer"));
    let audience = |name| Err(claim(name, "does not name this service"));
    let rows: Vec<(&str, Value, Result<(), TokenError>)> = vec![
        ("exp", json!(NOW + 1), Ok(())),
        ("exp", json!(NOW - 29), Ok(())),
        ("exp", json!(NOW - 30), past("exp")),
        ("exp", json!(NOW as f64 - 29.5), past("exp")),
        ("exp", json!(NOW as f64 + 0.5), Ok(())),
        ("exp", json!(u64::MAX), Ok(())),
        ("exp", json!(1e300), Ok(())),
        ("exp", json!(0), past("exp")),
        ("exp", json!(-1), past("exp")),
        ("exp", json!("1900000000"), number("exp")),
        ("exp", json!([1_900_000_000]), number("exp")),
        ("exp", MISSING, Err(claim("exp", "is missing"))),
        ("nbf", json!(NOW), Ok(())),
        ("nbf", json!(NOW + 30), Ok(())),
        ("nbf", json!(NOW + 31), future("nbf")),
        ("nbf", json!(true), number("nbf")),
        ("iat", MISSING, Ok(())),
        ("iat", json!(NOW + 30), Ok(())),
        ("iat", json!(NOW + 31), future("iat")),
        ("iat", json!({}), number("iat")),
        ("iss", json!("https://issuer.example"), issuer.clone()),
        ("iss", json!("HTTPS://issuer.example/"), issuer.clone()),
        ("iss", json!(["https://issuer.example/"]), issuer.clone()),
        ("iss", MISSING, issuer),
        ("aud", json!("other"), Ok(())),
        ("aud", json!(["nobody", "tollgate"]), Ok(())),
        ("aud", json!(["nobody", 1]), audience("aud")),
        ("aud", json!([]), audience("aud")),
        ("aud", json!("tollgate "), audience("aud")),
        ("aud", json!(""), audience("aud")),
        ("aud", json!({"tollgate": 1}), audience("aud")),
        ("aud", MISSING, Err(claim("aud", "is missing"))),
        ("sub", json!(""), Err(claim("sub", "must be a text"))),
        ("sub", json!(7), Err(claim("sub", "must be a text"))),
        ("sub", MISSING, Err(claim("sub", "must be a text"))),
    ];
    for (name, value, expected) in rows {
        let found = with(&[(name, value.clone())], &rules()).map(|_| ());
        assert_eq!(found, expected, "{name} = {value}");
    }
}

#[test]
fn a_null_claim_is_not_a_missing_one() {
    for name in ["exp", "nbf", "iat"] {
        let mut claims = claims();
        claims[name] = Value::Null;
        let found = check(&mint("ed25519", &claims), &trusted(), &rules(), NOW);
        assert_eq!(found, Err(claim(name, "must be a number")));
    }
}

#[test]
fn the_client_counts_only_where_no_audience_is_named() {
    let client = |value: Value| ("client_id", value);
    let refused = |name| Err(claim(name, "does not name this service"));
    for (changes, expected) in [
        (vec![("aud", MISSING), client(json!("tollgate"))], Ok(())),
        (vec![("aud", MISSING), client(json!("nobody"))], refused("client_id")),
        (vec![("aud", MISSING), client(json!(["tollgate"]))], refused("client_id")),
        (vec![("aud", json!("nobody")), client(json!("tollgate"))], refused("aud")),
    ] {
        assert_eq!(with(&changes, &rules()).map(|_| ()), expected, "{changes:?}");
    }
}

#[test]
fn without_audiences_no_token_is_accepted() {
    let closed = TokenRules { audiences: vec![], ..rules() };
    assert_eq!(with(&[], &closed), Err(claim("aud", "does not name this service")));
}

#[test]
fn roles_are_found_where_the_configuration_says() {
    use Role::{Admin, ContentCreator, Standard};
    let rows = [
        ("roles", json!({"roles": ["Standard", "Admin"]}), vec![Standard, Admin]),
        ("roles", json!({"roles": "ContentCreator Admin"}), vec![ContentCreator, Admin]),
        ("roles", json!({"roles": "Admin"}), vec![Admin]),
        ("roles", json!({"roles": ["Admin", "Admin", "x", 1, null]}), vec![Admin]),
        ("roles", json!({"roles": ["Admin Standard"]}), vec![]),
        ("roles", json!({"roles": ["admin", "STANDARD"]}), vec![]),
        ("roles", json!({"roles": "Admin,Standard"}), vec![]),
        ("roles", json!({"roles": {"Admin": true}}), vec![]),
        ("roles", json!({"roles": []}), vec![]),
        ("roles", json!({"scope": "Admin"}), vec![]),
        ("cognito:groups", json!({"cognito:groups": ["Standard"]}), vec![Standard]),
        ("realm_access.roles", json!({"realm_access": {"roles": ["Admin"]}}), vec![Admin]),
        ("realm_access.roles", json!({"realm_access": ["Admin"]}), vec![]),
        ("a.b.c", json!({"a": {"b": {"c": "Standard"}}}), vec![Standard]),
        // A claim named like a URL holds dots of its own.
        ("https://x.example/roles", json!({"https://x.example/roles": ["Admin"]}), vec![Admin]),
        ("", json!({"roles": ["Admin"]}), vec![]),
    ];
    for (path, extra, expected) in rows {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove("roles");
        for (name, value) in extra.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let rules = TokenRules { roles_claim: path.into(), ..rules() };
        let found = check(&mint("ed25519", &claims), &trusted(), &rules, NOW).unwrap();
        assert_eq!(found.roles, expected, "{path} in {extra}");
    }
}

#[test]
fn checks_come_in_the_order_of_the_gateway() {
    // A token with everything wrong, mended from the front.
    let mut claims = json!({"iat": NOW + 99, "nbf": NOW + 99, "exp": 1, "aud": "x", "iss": "y"});
    for (name, mended) in [
        ("iss", json!("https://issuer.example/")),
        ("aud", json!("tollgate")),
        ("exp", json!(NOW + 1)),
        ("nbf", json!(NOW)),
        ("iat", json!(NOW)),
        ("sub", json!("u1")),
    ] {
        let error = check(&mint("ed25519", &claims), &trusted(), &rules(), NOW).unwrap_err();
        assert_eq!(error.reason(), name);
        claims[name] = mended;
    }
    assert!(check(&mint("ed25519", &claims), &trusted(), &rules(), NOW).is_ok());
    let stranger = crate::KeySet::from_jwks(&jwks([super::jwk("rsa")])).unwrap();
    let expired = mint("ed25519", &json!({"exp": 1}));
    assert_eq!(
        check(&expired, &stranger, &rules(), NOW),
        Err(TokenError::UnknownKey("ed25519".into()))
    );
}
