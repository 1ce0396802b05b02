//! What both edges are asked, and what is to be answered.

use tollgate::component::signer::{Hash, Terms};

use super::sign::{cookies, now, signed, signed_by, signed_on, terms, url};

/// One request. Both edges see the viewer at 198.51.100.7, unless the headers say otherwise.
pub struct Case {
    pub name: &'static str,
    pub method: &'static str,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub status: u16,
    /// CloudFront's code in the body; empty for none.
    pub code: &'static str,
}

fn case(name: &'static str, target: impl Into<String>, status: u16, code: &'static str) -> Case {
    let headers = vec![("X-Forwarded-For".to_owned(), "198.51.100.7".to_owned())];
    Case { name, method: "GET", target: target.into(), headers, status, code }
}

impl Case {
    fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Whatever depends on the signature.
pub fn signatures() -> Vec<Case> {
    let open = signed("/content/a.ts");
    let on = |terms: Terms| signed_on("/content/a.ts", &terms);
    let custom = Terms { resource: Some(url("/content/*")), ..terms() };
    let bound = |ip: &str| Terms { ip_address: Some(ip.to_owned()), ..terms() };
    let all = cookies("/content/*");
    let changed = |from: &str, to: &str| {
        assert!(open.contains(from), "{open}");
        open.replace(from, to)
    };
    let signature = open.split("Signature=").nth(1).unwrap().split('&').next().unwrap();
    vec![
        case("a canned policy", &open, 200, ""),
        case("a custom policy", on(custom.clone()), 200, ""),
        case("an RSA key", signed_by("K1", "rsa-2048", "/content/a.ts", &terms()), 200, ""),
        case("SHA-1", on(Terms { hash: Hash::Sha1, ..terms() }), 200, ""),
        case("a query of its own", signed("/content/a.ts?quality=high&x=%2f"), 200, ""),
        case("cookies", "/content/b.ts", 200, "").with("Cookie", format!("theme=dark; {all}; a=b")),
        case("cookies for another folder", "/other/b.ts", 403, "AccessDenied").with("Cookie", &all),
        case("cookies in two headers", "/content/b.ts", 200, "")
            .with("Cookie", all.split_once("; ").unwrap().0)
            .with("Cookie", all.split_once("; ").unwrap().1),
        case("expired", on(Terms { expires_at: now(-60), ..terms() }), 403, "AccessDenied"),
        case("too early", on(Terms { not_before: Some(now(600)), ..terms() }), 403, "AccessDenied"),
        case("no signature", "/content/a.ts", 403, "MissingKey"),
        case("a query that is none", "/content/a.ts?a=b&&c", 403, "MissingKey"),
        case("an unknown key", changed("Key-Pair-Id=K2", "Key-Pair-Id=K9"), 403, "InvalidKey"),
        case("another key's id", changed("Key-Pair-Id=K2", "Key-Pair-Id=K1"), 403, "AccessDenied"),
        case(
            "a stranger's key",
            signed_by("K1", "other-rsa-2048", "/content/a.ts", &terms()),
            403,
            "AccessDenied",
        ),
        case(
            "a signature that is no base64",
            open.replace(signature, "%25%25"),
            403,
            "MalformedSignature",
        ),
        case(
            "a policy that is no JSON",
            on(custom.clone()).replace("Policy=ey", "Policy=!!"),
            403,
            "MalformedPolicy",
        ),
        case(
            "an expiry that is no number",
            changed("Expires=", "Expires=x"),
            403,
            "MalformedPolicy",
        ),
        case("a longer expiry", changed("Expires=1", "Expires=2"), 403, "AccessDenied"),
        case("another path", changed("/content/a.ts", "/content/b.ts"), 403, "AccessDenied"),
        case("another query", changed("a.ts?", "a.ts?x=1&"), 403, "AccessDenied"),
        case("another spelling", changed("/content/a.ts", "/content/%61.ts"), 403, "AccessDenied"),
        case("a URL in the request line", url(&open), 200, ""),
        case("the viewer's address", on(bound("198.51.100.7")), 200, ""),
        case("the viewer's network", on(bound("198.51.100.0/24")), 200, ""),
        case("somebody else's address", on(bound("192.0.2.7")), 403, "AccessDenied"),
        case("an address that Spin did not say", on(bound("192.0.2.7")), 403, "AccessDenied")
            .with("Spin-Client-Addr", "192.0.2.7:4711"),
        case("an unsigned HEAD", "/content/a.ts", 403, "").by("HEAD"),
        case("a signed HEAD", &open, 200, "").by("HEAD"),
    ]
}

/// Whatever depends on the path, the method, conditions and ranges.
pub fn requests() -> Vec<Case> {
    let open = signed("/content/a.ts");
    let watch = |case: Case| case.with("Origin", "https://watch.example");
    let preflight =
        |case: Case| watch(case.by("OPTIONS")).with("Access-Control-Request-Method", "GET");
    let long = format!("/public/{}", "a".repeat(8200));
    vec![
        case("public", "/public/hello.txt", 200, ""),
        case("public with a query", "/public/hello.txt?a=b", 200, ""),
        case("public in another spelling", "/%70ublic/hello.txt", 200, ""),
        case(
            "public with a wrong signature",
            "/public/hello.txt?Signature=x&Key-Pair-Id=K9&Expires=1",
            200,
            "",
        ),
        case("not quite public", "/publi/hello.txt", 403, "MissingKey"),
        case("a way out of the public", "/public/../content/a.ts", 403, "MissingKey"),
        case("an escaped way out", "/public/%2e%2e/content/a.ts", 403, "MissingKey"),
        case("a way into the public", "/content/../public/hello.txt", 400, "InvalidRequest"),
        case("a way by an escaped slash", "/public/..%2fcontent/a.ts", 400, "InvalidRequest"),
        case("a way by a backslash", "/public/..\\content/a.ts", 400, "InvalidRequest"),
        case("a signed way out", signed("/content/../content/a.ts"), 400, "InvalidRequest"),
        case("a signed dot", signed("/content/./a.ts"), 400, "InvalidRequest"),
        case("a signed escaped slash", signed("/content%2fa.ts"), 404, "NoSuchKey"),
        case("doubled slashes", signed("/content//a.ts"), 404, "NoSuchKey"),
        case("a hidden file", signed("/content/.hidden"), 404, "NoSuchKey"),
        case("a folder", signed("/content/"), 404, "NoSuchKey"),
        case("a folder without its slash", signed("/content"), 404, "NoSuchKey"),
        case("nothing", signed("/content/c.ts"), 404, "NoSuchKey"),
        case("an escaped letter", signed("/content/%61.ts"), 200, ""),
        case("a playlist", signed("/content/video.m3u8"), 200, ""),
        case("an empty file", signed("/content/empty.vtt"), 200, ""),
        case("POST", &open, 405, "MethodNotAllowed").by("POST"),
        case("DELETE of what is public", "/public/hello.txt", 405, "MethodNotAllowed").by("DELETE"),
        case("an unsigned PUT", "/content/a.ts", 405, "MethodNotAllowed").by("PUT"),
        case("OPTIONS", &open, 204, "").by("OPTIONS"),
        case("unsigned OPTIONS", "/content/a.ts", 403, "MissingKey").by("OPTIONS"),
        case("OPTIONS of a dotted path", signed("/content/./a.ts"), 204, "").by("OPTIONS"),
        preflight(case("a preflight", &open, 204, "")),
        preflight(case("an unsigned preflight", "/content/a.ts", 403, "MissingKey")),
        watch(case("a script's request", &open, 200, "")),
        watch(case("a script's denial", "/content/a.ts", 403, "MissingKey")),
        case("a stranger's script", &open, 200, "").with("Origin", "https://other.example"),
        case("a range", &open, 206, "").with("Range", "bytes=2-5"),
        case("a range to the end", &open, 206, "").with("Range", "bytes=7-"),
        case("the last bytes", &open, 206, "").with("Range", "bytes=-3"),
        case("a range beyond the end", &open, 416, "InvalidRange").with("Range", "bytes=10-"),
        case("two ranges", &open, 200, "").with("Range", "bytes=0-1,3-4"),
        case("a range that is none", &open, 200, "").with("Range", "bytes=b-a"),
        case("a range of HEAD", &open, 200, "").by("HEAD").with("Range", "bytes=2-5"),
        case("a range of something else", &open, 200, "")
            .with("Range", "bytes=2-5")
            .with("If-Range", "\"old\""),
        case("what is known", &open, 304, "").with("If-None-Match", "*"),
        case("what has not changed", &open, 304, "")
            .with("If-Modified-Since", "Fri, 31 Dec 2049 23:59:59 GMT"),
        case("what has changed", &open, 200, "")
            .with("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"),
        case("what is known, unsigned", "/content/a.ts", 403, "MissingKey")
            .with("If-None-Match", "*"),
        case("a long URL", &long, 413, "RequestTooLarge"),
        case("a long URL and a wrong method", &long, 413, "RequestTooLarge").by("POST"),
        case("large headers", &open, 413, "RequestTooLarge").with("Cookie", "c".repeat(20_480)),
        case("a body", &open, 200, "").with("Content-Length", "0"),
    ]
}
