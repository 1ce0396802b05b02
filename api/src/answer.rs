//! Answers as both shells send them: status, headers, body.

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};

use crate::{problem::Denial, request_id, responses};

/// The gate made a cookie, or a place to go on to, that is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gate made a cookie or a location that is no header")]
pub struct BadCookie;

/// What an answer with what was asked for consists of. The default is 200 without anything.
#[derive(Debug, Default)]
pub struct Parts {
    /// The HTTP status; 0 is 200.
    pub status: u16,
    /// An empty one is none.
    pub content_type: &'static str,
    /// The text.
    pub body: String,
    /// Complete `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// Where a redirect leads.
    pub location: Option<String>,
}

impl Parts {
    /// The answer that leads to the video, with the cookies that open it.
    pub fn redirect(location: String, cookies: Vec<String>) -> Self {
        Self { status: 302, location: Some(location), cookies, ..Self::default() }
    }

    /// The answer that is a playlist.
    pub fn playlist(is_hls: bool, body: String) -> Self {
        let content_type = match is_hls {
            true => "application/vnd.apple.mpegurl",
            false => "application/dash+xml",
        };
        Self { status: 200, content_type, body, ..Self::default() }
    }
}

/// An answer with what was asked for.
///
/// # Errors
/// A cookie or the place a redirect leads to cannot be sent.
pub fn answer(parts: Parts) -> Result<Response<String>, BadCookie> {
    let Parts { status, content_type, body, cookies, location } = parts;
    let mut response = Response::new(body);
    *response.status_mut() = if status == 0 { StatusCode::OK } else { code(status) };
    let headers = response.headers_mut();
    if !content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    if let Some(location) = location {
        let location = HeaderValue::try_from(location).map_err(|_| BadCookie)?;
        headers.insert(header::LOCATION, location);
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
    // A link is in the address of what it leads to, and nobody else's business.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
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
        let cookies = |text: &str| answer(Parts { cookies: vec![text.into()], ..Parts::default() });
        assert_eq!(cookies("a=b; Path=/").unwrap().headers()[header::SET_COOKIE], "a=b; Path=/");
        assert_eq!(cookies("a=b\r\nx: y").unwrap_err(), BadCookie);
    }

    #[test]
    fn a_redirect_leads_on_with_its_cookies() {
        let to = |location: &str| answer(Parts::redirect(location.to_owned(), vec!["a=b".into()]));
        let response = to("https://media.example.com/v.m3u8").unwrap();
        assert_eq!(response.status(), 302);
        assert_eq!(response.headers()[header::LOCATION], "https://media.example.com/v.m3u8");
        assert_eq!(response.headers()[header::SET_COOKIE], "a=b");
        assert_eq!(to("https://a/\r\nx: y").unwrap_err(), BadCookie);
    }

    #[test]
    fn problems_and_answers_are_kept_by_nobody() {
        let mut response = problem(&Denial::NotFound, "r1");
        finish(response.headers_mut(), "r1");
        assert_eq!(response.status(), 404);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-request-id", "r1"),
            ("content-type", "application/problem+json"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
    }
}
