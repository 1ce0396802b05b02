//! From a request to its answer: name, route, token, viewer, gate, and whatever goes wrong between.

use std::net::IpAddr;

use http::{HeaderValue, Response, header, request::Parts as Head};
use serde_json::Value;
use spin_sdk::{
    http::Request,
    wasip3::{http_compat::IncomingRequestBody, random::random},
};
use tollgate_api::{
    Cors, Denial, Link, LinkTarget, Route, Viewer,
    answer::{self, Parts},
    client, cors, openapi, request_id, responses, token, viewer,
};

use crate::{
    bindings::tollgate::gate::playback::{self, Manifest, PlaybackRequest, Playlist, Redirect},
    body, configuration, keys,
    log::{self, Level},
    patience::within,
    peer, readiness,
    record::Record,
    settings::Settings,
    wire,
};

/// Answers one request. Never fails.
pub(crate) async fn respond(request: Request) -> Response<String> {
    let (head, body) = request.into_parts();
    let id = request_id::sent(&head.headers).unwrap_or_else(new_request_id);
    let peer = peer::peer(&head.headers);
    let settings = configuration::current().await;

    let source = settings
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|known| Ok(peer::source(peer, &head.headers, &known.trusted_proxies)?));
    let mut record = Record::start(id, &head.method, source.as_ref().ok().copied().or(peer));
    let usable = settings.as_deref().ok();
    let preflight =
        usable.is_some_and(|known| known.cors.is_preflight(&head.method, &head.headers));
    let outcome = if preflight {
        Ok(Answer::no_content())
    } else {
        let work = answered(&head, body, settings.as_deref(), source, &mut record);
        match usable {
            Some(known) => within(known.timeout, work).await.unwrap_or(Err(Denial::TimedOut)),
            None => work.await,
        }
    };

    let (mut response, outcome) = written(outcome, &record.request_id).await;
    answer::finish(response.headers_mut(), &record.request_id);
    if let Some(known) = usable {
        known.cors.allow(&head.headers, response.headers_mut(), cors::EXPOSED);
    }
    if preflight {
        Cors::allow_preflight(response.headers_mut(), cors::METHODS, cors::HEADERS);
    }
    record.end(response.status().as_u16(), outcome).await;
    response
}

/// An answer with what was asked for.
struct Answer {
    parts: Parts,
    outcome: &'static str,
}

impl Answer {
    fn json(status: u16, body: String) -> Self {
        let parts = Parts { status, content_type: "application/json", body, ..Parts::default() };
        Self { parts, outcome: "ok" }
    }

    fn no_content() -> Self {
        Self { parts: Parts { status: 204, ..Parts::default() }, outcome: "ok" }
    }

    fn granted(parts: Parts) -> Self {
        Self { parts, outcome: "granted" }
    }
}

/// Writes the answer or the problem in its place, and says how the request ended.
async fn written(
    outcome: Result<Answer, Denial>,
    request_id: &str,
) -> (Response<String>, &'static str) {
    let denial = match outcome {
        Ok(Answer { parts, outcome }) => match answer::answer(parts) {
            Ok(response) => return (with_length(response), outcome),
            Err(error) => {
                let fields = [("error", Value::from(error.to_string()))];
                log::write(Level::Error, "a request failed", &fields).await;
                Denial::Internal
            }
        },
        Err(denial) => denial,
    };
    (with_length(answer::problem(&denial, request_id)), denial.problem().slug().as_str())
}

