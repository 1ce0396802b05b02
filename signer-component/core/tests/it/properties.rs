//! What must hold for every URL and policy, tried on random ones.

use proptest::{prelude::*, sample::select};
use tollgate_core::{
    cloudfront::{EdgeRequest, Terms, Verdict, strip},
    time::EpochSeconds,
};

use crate::{conformance_signer::sign, support::*};

/// Cases of the properties that sign: RSA is slow where nothing is optimised.
const SIGNED_CASES: u32 = 48;

fn path() -> impl Strategy<Value = String> {
    "(/[A-Za-z0-9._~!$'()+,:@%-]{1,12}){1,4}"
}

fn query() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "\\?[a-z]{1,8}=[A-Za-z0-9._~+%-]{0,8}(&[a-z]{1,6}=[a-z0-9]{1,6}){0,2}"
    ]
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![Just(D8.to_owned()), "[a-z][a-z0-9-]{0,10}(\\.[a-z]{2,8}){1,2}(:[1-9][0-9]{3})?"]
}

fn keys() -> impl Strategy<Value = (Key, Hash)> {
    (select(vec![Key::K1, Key::K2]), select(vec![Hash::Sha1, Hash::Sha256]))
}

/// What a policy may add to its end: a start and an address.
#[derive(Clone, Debug)]
struct Window {
    expires_at: u64,
    not_before: Option<u64>,
    ip: Option<([u8; 4], u8)>,
}

fn window() -> impl Strategy<Value = Window> {
    (
        NOW + 1..9_000_000_000,
        proptest::option::of(0..NOW),
        proptest::option::of((any::<[u8; 4]>(), 0..=32_u8)),
    )
        .prop_map(|(expires_at, not_before, ip)| Window { expires_at, not_before, ip })
}

fn terms(window: &Window, hash: Hash, resource: Option<String>) -> Terms {
    let seconds = |seconds| EpochSeconds::new("test", seconds).unwrap();
    Terms {
        expires_at: seconds(window.expires_at),
        not_before: window.not_before.map(seconds),
        ip_address: window.ip.map(|([a, b, c, d], length)| format!("{a}.{b}.{c}.{d}/{length}")),
        resource,
        allow_wildcard_domain: false,
        hash,
        now: Some(seconds(NOW)),
    }
}

fn allowed(url: &str, cookies: &[String], ip: &str, now: u64) -> bool {
    let request = EdgeRequest { url, cookies, client_ip: Some(ip), now };
    verifier(false).verify(&request) == Verdict::Allow
}

/// The viewer that a window lets in.
fn viewer(window: &Window) -> String {
    let [a, b, c, d] = window.ip.map_or([192, 0, 2, 7], |(address, _)| address);
    format!("{a}.{b}.{c}.{d}")
}

/// Every text that differs in one bit, as far as it is text at all.
fn one_bit_changes(text: &str) -> impl Iterator<Item = (usize, String)> {
    (0..text.len() * 8).filter_map(|bit| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        Some((bit, String::from_utf8(bytes).ok()?))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(SIGNED_CASES))]

    #[test]
    fn what_is_signed_opens(
        host in host(), path in path(), query in query(), (key, hash) in keys(), window in window(), star in any::<bool>(),
    ) {
        let url = format!("https://{host}{path}{query}");
        let directory = format!("https://{host}{}/*", path.rsplit_once('/').unwrap().0);
        let terms = terms(&window, hash, star.then_some(directory));
        let signed = sign(key, &url, &terms).unwrap();
        prop_assert!(allowed(&signed, &[], &viewer(&window), NOW), "{signed}");
        prop_assert_eq!(strip(&signed), url.clone());
        // The same parameters open the same URL as cookies.
        let parameters = signed[url.len() + 1..].split('&');
        let cookies: Vec<String> = parameters.map(|pair| format!("CloudFront-{pair}")).collect();
        prop_assert!(allowed(&url, &cookies, &viewer(&window), NOW));
    }

    /// Whatever is odd about a URL: it is refused by name, or it opens.
    #[test]
    fn what_is_signed_at_all_opens(
        scheme in select(vec!["http", "https"]), host in "([a-zA-Z0-9.-]{1,8}|\\[::1\\])(:(443|80|0|8081|x)?)?",
        path in "(/[a-z.?%/]{0,6}){0,2}", query in "(\\?[a-z=&?+]{0,6}){0,2}", (key, hash) in keys(), window in window(),
    ) {
        let url = format!("{scheme}://{host}{path}{query}");
        match sign(key, &url, &terms(&window, hash, None)) {
            Ok(signed) => prop_assert!(allowed(&signed, &[], &viewer(&window), NOW), "{signed}"),
            Err(refused) => prop_assert_eq!(refused.field, "url", "{}", url),
        }
    }

    #[test]
    fn a_time_outside_the_window_closes(window in window(), (key, hash) in keys(), late in 0..u64::from(u32::MAX)) {
        let url = at_d8("/a.mp4");
        let signed = sign(key, &url, &terms(&window, hash, None)).unwrap();
        let viewer = viewer(&window);
        prop_assert!(allowed(&signed, &[], &viewer, window.expires_at - 1));
        prop_assert!(!allowed(&signed, &[], &viewer, window.expires_at + late));
        if let Some(start) = window.not_before {
            prop_assert!(allowed(&signed, &[], &viewer, start + 1));
            prop_assert!(!allowed(&signed, &[], &viewer, start.saturating_sub(late)));
        }
    }

    #[test]
    fn one_bit_of_the_address_closes_as_far_as_the_prefix_goes(
        window in window().prop_filter("bound to an address", |window| window.ip.is_some()),
        (key, hash) in keys(),
    ) {
        let url = at_d8("/a.mp4");
        let signed = sign(key, &url, &terms(&window, hash, None)).unwrap();
        let (address, length) = window.ip.unwrap();
        for bit in 0..32 {
            let other = u32::from_be_bytes(address) ^ (1 << (31 - bit));
            let other = std::net::Ipv4Addr::from_bits(other).to_string();
            prop_assert_eq!(allowed(&signed, &[], &other, NOW), bit >= u32::from(length));
        }
    }
}

