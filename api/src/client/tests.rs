//! Source addresses: who is believed, and when nobody is.

use std::net::IpAddr;

use super::{Peer, TrustedProxies, source_ip, user_agent};

fn check(peer: &str, headers: &[&str], expected: Option<&str>) {
    let trusted = TrustedProxies::parse(["10.0.0.0/8", "192.0.2.7", "fd00::/8"]).unwrap();
    let headers = headers.iter().map(|value| value.as_bytes());
    let found = source_ip(peer.parse::<IpAddr>().unwrap(), &trusted, headers);
    match (found, expected) {
        (Ok(found), Some(expected)) => assert_eq!(found.to_string(), expected),
        (Err(error), None) => assert_eq!(error.field, "X-Forwarded-For"),
        (found, expected) => panic!("{found:?} instead of {expected:?}"),
    }
}

#[test]
fn an_untrusted_peer_is_the_source_whatever_it_says() {
    check("203.0.113.9", &[], Some("203.0.113.9"));
    check("203.0.113.9", &["198.51.100.1"], Some("203.0.113.9"));
    check("203.0.113.9", &["nonsense"], Some("203.0.113.9"));
    check("192.0.2.8", &["198.51.100.1"], Some("192.0.2.8"));
    check("::ffff:203.0.113.9", &[], Some("203.0.113.9"));
}

#[test]
fn behind_a_proxy_the_rightmost_untrusted_entry_counts() {
    check("10.1.2.3", &["198.51.100.1"], Some("198.51.100.1"));
    check("::ffff:10.1.2.3", &["198.51.100.1"], Some("198.51.100.1"));
    check("192.0.2.7", &["198.51.100.1"], Some("198.51.100.1"));
    check("10.1.2.3", &["1.1.1.1, 198.51.100.1"], Some("198.51.100.1"));
    check("10.1.2.3", &["1.1.1.1,198.51.100.1 , 10.9.9.9,fd00::5"], Some("198.51.100.1"));
    check("10.1.2.3", &["1.1.1.1", "198.51.100.1", "10.9.9.9"], Some("198.51.100.1"));
    check("10.1.2.3", &["198.51.100.1, 10.9.9.9", "10.8.8.8"], Some("198.51.100.1"));
    // What an attacker wrote further left is not read.
    check("10.1.2.3", &["<script>, , 198.51.100.1"], Some("198.51.100.1"));
}

#[test]
fn entries_may_carry_ports_and_brackets() {
    for (entry, expected) in [
        ("198.51.100.1:4711", "198.51.100.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("[::ffff:198.51.100.1]:1", "198.51.100.1"),
    ] {
        check("10.1.2.3", &[entry], Some(expected));
    }
    // A mapped address of a proxy is that proxy.
    check("10.1.2.3", &["198.51.100.1, ::ffff:10.0.0.9"], Some("198.51.100.1"));
}

#[test]
fn without_a_known_address_there_is_none() {
    for headers in [
        &[][..],
        &[""],
        &["unknown"],
        &["_hidden"],
        &["198.51.100.1, unknown"],
        &["198.51.100.1,"],
        &["198.51.100.1", ""],
        &["198.51.100"],
        &["198.51.100.1:99999"],
        &["0198.51.100.1"],
        &["[198.51.100.1]"],
        &["[2001:db8::1"],
        &["fe80::1%eth0"],
        &["198.51.100.1 10.0.0.1"],
        &["10.0.0.1"],
        &["10.0.0.1, fd00::1"],
    ] {
        check("10.1.2.3", headers, None);
    }
}

#[test]
fn headers_that_are_no_text_are_no_address() {
    let trusted = TrustedProxies::parse(["10.0.0.1"]).unwrap();
    let value: &[u8] = b"\xff\xfe";
    assert!(
        source_ip("10.0.0.1".parse::<IpAddr>().unwrap(), &trusted, [value].into_iter()).is_err()
    );
}

#[test]
fn whoever_comes_through_a_unix_socket_has_the_address_it_names_if_it_is_trusted() {
    let ask = |trusted: &[&str], headers: &[&str]| {
        let trusted = TrustedProxies::parse(trusted.iter().copied()).unwrap();
        let headers = headers.iter().map(|value| value.as_bytes());
        source_ip(Peer::Unix, &trusted, headers).map(|found| found.to_string())
    };
    assert_eq!(ask(&["unix"], &["198.51.100.1"]).unwrap(), "198.51.100.1");
    assert_eq!(
        ask(&["unix", "10.0.0.0/8"], &["1.1.1.1, 198.51.100.1, 10.1.2.3"]).unwrap(),
        "198.51.100.1"
    );
    // What stands further left is the viewer's own word.
    assert_eq!(ask(&["unix"], &["1.1.1.1, 198.51.100.1"]).unwrap(), "198.51.100.1");
    for (trusted, headers) in [
        (&["unix"][..], &[][..]),
        (&["unix"], &["unix"]),
        (&["unix"], &["unknown"]),
        (&[], &[]),
        (&[], &["198.51.100.1"]),
        (&["0.0.0.0/0", "::/0"], &["198.51.100.1"]),
    ] {
        assert_eq!(ask(trusted, headers).unwrap_err().field, "X-Forwarded-For", "{trusted:?}");
    }
    // Trust in a socket is none in any address.
    let trusted = TrustedProxies::parse(["unix"]).unwrap();
    let peer: IpAddr = "127.0.0.1".parse().unwrap();
    assert_eq!(source_ip(peer, &trusted, [&b"198.51.100.1"[..]].into_iter()).unwrap(), peer);
}

#[test]
fn trusted_proxies_report_every_mistake() {
    let errors = TrustedProxies::parse(["10.0.0.0/33", "::/0", "host.example"]).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert!(errors[0].rule.contains("10.0.0.0/33") && errors[1].rule.contains("host.example"));
}

#[test]
fn user_agents_keep_every_difference() {
    assert_eq!(user_agent(b""), None);
    assert_eq!(user_agent(b" "), Some(" ".to_owned()));
    assert_eq!(user_agent("Päd/1".as_bytes()), Some("Päd/1".to_owned()));
    assert_eq!(user_agent(b"P\xe4d/1"), Some("Päd/1".to_owned()));
    assert_ne!(user_agent(b"\xfe"), user_agent(b"\xff"));
}
