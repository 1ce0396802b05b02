//! URLs with a canned policy: presence, keys, hashes, times, and every way to change what was signed.

use super::request::{EXPIRES, HOST, P256, RSA, STRANGER, canned, judge, plain, signature, with};
use crate::cli::openssl::{encode, key, sign, sign_with};

fn url() -> String {
    format!("{HOST}/v/a.mp4")
}

/// A signed URL of these parts; `more` goes last.
fn parts(expires: u64, signature: &str, id: &str, more: &str) -> String {
    with(&url(), &format!("Expires={expires}&Signature={signature}&Key-Pair-Id={id}{more}"))
}

#[test]
fn what_is_missing_or_unreadable_is_named_by_cloudfronts_code() {
    let policy = canned(&url(), EXPIRES);
    let good = signature("sha1", RSA, &policy);
    let raw = sign("sha1", RSA, &policy);
    let truncated = encode(&raw[..200]);
    let milliseconds = EXPIRES * 1000;
    let late = signature("sha1", RSA, &canned(&url(), milliseconds));
    let pem = "-----BEGIN%20PUBLIC%20KEY-----";
    let base64 = good.replace('-', "+").replace('_', "=").replace('~', "/");
    assert_ne!(base64, good);
    for (name, url, expected) in [
        ("unsigned", url(), "MissingKey"),
        ("no key", with(&url(), &format!("Expires={EXPIRES}&Signature={good}")), "MissingKey"),
        ("an empty key", parts(EXPIRES, &good, "", ""), "MissingKey"),
        ("a PEM as the key", parts(EXPIRES, &good, pem, ""), "MissingKey"),
        (
            "an unknown key",
            parts(EXPIRES, &signature("sha1", STRANGER, &policy), "KOTHER", ""),
            "InvalidKey",
        ),
        ("another alphabet", parts(EXPIRES, "a!b", "KRSA", ""), "MalformedSignature"),
        ("plain base64", parts(EXPIRES, &base64, "KRSA", ""), "MalformedSignature"),
        ("a truncated signature", parts(EXPIRES, &truncated, "KRSA", ""), "AccessDenied"),
        (
            "no signature",
            with(&url(), &format!("Expires={EXPIRES}&Key-Pair-Id=KRSA")),
            "AccessDenied",
        ),
        (
            "neither time nor policy",
            with(&url(), &format!("Signature={good}&Key-Pair-Id=KRSA")),
            "MalformedPolicy",
        ),
        ("milliseconds", parts(milliseconds, &late, "KRSA", ""), "MalformedPolicy"),
        (
            "words for a time",
            with(&url(), &format!("Expires=soon&Signature={good}&Key-Pair-Id=KRSA")),
            "MalformedPolicy",
        ),
        (
            "a stranger's signature",
            parts(EXPIRES, &signature("sha1", STRANGER, &policy), "KRSA", ""),
            "AccessDenied",
        ),
        ("the other key's id", parts(EXPIRES, &good, "KEC", ""), "AccessDenied"),
    ] {
        judge(name, &url, &[], expected);
    }
}

#[test]
fn the_hash_must_be_the_declared_one_and_the_signature_of_the_documented_form() {
    let policy = canned(&url(), EXPIRES);
    let sha1 = signature("sha1", RSA, &policy);
    let sha256 = signature("sha256", RSA, &policy);
    let p256 = signature("sha256", P256, &policy);
    let pss = sign_with(
        &["dgst", "-sha1", "-sign", &key(RSA), "-sigopt", "rsa_padding_mode:pss"],
        &policy,
    );
    let declared = "&Hash-Algorithm=SHA256";
    for (name, url, expected) in [
        ("SHA1, nothing declared", parts(EXPIRES, &sha1, "KRSA", ""), "allow"),
        ("SHA1, declared", parts(EXPIRES, &sha1, "KRSA", "&Hash-Algorithm=SHA1"), "allow"),
        ("SHA256, declared", parts(EXPIRES, &sha256, "KRSA", declared), "allow"),
        ("P-256, declared", parts(EXPIRES, &p256, "KEC", declared), "allow"),
        ("SHA256, nothing declared", parts(EXPIRES, &sha256, "KRSA", ""), "AccessDenied"),
        ("SHA1, SHA256 declared", parts(EXPIRES, &sha1, "KRSA", declared), "AccessDenied"),
        ("MD5 declared", parts(EXPIRES, &sha1, "KRSA", "&Hash-Algorithm=MD5"), "AccessDenied"),
        ("lower case", parts(EXPIRES, &sha256, "KRSA", "&Hash-Algorithm=sha256"), "AccessDenied"),
        (
            "P-256 as r and s",
            parts(
                EXPIRES,
                &encode(&plain_numbers(&sign("sha256", P256, &policy))),
                "KEC",
                declared,
            ),
            "AccessDenied",
        ),
        ("RSA-PSS", parts(EXPIRES, &encode(&pss), "KRSA", ""), "AccessDenied"),
    ] {
        judge(name, &url, &[], expected);
    }
}

/// The two numbers of a DER signature, 32 bytes each, as WebCrypto and JOSE write them.
fn plain_numbers(der: &[u8]) -> Vec<u8> {
    let mut numbers = Vec::new();
    let mut rest = &der[2..];
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let padded = [&[0; 32][..], number].concat();
        numbers.extend_from_slice(&padded[padded.len() - 32..]);
        rest = &rest[2 + length..];
    }
    numbers
}

