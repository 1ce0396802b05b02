//! From a request to its answer: the checks of every edge, the verdict, and the component behind.

use http::{HeaderValue, Method, Request, Response, header, request::Parts};
use serde_json::json;
use spin_sdk::http::{EmptyBody, next};
use tollgate_api::{
    FieldError,
    cors::Cors,
    edge::{
        self, Refusal, Unverified, WireUrl, admit, denial,
        middleware::{Row, Settings, forward, is_ambiguous},
    },
};

use crate::{
    address,
    answer::{self, Body},
    bindings::tollgate::gate::verification::{
        self, DenialCode, EdgeRequest, TrustedKey, Verdict, Verifier,
    },
    clock, log,
};

/// An edge with what the variables say.
pub struct Edge {
    settings: Settings,
    /// `None` while anything is wrong: then no signature is taken.
    verifier: Option<Verifier>,
}

impl Edge {
    /// Parses the keys.
    pub fn new(mut settings: Settings) -> Self {
        let key = |(id, pem): &(String, String)| TrustedKey {
            key_pair_id: id.clone(),
            public_key: pem.clone(),
        };
        let keys: Vec<TrustedKey> = settings.keys.iter().map(key).collect();
        let verifier = match Verifier::create(&keys, settings.strict) {
            // Then there is a mistake, or nothing that is signed.
            _ if keys.is_empty() => None,
            Ok(verifier) => Some(verifier).filter(|_| settings.mistakes.is_empty()),
            Err(invalid) => {
                let rule = format!("{} {}", invalid.field, invalid.rule);
                settings.mistakes.push(FieldError::new("verify_public_keys", rule));
                None
            }
        };
        Self { settings, verifier }
    }

    /// What is wrong with the variables.
    pub fn mistakes(&self) -> &[FieldError] {
        &self.settings.mistakes
    }

    /// Which web origins may read answers.
    pub fn cors(&self) -> &Cors {
        &self.settings.cors
    }

    /// Answers one request. What every answer carries is not in it yet.
    pub async fn answer(&self, head: Parts) -> Response<Body> {
        let settings = &self.settings;
        let sent = forward::sent(&head);
        let site = settings.site(head.uri.scheme_str().unwrap_or("http"));
        let verify = |row: &Row, url: &WireUrl| self.verify(row, &head, url);
        let admitted = match admit(&sent, &site, &settings.behaviors, settings.explain, verify) {
            Ok(admitted) => admitted,
            Err(refusal) => return refused(&head, *refusal).await,
        };
        if head.method == Method::OPTIONS {
            return edge::options(self.cors(), &head).map(Body::Whole);
        }
        if is_ambiguous(admitted.url.path(), admitted.behavior, &settings.behaviors) {
            return denial::ambiguous().map(Body::Whole);
        }
        let stripped = verification::strip(admitted.url.as_str());
        let url = admitted.url.stripped(stripped);
        let path = url.path().to_owned();
        let Some(inner) = forward::head(head, url.target(), verification::strip) else {
            return answer::unreachable();
        };
        match next(Request::from_parts(inner, EmptyBody::new())).await {
            Ok(response) => relayed(response),
            Err(error) => {
                let fields = json!({ "path": path, "error": error.to_string() });
                log::line("ERROR", "the component behind gives no answer", fields).await;
                answer::unreachable()
            }
        }
    }

    /// Whether the behaviour lets the request pass. Everything that is not a clear yes is a no.
    fn verify(&self, row: &Row, head: &Parts, url: &WireUrl) -> Result<(), Unverified> {
        if !row.signed {
            return Ok(());
        }
        let closed = || Unverified::closed("configuration");
        let verifier = self.verifier.as_ref().ok_or_else(closed)?;
        // Without the time, nobody knows what has expired.
        let now = clock::now().ok_or_else(|| Unverified::closed("clock"))?;
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let client_ip = address::viewer(&head.headers, &self.settings.trusted_proxies);
        let request = EdgeRequest {
            url: url.as_str().to_owned(),
            cookies: head.headers.get_all(header::COOKIE).iter().map(text).collect(),
            client_ip: client_ip.map(|ip| ip.to_string()),
            now,
        };
        match verifier.verify(&request) {
            Verdict::Allow => Ok(()),
            Verdict::Deny(denied) => {
                Err(Unverified { code: code(denied.code), reason: denied.reason })
            }
        }
    }
}

async fn refused(head: &Parts, refusal: Refusal<'_, Row>) -> Response<Body> {
    let fields = json!({
        "method": head.method.as_str(),
        // The path and never the query: a signature is a right to watch.
        "path": head.uri.path(),
        "behavior": refusal.behavior.map(|row| &row.text),
        "status": refusal.response.status().as_u16(),
        "reason": refusal.unverified.map(|unverified| unverified.reason),
    });
    log::line("INFO", "edge request refused", fields).await;
    refusal.response.map(Body::Whole)
}

/// The answer of the component behind, with the edge's own word on where it comes from.
fn relayed(response: spin_sdk::http::Response) -> Response<Body> {
    let (mut head, mut body) = response.into_parts();
    let failed = head.status.is_client_error() || head.status.is_server_error();
    let word = if failed { "Error from cloudfront" } else { "Miss from cloudfront" };
    head.headers.insert(denial::X_CACHE, HeaderValue::from_static(word));
    match body.take_unstarted() {
        Some(inner) => Response::from_parts(head, Body::Inner(inner)),
        None => answer::unreachable(),
    }
}

/// The contract's words for a denial, as every edge has them.
fn code(code: DenialCode) -> edge::DenialCode {
    match code {
        DenialCode::MissingKey => edge::DenialCode::MissingKey,
        DenialCode::InvalidKey => edge::DenialCode::InvalidKey,
        DenialCode::MalformedSignature => edge::DenialCode::MalformedSignature,
        DenialCode::MalformedPolicy => edge::DenialCode::MalformedPolicy,
        DenialCode::AccessDenied => edge::DenialCode::AccessDenied,
    }
}
