//! The verifier, given any URL and any cookies.
//!
//! Nobody signed what the fuzzer sends, so nothing may open, and both ways of asking must agree.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tollgate_core::cloudfront::{
    EdgeRequest, KeyPairId, PublicKey, Verdict, Verifier, encoding, strip,
};

/// The trusted key is the elliptic one, because it is the one that takes signatures apart.
const ID: &str = "K1";
const PUBLIC_KEY: &str = include_str!("../../../signer-component/core/testdata/p256.public.pem");

static VERIFIERS: LazyLock<[Verifier; 2]> = LazyLock::new(|| {
    [false, true].map(|strict| {
        let key = PublicKey::from_pem(PUBLIC_KEY).expect("a test key");
        let id = KeyPairId::new(ID).expect("a test id");
        Verifier::new(vec![(id, key)], strict).expect("one key has no double")
    })
});

fuzz_target!(|input: (&str, &str, &str, &[u8], u64)| {
    let (url, cookie, client_ip, policy, now) = input;
    // Once as it is, and once in clothes that pass the first checks.
    let dressed = format!(
        "https://d/{}?Policy={}&Signature=MAYCAQECAQE_&Key-Pair-Id={ID}",
        url.len(),
        encoding::encode(policy),
    );
    let cookies = [cookie.to_owned()];
    for url in [url, dressed.as_str()] {
        let request = EdgeRequest { url, cookies: &cookies, client_ip: Some(client_ip), now };
        for verifier in VERIFIERS.iter() {
            let report = verifier.explain(&request);
            assert_eq!(verifier.verify(&request), report.verdict);
            assert_ne!(report.verdict, Verdict::Allow);
        }
    }
    let stripped = strip(url);
    assert_eq!(strip(&stripped), stripped);
});
