//! Research section 5.6: cookies.

use tollgate_core::cloudfront::{Code::*, Reason::*};

use crate::support::*;

pub fn rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let canned = Parts::canned(&url);
    let wildcard = Parts::custom(&custom_policy(&at_d8("/*"), ""));
    let sha256 = Parts::custom_by(Key::K2, Hash::Sha256, &custom_policy(&at_d8("/*"), ""));
    let other_path = Parts::custom(&custom_policy(&at_d8("/other/*"), ""));
    let mismatch = |number, url: &str| Row::deny(number, url, AccessDenied, SignatureMismatch);
    let lone = |number, query: &str, code, reason| {
        Row::deny(number, format!("{url}?{query}"), code, reason).cookie(wildcard.cookie())
    };
    vec![
        Row::allow("118", &url).cookie(canned.cookie()),
        Row::deny("120", &url, AccessDenied, Expired).cookie(canned.cookie()).at(EXP),
        mismatch("121", &at_d8("/b.mp4")).cookie(canned.cookie()),
        mismatch("122", &url).cookie(Parts::canned(&at_d8("/*")).cookie()),
        Row::deny("124", &url, MissingKey, NoKeyPairId)
            .cookie(canned.clone().without("Key-Pair-Id").cookie()),
        Row::allow("125", &url).cookie(sha256.cookie()),
        mismatch("126", &url).cookie(sha256.clone().without("Hash-Algorithm").cookie()),
        Row::allow("128", canned.on(&url))
            .cookie(wildcard.clone().with("Signature", "AAAA").cookie()),
        lone("129", "Expires=1", MissingKey, NoKeyPairId),
        lone("129b", "Policy=x", MissingKey, NoKeyPairId),
        lone("129c", "Signature=x", MissingKey, NoKeyPairId),
        lone("129d", "Key-Pair-Id=x", InvalidKey, UnknownKey),
        lone("130", "Hash-Algorithm=SHA256", MissingKey, NoKeyPairId),
        mismatch("132", &at_d8("/a.mp4?foo=1")).cookie(canned.cookie()),
        Row::deny("133", &url, MissingKey, NoKeyPairId)
            .cookie(canned.cookie().replace("CloudFront-", "cloudfront-")),
        Row::allow("134", &url).cookie(wildcard.clone().with("Expires", "1").cookie()),
        // Browsers send the cookie with the longest path first.
        Row::allow("136", &url).cookie(format!("{}; {}", wildcard.cookie(), other_path.cookie())),
        Row::deny("136b", &url, AccessDenied, ResourceMismatch).cookie(format!(
            "{}; {}",
            other_path.cookie(),
            wildcard.cookie()
        )),
        Row::deny("137", format!("{url}?Hash-Algorithm=SHA256"), MissingKey, NoKeyPairId)
            .cookie(sha256.without("Hash-Algorithm").cookie()),
    ]
}

/// Rows the research does not list.
pub fn own_rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let wildcard = Parts::custom(&custom_policy(&at_d8("/*"), ""));
    let cookie = wildcard.cookie();
    let (first, rest) = cookie.split_once("; ").unwrap();
    vec![
        // HTTP/2 sends every cookie in a header of its own.
        Row::allow("X130", &url).cookie(first).cookie(rest),
        Row::allow("X130b", &url).cookie(format!("session=1; {cookie};theme=dark; =x; ; lonely")),
        Row::allow("X130c", &url).cookie(cookie.replace("; ", ";")),
        Row::allow("X130d", &url).cookie(cookie.replace("; ", " ; \t").replacen('=', " = ", 1)),
        // A cookie opens what its policy says, with any query under a star.
        Row::allow("X131", at_d8("/x/y.ts?q=1")).cookie(&cookie),
        Row::deny("X131b", "https://www.example.com/a.mp4", AccessDenied, ResourceMismatch)
            .cookie(&cookie),
        Row::deny("X131c", &url, AccessDenied, IpMismatch)
            .cookie(Parts::custom(&ip_policy("192.0.2.0/24")).cookie())
            .viewer("198.51.100.1"),
        // A percent-encoded reserved name in the query takes the request away from its cookies too.
        Row::deny("X132", format!("{url}?%45xpires=1"), MissingKey, NoKeyPairId).cookie(&cookie),
        Row::deny("X132b", format!("{url}?a=1&Policy"), MissingKey, NoKeyPairId).cookie(&cookie),
        // Parameters of the application do not.
        Row::allow("X133", format!("{url}?expires=1&CloudFront-Policy=x")).cookie(&cookie),
        // Cookie names carry the prefix, in full and once.
        Row::deny("X134", &url, MissingKey, NoKeyPairId)
            .cookie(wildcard.query().replace('&', "; ")),
        Row::deny("X134b", &url, MissingKey, NoKeyPairId)
            .cookie(cookie.replace("CloudFront-Key", "__Secure-CloudFront-Key")),
        Row::deny("X134c", &url, MissingKey, NoKeyPairId)
            .cookie(cookie.replace("CloudFront-Key-Pair", "CloudFront-Key%2DPair")),
        // What a query must not be, a cookie must not be either.
        Row::deny("X135", &url, MalformedSignature, SignatureNotDecodable)
            .cookie(wildcard.clone().with("Signature", "\"AAAA\"").cookie()),
        Row::deny("X135b", &url, MalformedPolicy, NoExpiresOrPolicy)
            .cookie(wildcard.clone().without("Policy").cookie()),
        Row::deny("X135c", &url, AccessDenied, NoSignature)
            .cookie(wildcard.clone().without("Signature").cookie()),
        Row::deny("X135d", &url, InvalidKey, UnknownKey)
            .cookie(wildcard.clone().with("Key-Pair-Id", Key::K3.id()).cookie()),
        Row::allow("X135e", &url).cookie(
            wildcard
                .clone()
                .with("Signature", wildcard.value("Signature").replace('~', "%7E"))
                .cookie(),
        ),
        Row::deny("X136", &url, MissingKey, NoKeyPairId).cookie(""),
        // Strictly, cookies that may be read in two ways open nothing.
        Row::deny("X137", &url, AccessDenied, ExpiresAndPolicy)
            .cookie(wildcard.clone().with("Expires", EXP.to_string()).cookie())
            .strict(),
        Row::deny("X137b", &url, AccessDenied, DuplicateCookie)
            .cookie(format!("{cookie}; {cookie}"))
            .strict(),
        Row::allow("X137c", &url).cookie(&cookie).strict(),
    ]
}

#[test]
fn cookies() {
    check(&rows());
    check(&own_rows());
}
