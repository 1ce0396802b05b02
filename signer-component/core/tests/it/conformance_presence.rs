//! Research section 5.1: presence, key, decoding.

use base64::{Engine, prelude::BASE64_STANDARD};
use tollgate_core::cloudfront::{Code::*, Reason::*};

use crate::support::*;

pub fn rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let good = Parts::canned(&url);
    let raw = Key::K1.sign(Hash::Sha1, canned_policy(&url, EXP).as_bytes());
    let plain = BASE64_STANDARD.encode(&raw);
    assert!(
        plain.contains('+') && plain.contains('/') && plain.ends_with('='),
        "row 10 needs all three"
    );
    let cut = &good.value("Signature")[..good.value("Signature").len() - 4];
    let pem = "-----BEGIN PUBLIC KEY-----MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A-----END PUBLIC KEY-----";

    vec![
        Row::deny("1", &url, MissingKey, NoKeyPairId),
        Row::deny("4", good.clone().without("Key-Pair-Id").on(&url), MissingKey, NoKeyPairId),
        Row::deny("5", good.clone().with("Key-Pair-Id", "").on(&url), MissingKey, NoKeyPairId),
        Row::deny(
            "6",
            good.clone().with("Key-Pair-Id", pem.replace(' ', "%20")).on(&url),
            MissingKey,
            KeyPairIdNotAnId,
        ),
        Row::deny(
            "6b",
            good.clone().with("Key-Pair-Id", pem.replace(' ', "+")).on(&url),
            MissingKey,
            KeyPairIdNotAnId,
        ),
        Row::deny(
            "8",
            Parts::canned_by(Key::K3, Hash::Sha1, &url).on(&url),
            InvalidKey,
            UnknownKey,
        ),
        Row::deny(
            "9",
            good.clone()
                .with("Signature", good.value("Signature").replacen(|_| true, "!", 1))
                .on(&url),
            MalformedSignature,
            SignatureNotDecodable,
        ),
        Row::deny(
            "10",
            good.clone().with("Signature", plain).on(&url),
            MalformedSignature,
            SignatureNotDecodable,
        ),
        Row::deny(
            "12",
            good.clone().with("Signature", cut).on(&url),
            AccessDenied,
            SignatureMismatch,
        ),
        Row::deny("13", good.clone().without("Signature").on(&url), AccessDenied, NoSignature),
        Row::deny(
            "14",
            good.clone().without("Expires").on(&url),
            MalformedPolicy,
            NoExpiresOrPolicy,
        ),
        Row::deny(
            "16",
            Parts::canned_until(&url, 1_767_290_400_000_u64).on(&url),
            MalformedPolicy,
            ExpiresOutOfRange,
        ),
        Row::deny(
            "17",
            Parts::custom(&custom_policy(&url, "")).with("Policy", "e!").on(&url),
            MalformedPolicy,
            PolicyNotDecodable,
        ),
        Row::deny("17b", Parts::custom("Statement: yes").on(&url), MalformedPolicy, PolicyNotJson),
        Row::deny(
            "18",
            Parts::canned_by(Key::K3, Hash::Sha1, &url).with("Key-Pair-Id", Key::K1.id()).on(&url),
            AccessDenied,
            SignatureMismatch,
        ),
        Row::deny(
            "20",
            Parts::canned_by(Key::K2, Hash::Sha1, &url).with("Key-Pair-Id", Key::K1.id()).on(&url),
            AccessDenied,
            SignatureMismatch,
        ),
    ]
}

