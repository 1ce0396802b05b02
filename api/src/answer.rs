//! Answers as both shells send them: status, headers, body.

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::{problem::Denial, request_id, responses};

/// The gate made a cookie that is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gate made a cookie that is no header")]
pub struct BadCookie;

/// An answer with what was asked for. An empty `content_type` is none.
///
/// # Errors
/// A cookie cannot be sent.
pub fn answer(
    status: u16,
    content_type: &'static str,
    body: String,
    cookies: Vec<String>,
) -> Result<Response<String>, BadCookie> {
    let mut response = Response::new(body);
    *response.status_mut() = code(status);
    let headers = response.headers_mut();
    if !content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    for cookie in cookies {
        let mut value = HeaderValue::try_from(cookie).map_err(|_| BadCookie)?;
        // Debug output of headers then hides it, whoever prints them.
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
    Ok(response)
}

/// The problem in the place of an answer.
pub fn problem(denial: &Denial, request_id: &str) -> Response<String> {
    let problem = denial.problem();
    let mut response = Response::new(problem.body(Some(request_id)));
    *response.status_mut() = code(problem.status());
    let headers = response.headers_mut();
    for (name, value) in problem.headers() {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// Adds what every answer says: that nobody keeps it, that it is what it says it is, and whose it is.
pub fn finish(headers: &mut HeaderMap, request_id: &str) {
    let (name, value) = responses::no_store();
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(name, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // It is one of ours or was checked, so this always works; without it an answer is still an answer.
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(request_id::HEADER, id);
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_is_no_header_is_no_answer() {
        let cookies =
            |text: &str| answer(200, "application/json", String::new(), vec![text.into()]);
        assert_eq!(cookies("a=b; Path=/").unwrap().headers()[header::SET_COOKIE], "a=b; Path=/");
        assert_eq!(cookies("a=b\r\nx: y").unwrap_err(), BadCookie);
    }

    #[test]
    fn problems_and_answers_are_kept_by_nobody() {
        let mut response = problem(&Denial::NotFound, "r1");
        finish(response.headers_mut(), "r1");
        assert_eq!(response.status(), 404);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-request-id", "r1"),
            ("content-type", "application/problem+json"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
    }
}
