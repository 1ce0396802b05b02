//! Where a request came from, and which device that makes it.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

use super::support::{
    client::{Call, Line, Reply},
    now,
    site::{Layout, Site, watch},
};

/// Sends from another address of this machine: all of 127.0.0.0/8 is.
async fn from(source: [u8; 4], site: &Site, call: &Call) -> Reply {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((Ipv4Addr::from(source), 0))).unwrap();
    let stream = socket.connect(site.address).await.unwrap();
    Line::open(stream).await.send(call).await.unwrap()
}

fn session(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["sessionId"].as_str().unwrap().to_owned()
}

const LOCAL: [u8; 4] = [127, 0, 0, 1];

fn phone() -> Call {
    watch("alice", "hls").header("user-agent", "phone")
}

async fn behind_proxies() -> Site {
    let gateway = "trusted-proxies = [\"127.0.0.1\", \"10.0.0.0/8\", \"2001:db8:ffff::/48\"]";
    Site::with(Layout::gateway(gateway)).await
}

/// What `printf 'alice:127.0.0.1:phone' | sha256sum` and its like print.
#[tokio::test(flavor = "multi_thread")]
async fn the_fingerprint_is_the_sha_256_of_user_address_and_agent() {
    for (call, source, expected) in [
        (phone(), LOCAL, "481c11a7952d0ed8a63e0e53a1aee3427be86a38095064fb9c978d1e5c0c2757"),
        (
            watch("alice", "hls"),
            LOCAL,
            "7ad907e60b1604fd880af4dab084c5fa9db8fe0dec096528d1bf815ee181d2a6",
        ),
        (
            phone(),
            [127, 0, 0, 2],
            "8ecf3ba845b8e35f6427b92b3ae245cc67b03b89f7fe421ed8a2b2d822d34860",
        ),
        (
            watch("alice", "hls").header("user-agent", "Jürgens TV"),
            LOCAL,
            "221adf7a98dd4660ece4c16e14a734b9c881ab06aecd7ccf643106467f59875d",
        ),
    ] {
        let site = Site::usual().await;
        assert_eq!(from(source, &site, &call).await.status, 200);
        let leases = site.ground.store.sessions(Some("alice"), now()).await.unwrap();
        let devices: Vec<_> = leases.iter().map(|lease| lease.session.device.as_str()).collect();
        assert_eq!(devices, [expected]);
    }
    for (forwarded, expected) in [
        ("203.0.113.7", "8573c9b6d1399e9a625d64ecaf99ab2f00950f16c793143ea0c35d3e0cb70d4a"),
        ("2001:DB8:0::1", "9f22fbd7db573c2f676fc59774b11d4c219d89c5ae917e55b2a17bb55f95fe47"),
    ] {
        let site = behind_proxies().await;
        let call = phone().header("x-forwarded-for", forwarded);
        assert_eq!(site.send(&call).await.status, 200);
        let leases = site.ground.store.sessions(Some("alice"), now()).await.unwrap();
        assert_eq!(leases[0].session.device, expected, "{forwarded}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_device_keeps_its_session_and_another_gets_another() {
    let site = Site::usual().await;
    let first = session(&from(LOCAL, &site, &phone()).await);
    assert_eq!(session(&from(LOCAL, &site, &phone()).await), first);
    let other_address = session(&from([127, 0, 0, 2], &site, &phone()).await);
    let other_agent =
        session(&from(LOCAL, &site, &watch("alice", "hls").header("user-agent", "tv")).await);
    assert!(first != other_address && first != other_agent && other_address != other_agent);
    assert_eq!(from(LOCAL, &site, &watch("alice", "hls")).await.status, 429, "a fourth device");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_up_an_address_without_a_trusted_proxy() {
    for (site, source) in [(Site::usual().await, LOCAL), (behind_proxies().await, [127, 0, 0, 9])] {
        let first = session(&from(source, &site, &phone()).await);
        for forged in ["203.0.113.7", "10.0.0.1", "127.0.0.1", "rubbish", ""] {
            let call = phone().header("x-forwarded-for", forged);
            assert_eq!(session(&from(source, &site, &call).await), first, "{forged:?}");
        }
        let leases = site.ground.store.sessions(Some("alice"), now()).await.unwrap();
        assert_eq!(leases.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_the_right_most_untrusted_entry_counts() {
    let site = behind_proxies().await;
    let via = |entries: &[&'static str]| {
        entries.iter().fold(phone(), |call, entry| call.header("x-forwarded-for", entry))
    };
    let seven = session(&site.send(&via(&["203.0.113.7"])).await);
    for same in [
        vec!["203.0.113.7:50123"],
        vec!["::ffff:203.0.113.7"],
        vec!["198.51.100.1, 203.0.113.7"],
        vec!["rubbish, 203.0.113.7"],
        vec!["203.0.113.7, 10.1.2.3"],
        vec!["198.51.100.1,203.0.113.7 , 10.1.2.3,10.4.5.6"],
        // Several headers are one list.
        vec!["198.51.100.1", "203.0.113.7"],
        vec!["203.0.113.7", "10.1.2.3", "2001:db8:ffff::1"],
    ] {
        assert_eq!(session(&site.send(&via(&same)).await), seven, "{same:?}");
    }
    assert_ne!(session(&site.send(&via(&["203.0.113.7, 203.0.113.8"])).await), seven);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_without_a_usable_address_nothing_is_granted() {
    let site = behind_proxies().await;
    for forwarded in [
        None,
        Some(""),
        Some("rubbish"),
        Some("203.0.113.7, "),
        Some("203.0.113.7, unknown"),
        Some("10.0.0.1"),
        Some("10.0.0.1, 127.0.0.1"),
        Some("203.0.113.256"),
    ] {
        let call = match forwarded {
            None => phone(),
            Some(value) => phone().header("x-forwarded-for", value),
        };
        let reply = site.send(&call).await;
        assert_eq!(reply.slug(), (400, "invalid-request".to_owned()), "{forwarded:?}");
        assert_eq!(reply.problem()["errors"][0]["field"], "X-Forwarded-For", "{forwarded:?}");
    }
    assert!(site.ground.store.sessions(None, now()).await.unwrap().is_empty());
    // Probes of the proxy itself need no viewer.
    assert_eq!(site.send(&Call::get("/readyz")).await.status, 200);
}
