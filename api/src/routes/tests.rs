//! Routes: every call, and everything that is none.

use super::{Delivery, Format, Link, LinkTarget, MAX_TARGET_LENGTH, Route, RouteError};
use crate::field::Id;

fn id(text: &str) -> Id {
    Id::parse("id", text).unwrap()
}

fn parse(method: &str, target: &str) -> Result<Route, RouteError> {
    match target.split_once('?') {
        Some((path, query)) => Route::parse(method, path, Some(query)),
        None => Route::parse(method, target, None),
    }
}

const EPISODE: &str = "/users/u1/series/s1/episodes/e1/signed-urls";

#[test]
fn every_call_is_found() {
    let signed = |delivery| Route::SignedUrls {
        user: id("u1"),
        series: id("s1"),
        episode: id("e1"),
        delivery,
    };
    let heartbeat = |watching, delivery| Route::Heartbeat {
        user: id("u1"),
        session: id("x"),
        watching,
        delivery,
    };
    let playlist =
        |format| Route::Playlist { user: id("u1"), series: id("s1"), episode: id("e1"), format };
    let linked = |target| {
        let (user, series) = (id("u1"), id("s1"));
        Route::Linked(Link { user, series, episode: id("e1"), session: id("x"), target })
    };
    let at = |name: &str| format!("/users/u1/series/s1/episodes/e1/{name}");
    let nested = |key: &str| linked(LinkTarget::Nested(key.to_owned()));
    let cases = [
        ("GET", at("playlist.m3u8"), playlist(Format::Hls)),
        ("HEAD", at("manifest.mpd?"), playlist(Format::Dash)),
        (
            "GET",
            at("sessions/x/playlist.m3u8?Policy=p&own=1&own=2"),
            linked(LinkTarget::Playlist(Format::Hls)),
        ),
        ("GET", at("sessions/x/manifest.mpd"), linked(LinkTarget::Playlist(Format::Dash))),
        ("GET", at("sessions/x/cookies?Policy=p"), linked(LinkTarget::Cookies)),
        ("GET", at("sessions/x/media/a/b%20c/d.m3u8"), nested("a/b c/d.m3u8")),
        // Whether a key can be is the gate's to say; here it only stays what it is.
        ("GET", at("sessions/x/media/a/%2E%2E//b"), nested("a/..//b")),
        ("GET", format!("{EPISODE}?delivery=playlist"), signed(Some(Delivery::Playlist))),
        ("GET", EPISODE.to_owned(), signed(None)),
        ("HEAD", EPISODE.to_owned(), signed(None)),
        ("GET", format!("{EPISODE}?"), signed(None)),
        ("GET", format!("{EPISODE}?delivery=url"), signed(Some(Delivery::Url))),
        ("GET", format!("{EPISODE}?&delivery=%63ookies&"), signed(Some(Delivery::Cookies))),
        ("POST", "/users/u1/sessions/x/heartbeat".to_owned(), heartbeat(None, None)),
        (
            "POST",
            "/users/u1/sessions/x/heartbeat?delivery=cookies".to_owned(),
            heartbeat(None, Some(Delivery::Cookies)),
        ),
        (
            "POST",
            "/users/u1/sessions/x/heartbeat?episodeId=e&seriesId=s".to_owned(),
            heartbeat(Some((id("s"), id("e"))), None),
        ),
        ("GET", "/users/a%2Db/sessions".to_owned(), Route::Sessions { user: id("a-b") }),
        ("GET", "/%75sers/u1/sessions".to_owned(), Route::Sessions { user: id("u1") }),
        (
            "DELETE",
            "/users/u1/sessions/x".to_owned(),
            Route::Session { user: id("u1"), session: id("x") },
        ),
        ("GET", "/healthz".to_owned(), Route::Health),
        ("HEAD", "/readyz?probe=1".to_owned(), Route::Ready),
        ("GET", "/metrics".to_owned(), Route::Metrics),
        ("GET", "/openapi.json".to_owned(), Route::OpenApi),
    ];
    for (method, target, route) in cases {
        assert_eq!(parse(method, &target), Ok(route), "{method} {target}");
    }
}

#[test]
fn templates_are_those_of_the_list() {
    for (method, template) in super::CALLS {
        let target = template.replace(['{', '}'], "");
        let route = parse(method, &target).expect(&target);
        assert_eq!(route.template(), template);
        let linked = template.contains("/{sessionId}/") && template.contains("/episodes/");
        assert_eq!(
            route.user().is_some(),
            template.starts_with("/users/") && !linked,
            "{template}"
        );
    }
}

#[test]
fn other_paths_are_not_found() {
    for path in [
        "",
        "/",
        "healthz",
        "/healthz/",
        "//healthz",
        "/Healthz",
        "/users",
        "/users/u1",
        "/users/u1/sessions/",
        "/users/../healthz",
        "/users/u1/series/s1/episodes/e1",
        "/users/u1/series/s1/episodes/e1/signed-urls/",
        "/users/u1/series/s1/episodes/e1/playlist.mpd",
        "/users/u1/series/s1/episodes/e1/sessions",
        "/users/u1/series/s1/episodes/e1/sessions/x",
        "/users/u1/series/s1/episodes/e1/sessions/x/media",
        "/users/u1/series/s1/episodes/e1/sessions/x/playlist.m3u8/",
        "/users/u1/series/a/b/episodes/e1/signed-urls",
        "*",
    ] {
        assert_eq!(parse("GET", path), Err(RouteError::NotFound), "{path}");
    }
}

