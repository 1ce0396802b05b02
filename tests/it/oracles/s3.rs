//! What botocore would send to S3 for the same object at the same time: the same URL, the same signature.

use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

use http::Method;
use proptest::{
    option,
    prelude::{Strategy, any},
    strategy::ValueTree as _,
    test_runner::TestRunner,
};
use serde_json::json;
use tollgate_backends::s3::{AccessKey, Signer};

use super::{CASES, sdk};

/// A request for an object, and the key to sign it with.
#[derive(Debug)]
struct Case {
    method: Method,
    bucket: String,
    key: String,
    id: String,
    secret: String,
    token: Option<String>,
    at: u64,
}

/// Whether a GET, bucket, parts of the key, id and secret, token, time.
type Parts = (bool, String, Vec<String>, (String, String), Option<String>, u64);

const REGION: &str = "eu-central-1";

/// Random requests, the same in every run.
fn cases() -> Vec<Case> {
    // Printable ASCII but the slash, and letters of two to four bytes.
    let name = proptest::string::string_regex("([ -.0-~]|[é日🎬\u{308}]){1,12}")
        .unwrap()
        .prop_filter("a dot segment", |name| name != "." && name != "..");
    let names = proptest::collection::vec(name, 1..5);
    let token = option::of("[A-Za-z0-9+/=]{20,400}");
    let key = ("[A-Z0-9]{16,20}", "[A-Za-z0-9+/]{40}");
    let strategy =
        (any::<bool>(), "[a-z0-9]{3,20}(-[a-z0-9]{1,5})?", names, key, token, 0..4_102_444_800_u64);
    let mut runner = TestRunner::deterministic();
    let case = |(get, bucket, names, (id, secret), token, at): Parts| Case {
        method: if get { Method::GET } else { Method::HEAD },
        bucket,
        key: names.join("/"),
        id,
        secret,
        token,
        at,
    };
    (0..CASES).map(|_| case(strategy.new_tree(&mut runner).unwrap().current())).collect()
}

/// The key as a viewer may write it: as little escaped as HTTP allows, or every byte.
fn wire(key: &str, everything: bool) -> String {
    let escaped = |byte: u8| match byte {
        b'/' => "/".to_owned(),
        byte if !everything
            && (byte.is_ascii_alphanumeric() || b"!'()*+,;:=@&$~._-".contains(&byte)) =>
        {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02x}"),
    };
    format!("/{}", key.bytes().map(escaped).collect::<String>())
}

#[tokio::test]
async fn botocore_sends_the_same_request_for_an_object() {
    let cases = cases();
    let questions = cases.iter().map(|case| {
        json!({
            "method": case.method.as_str(), "bucket": case.bucket, "key": case.key, "region": REGION,
            "id": case.id, "secret": case.secret, "token": case.token, "at": case.at,
        })
    });
    let theirs = sdk::python_raw("s3", &questions.collect::<Vec<_>>());
    for (case, theirs) in cases.iter().zip(theirs) {
        let key = AccessKey {
            id: case.id.clone(),
            secret: case.secret.clone(),
            session_token: case.token.clone(),
        };
        let address = format!("https://{}.s3.{REGION}.amazonaws.com", case.bucket);
        let signer = Signer::with_key(&address, "", REGION, key);
        let at = UNIX_EPOCH + Duration::from_secs(case.at);
        for everything in [false, true] {
            let path = wire(&case.key, everything);
            let ours = signer.sign_at(&case.method, &path, at).await.unwrap();
            let headers: BTreeMap<_, _> = ours
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
                .collect();
            let ours = json!({ "url": ours.uri.to_string(), "headers": headers });
            assert_eq!(ours, theirs, "{path}");
        }
    }
}
