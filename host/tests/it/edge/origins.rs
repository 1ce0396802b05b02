//! Answers of an origin server: what is kept, what is passed on, and what happens without one.

use super::scene::{
    OriginServer, Reply, Scene, ask, ask_with, get, server, signed, signed_until, usual,
};

const HIT: &str = "Hit from cloudfront";
const MISS: &str = "Miss from cloudfront";

#[tokio::test]
async fn two_signatures_for_one_object_are_one_entry() {
    let origin =
        OriginServer::start(|_| server::reply("200 OK", "ETag: \"1\"\r\n", b"object")).await;
    let scene = Scene::with_origin("", &origin.url).await;
    for (expires_at, x_cache) in [(1_767_290_400, MISS), (1_767_290_401, HIT)] {
        let reply = get(scene.address, &signed_until("/server/a?x=1", expires_at)).await;
        assert_eq!((reply.status, reply.text()), (200, "object"));
        assert_eq!(reply.header("x-cache"), x_cache);
        assert_eq!(reply.header("etag"), "\"1\"");
        assert_eq!(reply.has("age"), x_cache == HIT);
    }
    assert_eq!(origin.targets(), ["/server/a?x=1"]);
    // Another query is another object.
    assert_eq!(get(scene.address, &signed("/server/a?x=2")).await.header("x-cache"), MISS);
}

#[tokio::test]
async fn an_object_in_the_cache_is_denied_to_whoever_does_not_sign() {
    let origin = OriginServer::start(|_| server::reply("200 OK", "", b"object")).await;
    let scene = Scene::with_origin("", &origin.url).await;
    assert_eq!(get(scene.address, &signed("/server/a")).await.status, 200);
    let reply = get(scene.address, "/server/a").await;
    assert_eq!((reply.status, reply.code()), (403, "MissingKey"));
    assert_eq!(get(scene.address, &signed("/server/a")).await.header("x-cache"), HIT);
}

#[tokio::test]
async fn the_origin_says_what_is_kept() {
    let origin = OriginServer::start(|asked| {
        let name = asked.target().strip_prefix("/open/").unwrap().to_owned();
        let headers = match &*name {
            "no-store" => "Cache-Control: no-store\r\n",
            "no-cache" => "Cache-Control: no-cache\r\n",
            "private" => "Cache-Control: private, max-age=600\r\n",
            "zero" => "Cache-Control: max-age=0\r\n",
            "shared-zero" => "Cache-Control: max-age=600, s-maxage=0\r\n",
            "cookie" => "Set-Cookie: session=1\r\n",
            "varies" => "Vary: Cookie\r\n",
            "long" => "Cache-Control: max-age=600\r\n",
            // RFC 9111, section 1.2.2: more than fits is as long as can be, and no reason to fall over.
            "longest" => "Cache-Control: max-age=18446744073709551615\r\n",
            "expired" => "Expires: Thu, 01 Dec 1994 16:00:00 GMT\r\n",
            "expires-0" => "Expires: 0\r\n",
            "expires-later" => "Expires: Fri, 31 Dec 2100 23:59:59 GMT\r\n",
            "expired-then" => {
                "Date: Fri, 31 Dec 2100 23:59:59 GMT\r\nExpires: Fri, 31 Dec 2100 23:59:59 GMT\r\n"
            }
            "fresh-then" => {
                "Date: Thu, 01 Dec 1994 16:00:00 GMT\r\nExpires: Thu, 01 Dec 1994 17:00:00 GMT\r\n"
            }
            "age-wins" => "Cache-Control: max-age=600\r\nExpires: 0\r\n",
            "age-0-wins" => {
                "Cache-Control: max-age=0\r\nExpires: Fri, 31 Dec 2100 23:59:59 GMT\r\n"
            }
            "public-expires" => "Cache-Control: public\r\nExpires: 0\r\n",
            "longer" => "Cache-Control: max-age=99999999999999999999999\r\n",
            _ => "",
        };
        server::reply("200 OK", headers, name.as_bytes())
    })
    .await;
    let scene = Scene::with_origin("", &origin.url).await;
    for (name, second) in [
        ("no-store", MISS),
        ("no-cache", MISS),
        ("private", MISS),
        ("zero", MISS),
        ("shared-zero", MISS),
        ("cookie", MISS),
        ("varies", MISS),
        ("long", HIT),
        ("longest", HIT),
        ("longer", HIT),
        ("silent", HIT),
        ("expired", MISS),
        ("expires-0", MISS),
        ("expires-later", HIT),
        ("expired-then", MISS),
        ("fresh-then", HIT),
        ("age-wins", HIT),
        ("age-0-wins", MISS),
        ("public-expires", MISS),
    ] {
        for x_cache in [MISS, second] {
            let reply = get(scene.address, &format!("/open/{name}")).await;
            assert_eq!((reply.status, reply.text()), (200, name));
            assert_eq!(reply.header("x-cache"), x_cache, "{name}");
            assert!(!reply.has("set-cookie"), "one viewer's cookie is not another's");
        }
    }
}

