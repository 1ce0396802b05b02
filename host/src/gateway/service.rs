//! From a request to its answer: name, route, token, viewer, gate, and whatever goes wrong between.

use std::{future::Future, net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

use bytes::Bytes;
use futures::FutureExt;
use http::{HeaderMap, Request, Response, header, request::Parts as Head};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use tollgate_api::{
    Claims, Cors, Denial, Link, LinkTarget, Route, Slug, Viewer,
    answer::Parts,
    client::{self, Peer},
    cors, openapi, responses, token, viewer,
};
use tracing::Instrument;

use super::{
    Pages, Playback, Readiness, RequestSettings, Serve,
    answer::{Answer, respond},
    body, denial,
    denial::Refusal,
    pages::Page,
    record::{self, Record},
    request_id,
};
use crate::{
    auth::Authenticator,
    component::gate::{Manifest, PlaybackRequest, Seat},
    telemetry::{InFlight, Metrics},
};

/// Which calls a listener answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// All of them.
    Everything,
    /// What viewers need; `/readyz` and `/metrics` are not there.
    Viewers,
    /// `/healthz`, `/readyz` and `/metrics`.
    Operators,
}

/// The gateway: answers every call of the API. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
    pages: Pages,
    surface: Surface,
}

struct Inner {
    playback: Arc<dyn Playback>,
    authenticator: Arc<Authenticator>,
    readiness: Readiness,
    metrics: Metrics,
    settings: RequestSettings,
}

impl Gateway {
    /// The metrics of a gateway, each known outcome at zero. Make one and give it to [`Gateway::new`].
    pub fn metrics() -> Metrics {
        let slugs = Slug::ALL.map(Slug::as_str);
        let outcomes: Vec<_> =
            [record::GRANTED, record::CANCELLED].into_iter().chain(slugs).collect();
        Metrics::new(&outcomes, &denial::FAILURES)
    }

    /// A gateway that answers everything.
    pub fn new(
        playback: Arc<dyn Playback>,
        authenticator: Arc<Authenticator>,
        readiness: Readiness,
        metrics: Metrics,
        settings: RequestSettings,
    ) -> Self {
        let inner = Inner { playback, authenticator, readiness, metrics, settings };
        Self { inner: Arc::new(inner), pages: Pages::default(), surface: Surface::Everything }
    }

    /// The same gateway, with pages for people.
    #[must_use]
    pub fn with_pages(self, pages: Pages) -> Self {
        Self { pages, ..self }
    }

    /// The same gateway, answering fewer calls.
    #[must_use]
    pub fn with_surface(&self, surface: Surface) -> Self {
        Self { surface, ..self.clone() }
    }