/// Without it Spin would send the body in chunks.
fn with_length(mut response: Response<String>) -> Response<String> {
    if response.status() != http::StatusCode::NO_CONTENT {
        let length = HeaderValue::from(response.body().len());
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
    response
}

async fn answered(
    head: &Head,
    body: IncomingRequestBody,
    settings: Result<&Settings, &Denial>,
    source: Result<IpAddr, Denial>,
    record: &mut Record,
) -> Result<Answer, Denial> {
    let route = Route::parse(head.method.as_str(), head.uri.path(), head.uri.query())?;
    record.route = route.template();
    if let Route::Linked(link) = &route {
        body::discard(body).await?;
        return follow(link, head.uri.query(), source?).await;
    }
    let Some(user) = route.user().cloned() else {
        body::discard(body).await?;
        return operations(&route, settings.ok()).await;
    };

    let settings = settings.map_err(Clone::clone)?;
    let authorization = token::authorization(&head.headers)?;
    let claims = keys::authenticate(settings, authorization).await?;
    record.user = Some(claims.sub.clone());
    viewer::permit(&claims, &user)?;
    body::discard(body).await?;
    let user_agent = head.headers.get(header::USER_AGENT);
    let user_agent = user_agent.and_then(|value| client::user_agent(value.as_bytes()));
    play(route, Viewer::new(claims, user, source?, user_agent)?).await
}

async fn play(route: Route, viewer: Viewer) -> Result<Answer, Denial> {
    let viewer = wire::viewer(viewer);
    let granted = match route {
        Route::Playlist { series, episode, format, .. } => {
            let request = PlaybackRequest {
                viewer,
                series: series.as_str().to_owned(),
                episode: episode.as_str().to_owned(),
                delivery: None,
            };
            let written = playback::authorize_playlist(request, wire::manifest(format)).await;
            return playlist(written).await;
        }
        Route::SignedUrls { series, episode, delivery, .. } => {
            let request = PlaybackRequest {
                viewer,
                series: series.as_str().to_owned(),
                episode: episode.as_str().to_owned(),
                delivery: delivery.map(wire::delivery),
            };
            playback::authorize(request).await
        }
        Route::Heartbeat { session, watching, delivery, .. } => {
            let watching = watching
                .map(|(series, episode)| (series.as_str().to_owned(), episode.as_str().to_owned()));
            let session = session.as_str().to_owned();
            playback::renew(viewer, session, watching, delivery.map(wire::delivery)).await
        }
        Route::Sessions { .. } => {
            return match playback::devices(viewer).await {
                Ok(devices) => Ok(Answer::json(200, responses::json(&wire::sessions(devices)))),
                Err(denial) => Err(wire::denial(denial).await),
            };
        }
        Route::Session { session, .. } => {
            return match playback::release(viewer, session.as_str().to_owned()).await {
                Ok(true) => Ok(Answer::no_content()),
                Ok(false) => Err(Denial::SessionNotFound),
                Err(denial) => Err(wire::denial(denial).await),
            };
        }
        Route::Linked(_) | Route::Health | Route::Ready | Route::Metrics | Route::OpenApi => {
            return Err(Denial::NotFound);
        }
    };
    let mut grant = match granted {
        Ok(grant) => grant,
        Err(denial) => return Err(wire::denial(denial).await),
    };
    let cookies = std::mem::take(&mut grant.cookies);
    let body = responses::json(&wire::signed_urls(grant));
    let content_type = "application/json";
    Ok(Answer::granted(Parts { content_type, body, cookies, ..Parts::default() }))
}

/// Answers a request that a link of a grant makes.
async fn follow(link: &Link, query: Option<&str>, source: IpAddr) -> Result<Answer, Denial> {
    let request = wire::linked(link, query, source);
    let wanted = match &link.target {
        LinkTarget::Playlist(format) => wire::manifest(*format),
        LinkTarget::Nested(key) => Manifest::Nested(key.clone()),
        LinkTarget::Cookies => {
            return match playback::linked_cookies(request).await {
                Ok(Redirect { location, cookies }) => {
                    Ok(Answer::granted(Parts::redirect(location, cookies)))
                }
                Err(denial) => Err(wire::denial(denial).await),
            };
        }
    };
    playlist(playback::linked_playlist(request, wanted).await).await
}

async fn playlist(written: Result<Playlist, playback::Denial>) -> Result<Answer, Denial> {
    match written {
        Ok(Playlist { is_hls, text }) => Ok(Answer::granted(Parts::playlist(is_hls, text))),
        Err(denial) => Err(wire::denial(denial).await),
    }
}

async fn operations(route: &Route, settings: Option<&Settings>) -> Result<Answer, Denial> {
    let health = match route {
        Route::Health => responses::Health::new(Vec::new()),
        Route::Ready => readiness::report(settings).await,
        Route::OpenApi => return Ok(Answer::json(200, openapi::DOCUMENT.to_owned())),
        // Spin exports OpenTelemetry itself; the counters of one instance of many would only mislead.
        _ => return Err(Denial::NotFound),
    };
    Ok(Answer::json(health.http_status(), responses::json(&health)))
}

fn new_request_id() -> String {
    let high = random::get_random_u64().to_be_bytes();
    let low = random::get_random_u64().to_be_bytes();
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(high.into_iter().chain(low)).for_each(|(into, byte)| *into = byte);
    request_id::from_random(bytes)
}
