//! Delivery by cookies.

use super::support::{
    client::{Call, Reply},
    site::{Layout, Site, signed_urls},
    tokens::token,
};

/// Name, value and attributes of each `Set-Cookie`.
fn set_cookies(reply: &Reply) -> Vec<(String, String, Vec<String>)> {
    let headers = reply.headers.get_all("set-cookie").iter();
    headers
        .map(|header| {
            let mut parts = header.to_str().unwrap().split("; ").map(str::to_owned);
            let pair = parts.next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            (name.to_owned(), value.to_owned(), parts.collect())
        })
        .collect()
}

fn ask(delivery: &str, episode: &str) -> Call {
    let target = format!("{}?delivery={delivery}", signed_urls("alice", "s", episode));
    Call::get(target).token(&token("alice"))
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_carry_the_signature_and_the_urls_do_not() {
    let site = Site::usual().await;
    let reply = site.send(&ask("cookies", "hls")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let grant = reply.json();
    assert_eq!(grant["delivery"], "cookies");
    let base = "https://media.example.com/content/series/s/video/hls";
    assert_eq!(grant["videoUrl"], format!("{base}/video.m3u8"));
    assert_eq!(grant["posterUrl"], format!("{base}/poster.jpg"));
    assert!(grant.get("query").is_none(), "{grant}");

    let cookies = set_cookies(&reply);
    let mut names: Vec<_> = cookies.iter().map(|(name, ..)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "CloudFront-Hash-Algorithm",
            "CloudFront-Key-Pair-Id",
            "CloudFront-Policy",
            "CloudFront-Signature"
        ]
    );
    for (name, value, attributes) in &cookies {
        assert_eq!(
            attributes,
            &["Path=/content/series/s/video/hls", "Secure", "HttpOnly"],
            "{name}"
        );
        // The alphabet of CloudFront's cookies.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte);
        assert!(!value.is_empty() && value.bytes().all(plain), "{name}");
        assert!(
            name.ends_with("Id") || name.ends_with("Algorithm") || !reply.text().contains(value)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_sets_attributes_and_may_forbid_the_choice() {
    let policy = r#"
        delivery = "cookies"
        delivery-override = false
        cookies = { domain = "example.com", same-site = "None" }
    "#;
    let site = Site::with(Layout { policy: policy.to_owned(), ..Layout::default() }).await;
    let reply = site.send(&ask("cookies", "raw")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    for (name, _, attributes) in set_cookies(&reply) {
        let expected = [
            "Domain=example.com",
            "Path=/content/series/s/raw/raw.mp4",
            "Secure",
            "HttpOnly",
            "SameSite=None",
        ];
        assert_eq!(attributes, expected, "{name}");
    }
    assert_eq!(site.send(&ask("url", "raw")).await.slug(), (400, "invalid-request".to_owned()));
}
