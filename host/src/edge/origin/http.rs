//! Another server as an origin.

use std::{
    borrow::Cow,
    io,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header,
    request::Parts,
};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use tollgate_api::edge::{
    WireUrl,
    range::{self, Asked},
};
#[cfg(feature = "aws")]
use tollgate_backends::s3::Signer;

#[cfg(feature = "aws")]
use super::s3;
use super::{OriginError, Relayed, policy, watched::Watched};
use crate::{
    edge::{
        body::passed,
        fill::Filling,
        object::{Head, Object},
    },
    outbound::tls_config,
};

/// A server that is asked for objects.
pub(in crate::edge) struct HttpOrigin {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    server: Server,
    /// How long the server may be silent, before its answer and at every point of it.
    timeout: Duration,
}

/// Who is asked.
enum Server {
    /// Anybody: scheme, host, and the path in front of every object's, without a slash at the end.
    Plain(String),
    /// A bucket, by signed requests.
    #[cfg(feature = "aws")]
    S3(Box<Signer>),
}

/// What the server gave.
pub(in crate::edge) enum Answer {
    /// A whole object, which the cache has from now on.
    Kept(Arc<Object>),
    /// Anything else, passed on while it arrives.
    Relayed(Relayed),
}

impl HttpOrigin {
    /// Takes the URL objects are below.
    pub(super) fn new(url: &str, timeout: Duration) -> Result<Self, String> {
        let uri: Uri = url.parse().map_err(|_| "is no URL".to_owned())?;
        let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"));
        let (Some(scheme), Some(authority)) = (scheme, uri.authority()) else {
            return Err("must start with http:// or https:// and a host".to_owned());
        };
        if authority.as_str().contains('@') || uri.query().is_some() || url.contains('#') {
            return Err("must hold no user name, query or fragment".to_owned());
        }
        let base = format!("{scheme}://{authority}{}", uri.path().trim_end_matches('/'));
        Self::asking(Server::Plain(base), scheme == "https", timeout)
    }

    /// Takes what signs requests for the objects of a bucket.
    #[cfg(feature = "aws")]
    pub(super) fn of_bucket(signer: Signer, timeout: Duration) -> Result<Self, String> {
        let tls = signer.address().starts_with("https:");
        Self::asking(Server::S3(Box::new(signer)), tls, timeout)
    }

    fn asking(server: Server, tls: bool, timeout: Duration) -> Result<Self, String> {
        let tls = tls_config(tls).map_err(|error| error.to_string())?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { client, server, timeout })
    }

    pub(super) fn summary(&self) -> String {
        match &self.server {
            Server::Plain(base) => base.clone(),
            #[cfg(feature = "aws")]
            Server::S3(signer) => format!("s3 {}", signer.address()),
        }
    }

    /// What the object of this URL is asked for by, and kept under.
    pub(in crate::edge) fn target<'a>(
        &self,
        url: &'a WireUrl,
    ) -> Result<Cow<'a, str>, OriginError> {
        match &self.server {
            Server::Plain(_) => Ok(Cow::Borrowed(url.target())),
            #[cfg(feature = "aws")]
            Server::S3(_) => s3::target(url.path()).map(Cow::Owned),
        }
    }

    /// Asks for an object. What may be kept, and has its room reserved, is read whole; everything else is
    /// passed on.
    pub(in crate::edge) async fn get(
        &self,
        target: &str,
        viewer: &Parts,
        usual: Duration,
        reserve: impl Fn(u64) -> Option<Filling>,
    ) -> Result<Answer, OriginError> {
        let mut response = self.ask(&viewer.method, target, conditions(viewer)).await?;
        if viewer.method != Method::GET {
            return Ok(Answer::Relayed(self.relay(response)));
        }
        let lifetime = |headers: &HeaderMap| policy::lifetime(headers, usual, SystemTime::now());
        // Who asks for one part of what can be kept will ask for others.
        let total = total(&response).filter(|_| lifetime(response.headers()).is_some());
        let filling = total.and_then(&reserve);
        if filling.is_some() {
            drop(response);
            response = self.ask(&Method::GET, target, HeaderMap::new()).await?;
        }
        let length = response.body().size_hint().exact();
        let length = length.filter(|_| response.status() == StatusCode::OK);
        let (Some(length), Some(lifetime)) = (length, lifetime(response.headers())) else {
            return Ok(Answer::Relayed(self.relay(response)));
        };
        // It may have changed in between.
        let filling = filling.filter(|filling| filling.length() == length);
        let Some(filling) = filling.or_else(|| reserve(length)) else {
            return Ok(Answer::Relayed(self.relay(response)));
        };
        let head = Head(described(response.headers()));
        let body = Watched::new(response.into_body(), self.timeout);
        let bytes = collect(body, length).await?;
        Ok(Answer::Kept(filling.keep(head, bytes, Some(Instant::now() + lifetime))))
    }

    async fn ask(
        &self,
        method: &Method,
        target: &str,
        headers: HeaderMap,
    ) -> Result<Response<Incoming>, OriginError> {
        let mut request = match &self.server {
            Server::Plain(base) => plain(base, method, target)?,
            #[cfg(feature = "aws")]
            Server::S3(signer) => s3::request(signer, method, target, self.timeout).await?,
        };
        // Nothing of the viewer but conditions: no cookies, no token, no address.
        request.headers_mut().extend(headers);
        request
            .headers_mut()
            .insert(header::USER_AGENT, HeaderValue::from_static("Amazon CloudFront"));
        match tokio::time::timeout(self.timeout, self.client.request(request)).await {
            Ok(Ok(response)) => match &self.server {
                Server::Plain(_) => Ok(response),
                #[cfg(feature = "aws")]
                Server::S3(_) => s3::sift(response, self.timeout).await,
            },
            Ok(Err(error)) if error.is_connect() => {
                Err(OriginError::Unreachable("no connection".to_owned()))
            }
            Ok(Err(_)) => Err(OriginError::Unreachable("the connection broke off".to_owned())),
            Err(_) => Err(OriginError::TimedOut),
        }
    }

    /// The answer as it comes, without what is not an object's.
    fn relay(&self, response: Response<Incoming>) -> Relayed {
        let (head, body) = response.into_parts();
        let mut relayed = Response::new(passed(Watched::new(body, self.timeout)));
        *relayed.status_mut() = head.status;
        *relayed.headers_mut() = described(&head.headers);
        const NAMES: [HeaderName; 4] = [
            header::ACCEPT_RANGES,
            header::CONTENT_LENGTH,
            header::CONTENT_RANGE,
            header::RETRY_AFTER,
        ];
        for name in NAMES {
            if let Some(value) = head.headers.get(&name) {
                relayed.headers_mut().insert(name, value.clone());
            }
        }
        relayed
    }
}

