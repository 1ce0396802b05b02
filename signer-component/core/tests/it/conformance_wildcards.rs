//! Research section 5.5: wildcards.

use tollgate_core::cloudfront::{Code::*, Reason::*};

use crate::support::*;

/// A URL carrying a custom policy for a resource.
fn under(resource: &str, url: &str) -> String {
    Parts::custom(&custom_policy(&resource.replace('\\', r"\\"), "")).on(url)
}

fn opens(number: &'static str, resource: &str, url: &str) -> Row {
    Row::allow(number, under(resource, url))
}

fn shut(number: &'static str, resource: &str, url: &str) -> Row {
    Row::deny(number, under(resource, url), AccessDenied, ResourceMismatch)
}

pub fn rows() -> Vec<Row> {
    let example = "https://www.example.com/hello*world";
    let zip = at_d8("/*game_download.zip*");
    let training = at_d8("/training/*");
    let size = "/horizon.jpg?size=large&license=yes";
    vec![
        shut("96", example, "https://www.example.com/hello?world"),
        opens("97", "http://example.com/hello*", "http://example.com/hello?x=1"),
        opens("98", "http://example.com*", "http://example.com/a/b?c=d"),
        opens("98b", "http://example.com*", "http://example.com.evil.test/"),
        shut("100", "*example.com", "https://www.example.com/a"),
        opens("101", "*", "http://anything.example/a/b?c=d"),
        opens("102", &zip, &at_d8("/game_download.zip")),
        opens("102b", &zip, &at_d8("/example_game_download.zip?license=yes")),
        opens("102c", &zip, &at_d8("/test_game_download.zip?license=temp")),
        opens("104", &format!("*://{D8}/a.mp4"), &format!("http://{D8}/a.mp4")),
        opens("104b", &format!("*://{D8}/a.mp4"), &at_d8("/a.mp4")),
        opens("105", &format!("http*://{D8}/a.mp4"), &format!("http://{D8}/a.mp4")),
        opens("105b", &format!("http*://{D8}/a.mp4"), &at_d8("/a.mp4")),
        opens("106", &training, &at_d8("/training/orientation.pdf")),
        opens("106b", &training, &at_d8("/training/x/y.ts")),
        opens("108", &at_d8("/foo/*"), &at_d8("/foo/other.mp4")),
        Row::allow("109", format!("{}&foo=bar", under(&at_d8("/a.mp4*"), &at_d8("/a.mp4")))),
        opens("110", &at_d8("/img?.jpg"), &at_d8("/img1.jpg")),
        opens("112", &at_d8(size), &at_d8(size)),
        opens("113", &at_d8(&size.replace('?', r"\?")), &at_d8(size)),
        // The older guide had people write `\?`, which is no escape in JSON.
        Row::allow(
            "113b",
            Parts::custom(&custom_policy(&at_d8(&size.replace('?', r"\?")), "")).on(&at_d8(size)),
        ),
        shut("114", &at_d8("/a.mp4"), &at_d8("/a.mp4?x=1")),
        shut("116", &at_d8("/v/*/seg*.ts"), &at_d8("/v/1/seg9.ts?x=1")),
        shut("117", "https://bucket.s3.amazonaws.com/a.mp4", &at_d8("/a.mp4")),
    ]
}