#[tokio::test]
async fn an_origin_that_is_down_is_502() {
    // A port that was free a moment ago and is nobody's now.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let scene = Scene::with_origin("", &nobody).await;
    let reply = get(scene.address, &signed("/server/a")).await;
    assert_eq!((reply.status, reply.code()), (502, "BadGateway"));
    assert_eq!(reply.header("x-cache"), "Error from cloudfront");
    assert!(!reply.text().contains("127.0.0.1"), "where the origin is, is nobody's business");
}

#[tokio::test]
async fn an_origin_that_hangs_up_or_breaks_off_is_502() {
    let origin = OriginServer::start(|asked| match asked.target() {
        "/open/hangs-up" => Some(Vec::new()),
        "/open/breaks-off" => Some(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf".to_vec()),
        _ => Some(b"nonsense\r\n\r\n".to_vec()),
    })
    .await;
    let scene = Scene::with_origin("", &origin.url).await;
    for name in ["hangs-up", "breaks-off", "nonsense"] {
        let reply = get(scene.address, &format!("/open/{name}")).await;
        assert_eq!((reply.status, reply.code()), (502, "BadGateway"), "{name}");
    }
}

#[tokio::test]
async fn an_origin_that_does_not_answer_is_504() {
    let origin = OriginServer::start(|_| None).await;
    let impatient = usual("", &origin.url).replace("timeout = 30", "timeout = 1");
    let scene = Scene::configured(&impatient).await;
    let reply = get(scene.address, &signed("/server/a")).await;
    assert_eq!((reply.status, reply.code()), (504, "GatewayTimeout"));
    assert_eq!(origin.targets(), ["/server/a"], "it was asked once");
}

#[tokio::test]
async fn errors_and_redirects_of_the_origin_are_passed_on_and_not_kept() {
    let origin = OriginServer::start(|asked| match asked.target() {
        "/open/moved" => server::reply("302 Found", "Location: https://b.example/\r\n", b""),
        "/open/broken" => server::reply("503 Service Unavailable", "Retry-After: 5\r\n", b"later"),
        _ => server::reply("404 Not Found", "Content-Type: text/plain\r\n", b"no such thing"),
    })
    .await;
    let scene = Scene::with_origin("", &origin.url).await;
    for (name, status, body) in
        [("a", 404, "no such thing"), ("broken", 503, "later"), ("moved", 302, "")]
    {
        for _ in 0..2 {
            let reply = get(scene.address, &format!("/open/{name}")).await;
            assert_eq!((reply.status, reply.text()), (status, body));
            assert_ne!(reply.header("x-cache"), HIT, "{name}");
        }
    }
    assert_eq!(origin.targets().len(), 6);
    let reply = get(scene.address, "/open/broken").await;
    assert_eq!(reply.header("retry-after"), "5");
    assert_eq!(reply.header("x-cache"), "Error from cloudfront");
}

/// An origin with an object of 64 bytes that looks at ranges itself, as servers of large files do.
async fn large() -> OriginServer {
    OriginServer::start(|asked| {
        let bytes: Vec<u8> = (0..64).collect();
        match asked.header("range") {
            "bytes=8-15" => {
                let headers = "Content-Range: bytes 8-15/64\r\nETag: \"1\"\r\n";
                server::reply("206 Partial Content", headers, &bytes[8..16])
            }
            "" => server::reply("200 OK", "ETag: \"1\"\r\nContent-Type: video/mp4\r\n", &bytes),
            _ => server::reply("416 Range Not Satisfiable", "Content-Range: bytes */64\r\n", b""),
        }
    })
    .await
}

#[tokio::test]
async fn ranges_of_objects_beyond_the_cache_are_the_origins_own() {
    let origin = large().await;
    let scene = Scene::with_origin("cache-object-limit = 63", &origin.url).await;
    let range = |range: &'static str| [("Range", range)];
    let target = signed("/server/a.mp4");

    let reply = ask_with(scene.address, "GET", &target, &range("bytes=8-15")).await;
    assert_eq!((reply.status, reply.body), (206, (8..16).collect()));
    let reply = ask_with(scene.address, "GET", &target, &range("bytes=99-")).await;
    assert_eq!((reply.status, reply.header("content-range")), (416, "bytes */64"));
    let reply: Reply = get(scene.address, &target).await;
    assert_eq!((reply.status, reply.body.len()), (200, 64));
    assert_eq!(reply.header("x-cache"), MISS);
    assert!(origin.targets().iter().all(|target| target == "/server/a.mp4"));
}

#[tokio::test]
async fn a_range_means_nothing_to_head_wherever_the_object_is() {
    let origin = large().await;
    // RFC 9110, section 14.2: only GET has ranges.
    for limit in [63, 64] {
        let scene = Scene::with_origin(&format!("cache-object-limit = {limit}"), &origin.url).await;
        let reply =
            ask_with(scene.address, "HEAD", "/open/a.mp4", &[("Range", "bytes=8-15")]).await;
        assert_eq!((reply.status, reply.header("content-length")), (200, "64"), "{limit}");
        assert_eq!(reply.body, b"");
    }
}

#[tokio::test]
async fn head_of_an_origins_object_is_get_without_a_body() {
    let origin = large().await;
    for limit in [63, 64] {
        let scene = Scene::with_origin(&format!("cache-object-limit = {limit}"), &origin.url).await;
        let reply = ask(scene.address, "HEAD", &signed("/server/a.mp4")).await;
        assert_eq!((reply.status, &*reply.body), (200, &b""[..]));
        assert_eq!(reply.header("content-length"), "64");
        assert_eq!(reply.header("content-type"), "video/mp4");
    }
}

#[tokio::test]
async fn what_was_kept_elsewhere_on_the_way_is_as_old_as_it_says() {
    let origin = OriginServer::start(|asked| match asked.target() {
        "/open/young" => {
            server::reply("200 OK", "Cache-Control: max-age=600\r\nAge: 500\r\n", b"a")
        }
        // RFC 9111, section 4.2: it is stale already.
        "/open/old" => server::reply("200 OK", "Cache-Control: max-age=600\r\nAge: 600\r\n", b"a"),
        _ => server::reply("200 OK", "Cache-Control: no-store\r\nAge: 500\r\n", b"a"),
    })
    .await;
    let scene = Scene::with_origin("", &origin.url).await;
    for (name, second) in [("young", HIT), ("old", MISS), ("passed-on", MISS)] {
        for x_cache in [MISS, second] {
            let reply = get(scene.address, &format!("/open/{name}")).await;
            assert_eq!((reply.status, reply.header("x-cache")), (200, x_cache), "{name}");
            let age: u64 = reply.header("age").parse().unwrap();
            assert!((500..=660).contains(&age), "{name}: {age}");
        }
    }
}
