//! Signed cookies, and what a signing parameter in the URL does to them.

use super::request::{EXPIRES, HOST, RSA, canned, cookies, custom, judge, plain, signature};

const UNTIL: &str = r#""DateLessThan":{"AWS:EpochTime":1767290400}"#;

fn flags<S: AsRef<str>>(cookies: &[S]) -> Vec<&str> {
    cookies.iter().flat_map(|cookie| ["--cookie", cookie.as_ref()]).collect()
}

fn canned_cookies(url: &str) -> [String; 3] {
    [
        format!("CloudFront-Expires={EXPIRES}"),
        format!("CloudFront-Signature={}", signature("sha1", RSA, &canned(url, EXPIRES))),
        "CloudFront-Key-Pair-Id=KRSA".to_owned(),
    ]
}

#[test]
fn canned_cookies_open_one_url() {
    let url = format!("{HOST}/a.mp4");
    let good = canned_cookies(&url);
    judge("the url", &url, &flags(&good), "allow");
    judge("another", &format!("{HOST}/b.mp4"), &flags(&good), "AccessDenied");
    judge("a query", &format!("{url}?foo=1"), &flags(&good), "AccessDenied");
    let late = EXPIRES.to_string();
    judge("late", &url, &[&flags(&good)[..], &["--at", &late]].concat(), "AccessDenied");
    judge("no key", &url, &flags(&good[..2]), "MissingKey");
    let wild = canned_cookies(&format!("{HOST}/*"));
    judge("a wildcard", &url, &flags(&wild), "AccessDenied");
    let lower: Vec<String> = good.iter().map(|cookie| cookie.to_lowercase()).collect();
    judge("names in lower case", &url, &flags(&lower), "MissingKey");
}

#[test]
fn the_hash_is_declared_by_its_cookie() {
    let url = format!("{HOST}/a.mp4");
    let mut cookies = canned_cookies(&url).to_vec();
    cookies[1] =
        format!("CloudFront-Signature={}", signature("sha256", RSA, &canned(&url, EXPIRES)));
    judge("missing", &url, &flags(&cookies), "AccessDenied");
    cookies.push("CloudFront-Hash-Algorithm=SHA256".to_owned());
    judge("declared", &url, &flags(&cookies), "allow");
    cookies.pop();
    let url = format!("{url}?Hash-Algorithm=SHA256");
    judge("declared in the query", &url, &flags(&cookies), "MissingKey");
}

#[test]
fn a_policy_opens_what_it_matches() {
    let good = cookies(&custom(&format!("{HOST}/v/*"), UNTIL));
    let both = [&["CloudFront-Expires=1".to_owned()][..], &good].concat();
    for (url, expected) in
        [("/v/a.ts", "allow"), ("/v/1/b.ts?x=1", "allow"), ("/w", "AccessDenied")]
    {
        judge(url, &format!("{HOST}{url}"), &flags(&good), expected);
        judge(url, &format!("{HOST}{url}"), &flags(&both), expected);
    }
    let other = cookies(&custom(&format!("{HOST}/w/*"), UNTIL));
    let twice = [&good[..], &other].concat();
    judge("the first of two counts", &format!("{HOST}/v/a.ts"), &flags(&twice), "allow");
}

#[test]
fn a_signing_parameter_in_the_url_hides_the_cookies() {
    let url = format!("{HOST}/v/a.ts");
    let good = cookies(&custom(&format!("{HOST}/v/*"), UNTIL));
    for parameter in ["Expires=1", "Policy=x", "Signature=x", "Hash-Algorithm=SHA256"] {
        judge(parameter, &format!("{url}?{parameter}"), &flags(&good), "MissingKey");
    }
    let answer = super::request::verdict(&format!("{url}?Key-Pair-Id=KRSA"), &flags(&good));
    assert_eq!(answer["allow"], false);
    judge("lower case is one's own", &format!("{url}?expires=1"), &flags(&good), "allow");
    let bad = ["CloudFront-Policy=x", "CloudFront-Signature=x", "CloudFront-Key-Pair-Id=KRSA"];
    judge("bad cookies, good URL", &plain(&url), &flags(&bad), "allow");
}
