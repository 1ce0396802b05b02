//! What is signed, byte for byte, and what is refused.

use super::*;
use crate::cloudfront::{Algorithm, CookieAttributes, PublicKey, SameSite, encoding::decode};

const URL: &str = "https://d111111abcdef8.cloudfront.net/a.mp4";
const EXPIRES: u64 = 1_767_290_400;

macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("../../../testdata/", $name))
    };
}

fn at(seconds: u64) -> EpochSeconds {
    EpochSeconds::new("at", seconds).unwrap()
}

fn terms() -> Terms {
    Terms {
        expires_at: at(EXPIRES),
        not_before: None,
        ip_address: None,
        resource: None,
        allow_wildcard_domain: false,
        hash: Hash::Sha1,
        now: None,
    }
}

fn message(url: &str, terms: &Terms) -> String {
    String::from_utf8(Unsigned::new(url, terms).unwrap().message().to_vec()).unwrap()
}

fn signed(url: &str, terms: &Terms, pem: &str) -> Signed {
    let key = SigningKey::from_pem(pem).unwrap();
    Unsigned::new(url, terms).unwrap().sign(&KeyPairId::new("K1TESTKEY").unwrap(), &key).unwrap()
}

#[test]
fn policies_are_written_as_cloudfront_rebuilds_them() {
    let everything =
        Terms { not_before: Some(at(5)), ip_address: Some("192.0.2.7".to_owned()), ..terms() };
    let cases = [
        (
            URL,
            terms(),
            r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/a.mp4","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}"#,
        ),
        (
            "http://h/?b=2&a=1/",
            terms(),
            r#"{"Statement":[{"Resource":"http://h/?b=2&a=1/","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}"#,
        ),
        (
            "http://h/a?",
            terms(),
            r#"{"Statement":[{"Resource":"http://h/a","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}"#,
        ),
        (
            URL,
            everything,
            r#"{"Statement":[{"Resource":"https://d111111abcdef8.cloudfront.net/a.mp4","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400},"DateGreaterThan":{"AWS:EpochTime":5},"IpAddress":{"AWS:SourceIp":"192.0.2.7/32"}}}]}"#,
        ),
        (
            "https://h/v/1/a.ts",
            Terms { resource: Some("https://h/v/1/*".to_owned()), ..terms() },
            r#"{"Statement":[{"Resource":"https://h/v/1/*","Condition":{"DateLessThan":{"AWS:EpochTime":1767290400}}}]}"#,
        ),
    ];
    for (url, terms, expected) in cases {
        assert_eq!(message(url, &terms), expected);
    }
}

#[test]
fn one_signature_opens_everything_below_its_directory() {
    let directory =
        Terms { resource: Some("https://h/v/1/*".to_owned()), hash: Hash::Sha256, ..terms() };
    let signed = signed("https://h/v/1/a.ts", &directory, pem!("p256.pkcs8.pem"));
    let first = signed.apply_to("https://h/v/1/a.ts").unwrap().into_string();
    let second = signed.apply_to("https://h/v/1/x/b.ts?t=1").unwrap().into_string();
    assert!(
        first.starts_with("https://h/v/1/a.ts?Policy=")
            && first.ends_with("&Hash-Algorithm=SHA256")
    );
    assert!(second.starts_with("https://h/v/1/x/b.ts?t=1&Policy="));
    assert_eq!(first.split_once("Policy=").unwrap().1, second.split_once("Policy=").unwrap().1);
    for other in ["https://h/v/2/a.ts", "https://h/v/1", "http://h/v/1/a.ts", "https://x/v/1/a.ts"]
    {
        assert_eq!(signed.apply_to(other).unwrap_err().field, "url", "{other}");
    }
    assert!(super::Signed::apply_to(&signed, "https://h/v/1/a.ts?Policy=x").is_err());
}

