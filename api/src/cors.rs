//! Which web origins may call the API from a browser.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use crate::field::FieldError;

/// What scripts may see of an answer of the API.
pub const EXPOSED: &str = "retry-after, www-authenticate, x-request-id";

/// What scripts may do with the API.
pub const METHODS: &str = "GET, HEAD, POST, DELETE";

/// What scripts may send to the API.
pub const HEADERS: &str = "authorization, content-type, x-request-id";

/// The web origins whose scripts may call. By default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    any: bool,
    origins: Vec<String>,
}

impl Cors {
    /// Reads origins (`https://watch.example`), or `*` for any. All mistakes are reported.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<FieldError>> {
        let mut cors = Self::default();
        let mut errors = Vec::new();
        for text in texts {
            if text == "*" {
                cors.any = true;
            } else if is_origin(text) {
                cors.origins.push(text.to_owned());
            } else {
                let rule = format!("must hold `*` or origins like https://a.example, not {text:?}");
                errors.push(FieldError::new("cors-origins", rule));
            }
        }
        if errors.is_empty() { Ok(cors) } else { Err(errors) }
    }

    /// Whether the request only asks if another one would be allowed.
    pub fn is_preflight(&self, method: &Method, headers: &HeaderMap) -> bool {
        self.is_on()
            && method == Method::OPTIONS
            && headers.contains_key(header::ORIGIN)
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// Adds to `answer` what lets a browser show it, and the `exposed` headers, to the script that asked.
    pub fn allow(&self, request: &HeaderMap, answer: &mut HeaderMap, exposed: &'static str) {
        if !self.is_on() {
            return;
        }
        // Caches must not give the answer made for one origin to another.
        answer.append(header::VARY, HeaderValue::from_static("origin"));
        let Some(origin) = request.get(header::ORIGIN) else { return };
        if self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            // Without this a browser drops the Set-Cookie headers of delivery by cookies.
            answer
                .insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        } else if self.any && !answer.contains_key(header::SET_COOKIE) {
            // Cookies are for origins that are named; `*` would have the browser keep them and hide why.
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        } else {
            return;
        }
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(exposed));
    }

    /// Adds to `answer` what a preflight asks for besides: the methods and headers of later requests.
    pub fn allow_preflight(answer: &mut HeaderMap, methods: &'static str, headers: &'static str) {
        let fixed: [(HeaderName, &'static str); 3] = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, methods),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, headers),
            // Browsers cap it at two hours at most; an hour keeps a change of the settings visible.
            (header::ACCESS_CONTROL_MAX_AGE, "3600"),
        ];
        if answer.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            answer.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
        }
    }

    fn is_on(&self) -> bool {
        self.any || !self.origins.is_empty()
    }
}

/// Scheme, host and port, exactly as a browser sends them: lower case, no path, no final slash.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_:[]".contains(&byte);
    matches!(scheme, "http" | "https") && !host.is_empty() && host.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(origin: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::ORIGIN, origin.parse().unwrap())])
    }

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        for good in ["*", "https://a.example", "http://localhost:5173", "http://[::1]:80"] {
            assert!(Cors::parse([good]).is_ok(), "{good}");
        }
        for bad in ["", "a.example", "https://", "https://a.example/", "HTTPS://A.example", "null"]
        {
            assert_eq!(Cors::parse([bad, "**"]).unwrap_err().len(), 2, "{bad}");
        }
    }

    #[test]
    fn only_listed_origins_are_allowed() {
        let listed = Cors::parse(["https://a.example"]).unwrap();
        let both = Cors::parse(["https://a.example", "*"]).unwrap();
        for (cors, origin, allowed, credentials) in [
            (&listed, "https://a.example", Some("https://a.example"), true),
            (&listed, "https://b.example", None, false),
            (&listed, "https://a.example.evil", None, false),
            (&both, "https://a.example", Some("https://a.example"), true),
            (&both, "https://b.example", Some("*"), false),
            (&Cors::default(), "https://a.example", None, false),
        ] {
            let mut answer = HeaderMap::new();
            cors.allow(&request(origin), &mut answer, "etag");
            let header = |name| answer.get(name).map(|value: &HeaderValue| value.to_str().unwrap());
            assert_eq!(header(header::ACCESS_CONTROL_ALLOW_ORIGIN), allowed, "{origin}");
            let sent = header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_some();
            assert_eq!(sent, credentials, "{origin}");
        }
    }

    #[test]
    fn an_answer_with_cookies_is_for_named_origins_only() {
        let both = Cors::parse(["https://a.example", "*"]).unwrap();
        for (origin, allowed) in [("https://a.example", true), ("https://b.example", false)] {
            let cookie = (header::SET_COOKIE, HeaderValue::from_static("a=b"));
            let mut answer = HeaderMap::from_iter([cookie]);
            both.allow(&request(origin), &mut answer, "etag");
            let origin_sent = answer.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
            assert_eq!(origin_sent.is_some_and(|sent| sent == origin), allowed);
            assert_eq!(origin_sent.is_some(), allowed, "never `*`");
        }
    }
}
