//! Requests that a component sends: only to where it may, and without TLS, because tests have servers on loopback.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use http::uri::Scheme;
use http_body_util::BodyExt as _;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::{Options, interference::Call};

/// How long an answer may take if the component does not say.
const PATIENCE: Duration = Duration::from_secs(600);

/// Sends what a component wants to be sent.
#[derive(Clone)]
pub(crate) struct Outbound {
    options: Arc<Options>,
    client: Client<HttpConnector, WasiBody>,
}

type Answer = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl Outbound {
    pub(crate) fn new(options: &Arc<Options>) -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { options: Arc::clone(options), client }
    }

    fn send(
        &self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> BoxFuture<'static, Result<Answer, Error>> {
        let this = self.clone();
        Box::pin(async move {
            let uri = request.uri().clone();
            let before = this.options.interference.before(Call::Request(&uri));
            before
                .await
                .map_err(|_| Error::InternalError(Some("a test asked for it".to_owned())))?;
            let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
            let is_secure = uri.scheme() == Some(&Scheme::HTTPS);
            let port = authority.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
            if !this.options.allowed_hosts.permits(&format!("{}:{port}", authority.host())) {
                return Err(Error::HttpRequestDenied);
            }
            if is_secure {
                return Err(Error::InternalError(Some("the test host has no TLS".to_owned())));
            }
            let limit = options.and_then(|options| options.first_byte_timeout).unwrap_or(PATIENCE);
            let answer = tokio::time::timeout(limit, this.client.request(request));
            let answer = answer.await.map_err(|_| Error::ConnectionReadTimeout)?;
            let answer = answer.map_err(|error| match error.is_connect() {
                true => Error::ConnectionRefused,
                false => Error::HttpProtocolError,
            })?;
            let answer = answer.map(|body| body.map_err(Error::from).boxed_unsync());
            let end: Box<dyn Future<Output = _> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((answer, end))
        })
    }
}

impl WasiHttpHooks for Outbound {
    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _read: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Answer, Error>> + Send> {
        Box::new(self.send(request, options))
    }
}