/// Rows the research does not list.
pub fn own_rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let good = Parts::canned(&url);
    let custom = Parts::custom(&custom_policy(&url, ""));
    vec![
        // Ids are compared exactly.
        Row::deny(
            "X1",
            good.clone().with("Key-Pair-Id", Key::K1.id().to_lowercase()).on(&url),
            InvalidKey,
            UnknownKey,
        ),
        Row::deny(
            "X2",
            good.clone().with("Key-Pair-Id", "K".repeat(129)).on(&url),
            MissingKey,
            KeyPairIdNotAnId,
        ),
        // One parameter twice: which one counts is anybody's guess, so neither does.
        Row::deny(
            "X3",
            format!("{}&Signature={}", good.on(&url), good.value("Signature")),
            AccessDenied,
            DuplicateParameter,
        ),
        Row::deny(
            "X3b",
            format!("{}&%45xpires=9", good.on(&url)),
            AccessDenied,
            DuplicateParameter,
        ),
        Row::deny(
            "X3c",
            format!("{}&Key-Pair-Id={}", good.on(&url), Key::K2.id()),
            AccessDenied,
            DuplicateParameter,
        ),
        // An empty signature is a missing one; an empty policy is there and says nothing.
        Row::deny("X4", good.clone().with("Signature", "").on(&url), AccessDenied, NoSignature),
        Row::deny("X4b", good.clone().with("Policy", "").on(&url), MalformedPolicy, PolicyNotJson),
        Row::deny(
            "X4c",
            good.clone().with("Expires", "").on(&url),
            MalformedPolicy,
            ExpiresNotANumber,
        ),
        // Libraries that go through URLSearchParams write `%7E` for `~`.
        Row::allow(
            "X5",
            good.clone().with("Signature", good.value("Signature").replace('~', "%7E")).on(&url),
        ),
        Row::allow(
            "X5b",
            custom.clone().with("Policy", custom.value("Policy").replace('_', "%5f")).on(&url),
        ),
        Row::deny(
            "X5c",
            good.clone().with("Signature", good.value("Signature").replace('-', "%2B")).on(&url),
            MalformedSignature,
            SignatureNotDecodable,
        ),
        Row::deny(
            "X5d",
            good.clone().with("Signature", "%").on(&url),
            MalformedSignature,
            SignatureNotDecodable,
        ),
        // A percent-encoded reserved name is that name.
        Row::allow("X6", good.on(&url).replace("Signature=", "%53ignature=")),
        // Names are case-sensitive: these are the application's own parameters.
        Row::deny(
            "X7",
            format!("{url}?expires=1&signature=x&key-pair-id=x"),
            MissingKey,
            NoKeyPairId,
        ),
        Row::deny(
            "X7b",
            good.on(&url).replace("Key-Pair-Id=", "key-pair-id="),
            MissingKey,
            NoKeyPairId,
        ),
        // A reserved name without a value is there.
        Row::deny("X8", format!("{url}?Policy"), MissingKey, NoKeyPairId),
        Row::deny("X8b", format!("{url}?Key-Pair-Id"), MissingKey, NoKeyPairId),
        // base64 with stray bits behind its end is not the signature that was made.
        Row::deny(
            "X9",
            good.clone().with("Signature", stray_bits(good.value("Signature"))).on(&url),
            MalformedSignature,
            SignatureNotDecodable,
        ),
        Row::deny(
            "X9b",
            good.clone().with("Signature", good.value("Signature").trim_end_matches('_')).on(&url),
            MalformedSignature,
            SignatureNotDecodable,
        ),
        // Signature before policy: a bad signature text is told first, a bad policy before a wrong signature.
        Row::deny(
            "X10",
            good.clone().with("Signature", "!").with("Expires", "x").on(&url),
            MalformedSignature,
            SignatureNotDecodable,
        ),
        Row::deny(
            "X10b",
            good.clone().with("Signature", "AAAA").with("Expires", "x").on(&url),
            MalformedPolicy,
            ExpiresNotANumber,
        ),
        // What is wrong with an unsigned policy beyond its shape is not told.
        Row::deny(
            "X11",
            good.clone().with("Expires", "1").on(&url),
            AccessDenied,
            SignatureMismatch,
        ),
        // Requests that cannot be.
        Row::deny("X12", good.on("/a.mp4"), AccessDenied, MalformedUrl),
        Row::deny("X12b", good.on("ftp://example.com/a.mp4"), AccessDenied, MalformedUrl),
        Row::deny("X12c", format!("{}#t=10", good.on(&url)), AccessDenied, MalformedUrl),
        Row::deny("X12d", good.on("https:///a.mp4"), AccessDenied, MalformedUrl),
        Row::deny("X12e", good.on(&format!("https://user@{D8}/a.mp4")), AccessDenied, MalformedUrl),
        Row::deny("X12f", good.on(&at_d8("/a b.mp4")), AccessDenied, MalformedUrl),
    ]
}

/// The same bytes for a lenient decoder, written with a bit behind the end of the data.
fn stray_bits(signature: &str) -> String {
    let body = signature.strip_suffix("__").expect("256 bytes end in two pads");
    let (head, last) = body.split_at(body.len() - 1);
    let next = match last.as_bytes()[0] {
        b'A' => 'B',
        b'Q' => 'R',
        b'g' => 'h',
        b'w' => 'x',
        other => panic!("256 bytes cannot end in {}", char::from(other)),
    };
    format!("{head}{next}__")
}

#[test]
fn presence_key_and_decoding() {
    check(&rows());
    check(&own_rows());
}
