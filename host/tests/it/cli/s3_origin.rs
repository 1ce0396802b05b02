//! `edge` before a bucket whose emulator checks signatures and rights: the credentials of the environment, right and
//! wrong ones.

use serde_json::Value;
use tollgate_emulators::{boto, guarded_services};

use super::{
    process::{Server, command},
    site::{Site, curl},
};

/// A bucket, an object with an odd name, and a user who may read objects; the user's key.
const STAGE: &str = r#"
import boto3, json
s3, iam = boto3.client("s3"), boto3.client("iam")
s3.create_bucket(Bucket="guarded")
s3.put_object(Bucket="guarded", Key="media/it's a+b (1) é.ts", Body=b"guarded bytes")
allowed = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::guarded/*"}
iam.create_user(UserName="edge")
iam.put_user_policy(
    UserName="edge", PolicyName="read", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
)
iam.create_user(UserName="nobody")
keys = [iam.create_access_key(UserName=user)["AccessKey"] for user in ("edge", "nobody")]
print(json.dumps([[key["AccessKeyId"], key["SecretAccessKey"]] for key in keys]))
"#;

const OBJECT: &str = "it's%20a+b%20(1)%20%C3%A9.ts";

fn edge(site: &Site, id: &str, secret: &str) -> Server {
    let mut edge = command(site.path());
    edge.args(["edge", "--config", "edge.toml"]);
    Server::start(edge.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret))
}

#[test]
fn s3_takes_the_signatures_of_the_right_key_and_of_no_other() {
    let keys: Value = serde_json::from_str(&boto(guarded_services(), STAGE)).unwrap();
    let key = |user: usize, part: usize| keys[user][part].as_str().unwrap();
    let site = Site::new();
    let url = guarded_services();
    site.write(
        "edge.toml",
        &format!(
            r#"
            [edge]
            listen = "127.0.0.1:0"
            [[edge.origins]]
            name = "media"
            type = "s3"
            bucket = "guarded"
            prefix = "media"
            region = "us-east-1"
            endpoint-url = "{url}"
            [[edge.behaviors]]
            path-pattern = "*"
            origin = "media"
            "#
        ),
    );
    // One digit of the secret is another one.
    let secret = key(0, 1);
    let wrong = format!("{}{}", if secret.starts_with('a') { "b" } else { "a" }, &secret[1..]);
    for (id, secret, status, said) in [
        (key(0, 0), secret, 200, ""),
        (key(0, 0), &wrong, 502, "S3 answered 403 SignatureDoesNotMatch"),
        ("AKIANOBODYKNOWSTHIS0", secret, 502, "S3 answered 403 InvalidAccessKeyId"),
        (key(1, 0), key(1, 1), 403, "s3:GetObject on the objects is not allowed"),
    ] {
        let mut edge = edge(&site, id, secret);
        let address = edge.address("edge.listen");
        let (body, found) = curl(&[&format!("http://{address}/{OBJECT}")]);
        assert_eq!(found, status, "{body}");
        assert_eq!(body == "guarded bytes", status == 200, "{body}");
        let part = format!("http://{address}/{OBJECT}");
        let (body, found) = curl(&["--range", "0-6", &part]);
        assert_eq!(found == 200 || found == 206, status == 200, "{body}");
        let outcome = edge.stop("-TERM");
        assert!(outcome.err.contains(said), "{outcome}");
        for hidden in [id, secret, "Signature="] {
            assert!(!outcome.err.contains(hidden) && !body.contains(hidden), "{hidden}: {outcome}");
        }
    }
}
