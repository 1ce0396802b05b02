//! A verifier remembers which signatures are genuine. It must answer as one that remembers nothing.

use proptest::{prelude::*, sample::select};
use tollgate_core::cloudfront::{EdgeRequest, Reason, Verdict, Verifier};

use crate::support::*;

/// The reason of a denial; `None` if it is none.
fn reason(verdict: &Verdict) -> Option<Reason> {
    match verdict {
        Verdict::Allow => None,
        Verdict::Deny(denied) => Some(denied.reason),
    }
}

fn judged(verifier: &Verifier, row: &Row) -> Option<Reason> {
    reason(&verifier.verify(&row.request()))
}

fn conformance_rows() -> Vec<Row> {
    [
        crate::conformance_presence::rows(),
        crate::conformance_presence::own_rows(),
        crate::conformance_canned::rows(),
        crate::conformance_canned::own_rows(),
        crate::conformance_time::rows(),
        crate::conformance_time::own_rows(),
        crate::conformance_custom::rows(),
        crate::conformance_custom::own_rows(),
        crate::conformance_custom::own_address_rows(),
        crate::conformance_wildcards::rows(),
        crate::conformance_wildcards::own_rows(),
        crate::conformance_cookies::rows(),
        crate::conformance_cookies::own_rows(),
    ]
    .concat()
}

#[test]
fn every_row_has_the_same_answer_however_often_and_after_whom() {
    let rows = conformance_rows();
    let (usual, strict) = (fresh_verifier(false), fresh_verifier(true));
    // Twice forwards and once backwards, so that each row comes before and after every other.
    for row in rows.iter().chain(&rows).chain(rows.iter().rev()) {
        let used = if row.strict { &strict } else { &usual };
        let fresh = judged(&fresh_verifier(row.strict), row);
        assert_eq!(judged(used, row), fresh, "row {}", row.number);
    }
}

#[test]
fn a_signature_that_was_genuine_opens_nothing_else() {
    let from_network = r#","IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}"#;
    let later = r#","DateGreaterThan":{"AWS:EpochTime":1767199000}"#;
    let policy = custom_policy(&at_d8("/v/*"), &format!("{later}{from_network}"));
    let wider = custom_policy(&at_d8("/*"), &format!("{later}{from_network}"));
    let url = at_d8("/v/a.ts");
    let custom = Parts::custom(&policy);
    let canned = Parts::canned(&url);
    let by_k2 = Parts::canned_by(Key::K2, Hash::Sha256, &url);
    let opened = [
        Row::allow("custom", custom.on(&url)),
        Row::allow("canned", canned.on(&url)),
        Row::allow("P-256", by_k2.on(&url)),
        Row::allow("cookies", &url).cookie(custom.cookie()),
    ];
    for (row, expected) in [
        (
            Row::allow(
                "another policy",
                custom.clone().with("Policy", base64(wider.as_bytes())).on(&url),
            ),
            Reason::SignatureMismatch,
        ),
        (
            Row::allow(
                "another signature",
                custom.clone().with("Signature", canned.value("Signature")).on(&url),
            ),
            Reason::SignatureMismatch,
        ),
        (
            Row::allow("another id", custom.clone().with("Key-Pair-Id", Key::K2.id()).on(&url)),
            Reason::SignatureMismatch,
        ),
        (
            Row::allow("an unknown id", custom.clone().with("Key-Pair-Id", Key::K3.id()).on(&url)),
            Reason::UnknownKey,
        ),
        (
            Row::allow("another hash", custom.clone().with("Hash-Algorithm", "SHA256").on(&url)),
            Reason::SignatureMismatch,
        ),
        (
            Row::allow("no hash", by_k2.clone().without("Hash-Algorithm").on(&url)),
            Reason::SignatureMismatch,
        ),
        (Row::allow("another URL", custom.on(&at_d8("/w/a.ts"))), Reason::ResourceMismatch),
        (
            Row::allow("another URL, canned", canned.on(&at_d8("/v/b.ts"))),
            Reason::SignatureMismatch,
        ),
        (
            Row::allow("another query, canned", canned.on(&at_d8("/v/a.ts?b"))),
            Reason::SignatureMismatch,
        ),
        (
            Row::allow(
                "another end, canned",
                canned.clone().with("Expires", (EXP + 1).to_string()).on(&url),
            ),
            Reason::SignatureMismatch,
        ),
        (Row::allow("expired", custom.on(&url)).at(EXP), Reason::Expired),
        (Row::allow("expired, canned", canned.on(&url)).at(EXP), Reason::Expired),
        (Row::allow("expired, P-256", by_k2.on(&url)).at(EXP), Reason::Expired),
        (Row::allow("too early", custom.on(&url)).at(1_767_199_000), Reason::NotYetValid),
        (Row::allow("from elsewhere", custom.on(&url)).viewer("192.0.3.7"), Reason::IpMismatch),
        (Row::allow("from nowhere", custom.on(&url)).without_address(), Reason::IpMismatch),
        (Row::allow("twice", format!("{}&Policy=x", custom.on(&url))), Reason::DuplicateParameter),
    ] {
        let verifier = fresh_verifier(false);
        // Refused before anything is remembered, after it, and no less for having been asked already.
        assert_eq!(judged(&verifier, &row), Some(expected), "{} at first", row.number);
        for open in opened.iter().chain(&opened) {
            assert_eq!(judged(&verifier, open), None, "{}", open.number);
        }
        for _ in 0..2 {
            assert_eq!(judged(&verifier, &row), Some(expected), "{} at last", row.number);
        }
        assert!(opened.iter().all(|open| judged(&verifier, open).is_none()));
    }
}

