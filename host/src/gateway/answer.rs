//! Answers on their way out, and how the request ended with them.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use tollgate_api::{Denial, answer, answer::Parts};

use super::{
    denial::Refusal,
    record::{End, GRANTED, OK},
};

/// An answer with what was asked for.
pub(super) struct Answer {
    parts: Parts,
    outcome: &'static str,
}

impl Answer {
    pub(super) fn json(text: String) -> Self {
        Self::new(200, "application/json", text)
    }

    pub(super) fn new(status: u16, content_type: &'static str, body: String) -> Self {
        let parts = Parts { status, content_type, body, ..Parts::default() };
        Self { parts, outcome: OK }
    }

    pub(super) fn no_content() -> Self {
        Self::new(204, "", String::new())
    }

    pub(super) fn granted(parts: Parts) -> Self {
        Self { parts, outcome: GRANTED }
    }

    /// Writes the answer, or fails if the gate gave what is no header.
    fn response(self) -> Result<(Response<String>, &'static str), Refusal> {
        let response = answer::answer(self.parts);
        let response = response.map_err(|error| {
            tracing::error!(%error, "a request failed");
            Denial::Internal
        })?;
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
        Err(Refusal { denial, failure }) => {
            let slug = denial.problem().slug().as_str();
            (answer::problem(&denial, request_id), slug, failure)
        }
    };
    answer::finish(response.headers_mut(), request_id);
    let end = End { status: response.status().as_u16(), outcome, failure };
    (response.map(|body| Full::from(Bytes::from(body))), end)
}