#[test]
fn the_order_and_the_escapes_of_the_parameters_do_not_matter() {
    let own = format!("{HOST}/v/a.mp4?size=large");
    let policy = canned(&own, EXPIRES);
    // Signatures differ in which bytes need escapes; one with `~` is needed here.
    let signature = (0..50)
        .map(|_| signature("sha256", P256, &policy))
        .find(|text| text.contains('~'))
        .expect("one of fifty has a ~");
    let escaped = signature.replace('~', "%7E").replace('-', "%2D").replace('_', "%5f");
    let [expires, hash] = [format!("Expires={EXPIRES}"), "Hash-Algorithm=SHA256".to_owned()];
    let id = "Key-Pair-Id=KEC";
    let url = format!("{HOST}/v/a.mp4");
    for (name, query) in [
        ("as documented", format!("size=large&{expires}&Signature={signature}&{id}&{hash}")),
        ("escaped", format!("size=large&{expires}&Signature={escaped}&{id}&{hash}")),
        (
            "as the JavaScript SDK",
            format!("size=large&{expires}&{id}&{hash}&Signature={signature}"),
        ),
        ("one's own last", format!("{hash}&{id}&Signature={signature}&{expires}&size=large")),
        ("one's own between", format!("{expires}&{id}&size=large&Signature={signature}&{hash}")),
    ] {
        judge(name, &format!("{url}?{query}"), &[], "allow");
    }
    for (name, extra) in [
        ("the time twice", format!("&{expires}")),
        ("another time, too", "&Expires=4102444800".to_owned()),
        ("the key twice", format!("&{id}")),
        ("the signature twice", format!("&Signature={signature}")),
        ("the hash twice", format!("&{hash}")),
    ] {
        let query = format!("size=large&{expires}&Signature={signature}&{id}&{hash}{extra}");
        judge(name, &format!("{url}?{query}"), &[], "AccessDenied");
    }
}

#[test]
fn what_was_changed_after_signing_is_denied() {
    let (_, query) =
        plain(&url()).split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let resigned = |signed: &str, sent: &str| {
        let (_, query) = plain(signed)
            .rsplit_once("Expires=")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        with(sent, &format!("Expires={query}"))
    };
    let at = |path: &str| format!("{HOST}{path}");
    for (name, url) in [
        ("another path", format!("{HOST}/v/b.mp4?{query}")),
        ("another host", format!("https://www.example.com/v/a.mp4?{query}")),
        ("another scheme", format!("http://d111111abcdef8.cloudfront.net/v/a.mp4?{query}")),
        ("another port", format!("{HOST}:8443/v/a.mp4?{query}")),
        ("one more parameter", format!("{HOST}/v/a.mp4?{query}&foo=bar")),
        ("a query in front", format!("{HOST}/v/a.mp4?size=large&{query}")),
        ("another value", resigned(&at("/a?size=large"), &at("/a?size=small"))),
        ("another order", resigned(&at("/a?a=1&b=2"), &at("/a?b=2&a=1"))),
        ("a later time", plain(&url()).replace(&EXPIRES.to_string(), &(EXPIRES + 1).to_string())),
        ("an escape for a plus", resigned(&at("/a?q=1+2"), &at("/a?q=1%2B2"))),
        ("an escape for a colon", resigned(&at("/a?t=1:2"), &at("/a?t=1%3A2"))),
        ("an escape for a letter", resigned(&at("/\u{e9}"), &at("/%C3%A9"))),
        ("a wildcard", resigned(&at("/v/*"), &at("/v/a.mp4"))),
        ("a folded path", resigned(&at("/a/../b.jpg"), &at("/b.jpg"))),
    ] {
        judge(name, &url, &[], "AccessDenied");
    }
    let spaced = canned(&url(), EXPIRES).replace(':', ": ");
    let spaced = spaced.replace("https: ", "https:");
    let signature = signature("sha1", RSA, &spaced);
    judge("spaces in the policy", &parts(EXPIRES, &signature, "KRSA", ""), &[], "AccessDenied");
}

#[test]
fn what_is_sent_as_it_was_signed_is_allowed() {
    let at = |path: &str| format!("{HOST}{path}");
    for url in [
        at("/v/a.mp4"),
        at("/it%27s.jpg"),
        at("/a%20b.mp4"),
        at("/a?q=1+2"),
        at("/a/../b.jpg"),
        at("/a,b=c;d.mp4?x=%2f"),
        at("/"),
        "http://www.example.com/a".to_owned(),
        "https://www.example.com:8443/a".to_owned(),
    ] {
        judge(&url, &plain(&url), &[], "allow");
    }
    let (_, query) =
        plain(&at("/a")).split_once('?').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    for url in [
        format!("https://D111111ABCDEF8.CloudFront.net/a?{query}"),
        format!("{HOST}:443/a?{query}"),
    ] {
        judge("the same in other words", &url, &[], "allow");
    }
}

#[test]
fn the_signature_holds_until_the_second_before_its_end() {
    let url = plain(&url());
    for (at, expected) in [
        ("1970-01-01", "allow"),
        (&(EXPIRES - 1).to_string(), "allow"),
        ("2026-01-01T17:59:59Z", "allow"),
        ("2026-01-01T18:00:00Z", "AccessDenied"),
        (&EXPIRES.to_string(), "AccessDenied"),
        ("2100-01-01", "AccessDenied"),
    ] {
        judge(at, &url, &["--at", at], expected);
    }
    let far = 4_102_444_800;
    let policy = canned(&format!("{HOST}/v/a.mp4"), far);
    judge(
        "beyond 32 bits",
        &parts(far, &signature("sha1", RSA, &policy), "KRSA", ""),
        &[],
        "allow",
    );
}