#[test]
fn who_is_trusted_is_not_remembered() {
    let url = at_d8("/a.mp4");
    let row = |key| Row::allow("", Parts::canned_by(key, Hash::Sha256, &url).on(&url));
    let both = trusting(&[Key::K1, Key::K3], false);
    assert_eq!((judged(&both, &row(Key::K1)), judged(&both, &row(Key::K3))), (None, None));
    // Without the key there is another verifier, and even one that is made of this one begins with nothing.
    let one = trusting(&[Key::K1], false);
    assert_eq!(judged(&one, &row(Key::K1)), None);
    assert_eq!(judged(&one, &row(Key::K3)), Some(Reason::UnknownKey));
}

/// Something to choose a part of a request from: signatures and policies that exist, in every combination.
struct Pool {
    documents: Vec<(String, &'static str)>,
    signatures: Vec<String>,
}

fn pool() -> Pool {
    let url = at_d8("/v/a.ts");
    let bound = r#","IpAddress":{"AWS:SourceIp":"192.0.2.7/32"}"#;
    let documents = [
        (custom_policy(&at_d8("/v/*"), ""), "Policy"),
        (custom_policy(&at_d8("/v/*"), bound), "Policy"),
        (
            custom_policy(&at_d8("/*"), r#","DateGreaterThan":{"AWS:EpochTime":1767200000}"#),
            "Policy",
        ),
        (canned_policy(&url, EXP), "Expires"),
    ];
    let all = documents.iter().flat_map(|(document, _)| {
        [(Key::K1, Hash::Sha1), (Key::K2, Hash::Sha256)]
            .map(|(key, hash)| base64(&key.sign(hash, document.as_bytes())))
    });
    Pool {
        signatures: all.collect(),
        documents: documents
            .map(|(document, name)| match name {
                "Policy" => (base64(document.as_bytes()), name),
                _ => (EXP.to_string(), name),
            })
            .to_vec(),
    }
}

/// One request of a sequence: places in the pool, and what is judged besides.
#[derive(Clone, Debug)]
struct Asked {
    document: usize,
    signature: usize,
    /// Whether key and hash are those that belong to the signature.
    fitting: bool,
    key: Key,
    sha256: bool,
    path: &'static str,
    ip: &'static str,
    now: u64,
    cookies: bool,
}

fn asked() -> impl Strategy<Value = Asked> {
    let choice = (0..4_usize, 0..8_usize, prop::bool::weighted(0.8), prop::bool::weighted(0.8));
    let rest = (
        select(vec![Key::K1, Key::K2, Key::K3]),
        any::<bool>(),
        select(vec!["/v/a.ts", "/v/b.ts", "/w/a.ts", "/v/a.ts?x=1"]),
        select(vec![VIEWER, "192.0.2.8", "2001:db8::1"]),
        select(vec![NOW, NOW + 1, EXP - 1, EXP, EXP + 1]),
        any::<bool>(),
    );
    (choice, rest).prop_map(|((document, signature, own, fitting), rest)| {
        let (key, sha256, path, ip, now, cookies) = rest;
        // Mostly a signature of this document, so that many requests come to the conditions.
        let signature = if own { document * 2 + signature % 2 } else { signature };
        Asked { document, signature, fitting, key, sha256, path, ip, now, cookies }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_sequence_of_requests_is_judged_as_each_is_alone(sequence in prop::collection::vec(asked(), 1..40), strict in any::<bool>()) {
        let pool = pool();
        let used = fresh_verifier(strict);
        for asked in sequence {
            let (document, name) = &pool.documents[asked.document];
            let (key, sha256) = match (asked.fitting, asked.signature % 2) {
                (true, 0) => (Key::K1, false),
                (true, _) => (Key::K2, true),
                (false, _) => (asked.key, asked.sha256),
            };
            let mut parts = Parts(vec![
                (name, document.clone()),
                ("Signature", pool.signatures[asked.signature].clone()),
                ("Key-Pair-Id", key.id().to_owned()),
            ]);
            if sha256 {
                parts = parts.with("Hash-Algorithm", "SHA256");
            }
            let url = at_d8(asked.path);
            let (url, cookies) =
                if asked.cookies { (url, vec![parts.cookie()]) } else { (parts.on(&url), Vec::new()) };
            let request = EdgeRequest { url: &url, cookies: &cookies, client_ip: Some(asked.ip), now: asked.now };
            let verdict = used.verify(&request);
            prop_assert_eq!(&verdict, &fresh_verifier(strict).verify(&request), "{:?}", asked);
            prop_assert_eq!(reason(&verdict), reason(&used.explain(&request).verdict));
        }
    }
}
