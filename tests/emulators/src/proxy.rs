//! Stands in front of an AWS endpoint, keeps a record of every call, and breaks those it is told to.
//!
//! No emulator throttles, reports a transaction conflict or loses an answer; AWS does all of it.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header, request::Parts};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Too much is asked of the table.
    Throttle,
    /// Somebody else's transaction holds the item.
    TransactionConflict,
    /// The service failed.
    Internal,
    /// The caller has no right to this.
    AccessDenied,
    /// The connection ends before the call reaches the service.
    Reset,
    /// The call reaches the service and takes effect; the answer is lost.
    LostReply,
    /// The answer comes, but late.
    Delay(Duration),
    /// No answer comes at all.
    Silence,
    /// Something answers that is not AWS, and says 200.
    Garbage,
    /// Something answers that is not AWS, and says 404.
    NotFoundBySomebody,
    /// S3: the bucket is in the region `eu-west-1`.
    Elsewhere,
}

/// One call as it was seen.
#[derive(Clone, Debug)]
pub struct Call {
    /// `GetItem`, `GetSecretValue`, or method and path where the protocol has no names.
    pub operation: String,
    /// Path and query.
    pub target: String,
    /// With what.
    pub headers: HeaderMap,
    /// What was sent.
    pub request: Bytes,
    /// What came back from the service, if it was asked.
    pub response: Option<Bytes>,
    /// When it arrived.
    pub began: Instant,
    /// When it was answered.
    pub ended: Option<Instant>,
}

#[derive(Default)]
struct State {
    faults: Vec<(String, Fault, usize)>,
    /// How many calls still pass, and what happens to the one after them.
    death: Option<(usize, Fault)>,
    died: bool,
    calls: Vec<Call>,
}

/// A proxy at work; ends with the runtime it was started on.
#[derive(Clone)]
pub struct Proxy {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Starts one in front of `upstream`, an `http` URL without a path.
    pub async fn before(upstream: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let proxy = Self { url, state: Arc::clone(&state) };
        let client = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        let upstream = upstream.to_owned();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let relay = Relay {
                    upstream: upstream.clone(),
                    client: client.clone(),
                    state: state.clone(),
                };
                tokio::spawn(async move {
                    let service = hyper::service::service_fn(|request| relay.answer(request));
                    let connection = hyper::server::conn::http1::Builder::new();
                    // An error here is a connection that was broken on purpose.
                    let _ = connection.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        proxy
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks the next `times` calls of `operation`, or of any with `*`. A second word narrows it to requests that
    /// hold it: `GetItem tollgate-catalog`.
    pub fn fail(&self, operation: &str, fault: Fault, times: usize) {
        self.state.lock().unwrap().faults.push((operation.to_owned(), fault, times));
    }

    /// Lets `calls` calls pass, breaks the next one, and resets every one after it, as if the caller had died there.
    pub fn die_after(&self, calls: usize, fault: Fault) {
        self.state.lock().unwrap().death = Some((calls, fault));
    }

    /// Breaks nothing any more; whether the caller would have died.
    pub fn heal(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.faults.clear();
        state.death = None;
        std::mem::take(&mut state.died)
    }

    /// Every call since the last time this was asked.
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// How often an operation was called since [`Proxy::take_calls`] was asked.
    pub fn count(&self, operation: &str) -> usize {
        let state = self.state.lock().unwrap();
        state.calls.iter().filter(|call| call.operation == operation).count()
    }
}

/// The longest row of calls of which each began after the one before it had ended: round trips in sequence.
pub fn depth(calls: &[Call]) -> usize {
    let mut ordered: Vec<_> =
        calls.iter().filter_map(|call| Some((call.ended?, call.began))).collect();
    ordered.sort();
    let mut row = 0;
    let mut last: Option<Instant> = None;
    for (ended, began) in ordered {
        if last.is_none_or(|last| began >= last) {
            row += 1;
            last = Some(ended);
        }
    }
    row
}

#[derive(Clone)]
struct Relay {
    upstream: String,
    client: Client<HttpConnector, Full<Bytes>>,
    state: Arc<Mutex<State>>,
}

/// Makes hyper drop the connection without an answer.
#[derive(Debug)]
struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken on purpose")
    }
}

impl std::error::Error for Broken {}

impl Relay {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Broken> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
        let target = parts.headers.get("x-amz-target").and_then(|value| value.to_str().ok());
        let operation = target
            .and_then(|target| target.rsplit('.').next())
            .map_or_else(|| format!("{} {}", parts.method, parts.uri.path()), str::to_owned);
        let (place, fault) = self.begin(&operation, &parts, body.clone());
        let rest = target.is_none();
        let answer = match fault {
            Some(Fault::Throttle) if rest => refuse_in_xml(503, "SlowDown"),
            Some(Fault::Internal) if rest => refuse_in_xml(500, "InternalError"),
            Some(Fault::AccessDenied) if rest => refuse_in_xml(403, "AccessDenied"),
            Some(Fault::Elsewhere) => {
                let mut answer = refuse_in_xml(301, "PermanentRedirect");
                let region = HeaderValue::from_static("eu-west-1");
                answer.headers_mut().insert("x-amz-bucket-region", region);
                answer
            }
            Some(Fault::Throttle) => refuse(400, "ProvisionedThroughputExceededException"),
            Some(Fault::TransactionConflict) => refuse(400, "TransactionConflictException"),
            Some(Fault::Internal) => refuse(500, "InternalServerError"),
            Some(Fault::AccessDenied) => refuse(403, "AccessDeniedException"),
            Some(Fault::Garbage) => Response::new(Full::from("<html>not AWS</html>")),
            Some(Fault::NotFoundBySomebody) => {
                let mut answer = Response::new(Full::from("<html>not AWS either</html>"));
                *answer.status_mut() = StatusCode::NOT_FOUND;
                answer
            }
            Some(Fault::Reset) => return Err(Broken),
            Some(Fault::Silence) => std::future::pending().await,
            other => {
                if let Some(Fault::Delay(time)) = other {
                    tokio::time::sleep(time).await;
                }
                let (answer, bytes) = self.forward(parts, body).await?;
                self.note(place, |call| call.response = Some(bytes));
                if other == Some(Fault::LostReply) {
                    return Err(Broken);
                }
                answer
            }
        };
        self.note(place, |call| call.ended = Some(Instant::now()));
        Ok(answer)
    }

