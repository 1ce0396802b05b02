//! Answers on their way out: status, headers, body.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use tollgate_api::{Denial, responses};

use super::{
    denial::Refusal,
    record::{End, GRANTED, OK},
    request_id,
};

/// An answer with what was asked for.
pub(super) struct Answer {
    status: u16,
    content_type: &'static str,
    body: Bytes,
    cookies: Vec<String>,
    outcome: &'static str,
}

impl Answer {
    pub(super) fn json(text: String) -> Self {
        Self::new(200, "application/json", text)
    }

    pub(super) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, body: body.into(), cookies: Vec::new(), outcome: OK }
    }

    pub(super) fn no_content() -> Self {
        Self::new(204, "", Bytes::new())
    }

    pub(super) fn granted(text: String, cookies: Vec<String>) -> Self {
        Self { cookies, outcome: GRANTED, ..Self::json(text) }
    }

    /// Writes the answer, or fails if the gate gave a cookie that is no header.
    fn response(self) -> Result<(Response<Full<Bytes>>, &'static str), Refusal> {
        let mut response = Response::new(Full::new(self.body));
        *response.status_mut() = status(self.status);
        let headers = response.headers_mut();
        if !self.content_type.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        for cookie in self.cookies {
            let Ok(mut value) = HeaderValue::from_maybe_shared(Bytes::from(cookie)) else {
                tracing::error!("the gate made a cookie that is no header");
                return Err(Denial::Internal.into());
            };
            // Debug output of headers then hides it, whoever prints them.
            value.set_sensitive(true);
            headers.append(header::SET_COOKIE, value);
        }
        Ok((response, self.outcome))
    }
}

/// Writes an answer or the problem in its place, and says how the request ended.
pub(super) fn respond(
    outcome: Result<Answer, Refusal>,
    request_id: &str,
) -> (Response<Full<Bytes>>, End) {
    let (mut response, outcome, failure) = match outcome.and_then(Answer::response) {
        Ok((response, outcome)) => (response, outcome, None),
        Err(refusal) => {
            let (response, slug) = problem(&refusal.denial, request_id);
            (response, slug, refusal.failure)
        }
    };
    let end = End { status: response.status().as_u16(), outcome, failure };
    let headers = response.headers_mut();
    let (name, value) = responses::no_store();
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(name, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // It is one of ours or was checked, so this always works; without it an answer is still an answer.
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(request_id::HEADER, id);
    }
    (response, end)
}

fn problem(denial: &Denial, request_id: &str) -> (Response<Full<Bytes>>, &'static str) {
    let problem = denial.problem();
    let mut response = Response::new(Full::from(problem.body(Some(request_id))));
    *response.status_mut() = status(problem.status());
    let headers = response.headers_mut();
    for (name, value) in problem.headers() {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    (response, problem.slug().as_str())
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
