//! Resources with wildcards, with the worked examples of CloudFront's guide.

use super::request::{custom, judge, with_policy};

const UNTIL: &str = r#""DateLessThan":{"AWS:EpochTime":1767290400}"#;
const HOST: &str = "https://d111111abcdef8.cloudfront.net";

/// Judges requests under a policy for `resource`; a resource that begins with `/` is of [`HOST`], like a request.
fn under(resource: &str, requests: &[(&str, &str)]) {
    let full = |text: &str| {
        if text.starts_with('/') { format!("{HOST}{text}") } else { text.to_owned() }
    };
    // In JSON, a backslash is written as two.
    let policy = custom(&full(resource).replace('\\', "\\\\"), UNTIL);
    for (request, expected) in requests {
        let url = with_policy(&full(request), &policy);
        judge(&format!("{resource} for {request}"), &url, &[], expected);
    }
}

#[test]
fn a_star_stays_in_its_section_and_crosses_slashes() {
    under(
        "https://www.example.com/hello*world",
        &[
            ("https://www.example.com/helloworld", "allow"),
            ("https://www.example.com/hello-world", "allow"),
            ("https://www.example.com/hello/my/world", "allow"),
            ("https://www.example.com/hello?world", "AccessDenied"),
        ],
    );
    under(
        "/*game_download.zip*",
        &[
            ("/game_download.zip", "allow"),
            ("/example_game_download.zip?license=yes", "allow"),
            ("/test_game_download.zip?license=temp", "allow"),
            ("/game_download.tar", "AccessDenied"),
        ],
    );
    under(
        "/training/*",
        &[
            ("/training/orientation.pdf", "allow"),
            ("/training/x/y.ts", "allow"),
            ("/other/a", "AccessDenied"),
        ],
    );
    under("/v/*/seg*.ts", &[("/v/1/seg9.ts", "allow"), ("/v/1/seg9.ts?x=1", "AccessDenied")]);
}

#[test]
fn a_star_at_the_end_opens_what_follows() {
    under("http://example.com/hello*", &[("http://example.com/hello?x=1", "allow")]);
    under(
        "http://example.com*",
        &[("http://example.com/a/b?c=d", "allow"), ("https://example.com/a", "AccessDenied")],
    );
    under("*", &[("/a", "allow"), ("http://anything.example/x?y", "allow")]);
    under("https://*", &[("/a", "allow"), ("http://www.example.com/a", "AccessDenied")]);
    let added = format!(
        "{}&foo=bar",
        with_policy(&format!("{HOST}/a.mp4"), &custom(&format!("{HOST}/a.mp4*"), UNTIL))
    );
    judge("a parameter after signing", &added, &[], "allow");
    let added = format!(
        "{}&foo=bar",
        with_policy(&format!("{HOST}/a.mp4"), &custom(&format!("{HOST}/a.mp4"), UNTIL))
    );
    judge("a parameter after signing without a star", &added, &[], "AccessDenied");
}

#[test]
fn the_scheme_and_the_domain_may_be_wild() {
    let host = "d111111abcdef8.cloudfront.net";
    for scheme in ["*", "http*"] {
        under(
            &format!("{scheme}://{host}/a.mp4"),
            &[("/a.mp4", "allow"), (&format!("http://{host}/a.mp4"), "allow")],
        );
    }
    under(
        "https://*.example.com/*",
        &[("https://www.example.com/a", "allow"), ("https://example.org/a", "AccessDenied")],
    );
    under("*example.com", &[("https://www.example.com/a", "AccessDenied")]);
    under("https://bucket.s3.amazonaws.com/a.mp4", &[("/a.mp4", "AccessDenied")]);
}

#[test]
fn a_question_mark_is_one_character_or_the_begin_of_the_query() {
    under("/img?.jpg", &[("/img1.jpg", "allow"), ("/img12.jpg", "AccessDenied")]);
    let request = "/horizon.jpg?size=large&license=yes";
    under("/horizon.jpg?size=large&license=yes", &[(request, "allow")]);
    under(r"/horizon.jpg\?size=large&license=yes", &[(request, "allow")]);
    under("/a.mp4", &[("/a.mp4", "allow"), ("/a.mp4?x=1", "AccessDenied")]);
}
