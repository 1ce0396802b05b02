//! Policies bound to an address, and whose word counts for what that is.

use super::scene::{Scene, ask_with, sign};

#[tokio::test]
async fn a_policy_for_the_viewers_network_holds_and_another_does_not() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    for (network, status) in [
        ("127.0.0.1", 200),
        ("127.0.0.1/32", 200),
        ("127.0.0.0/8", 200),
        ("0.0.0.0/0", 200),
        ("127.0.0.2/32", 403),
        ("192.0.2.0/24", 403),
    ] {
        let reply = ask_with(scene.address, "GET", &bound(network), &[]).await;
        assert_eq!(reply.status, status, "{network}");
    }
}

#[tokio::test]
async fn what_an_untrusted_peer_says_of_itself_is_ignored() {
    for lines in ["", "trusted-proxies = [\"10.0.0.0/8\"]"] {
        let scene = Scene::start(lines).await;
        scene.put("content/a.ts", "segment");
        let forwarded = [("X-Forwarded-For", "192.0.2.7")];
        for (network, status) in [("192.0.2.0/24", 403), ("127.0.0.1/32", 200)] {
            let reply = ask_with(scene.address, "GET", &bound(network), &forwarded).await;
            assert_eq!(reply.status, status, "{network} {lines}");
        }
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_rightmost_untrusted_address_is_the_viewer() {
    let scene = Scene::start("trusted-proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]").await;
    scene.put("content/a.ts", "segment");
    for (forwarded, status) in [
        (&["192.0.2.7"][..], 200),
        (&["192.0.2.7, 10.1.1.1"], 200),
        (&["203.0.113.9, 192.0.2.7"], 200),
        (&["203.0.113.9", "192.0.2.7", "10.1.1.1"], 200),
        (&["192.0.2.7:4711"], 200),
        // What stands further left was written by somebody untrusted.
        (&["192.0.2.7, 203.0.113.9"], 403),
        (&["192.0.2.7", "203.0.113.9"], 403),
        (&["192.0.2.7, nonsense"], 403),
        (&["10.1.1.1"], 403),
        (&[], 403),
        (&["2001:db8::7"], 403),
    ] {
        let headers: Vec<_> = forwarded.iter().map(|value| ("X-Forwarded-For", *value)).collect();
        let reply = ask_with(scene.address, "GET", &bound("192.0.2.0/24"), &headers).await;
        assert_eq!(reply.status, status, "{forwarded:?}");
    }
}

#[tokio::test]
async fn a_viewer_of_unknown_address_may_use_what_is_bound_to_none() {
    let scene = Scene::start("trusted-proxies = [\"127.0.0.1\"]").await;
    scene.put("content/a.ts", "segment");
    let reply = ask_with(scene.address, "GET", &sign::signed("/content/a.ts"), &[]).await;
    assert_eq!(reply.status, 200);
    let reply = ask_with(scene.address, "GET", &bound("0.0.0.0/0"), &[]).await;
    assert_eq!((reply.status, reply.code()), (403, "AccessDenied"));
}

fn bound(network: &str) -> String {
    let terms = sign::Terms { ip_address: Some(network.to_owned()), ..sign::terms() };
    sign::signed_by("K2", "p256", "/content/a.ts", &terms)
}
