//! From a request to its answer: behaviour, verdict, cache, origin.

use std::{sync::Arc, time::Instant};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use hyper::body::Incoming;
use prometheus_client::metrics::gauge::Gauge;
use tollgate_api::{
    client::{self, Peer},
    edge::{self, EXPOSED, Refusal, Site, Unverified, WireUrl, admit, denial},
};
use tollgate_backends::section::Mistake;

use super::{
    EdgeCounters, EdgeSettings,
    behavior::{self, Behavior},
    body::{EdgeBody, whole},
    clock::{self, Clock},
    counters::Result as Counted,
    objects::Objects,
    origin::{Origin, OriginError},
    respond,
    trust::{KeyWatch, Trust},
};
use crate::{
    component::{
        SignerComponent,
        signer::{DenialCode, EdgeRequest, Verdict},
    },
    gateway::Serve,
    telemetry::InFlight,
};

/// The local edge. Cheap to clone.
#[derive(Clone)]
pub struct Edge {
    inner: Arc<Inner>,
    clock: Clock,
    tls: bool,
}

struct Inner {
    settings: EdgeSettings,
    trust: Arc<Trust>,
    behaviors: Vec<Behavior>,
    objects: Objects,
    counters: EdgeCounters,
    connections: Gauge,
}

impl Edge {
    /// Reads keys and opens origins.
    ///
    /// # Errors
    /// Every key and origin that cannot be used.
    pub async fn open(
        settings: EdgeSettings,
        signer: &SignerComponent,
    ) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let trust = Trust::open(&settings, signer).map_err(|found| mistakes.extend(found)).ok();
        let mut origins = Vec::new();
        for origin in &settings.origins {
            match Origin::open(origin).await {
                Ok(origin) => origins.push(origin),
                Err(found) => mistakes.extend(found),
            }
        }
        let Some(trust) = trust.filter(|_| mistakes.is_empty()) else {
            return Err(mistakes);
        };
        let behaviors = behavior::all(&settings, &trust);
        let objects = Objects::new(origins, &settings, signer);
        let inner = Inner {
            settings,
            trust: Arc::new(trust),
            behaviors,
            objects,
            counters: EdgeCounters::default(),
            connections: Gauge::default(),
        };
        Ok(Self { inner: Arc::new(inner), clock: Arc::new(clock::system), tls: false })
    }

    /// The same edge behind TLS or not, which is the scheme of its URLs unless they are told otherwise.
    #[must_use]
    pub fn with_tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// The same edge on another clock, in epoch seconds. While it says `None`, nothing that is signed is allowed.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Option<u64> + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// Follows what is put into folders of keys and taken out of them, until the result is dropped. Must be called
    /// within a tokio runtime; `None` if no group is a folder.
    pub fn watch(&self) -> Option<KeyWatch> {
        self.inner.trust.watch()
    }

    /// What it counted so far.
    pub fn counters(&self) -> EdgeCounters {
        self.inner.counters.clone()
    }

    /// Lines for the log: each behaviour, whether it is signed, and where its objects come from.
    pub fn summary(&self) -> Vec<String> {
        let line = |behavior: &Behavior| {
            let access = if behavior.trusted.is_some() { "signed" } else { "public" };
            format!("{} {access}, {}", behavior.text, self.inner.objects.summary(behavior.origin))
        };
        self.inner.behaviors.iter().map(line).collect()
    }

    /// Answers one request. Never fails.
    pub async fn respond<B>(
        &self,
        request: Request<B>,
        peer: impl Into<Peer>,
    ) -> Response<EdgeBody> {
        let peer = peer.into();
        let started = Instant::now();
        let (head, _) = request.into_parts();
        let mut seen = Seen::default();
        let mut response = self.answer(&head, peer, &mut seen).await;
        let cors = &self.inner.settings.cors;
        // On denials as well: a player that may not read the status cannot tell that it must refresh.
        cors.allow(&head.headers, response.headers_mut(), EXPOSED);
        if head.method == Method::HEAD {
            *response.body_mut() = whole(Bytes::new());
        }
        let counted = seen.counted.unwrap_or(Counted::Error);
        self.inner.counters.count(counted);
        // The path and never the query: a signature is a right to watch.
        tracing::info!(
            method = %head.method,
            path = head.uri.path(),
            behavior = seen.behavior,
            status = response.status().as_u16(),
            result = counted.name(),
            reason = seen.reason.as_deref(),
            duration_ms = started.elapsed().as_secs_f64() * 1000.0,
            "edge request"
        );
        response
    }

    async fn answer<'s>(
        &'s self,
        head: &Parts,
        peer: Peer,
        seen: &mut Seen<'s>,
    ) -> Response<EdgeBody> {
        let Inner { settings, .. } = &*self.inner;
        let scheme = settings.scheme.unwrap_or(if self.tls { "https" } else { "http" });
        let site = Site { scheme, domain: settings.domain.as_deref() };
        let verify = |behavior: &Behavior, url: &WireUrl| self.verify(behavior, head, url, peer);
        let admitted = admit(head, &site, &self.inner.behaviors, settings.explain, verify);
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(refusal) => return refused(*refusal, seen),
        };
        seen.behavior = Some(&admitted.behavior.text);
        if head.method == Method::OPTIONS {
            // Answered without asking any origin.
            seen.counted = Some(Counted::Hit);
            return edge::options(&settings.cors, head).map(whole);
        }
        match self.inner.objects.get(admitted.behavior, head, admitted.url).await {
            Ok((source, counted)) => {
                let response = respond::respond(head, source, counted).await;
                // A range beyond the end comes to light only there, and what an origin failed in.
                seen.counted = Some(counted.with(response.status()));
                response
            }
            Err(failure) => failed(&failure),
        }
    }

    /// Whether the behaviour lets the request pass. Everything that is not a clear yes is a no.
    fn verify(
        &self,
        behavior: &Behavior,
        head: &Parts,
        url: &WireUrl,
        peer: Peer,
    ) -> Result<(), Unverified> {
        let Some(trusted) = &behavior.trusted else { return Ok(()) };
        let failed = || Unverified::closed("verifier-failed");
        let verifier = trusted.now().ok_or_else(failed)?;
        // Without the time, nobody knows what has expired.
        let now = (self.clock)().ok_or_else(|| Unverified::closed("clock"))?;
        let cookies = head.headers.get_all(header::COOKIE).iter();
        let forwarded = head.headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
        let proxies = &self.inner.settings.trusted_proxies;
        // Without an address a policy that names one does not hold, and every other one does.
        let client_ip = client::source_ip(peer, proxies, forwarded).ok();
        let request = EdgeRequest {
            url: url.as_str().to_owned(),
            cookies: cookies
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
                .collect(),
            client_ip: client_ip.map(|ip| ip.to_string()),
            now,
        };
        // In place: it takes less time than handing it to another thread and back.
        match verifier.verify(&request) {
            Ok(Verdict::Allow) => Ok(()),
            Ok(Verdict::Deny(denied)) => {
                Err(Unverified { code: code(denied.code), reason: denied.reason })
            }
            Err(_) => Err(failed()),
        }
    }
}

