//! Research section 5.2: canned URLs.

use base64::{Engine, prelude::BASE64_STANDARD};
use tollgate_core::cloudfront::{Code::*, Reason::*};

use crate::support::*;

pub fn rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let large = at_d8("/a.mp4?size=large");
    let two = at_d8("/a.mp4?a=1&b=2");
    let cname = "https://www.example.com/a.mp4";
    let signed = |url: &str| Parts::canned(url).on(url);
    let mismatch = |number, url: String| Row::deny(number, url, AccessDenied, SignatureMismatch);
    let sha256 = Parts::canned_by(Key::K1, Hash::Sha256, &url);
    let policy = canned_policy(&url, EXP);
    let replaced = |signature: &[u8]| Parts::canned(&url).with("Signature", base64(signature));
    let raw = p256_signature(Hash::Sha256, policy.as_bytes()).to_bytes();
    let raw_by_k2 = Parts::canned_by(Key::K2, Hash::Sha256, &url).with("Signature", base64(&raw));
    let spaced = Key::K1.sign(Hash::Sha1, policy.replace("\":", "\": ").as_bytes());
    let both = Parts::custom(&custom_policy(&at_d8("/*"), ""));

    vec![
        Row::allow("21", signed(&url)),
        Row::allow("22", sha256.on(&url)),
        Row::allow("24", Parts::canned(&url).with("Hash-Algorithm", "SHA1").on(&url)),
        mismatch("25", Parts::canned(&url).with("Hash-Algorithm", "SHA256").on(&url)),
        Row::deny(
            "26",
            Parts::canned(&url).with("Hash-Algorithm", "MD5").on(&url),
            AccessDenied,
            UnsupportedHash,
        ),
        Row::deny(
            "26b",
            sha256.clone().with("Hash-Algorithm", "sha256").on(&url),
            AccessDenied,
            UnsupportedHash,
        ),
        Row::allow("28", Parts::canned_by(Key::K2, Hash::Sha256, &url).on(&url)),
        mismatch("29", raw_by_k2.on(&url)),
        mismatch("30", Parts::canned(&url).with("Signature", PSS_SIGNATURE).on(&url)),
        mismatch("32", Parts::canned(&url).on(&large)),
        mismatch("33", Parts::canned(&large).on(&at_d8("/a.mp4?size=small"))),
        mismatch("34", Parts::canned(&two).on(&at_d8("/a.mp4?b=2&a=1"))),
        Row::allow("36", Parts::canned(&large).on(&url).replacen("&Sig", "&size=large&Sig", 1)),
        Row::allow(
            "37",
            Parts::canned(&url).ordered(&["Expires", "Key-Pair-Id", "Signature"]).on(&url),
        ),
        mismatch("38", format!("{}&foo=bar", signed(&url))),
        mismatch("40", Parts::canned(&url).on(cname)),
        Row::allow("41", signed(cname)),
        mismatch("42", replaced(&spaced).on(&url)),
        mismatch(
            "44",
            Parts::canned_until(&url, EXP + 1).with("Expires", EXP.to_string()).on(&url),
        ),
        mismatch("45", Parts::canned(&url).with("Expires", (EXP + 3600).to_string()).on(&url)),
        mismatch("46", Parts::canned(&at_d8("/*")).on(&url)),
        Row::allow("48", format!("{url}?&{}", Parts::canned(&url).query())),
        // The method is not part of what is judged, so HEAD and GET cannot differ.
        Row::allow("49", signed(&url)),
        Row::allow("50", signed(&at_d8("/it%27s.jpg"))),
        mismatch("50b", Parts::canned(&at_d8("/it's.jpg")).on(&at_d8("/it%27s.jpg"))),
        Row::allow("52", signed(&at_d8("/a%20b.mp4"))),
        Row::allow("53", signed(&at_d8("/a.mp4?q=a+b"))),
        mismatch("54", Parts::canned(&at_d8("/a.mp4?q=a+b")).on(&at_d8("/a.mp4?q=a%2Bb"))),
        mismatch("54b", Parts::canned(&at_d8("/a.mp4?q=a%2Bb")).on(&at_d8("/a.mp4?q=a+b"))),
        Row::allow("56", signed(&at_d8("/a/../b.jpg"))),
        mismatch("57", Parts::canned(&at_d8("/a?t=1:2")).on(&at_d8("/a?t=1%3A2"))),
        mismatch("58", Parts::canned(&at_d8("/é.jpg")).on(&at_d8("/%C3%A9.jpg"))),
        Row::allow("60", both.with("Expires", "1").on(&url)),
    ]
}