#[test]
fn other_methods_are_told_which_work() {
    for (method, target, allow) in [
        ("POST", EPISODE, "GET, HEAD"),
        ("get", EPISODE, "GET, HEAD"),
        ("OPTIONS", EPISODE, "GET, HEAD"),
        ("GET", "/users/u/sessions/x/heartbeat", "POST"),
        ("HEAD", "/users/u/sessions/x/heartbeat", "POST"),
        ("GET", "/users/u/sessions/x", "DELETE"),
        ("DELETE", "/users/u/sessions", "GET, HEAD"),
        ("POST", "/metrics", "GET, HEAD"),
        ("", "/metrics", "GET, HEAD"),
        // The method is judged before the identifiers.
        ("PUT", "/users/a%20b/sessions", "GET, HEAD"),
    ] {
        let expected = Err(RouteError::MethodNotAllowed { allow });
        assert_eq!(parse(method, target), expected, "{method} {target}");
    }
}

#[test]
fn every_broken_field_is_named() {
    let long = "a".repeat(129);
    for (method, target, fields) in [
        ("GET", "/users/%2E%2E/series/s/episodes/e/signed-urls", vec!["userId"]),
        ("GET", "/users/u/series/a%2Fb/episodes/e/signed-urls", vec!["seriesId"]),
        ("GET", "/users/u/series/s/episodes/%252E/signed-urls", vec!["episodeId"]),
        ("GET", "/users/u/series/s/episodes/%ff/signed-urls", vec!["episodeId"]),
        ("GET", "/users/u/series/s/episodes/%zz/signed-urls", vec!["episodeId"]),
        ("GET", "/users/u/series/s/episodes/a%00/signed-urls", vec!["episodeId"]),
        ("GET", "/users//series/s/episodes/e/signed-urls", vec!["userId"]),
        (
            "GET",
            &format!("/users/{long}/series/*/episodes/e%22/signed-urls?x=1"),
            vec!["userId", "seriesId", "episodeId", "x"],
        ),
        ("GET", "/users/u+v/sessions", vec!["userId"]),
        ("DELETE", "/users/u/sessions/a%20b", vec!["sessionId"]),
        ("DELETE", "/users/u/sessions/x?force=1", vec!["force"]),
        ("GET", "/users/u/sessions?delivery=url", vec!["delivery"]),
        ("GET", &format!("{EPISODE}?delivery=playlists"), vec!["delivery"]),
        ("GET", "/users/u/series/s/episodes/e/playlist.m3u8?delivery=url", vec!["delivery"]),
        (
            "GET",
            "/users/u/series/*/episodes/e/sessions/%20/cookies?x",
            vec!["seriesId", "sessionId"],
        ),
        ("GET", &format!("{EPISODE}?delivery="), vec!["delivery"]),
        ("GET", &format!("{EPISODE}?delivery=url&delivery=url"), vec!["delivery"]),
        ("GET", &format!("{EPISODE}?Delivery=url"), vec!["Delivery"]),
        ("GET", &format!("{EPISODE}?%0a=1"), vec!["?"]),
        ("POST", "/users/u/sessions/x/heartbeat?seriesId=s", vec!["episodeId"]),
        ("POST", "/users/u/sessions/x/heartbeat?episodeId=e", vec!["seriesId"]),
        (
            "POST",
            "/users/u/sessions/x/heartbeat?seriesId=..&episodeId=a%2Fb",
            vec!["seriesId", "episodeId"],
        ),
    ] {
        let Err(RouteError::Invalid(errors)) = parse(method, target) else {
            panic!("{method} {target}: {:?}", parse(method, target));
        };
        let named: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(named, fields, "{method} {target}");
    }
}

#[test]
fn hostile_queries_get_short_answers() {
    let many = format!("{EPISODE}?{}", "x=1&".repeat(500));
    let Err(RouteError::Invalid(errors)) = parse("GET", &many) else { panic!() };
    assert!(errors.len() <= 16, "{}", errors.len());
    let wide = format!("{EPISODE}?{}=1", "x".repeat(5000));
    let Err(RouteError::Invalid(errors)) = parse("GET", &wide) else { panic!() };
    assert_eq!(errors[0].field.len(), 64);
}

#[test]
fn length_is_limited_before_anything_is_read() {
    let query = "x".repeat(MAX_TARGET_LENGTH - "/healthz?".len());
    assert_eq!(Route::parse("GET", "/healthz", Some(&query)), Ok(Route::Health));
    let query = format!("{query}x");
    assert_eq!(Route::parse("GET", "/healthz", Some(&query)), Err(RouteError::TooLong));
}