/// What the log line says of a request.
#[derive(Default)]
struct Seen<'s> {
    behavior: Option<&'s str>,
    reason: Option<String>,
    counted: Option<Counted>,
}

fn refused<'s>(refusal: Refusal<'s, Behavior>, seen: &mut Seen<'s>) -> Response<EdgeBody> {
    seen.behavior = refusal.behavior.map(|behavior| behavior.text.as_str());
    seen.counted = refusal.unverified.is_some().then_some(Counted::Denied);
    seen.reason = refusal.unverified.map(|unverified| unverified.reason);
    let mut response = refusal.response.map(whole);
    if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn failed(failure: &OriginError) -> Response<EdgeBody> {
    match failure {
        OriginError::Missing => denial::missing().map(whole),
        OriginError::Ambiguous => denial::ambiguous().map(whole),
        #[cfg(feature = "aws")]
        OriginError::Unsatisfiable(length) => denial::unsatisfiable(*length).map(whole),
        #[cfg(feature = "aws")]
        OriginError::Refused => {
            tracing::warn!(error = %failure, "the origin failed");
            error(StatusCode::FORBIDDEN, "OriginRefused", "The origin does not give this object")
        }
        #[cfg(feature = "aws")]
        OriginError::Failing(status) => {
            tracing::warn!(error = %failure, "the origin failed");
            error(*status, "OriginFailed", "The origin cannot give this object now")
        }
        OriginError::Unreachable(_) => {
            tracing::warn!(error = %failure, "the origin failed");
            error(StatusCode::BAD_GATEWAY, "BadGateway", "The origin cannot be reached")
        }
        OriginError::TimedOut => {
            tracing::warn!(error = %failure, "the origin failed");
            error(
                StatusCode::GATEWAY_TIMEOUT,
                "GatewayTimeout",
                "The origin did not answer in time",
            )
        }
    }
}

/// The contract's words for a denial, as both edges have them.
fn code(code: DenialCode) -> edge::DenialCode {
    match code {
        DenialCode::MissingKey => edge::DenialCode::MissingKey,
        DenialCode::InvalidKey => edge::DenialCode::InvalidKey,
        DenialCode::MalformedSignature => edge::DenialCode::MalformedSignature,
        DenialCode::MalformedPolicy => edge::DenialCode::MalformedPolicy,
        DenialCode::AccessDenied => edge::DenialCode::AccessDenied,
    }
}

fn error(status: StatusCode, code: &str, message: &str) -> Response<EdgeBody> {
    denial::error(status, code, message).map(whole)
}

impl Serve for Edge {
    type Body = EdgeBody;

    fn serve(
        &self,
        request: Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response<EdgeBody>> + Send {
        self.respond(request, peer)
    }

    fn least_head_limit(&self) -> usize {
        LEAST_HEAD_LIMIT
    }

    fn connected(&self) -> InFlight {
        InFlight::enter(&self.inner.connections)
    }
}

/// Requests up to 64 KiB are answered in CloudFront's words, with room for what HTTP/2 counts beside the bytes.
const LEAST_HEAD_LIMIT: usize = 80 << 10;
