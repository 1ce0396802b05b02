//! Answers on their way out, and how the request ended with them.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use http_body_util::Full;
use tollgate_api::{Denial, answer, answer::Parts};

use super::{
    denial::Refusal,
    record::{End, GRANTED, OK},
};

/// An answer with what was asked for.
pub(super) struct Answer {
    parts: Parts,
    /// Stands in the place of the text of `parts`.
    file: Option<Bytes>,
    headers: Vec<(HeaderName, HeaderValue)>,
    outcome: &'static str,
}

impl Answer {
    pub(super) fn json(text: String) -> Self {
        Self::new(200, "application/json", text)
    }

    pub(super) fn new(status: u16, content_type: &'static str, body: String) -> Self {
        let parts = Parts { status, content_type, body, ..Parts::default() };
        Self { parts, file: None, headers: Vec::new(), outcome: OK }
    }

    /// Something that is the same for everybody, and not copied for each.
    pub(super) fn file(content_type: &'static str, bytes: Bytes) -> Self {
        Self { file: Some(bytes), ..Self::new(200, content_type, String::new()) }
    }

    pub(super) fn no_content() -> Self {
        Self::new(204, "", String::new())
    }

    pub(super) fn granted(parts: Parts) -> Self {
        Self { parts, file: None, headers: Vec::new(), outcome: GRANTED }
    }

    /// Sets headers that stand over what every answer says.
    pub(super) fn with_headers(
        self,
        headers: impl IntoIterator<Item = (HeaderName, HeaderValue)>,
    ) -> Self {
        Self { headers: headers.into_iter().collect(), ..self }
    }

    /// Writes the answer, or fails if the gate gave what is no header.
    fn response(self, request_id: &str) -> Result<(Response<Bytes>, &'static str), Refusal> {
        let response = answer::answer(self.parts);
        let response = response.map_err(|error| {
            tracing::error!(%error, "a request failed");
            Denial::Internal
        })?;
        let mut response = response.map(|text| self.file.unwrap_or_else(|| text.into()));
        answer::finish(response.headers_mut(), request_id);
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        Ok((response, self.outcome))
    }
}

/// Writes an answer or the problem in its place, and says how the request ended.
pub(super) fn respond(
    outcome: Result<Answer, Refusal>,
    request_id: &str,
) -> (Response<Full<Bytes>>, End) {
    let written = outcome.and_then(|answer| answer.response(request_id));
    let (response, outcome, failure) = match written {
        Ok((response, outcome)) => (response, outcome, None),
        Err(Refusal { denial, failure }) => {
            let slug = denial.problem().slug().as_str();
            let mut response = answer::problem(&denial, request_id);
            answer::finish(response.headers_mut(), request_id);
            (response.map(Bytes::from), slug, failure)
        }
    };
    let end = End { status: response.status().as_u16(), outcome, failure };
    (response.map(Full::from), end)
}