    async fn forward(
        &self,
        mut parts: Parts,
        body: Bytes,
    ) -> Result<(Response<Full<Bytes>>, Bytes), Broken> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = format!("{}{path}", self.upstream).parse::<Uri>().map_err(|_| Broken)?;
        let answer = self.client.request(Request::from_parts(parts, Full::from(body))).await;
        let (head, body) = answer.map_err(|_| Broken)?.into_parts();
        let bytes = body.collect().await.map_err(|_| Broken)?.to_bytes();
        Ok((Response::from_parts(head, Full::from(bytes.clone())), bytes))
    }

    /// Notes the call and finds what is to happen to it.
    fn begin(&self, operation: &str, parts: &Parts, request: Bytes) -> (usize, Option<Fault>) {
        let mut state = self.state.lock().unwrap();
        state.calls.push(Call {
            operation: operation.to_owned(),
            target: parts.uri.to_string(),
            headers: parts.headers.clone(),
            request: request.clone(),
            response: None,
            began: Instant::now(),
            ended: None,
        });
        let place = state.calls.len() - 1;
        match &mut state.death {
            Some((0, fault)) => {
                let fault = std::mem::replace(fault, Fault::Reset);
                state.died = true;
                return (place, Some(fault));
            }
            Some((left, _)) => *left -= 1,
            None => {}
        }
        let rule = state
            .faults
            .iter_mut()
            .find(|(name, _, left)| *left > 0 && matches(name, operation, &request));
        let fault = rule.map(|(_, fault, left)| {
            *left -= 1;
            *fault
        });
        (place, fault)
    }

    fn note(&self, place: usize, change: impl FnOnce(&mut Call)) {
        // Gone if somebody took the record meanwhile.
        if let Some(call) = self.state.lock().unwrap().calls.get_mut(place) {
            change(call);
        }
    }
}

/// Whether a rule is for this call.
fn matches(rule: &str, operation: &str, request: &[u8]) -> bool {
    if rule == operation || rule == "*" {
        return true;
    }
    let Some((name, part)) = rule.split_once(' ') else { return false };
    name == operation && request.windows(part.len()).any(|window| window == part.as_bytes())
}

fn refuse(status: u16, code: &str) -> Response<Full<Bytes>> {
    let body: Value = json!({
        "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"),
        "message": "said by the proxy",
    });
    let mut answer = Response::new(Full::from(body.to_string()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    let kind = HeaderValue::from_static("application/x-amz-json-1.0");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    answer
}

/// The same from a service without names for its calls; the answer to HEAD goes without the body.
fn refuse_in_xml(status: u16, code: &str) -> Response<Full<Bytes>> {
    let message = "said by the proxy, and not to be passed on";
    let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    answer.headers_mut().insert("x-amz-request-id", HeaderValue::from_static("SAIDBYTHEPROXY"));
    answer
}
