//! What other people's signers and verifiers say about ours. Installed by `scripts/setup-oracles`.

mod cases;
mod s3;
mod sdk;
mod stream;

use std::collections::BTreeMap;

use cases::Case;
use serde_json::Value;
use tollgate_core::cloudfront::{
    CookieAttributes, EdgeRequest, Hash, KeyPairId, PublicKey, Signed, SigningKey, Unsigned,
    Verdict, Verifier,
};

/// How many random URLs and policies each comparison signs.
const CASES: usize = 150;

#[test]
fn botocore_signs_the_same_bytes() {
    let cases = cases::random(CASES, Hash::Sha1, "rsa", cases::ANY);
    for (case, theirs) in cases.iter().zip(sdk::python("botocore", &cases)) {
        let theirs = theirs.as_str().unwrap();
        if case.not_before.is_some() && case.ip.is_some() {
            // botocore writes IpAddress before DateGreaterThan: the same policy in other bytes.
            assert_eq!(policy(theirs), policy(&ours(case)), "{}", case.url);
        } else {
            assert_eq!(theirs, ours(case));
        }
        assert_accepted(case, theirs);
    }
}

#[test]
fn the_aws_command_line_signs_the_same_bytes() {
    let cases: Vec<Case> = cases::random(40, Hash::Sha1, "rsa-pkcs1", cases::ANY)
        .into_iter()
        // This release orders conditions as botocore does, and has no flag for a pattern.
        .filter(|case| case.not_before.is_none() || case.ip.is_none())
        .map(Case::without_resource)
        .collect();
    assert!(cases.len() > 20);
    for (case, theirs) in cases.iter().zip(sdk::python("aws-cli", &cases)) {
        assert_eq!(theirs.as_str().unwrap(), ours(case));
        assert_accepted(case, theirs.as_str().unwrap());
    }
}

#[test]
fn the_javascript_sdk_signs_the_same_parameters() {
    for hash in [Hash::Sha1, Hash::Sha256] {
        let cases = cases::random(CASES, hash, "rsa", cases::PLAIN);
        for (case, theirs) in cases.iter().zip(sdk::javascript("url", &cases)) {
            let theirs = theirs.as_str().unwrap();
            // It writes Key-Pair-Id before Signature; CloudFront takes the parameters in any order.
            assert_eq!(parameters(theirs), parameters(&ours(case)), "{}", case.url);
            assert_accepted(case, theirs);
        }
    }
}

#[test]
fn the_javascript_sdk_makes_the_same_cookies() {
    for hash in [Hash::Sha1, Hash::Sha256] {
        let cases = cases::random(CASES, hash, "rsa", cases::PLAIN);
        for (case, theirs) in cases.iter().zip(sdk::javascript("cookies", &cases)) {
            let theirs: BTreeMap<String, String> = theirs
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| {
                    (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                })
                .collect();
            let ours: BTreeMap<String, String> = signed(case)
                .cookies(&CookieAttributes::default())
                .unwrap()
                .into_iter()
                .map(|cookie| (cookie.name.to_owned(), cookie.value))
                .collect();
            assert_eq!(theirs, ours, "{}", case.url);
            let cookies: Vec<String> =
                theirs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_lets_pass(case, &case.url, &[cookies.join("; ")]);
        }
    }
}

#[test]
fn the_javascript_sdk_and_botocore_make_ecdsa_signatures_we_accept() {
    for (case, theirs) in
        with_answers(cases::random(30, Hash::Sha256, "ecdsa", cases::PLAIN), |cases| {
            sdk::javascript("url", cases)
        })
    {
        assert_accepted(&case, theirs.as_str().unwrap());
    }
    for (case, theirs) in
        with_answers(cases::random(30, Hash::Sha1, "ecdsa", cases::PLAIN), |cases| {
            sdk::python("botocore", cases)
        })
    {
        assert_accepted(&case, theirs.as_str().unwrap());
    }
}

#[test]
fn cryptography_accepts_our_signatures() {
    for (hash, name) in [(Hash::Sha1, "SHA1"), (Hash::Sha256, "SHA256")] {
        for key in ["rsa", "ecdsa"] {
            let questions: Vec<Value> = cases::random(50, hash, key, cases::ANY)
                .iter()
                .map(|case| {
                    sdk::verification(case, unsigned(case).message(), &signature(case), name)
                })
                .collect();
            let answers = sdk::python_raw("verify", &questions);
            assert!(answers.iter().all(|answer| answer == &Value::Bool(true)), "{key} with {name}");
        }
    }
}

fn with_answers(cases: Vec<Case>, ask: impl Fn(&[Case]) -> Vec<Value>) -> Vec<(Case, Value)> {
    let answers = ask(&cases);
    cases.into_iter().zip(answers).collect()
}

fn unsigned(case: &Case) -> Unsigned {
    Unsigned::new(&case.url, &case.terms()).unwrap()
}

fn signed(case: &Case) -> Signed {
    let key = SigningKey::from_pem(&case.private_key()).unwrap();
    unsigned(case).sign(&KeyPairId::new(cases::KEY_PAIR_ID).unwrap(), &key).unwrap()
}

fn ours(case: &Case) -> String {
    signed(case).apply_to(&case.url).unwrap().into_string()
}

fn signature(case: &Case) -> Vec<u8> {
    let key = SigningKey::from_pem(&case.private_key()).unwrap();
    key.sign(unsigned(case).message(), case.hash).unwrap()
}

/// Our verifier must let their URL pass while it holds, and not a second longer.
fn assert_accepted(case: &Case, url: &str) {
    assert_lets_pass(case, url, &[]);
}

fn assert_lets_pass(case: &Case, url: &str, cookies: &[String]) {
    let keys = vec![(
        KeyPairId::new(cases::KEY_PAIR_ID).unwrap(),
        PublicKey::from_pem(&case.public_key()).unwrap(),
    )];
    let verifier = Verifier::new(keys, false).unwrap();
    let ask = |now| {
        verifier.verify(&EdgeRequest { url, cookies, client_ip: Some(case.client_ip()), now })
    };
    assert_eq!(ask(case.expires - 1), Verdict::Allow, "{url}");
    assert!(matches!(ask(case.expires), Verdict::Deny(_)));
}

fn parameters(url: &str) -> BTreeMap<String, String> {
    let (base, query) = url.split_once('?').unwrap();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut parameters: BTreeMap<String, String> =
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    parameters.insert(String::new(), base.to_owned());
    parameters
}

fn policy(url: &str) -> Value {
    let encoded = parameters(url).remove("Policy").unwrap();
    serde_json::from_slice(&tollgate_core::cloudfront::encoding::decode(&encoded).unwrap()).unwrap()
}