#[test]
fn every_pem_of_a_key_signs_alike() {
    let rsa = signed(URL, &terms(), pem!("rsa-2048.pkcs1.pem")).query().to_vec();
    assert_eq!(rsa, signed(URL, &terms(), pem!("rsa-2048.pkcs8.pem")).query());
    assert_eq!(
        rsa.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["Expires", "Signature", "Key-Pair-Id"]
    );
    let ecdsa = signed(URL, &terms(), pem!("p256.sec1.pem")).query().to_vec();
    assert_eq!(
        ecdsa,
        signed(URL, &terms(), pem!("p256.pkcs8.pem")).query(),
        "RFC 6979: no randomness"
    );
    assert_eq!(
        SigningKey::from_pem(pem!("p256.sec1.pem")).unwrap().algorithm(),
        Algorithm::EcdsaP256
    );
}

/// RFC 6979, A.2.5, message "sample" on P-256.
#[test]
fn ecdsa_is_that_of_rfc_6979() {
    let pem = "-----BEGIN EC PRIVATE KEY-----\nMDECAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\nAwEH\n-----END EC PRIVATE KEY-----";
    let key = SigningKey::from_pem(pem).unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    let sha256 = hex(&key.sign(b"sample", Hash::Sha256).unwrap());
    assert!(
        sha256.contains("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"),
        "{sha256}"
    );
    assert!(
        sha256.contains("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"),
        "{sha256}"
    );
    let sha1 = hex(&key.sign(b"sample", Hash::Sha1).unwrap());
    assert!(
        sha1.contains("61340C88C3AAEBEB4F6D667F672CA9759A6CCAA9FA8811313039EE4A35471D32"),
        "{sha1}"
    );
    assert!(
        sha1.contains("6D7F147DAC089441BB2E2FE8F7A3FA264B9C475098FDCF6E00D7C996E1B8B7EB"),
        "{sha1}"
    );
}

#[test]
fn public_keys_accept_their_own_signatures_only() {
    let pairs = [
        (pem!("rsa-2048.pkcs8.pem"), pem!("rsa-2048.public.pem")),
        (pem!("p256.pkcs8.pem"), pem!("p256.public.pem")),
        (pem!("other-rsa-2048.pkcs8.pem"), pem!("other-rsa-2048.public.pem")),
    ];
    for (signer, (private, _)) in pairs.iter().enumerate() {
        for hash in [Hash::Sha1, Hash::Sha256] {
            let signature = SigningKey::from_pem(private).unwrap().sign(b"message", hash).unwrap();
            for (verifier, (_, public)) in pairs.iter().enumerate() {
                let key = PublicKey::from_pem(public).unwrap();
                assert_eq!(key.verifies(b"message", hash, &signature), signer == verifier);
                assert!(!key.verifies(b"massage", hash, &signature));
            }
        }
    }
}

#[test]
fn other_keys_are_refused() {
    for pem in [
        pem!("rsa-1024.pkcs8.pem"),
        pem!("rsa-3072.pkcs8.pem"),
        pem!("p384.pkcs8.pem"),
        pem!("ed25519.pkcs8.pem"),
        pem!("dsa.pem"),
    ] {
        let refused = SigningKey::from_pem(pem).unwrap_err();
        assert_eq!(refused.field, "private-key");
        assert!(refused.rule.contains("RSA-2048") && refused.rule.contains("P-256"), "{refused}");
    }
    for pem in [pem!("encrypted.pkcs8.pem"), pem!("encrypted.pkcs1.pem")] {
        assert!(SigningKey::from_pem(pem).unwrap_err().rule.contains("encrypted"));
    }
    for pem in [
        "",
        "x",
        pem!("p256.public.pem"),
        "-----BEGIN PRIVATE KEY-----\n!\n-----END PRIVATE KEY-----",
    ] {
        assert!(SigningKey::from_pem(pem).is_err());
    }
    for pem in [
        pem!("rsa-1024.public.pem"),
        pem!("rsa-3072.public.pem"),
        pem!("p384.public.pem"),
        pem!("p256.pkcs8.pem"),
    ] {
        assert_eq!(PublicKey::from_pem(pem).unwrap_err().field, "public-key");
    }
}