    /// Answers one request. Never fails and never panics.
    pub async fn respond<B>(
        &self,
        request: Request<B>,
        peer: impl Into<Peer>,
    ) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes> + Unpin + Send,
    {
        let peer = peer.into();
        let Inner { metrics, settings, .. } = &*self.inner;
        let (head, body) = request.into_parts();
        let source = client::source_ip(
            peer,
            &settings.trusted_proxies,
            head.headers.get_all("x-forwarded-for").iter().map(|value| value.as_bytes()),
        );
        let logged_source = source.as_ref().map_or(peer, |source| Peer::Internet(*source));
        let id = request_id::of(&head.headers);
        let mut record = Record::start(metrics, id, &head.method, logged_source);

        let preflight = settings.cors.is_preflight(&head.method, &head.headers);
        let outcome = if preflight {
            Ok(Answer::no_content())
        } else {
            // Whatever is logged on the way then carries the name of the request.
            let span = tracing::info_span!("request", request_id = record.request_id);
            let work = self.answer(&head, body, source.map_err(Denial::from), &mut record);
            let work = work.instrument(span);
            let work =
                tokio::time::timeout(settings.timeout, AssertUnwindSafe(work).catch_unwind());
            match work.await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(_panic)) => {
                    // The panic hook has printed where; its message may hold anything and is not repeated.
                    tracing::error!(request_id = record.request_id, "a request panicked");
                    Err(Denial::Internal.into())
                }
                Err(_elapsed) => Err(Denial::TimedOut.into()),
            }
        };
        let (mut response, end) = respond(outcome, &record.request_id);
        // Pages are for their own origin, and what a demo's page is told are tokens.
        if self.page(head.uri.path()).is_none() {
            settings.cors.allow(&head.headers, response.headers_mut(), cors::EXPOSED);
        }
        if preflight {
            Cors::allow_preflight(response.headers_mut(), cors::METHODS, cors::HEADERS);
        }
        record.end = Some(end);
        response
    }

    async fn answer<B>(
        &self,
        head: &Head,
        body: B,
        source: Result<IpAddr, Denial>,
        record: &mut Record,
    ) -> Result<Answer, Refusal>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        if let Some(page) = self.page(head.uri.path()) {
            record.route = page.route();
            return page.answer(head, body, self.inner.settings.body_limit).await;
        }
        let route = Route::parse(head.method.as_str(), head.uri.path(), head.uri.query())
            .map_err(Denial::from)?;
        if !self.surface.answers(&route) {
            return Err(Denial::NotFound.into());
        }
        record.route = route.template();
        record.makes_signed_urls = !matches!(route, Route::Sessions { .. } | Route::Session { .. })
            && route.is_for_viewers();
        if let Route::Linked(link) = &route {
            body::discard(body, &head.headers, self.inner.settings.body_limit).await?;
            let answer = self.follow(link, head.uri.query(), source?).await?;
            // Only now is it known that the link says so, and not whoever wrote the path.
            record.user = Some(link.user.as_str().to_owned());
            return Ok(answer);
        }
        let Some(user) = route.user().cloned() else {
            body::discard(body, &head.headers, self.inner.settings.body_limit).await?;
            return self.operations(&route).await;
        };

        let claims = self.authenticate(&head.headers).await?;
        record.user = Some(claims.sub.clone());
        viewer::permit(&claims, &user).map_err(Denial::from)?;
        body::discard(body, &head.headers, self.inner.settings.body_limit).await?;
        let user_agent = head.headers.get(header::USER_AGENT);
        let user_agent = user_agent.and_then(|value| client::user_agent(value.as_bytes()));
        let viewer = Viewer::new(claims, user, source?, user_agent).map_err(Denial::from)?;
        self.play(route, viewer).await
    }

    /// The page at this path, where viewers are answered.
    fn page(&self, path: &str) -> Option<Page<'_>> {
        (self.surface != Surface::Operators).then(|| self.pages.at(path)).flatten()
    }

    async fn authenticate(&self, headers: &HeaderMap) -> Result<Claims, Denial> {
        let authorization = token::authorization(headers)?;
        let claims = self.inner.authenticator.authenticate(authorization).await;
        claims.map_err(|error| {
            tracing::debug!(%error, "not authenticated");
            Denial::from(error)
        })
    }

    async fn play(&self, route: Route, viewer: Viewer) -> Result<Answer, Refusal> {
        let playback = &self.inner.playback;
        let viewer = denial::viewer(viewer);
        let grant = match route {
            Route::Playlist { series, episode, format, .. } => {
                let request = PlaybackRequest {
                    viewer,
                    series: series.as_str().to_owned(),
                    episode: episode.as_str().to_owned(),
                    delivery: None,
                };
                let wanted = denial::manifest(format);
                let playlist = playback.authorize_playlist(request, wanted).await??;
                return Ok(Answer::granted(Parts::playlist(playlist.is_hls, playlist.text)));
            }
            Route::SignedUrls { series, episode, delivery, .. } => {
                let request = PlaybackRequest {
                    viewer,
                    series: series.as_str().to_owned(),
                    episode: episode.as_str().to_owned(),
                    delivery: delivery.map(denial::delivery),
                };
                playback.authorize(request).await??
            }
            Route::Heartbeat { session, watching, delivery, .. } => {
                let watching = watching.map(|(series, episode)| {
                    (series.as_str().to_owned(), episode.as_str().to_owned())
                });
                let delivery = delivery.map(denial::delivery);
                playback.renew(viewer, session.as_str().to_owned(), watching, delivery).await??
            }
            Route::Sessions { .. } => {
                let devices = playback.devices(viewer).await??;
                return Ok(Answer::json(responses::json(&denial::sessions(devices))));
            }
            Route::Session { session, .. } => {
                let released = playback.release(viewer, session.as_str().to_owned()).await??;
                return if released {
                    Ok(Answer::no_content())
                } else {
                    Err(Denial::SessionNotFound.into())
                };
            }
            Route::Linked(_) | Route::Health | Route::Ready | Route::Metrics | Route::OpenApi => {
                return self.operations(&route).await;
            }
        };
        let cookies = grant.cookies.clone();
        let body = responses::json(&denial::signed_urls(grant));
        Ok(Answer::granted(Parts {
            content_type: "application/json",
            body,
            cookies,
            ..Parts::default()
        }))
    }

    /// Answers a request that a link of a grant makes.
    async fn follow(
        &self,
        link: &Link,
        query: Option<&str>,
        source: IpAddr,
    ) -> Result<Answer, Refusal> {
        let playback = &self.inner.playback;
        let request = denial::linked(link, query, source);
        let wanted = match &link.target {
            LinkTarget::Playlist(format) => denial::manifest(*format),
            LinkTarget::Nested(key) => Manifest::Nested(key.clone()),
            LinkTarget::Cookies => {
                let redirect = playback.linked_cookies(request).await??;
                return Ok(Answer::granted(Parts::redirect(redirect.location, redirect.cookies)));
            }
        };
        let playlist = playback.linked_playlist(request, wanted).await??;
        Ok(Answer::granted(Parts::playlist(playlist.is_hls, playlist.text)))
    }

    async fn operations(&self, route: &Route) -> Result<Answer, Refusal> {
        let health = match route {
            Route::Health => responses::Health::new(Vec::new()),
            Route::Ready => self.inner.readiness.report().await,
            Route::OpenApi => return Ok(Answer::json(openapi::DOCUMENT.to_owned())),
            Route::Metrics => {
                let page = self.inner.metrics.encode().map_err(|_| Denial::Internal)?;
                return Ok(Answer::new(200, Metrics::CONTENT_TYPE, page));
            }
            _ => return Err(Denial::NotFound.into()),
        };
        let text = responses::json(&health);
        Ok(Answer::new(health.http_status(), "application/json", text))
    }
}

impl Surface {
    fn answers(self, route: &Route) -> bool {
        match route {
            Route::Health => true,
            Route::Ready | Route::Metrics => self != Self::Viewers,
            _ => self != Self::Operators,
        }
    }
}

impl Serve for Gateway {
    type Body = Full<Bytes>;

    fn serve(
        &self,
        request: Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send {
        self.respond(request, peer)
    }

    fn connected(&self) -> InFlight {
        self.inner.metrics.connection()
    }

    /// Probes are answered by other threads than viewers where they have their own listener.
    fn seat(&self) -> Option<Seat> {
        (self.surface != Surface::Operators).then(|| self.inner.playback.seat()).flatten()
    }

    fn refused(&self) {
        self.inner.metrics.connection_refused();
    }

    fn drain(&self) {
        self.inner.readiness.drain();
    }
}