/// Rows the research does not list.
pub fn own_rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let good = Parts::canned(&url);
    let signed = |url: &str| Parts::canned(url).on(url);
    let mismatch = |number, url: String| Row::deny(number, url, AccessDenied, SignatureMismatch);
    let both = Parts::custom(&custom_policy(&at_d8("/*"), "")).with("Expires", EXP.to_string());
    let quoted = at_d8(r#"/a"b.mp4"#);

    vec![
        // The host is a name, whatever its case; the scheme's own port goes without saying.
        Row::allow("X20", good.on(&format!("https://{}/a.mp4", D8.to_uppercase()))),
        Row::allow("X20b", good.on(&format!("https://{D8}:443/a.mp4"))),
        Row::allow("X20c", signed("http://www.example.com/a.mp4").replacen(".com/", ".com:80/", 1)),
        mismatch("X20d", good.on(&format!("https://{D8}:8443/a.mp4"))),
        mismatch("X20e", good.on(&format!("https://{D8}:80/a.mp4"))),
        Row::allow("X20f", signed("http://localhost:8081/a.mp4")),
        Row::allow("X20g", good.on(&format!("HTTPS://{D8}/a.mp4"))),
        // Everything else counts byte for byte.
        mismatch("X21", good.on(&format!("http://{D8}/a.mp4"))),
        mismatch("X21b", good.on(&at_d8("/A.mp4"))),
        mismatch("X21c", good.on(&at_d8("//a.mp4"))),
        mismatch("X21d", good.on(&at_d8("/./a.mp4"))),
        mismatch("X21e", good.on(&at_d8("/%61.mp4"))),
        mismatch("X21f", Parts::canned(&at_d8("/%c3%a9")).on(&at_d8("/%C3%A9"))),
        mismatch("X21g", good.on(&at_d8("/a.mp4/"))),
        // A request line always has a path.
        Row::allow("X22", Parts::canned(&at_d8("/")).on(&format!("https://{D8}"))),
        mismatch("X22b", Parts::canned(&format!("https://{D8}")).on(&at_d8("/"))),
        // Parameters of our own: without a value, twice, before and after the signing ones.
        Row::allow("X23", signed(&at_d8("/a.mp4?download"))),
        Row::allow("X23b", signed(&at_d8("/a.mp4?a=1&a=2"))),
        Row::allow("X23c", signed(&at_d8("/a.mp4?u=https://x/?y"))),
        Row::allow(
            "X23d",
            format!("{}&z=9", Parts::canned(&at_d8("/a.mp4?b=1&z=9")).on(&at_d8("/a.mp4?b=1"))),
        ),
        mismatch("X23e", signed(&at_d8("/a.mp4?x=")).replacen("x=&", "x&", 1)),
        // A wildcard character in a canned policy stands for itself.
        Row::allow("X24", signed(&at_d8("/a*.mp4"))),
        mismatch("X24b", Parts::canned(&at_d8("/a*.mp4")).on(&at_d8("/ab.mp4"))),
        // A canned policy is one JSON string's worth of URL.
        Row::deny("X25", signed(&quoted), AccessDenied, MalformedUrl),
        Row::deny("X25b", signed(&at_d8(r"/a\b.mp4")), AccessDenied, MalformedUrl),
        // Numbers have one form.
        Row::deny("X26", signed_until("+1767290400"), MalformedPolicy, ExpiresNotANumber),
        Row::deny("X26b", signed_until("01767290400"), MalformedPolicy, ExpiresNotANumber),
        Row::deny("X26c", signed_until("1767290400.0"), MalformedPolicy, ExpiresNotANumber),
        Row::deny("X26d", signed_until("1.8e9"), MalformedPolicy, ExpiresNotANumber),
        Row::deny("X26e", signed_until("-1"), MalformedPolicy, ExpiresNotANumber),
        Row::deny(
            "X26f",
            signed_until("99999999999999999999999"),
            MalformedPolicy,
            ExpiresOutOfRange,
        ),
        Row::deny("X26g", signed_until("9223372037"), MalformedPolicy, ExpiresOutOfRange),
        Row::deny("X26h", signed_until("%31767290400"), MalformedPolicy, ExpiresNotANumber),
        Row::deny("X26i", signed_until("2026-01-01T00:00:00Z"), MalformedPolicy, ExpiresNotANumber),
        // The policy decides over `Expires`, whatever that says; strictly, both are one too many.
        Row::allow("X27", both.clone().with("Expires", "soon").on(&url)),
        Row::deny("X27b", both.on(&url), AccessDenied, SignatureMismatch)
            .with_canned_signature(&url),
        Row::deny("X27c", both.on(&url), AccessDenied, ExpiresAndPolicy).strict(),
        // Any key of the group with any hash.
        Row::allow("X28", Parts::canned_by(Key::K2, Hash::Sha1, &url).on(&url)),
        mismatch(
            "X28b",
            Parts::canned_by(Key::K2, Hash::Sha256, &url).without("Hash-Algorithm").on(&url),
        ),
        Row::deny(
            "X28c",
            good.clone().with("Hash-Algorithm", "").on(&url),
            AccessDenied,
            UnsupportedHash,
        ),
    ]
}