proptest! {
    // Each case tries some thousand changes, most of which fail before any signature is checked.
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Scheme and host are names, whose letters CloudFront takes in either case: a changed bit 5 of a letter there is
    /// the same URL. The resource of a custom policy is exact and has no query, because under a wildcard, or under a
    /// `?` that may stand for one character, other URLs are meant to open.
    #[test]
    fn one_bit_of_a_signed_url_closes(
        path in path(), query in query(), (key, hash) in keys(), window in window(), custom in any::<bool>(),
    ) {
        let url = at_d8(&if custom { path } else { format!("{path}{query}") });
        let window = if custom { window } else { Window { not_before: None, ip: None, ..window } };
        let signed = sign(key, &url, &terms(&window, hash, None)).unwrap();
        let names = "https://".len() + D8.len();
        for (bit, changed) in one_bit_changes(&signed) {
            let same_name = bit / 8 < names && changed.eq_ignore_ascii_case(&signed);
            let open = allowed(&changed, &[], &viewer(&window), NOW);
            prop_assert_eq!(open, same_name, "{}", changed);
        }
    }

    /// Nothing but the spaces between cookies is free, and no single bit makes a space of anything that is needed.
    #[test]
    fn one_bit_of_the_cookies_closes(path in path(), (key, hash) in keys(), window in window()) {
        let url = at_d8(&path);
        let signed = sign(key, &url, &terms(&window, hash, None)).unwrap();
        let cookies: Vec<String> = signed[url.len() + 1..].split('&').map(|pair| format!("CloudFront-{pair}")).collect();
        for place in 0..cookies.len() {
            for (_, changed) in one_bit_changes(&cookies[place]) {
                let mut cookies = cookies.clone();
                cookies[place] = changed;
                prop_assert!(!allowed(&url, &cookies, &viewer(&window), NOW), "{cookies:?}");
            }
        }
    }

    /// The bytes under the base64: no signature and no policy has a second form.
    #[test]
    fn one_bit_of_signature_or_policy_closes((key, hash) in keys(), policy in any::<bool>(), bound in any::<bool>()) {
        let url = at_d8("/a.mp4");
        let further = r#","DateGreaterThan":{"AWS:EpochTime":5},"IpAddress":{"AWS:SourceIp":"0.0.0.0/0"}"#;
        let document = custom_policy(&url, if bound { further } else { "" });
        let parts = Parts::custom_by(key, hash, &document);
        let (name, bytes) = if policy {
            ("Policy", document.clone().into_bytes())
        } else {
            ("Signature", key.sign(hash, document.as_bytes()))
        };
        prop_assert!(allowed(&parts.on(&url), &[], VIEWER, NOW));
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let changed = parts.clone().with(name, base64(&bytes)).on(&url);
            prop_assert!(!allowed(&changed, &[], VIEWER, NOW), "bit {bit}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_unsigned_opens_and_nothing_panics(
        url in "\\PC*", cookies in proptest::collection::vec("\\PC*", 0..3), ip in proptest::option::of("\\PC*"), now in any::<u64>(),
    ) {
        let request = EdgeRequest { url: &url, cookies: &cookies, client_ip: ip.as_deref(), now };
        for strict in [false, true] {
            let report = verifier(strict).explain(&request);
            prop_assert_eq!(&verifier(strict).verify(&request), &report.verdict);
            prop_assert_ne!(report.verdict, Verdict::Allow);
        }
        prop_assert!(strip(&url).len() <= url.len());
    }

    /// Close enough to the real thing to reach the later checks.
    #[test]
    fn nothing_almost_signed_opens(
        expires in "[0-9]{0,12}|\\PC{0,4}", signature in "[A-Za-z0-9~-]{4}{0,4}|\\PC{0,4}",
        policy in "[\\[\\]{}\":,a-zA-Z0-9. ]{0,40}|\\PC{0,10}", with_policy in any::<bool>(), id in select(vec![Key::K1, Key::K2, Key::K3]),
    ) {
        let first = if with_policy { format!("Policy={}", base64(policy.as_bytes())) } else { format!("Expires={expires}") };
        let query = format!("{first}&Signature={signature}&Key-Pair-Id={}", id.id());
        let url = format!("https://{D8}/a.mp4?{query}");
        prop_assert!(!allowed(&url, &[], VIEWER, NOW));
    }

    #[test]
    fn stripping_leaves_the_others_and_only_them(
        base in "https://[a-z]{1,5}/[a-z&=]{0,5}",
        parameters in proptest::collection::vec(
            select(vec!["Expires=1", "%45xpires=1", "Policy", "Signature=a=b", "Key-Pair-Id=", "Hash%2DAlgorithm=x",
                "x=1", "expires=1", "y", "u=?Expires=1", "%4", "Policy2=1"]), 0..7),
    ) {
        let is_ours = |parameter: &&str| parameter.starts_with(['x', 'e', 'y', 'u']) || ["%4", "Policy2=1"].contains(parameter);
        let ours: Vec<&str> = parameters.iter().copied().filter(is_ours).collect();
        let expected = if ours.is_empty() { base.clone() } else { format!("{base}?{}", ours.join("&")) };
        prop_assert_eq!(strip(&format!("{base}?{}", parameters.join("&"))), expected.clone());
        prop_assert_eq!(strip(&expected), expected);
    }
}