/// Rows the research does not list.
pub fn own_rows() -> Vec<Row> {
    let example = "https://www.example.com/hello*world";
    vec![
        opens("X100", example, "https://www.example.com/helloworld"),
        opens("X100b", example, "https://www.example.com/hello-world"),
        opens("X100c", example, "https://www.example.com/hello/x/world"),
        // A section never reaches into the next one.
        shut("X101", "https://*/a.mp4", "https://evil.test/x?/a.mp4"),
        shut("X101b", "https://*.example.com/a.mp4", "https://evil.test/.example.com/a.mp4"),
        shut("X101c", "https://*", "http://example.com/"),
        opens("X101d", "https://*", "https://example.com/a/b?c=d"),
        shut("X101e", &at_d8("/*.mp4"), &at_d8("/a?b.mp4")),
        shut("X101f", "*example.com", "https://www.example.com/?a"),
        opens("X101g", "*example.com", "https://www.example.com/"),
        // Both exceptions at once: no protocol, and a star at the end of the domain.
        opens("X101h", "*example.com*", "http://www.example.com/a/b?c=d"),
        shut("X101i", "*example.com*", "http://www.example.org/a"),
        // A query that is spelled out is all there may be.
        shut("X102", &at_d8("/a.mp4?x=1"), &at_d8("/a.mp4?x=1&y=2")),
        shut("X102b", &at_d8("/a.mp4?x=1"), &at_d8("/a.mp4")),
        opens("X102c", &at_d8("/a.mp4?x=*"), &at_d8("/a.mp4?x=1&y=2")),
        opens("X102d", &at_d8("/a.mp4?*"), &at_d8("/a.mp4?y")),
        opens("X102e", &at_d8("/a*?x=1"), &at_d8("/abc?x=1")),
        shut("X102f", &at_d8("/a*?x=1"), &at_d8("/abc?x=2")),
        opens("X102g", &at_d8("/a.mp4?n=?"), &at_d8("/a.mp4?n=7")),
        shut("X102h", &at_d8("/a.mp4?n=?"), &at_d8("/a.mp4?n=77")),
        // Exactly one means one.
        shut("X103", &at_d8("/img?.jpg"), &at_d8("/img.jpg")),
        shut("X103b", &at_d8("/img?.jpg"), &at_d8("/img12.jpg")),
        // Letters count, but for those of the domain.
        shut("X104", &at_d8("/a.mp4"), &at_d8("/A.mp4")),
        opens("X104b", &at_d8("/a.mp4"), &format!("https://{}/a.mp4", D8.to_uppercase())),
        opens("X104c", &format!("https://{}/a.mp4", D8.to_uppercase()), &at_d8("/a.mp4")),
        // Wire bytes are compared: neither decoded nor folded.
        shut("X105", &at_d8("/a b.mp4"), &at_d8("/a%20b.mp4")),
        opens("X105b", &at_d8("/a%20b.mp4"), &at_d8("/a%20b.mp4")),
        opens("X105c", &at_d8("/it's.jpg"), &at_d8("/it's.jpg")),
        shut("X105d", &at_d8("/training/*"), &at_d8("/training")),
        opens("X105e", &at_d8("/training/*"), &at_d8("/training/../secret.mp4")),
        // The port is part of the domain.
        shut("X106", &at_d8("/*"), &format!("https://{D8}:8443/a.mp4")),
        opens("X106b", "http://localhost:8081/*", "http://localhost:8081/a/b"),
        opens("X106c", &at_d8("/*"), &format!("https://{D8}:443/a.mp4")),
        // The prefix trap: `/v/12*` opens `/v/123/` too. That is what it says, so it does.
        opens("X107", &at_d8("/v/12*"), &at_d8("/v/123/a.ts")),
        shut("X107b", &at_d8("/v/12/*"), &at_d8("/v/123/a.ts")),
        // Own parameters between the signing ones are part of the URL.
        Row::allow(
            "X108",
            under(&at_d8("/a.mp4?x=1"), &at_d8("/a.mp4")).replacen("&Sig", "&x=1&Sig", 1),
        ),
        // What a policy may not begin with.
        Row::deny(
            "X109",
            under("ftp://d/a", &at_d8("/a.mp4")),
            MalformedPolicy,
            ResourceNotAPattern,
        ),
        Row::deny(
            "X109b",
            under("https:///a", &at_d8("/a.mp4")),
            MalformedPolicy,
            ResourceNotAPattern,
        ),
        Row::deny(
            "X109c",
            under("?ttps://d/a", &at_d8("/a.mp4")),
            MalformedPolicy,
            ResourceNotAPattern,
        ),
        // Strictly, a `?` that may mean two things opens nothing by the less documented one.
        opens("X110", &at_d8("/a?x=1"), &at_d8("/a?x=1")).strict(),
        Row::deny(
            "X110b",
            under(&at_d8("/img?.jpg"), &at_d8("/img1.jpg")),
            AccessDenied,
            ResourceReadingOpen,
        )
        .strict(),
        Row::deny(
            "X110c",
            under(&format!("http*://{D8}/*"), &at_d8("/a")),
            AccessDenied,
            ResourceReadingOpen,
        )
        .strict(),
        opens("X110d", &at_d8("/v/*"), &at_d8("/v/a?b")).strict(),
    ]
}

#[test]
fn wildcards() {
    check(&rows());
    check(&own_rows());
}