fn signed_until(expires: &str) -> String {
    let url = at_d8("/a.mp4");
    Parts::canned_until(&url, expires).on(&url)
}

impl Row {
    /// Puts the signature over the canned policy where one over the custom policy was.
    fn with_canned_signature(mut self, url: &str) -> Self {
        let custom = Parts::custom(&custom_policy(&at_d8("/*"), ""));
        let canned = Parts::canned(url);
        self.url = self.url.replace(custom.value("Signature"), canned.value("Signature"));
        self
    }
}

/// RSA-PSS, which CloudFront does not take. Made by `openssl dgst -sha1 -sign testdata/rsa-2048.pkcs8.pem
/// -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20` over the canned policy of `/a.mp4`.
const PSS_SIGNATURE: &str = "j-3nOW6jYW~hyqrF2f70am7bZMkf033zrMDRWrFaAEHBGG7sxOPhXiZrK27o~sEtdJIuHFF2pW3HTYPoxJFrRMYyuYGgJ0f3vIHUAZ6djqMJN~HlHmvBj2JY-I6temY0sE6Wi~enzFtt2wc4F5ZfeUnYLTT2SDfs88iFwkkGD89edIy4JJKgiGSpFrqZza8hYxx35qKB~uinVzQtPY4jsXa-tFLhnkR7uFatshDaTLHO3FJDqMQLcMk6lc2ACzXzgON6A-RSqKqQNMOJSzVWiIa2qWssuDLrnVxCmxyxYFs23p5kUD2Gqg76Y8NUrgSHVoEFqY5ReyJaJJl4YWfgBA__";

#[test]
fn the_pss_signature_of_row_30_is_a_good_one() {
    let signature = PSS_SIGNATURE.replace('-', "+").replace('_', "=").replace('~', "/");
    let signature = BASE64_STANDARD.decode(signature).unwrap();
    let policy = canned_policy(&at_d8("/a.mp4"), EXP);
    RSA.to_public_key().pss_verify::<sha1::Sha1>(policy.as_bytes(), &signature).unwrap();
}

#[test]
fn canned_urls() {
    check(&rows());
    check(&own_rows());
}