#[test]
fn what_cloudfront_would_read_differently_is_refused_by_field() {
    let with = |resource: &str| Terms { resource: Some(resource.to_owned()), ..terms() };
    let bound = |ip: &str| Terms { ip_address: Some(ip.to_owned()), ..terms() };
    let cases = [
        ("https://h/a?Expires=1", terms(), "url"),
        ("https://h/a?x=1&Key%2DPair-Id=K", terms(), "url"),
        ("https://h/a?Hash-Algorithm", terms(), "url"),
        ("https://h/a#top", terms(), "url"),
        ("https://h/a b", terms(), "url"),
        ("https://h/\u{fc}", terms(), "url"),
        ("https://h/a\"", terms(), "url"),
        ("https://h/a\\b", terms(), "url"),
        ("https://h/a\u{7}", terms(), "url"),
        ("ftp://h/a", terms(), "url"),
        ("https:///a", terms(), "url"),
        ("https://user@h/a", terms(), "url"),
        ("https://H/a", terms(), "url"),
        ("https://h", terms(), "url"),
        ("https://h?x=1", terms(), "url"),
        ("https://h:443/a", terms(), "url"),
        ("http://h:80/a", terms(), "url"),
        ("https://h:0/a", terms(), "url"),
        ("https://h:08/a", terms(), "url"),
        ("https://h:99999/a", terms(), "url"),
        ("https://h:/a", terms(), "url"),
        ("https://h:x/a", terms(), "url"),
        ("https://h,x/a", terms(), "url"),
        ("https://:81/a", terms(), "url"),
        ("/a", terms(), "url"),
        (URL, with(r#"https://h/a","Resource":"*"#), "resource"),
        (URL, with("https://other/*"), "resource"),
        ("https://h/v/12/a", with("https://h/v/12*"), "resource"),
        ("https://h/v/12/a", with("https://h/v/12**"), "resource"),
        ("https://h/v/1?a", with("https://h/v/1?*"), "resource"),
        ("https://h/v/1?a", with("https://h/v/1*?*"), "resource"),
        ("https://h/v/12/a", with("https://?/v/12/a"), "resource"),
        ("https://h/v/12/a", with("https://*/v/12/*"), "resource"),
        ("https://h/v/12/a", with("*"), "resource"),
        (URL, bound("2001:db8::/32"), "ip-address"),
        (URL, bound("192.0.2.0/33"), "ip-address"),
        (URL, bound("192.0.2.0/+8"), "ip-address"),
        (URL, bound("192.0.2"), "ip-address"),
        (URL, bound(r#"1.2.3.4/8","x":""#), "ip-address"),
        (URL, Terms { not_before: Some(at(EXPIRES)), ..terms() }, "not-before"),
        (URL, Terms { now: Some(at(EXPIRES)), ..terms() }, "expires-at"),
    ];
    for (url, terms, field) in cases {
        let refused = Unsigned::new(url, &terms).expect_err(url);
        assert_eq!(refused.field, field, "{url} {terms:?}: {refused}");
    }
    assert!(EpochSeconds::new("expires-at", EpochSeconds::MAX + 1).is_err());
    assert!(EpochSeconds::new("expires-at", EpochSeconds::MAX).is_ok());
    let open = Terms { allow_wildcard_domain: true, ..with("https://*/v/12/*") };
    assert!(Unsigned::new("https://h/v/12/a", &open).is_ok());
    let open = Terms { allow_wildcard_domain: true, ..with("https://*/v/12*") };
    assert_eq!(Unsigned::new("https://h/v/12/a", &open).unwrap_err().field, "resource");
    for (url, resource) in [
        ("https://h/a/", "https://h/*"),
        ("https://h/a/b", "https://h/a/?*"),
        ("https://h/a.mp4?x=1", "https://h/a.mp4?x=*"),
        ("https://h/v/1/seg1.ts", "https://h/v/*/seg*.ts"),
    ] {
        assert!(Unsigned::new(url, &with(resource)).is_ok(), "{resource}");
    }
    assert!(Unsigned::new(&format!("https://h/{}", "a".repeat(8192)), &terms()).is_err());
}

#[test]
fn only_the_question_mark_of_an_empty_query_is_left_out() {
    for (url, resource) in [
        ("https://h/a?", "https://h/a"),
        ("https://h/a??", "https://h/a??"),
        ("https://h/a?x=1?", "https://h/a?x=1?"),
    ] {
        let expected = format!(r#""Resource":"{resource}""#);
        assert!(message(url, &terms()).contains(&expected), "{url}");
        assert!(signed(url, &terms(), pem!("p256.pkcs8.pem")).apply_to(url).is_ok(), "{url}");
    }
}

#[test]
fn a_url_that_signing_makes_too_long_is_refused() {
    let url = format!("https://h/{}", "a".repeat(8100));
    let refused = signed(&url, &terms(), pem!("rsa-2048.pkcs8.pem")).apply_to(&url).unwrap_err();
    assert_eq!(refused.field, "url");
}

#[test]
fn a_key_may_stand_beside_what_is_public_but_not_beside_another_key() {
    let (key, public) = (pem!("p256.pkcs8.pem"), pem!("p256.public.pem"));
    for text in [
        format!("{public}{key}"),
        format!("{key}{public}"),
        format!("Bag Attributes\n    friendlyName: x\n{key}"),
        key.replace('\n', "\r\n"),
    ] {
        assert!(SigningKey::from_pem(&text).is_ok(), "{text}");
    }
    let two = format!("{key}{}", pem!("rsa-2048.pkcs8.pem"));
    assert!(SigningKey::from_pem(&two).unwrap_err().rule.contains("more than one"));
    // Keys that say they are for RSASSA-PSS alone.
    assert!(SigningKey::from_pem(pem!("rsa-pss-2048.pkcs8.pem")).is_err());
    assert!(PublicKey::from_pem(pem!("rsa-pss-2048.public.pem")).is_err());
}

#[test]
fn cookies_carry_the_attributes_asked_for() {
    let cookies = |attributes: &CookieAttributes| {
        signed(URL, &terms(), pem!("p256.pkcs8.pem")).cookies(attributes)
    };
    let plain = cookies(&CookieAttributes::default()).unwrap();
    let names: Vec<&str> = plain.iter().map(|cookie| cookie.name).collect();
    assert_eq!(names, ["CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]);
    assert_eq!(plain[0].header, "CloudFront-Expires=1767290400");
    assert!(!format!("{plain:?}").contains(&plain[1].value));
    assert!(decode(&plain[1].value).is_some());

    let all = CookieAttributes {
        domain: Some("example.com".to_owned()),
        path: Some("/v".to_owned()),
        secure: true,
        http_only: true,
        same_site: Some(SameSite::None),
    };
    let header = cookies(&all).unwrap().remove(0).header;
    assert_eq!(
        header,
        "CloudFront-Expires=1767290400; Domain=example.com; Path=/v; Secure; HttpOnly; SameSite=None"
    );

    let domain = |domain: &str| CookieAttributes { domain: Some(domain.to_owned()), ..all.clone() };
    let path = |path: &str| CookieAttributes { path: Some(path.to_owned()), ..all.clone() };
    for (attributes, field) in [
        (domain("cloudfront.net"), "domain"),
        (domain("a;b"), "domain"),
        (domain(""), "domain"),
        (path("v"), "path"),
        (path("/v; Secure"), "path"),
        (path("/v\r\nSet-Cookie: x=y"), "path"),
        (CookieAttributes { secure: false, ..all.clone() }, "same-site"),
    ] {
        assert_eq!(cookies(&attributes).unwrap_err().field, field, "{attributes:?}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    let signed = signed(URL, &terms(), pem!("p256.pkcs8.pem"));
    let url = signed.apply_to(URL).unwrap();
    let shown = format!(
        "{signed:?} {url:?} {url} {:?}",
        SigningKey::from_pem(pem!("p256.pkcs8.pem")).unwrap()
    );
    let signature = url.into_string().split_once("Signature=").unwrap().1[..40].to_owned();
    assert!(!shown.contains(&signature), "{shown}");
}
