//! CloudFront's limits of a URL and of a request.

use super::scene::{HOST, Scene, client, signed};

#[tokio::test]
async fn a_url_of_8192_bytes_is_served_and_one_more_is_413() {
    let scene = Scene::start("").await;
    scene.put("public/hello.txt", "hello");
    // Scheme and host count, though they are not in the request line.
    let rest = 8192 - "http://".len() - HOST.len() - "/public/hello.txt?".len();
    for (length, status) in [(rest, 200), (rest + 1, 413)] {
        let target = format!("/public/hello.txt?{}", "a".repeat(length));
        let reply = open_ended(&scene, &target, "", status == 200).await;
        assert_eq!(reply, status, "{length}");
    }
}

#[tokio::test]
async fn a_configured_domain_counts_and_not_the_host_of_the_request() {
    let domain = "d111111abcdef8.cloudfront.net";
    let scene = Scene::start(&format!("domain = \"{domain}\"")).await;
    scene.put("public/hello.txt", "hello");
    let rest = 8192 - "https://".len() - domain.len() - "/public/hello.txt?".len();
    for (length, status) in [(rest, 200), (rest + 1, 413)] {
        let target = format!("/public/hello.txt?{}", "a".repeat(length));
        assert_eq!(open_ended(&scene, &target, "", status == 200).await, status, "{length}");
    }
}

#[tokio::test]
async fn a_request_above_20480_bytes_is_413_before_its_signature_is_looked_at() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    for target in [signed("/content/a.ts"), "/content/a.ts".to_owned()] {
        let usual = target.len() + "Host: \r\n".len() + HOST.len() + "Cookie: \r\n".len();
        let most = 20_480 - usual;
        assert_eq!(open_ended(&scene, &target, &"c".repeat(most + 1), false).await, 413);
    }
    let target = signed("/content/a.ts");
    // The one header that lets this test read to the end takes room as well.
    let usual = target.len() + "Host: \r\n".len() + HOST.len() + "Cookie: \r\n".len();
    let most = 20_480 - usual - "Connection: close\r\n".len();
    assert_eq!(open_ended(&scene, &target, &"c".repeat(most), true).await, 200);
}

#[tokio::test]
async fn every_request_up_to_64_kib_is_413_however_little_the_gateway_reads() {
    for lines in ["", "head-limit = \"16KiB\""] {
        let scene = Scene::start(lines).await;
        for all in [20_600, 32_769, 40_000, 60_000, 64 << 10] {
            let usual = client::head("GET", "/public/a", &[("Host", HOST), ("Cookie", "")]).len();
            let cookie = "c".repeat(all - usual);
            assert_eq!(open_ended(&scene, "/public/a", &cookie, false).await, 413, "{all}");
            let usual = client::head("GET", "/", &[("Host", HOST)]).len();
            let target = format!("/{}", "a".repeat(all - usual));
            assert_eq!(open_ended(&scene, &target, "", false).await, 413, "{all} of URL");
        }
    }
}

#[tokio::test]
async fn a_request_beyond_what_is_read_at_all_is_refused_and_closed() {
    let scene = Scene::start("").await;
    // Refused before there is a request, so not in CloudFront's words. It is sent no further than it is read:
    // what nobody has read when a connection closes may take the answer with it.
    let mut endless = format!("GET /public/a HTTP/1.1\r\nHost: {HOST}\r\nCookie: ");
    endless.push_str(&"c".repeat((80 << 10) - endless.len()));
    let reply = client::exchange(scene.address, &endless).await;
    assert_eq!(reply.status, 431, "as RFC 6585 has it");
    let many: Vec<_> = (0..100).map(|number| (format!("x-{number}"), "a")).collect();
    for (headers, status) in [(99, 404), (100, 431)] {
        let mut all = vec![("Host", HOST)];
        all.extend(many.iter().take(headers).map(|(name, value)| (&**name, *value)));
        all.truncate(headers);
        all.push(("Connection", "close"));
        let reply = client::exchange(scene.address, &client::head("GET", "/public/a", &all)).await;
        assert_eq!(reply.status, status, "{headers} and one");
    }
}

/// The status of an answer. Unless the client says that it closes, the edge has to, or reading never ends.
async fn open_ended(scene: &Scene, target: &str, cookie: &str, close: bool) -> u16 {
    let mut headers = vec![("Host", HOST)];
    if close {
        headers.push(("Connection", "close"));
    }
    if !cookie.is_empty() {
        headers.push(("Cookie", cookie));
    }
    let reply = client::exchange(scene.address, &client::head("GET", target, &headers)).await;
    if reply.status == 413 {
        assert_eq!(reply.header("connection"), "close");
        assert_eq!(reply.header("server"), "CloudFront");
    }
    reply.status
}