fn plain(base: &str, method: &Method, target: &str) -> Result<Request<Empty<Bytes>>, OriginError> {
    let uri: Uri = format!("{base}{target}")
        .parse()
        // What hyper took from a viewer it can send on; if not, there is no such object.
        .map_err(|_| OriginError::Missing)?;
    let mut request = Request::new(Empty::new());
    *request.method_mut() = method.clone();
    *request.uri_mut() = uri;
    Ok(request)
}

/// Reads an answer that says how long it is; hyper sees to it that it is not longer.
async fn collect(mut body: Watched, length: u64) -> Result<Vec<u8>, OriginError> {
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => OriginError::TimedOut,
            _ => OriginError::Unreachable("the answer broke off".to_owned()),
        })?;
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// What of a viewer's request the origin may decide about.
fn conditions(viewer: &Parts) -> HeaderMap {
    let range = viewer.headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    // The same ranges as of objects in memory: one at a time, and none for HEAD.
    let single = range.is_some_and(|range| range::parse(range, u64::MAX) != Asked::Whole);
    let ranges = [header::RANGE, header::IF_RANGE];
    let ranges = ranges.into_iter().filter(|_| single && viewer.method == Method::GET);
    [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]
        .into_iter()
        .chain(ranges)
        .filter_map(|name| Some((name.clone(), viewer.headers.get(&name)?.clone())))
        .collect()
}

/// How long the object is that this answer is a part of.
fn total(response: &Response<Incoming>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (_, total) = range.strip_prefix("bytes ")?.split_once('/')?;
    total.parse().ok().filter(|_| response.status() == StatusCode::PARTIAL_CONTENT)
}

/// The headers that describe an object. All others belong to the connection, to the origin's own cookies, or
/// to a cross-origin policy that is not the edge's.
fn described(headers: &HeaderMap) -> HeaderMap {
    const NAMES: [HeaderName; 10] = [
        header::CONTENT_TYPE,
        header::CONTENT_ENCODING,
        header::CONTENT_LANGUAGE,
        header::CONTENT_DISPOSITION,
        header::ETAG,
        header::LAST_MODIFIED,
        header::CACHE_CONTROL,
        header::AGE,
        header::EXPIRES,
        header::LOCATION,
    ];
    NAMES.into_iter().filter_map(|name| Some((name.clone(), headers.get(&name)?.clone()))).collect()
}
