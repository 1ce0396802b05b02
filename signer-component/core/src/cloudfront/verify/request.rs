//! The URL of a request, taken apart without changing a byte that counts.

use crate::cloudfront::{
    authority::{is_host, without_own_port},
    encoding::reserved,
};

/// The parts of an absolute URL that signatures speak of.
pub(super) struct RequestUrl<'a> {
    /// `scheme://host` in lower case and without the scheme's own port.
    pub(super) origin: String,
    /// The path, raw, at least `/`.
    pub(super) path: &'a str,
    /// The query behind the first `?`, raw; `None` without a `?`.
    pub(super) query: Option<&'a str>,
}

impl<'a> RequestUrl<'a> {
    /// Takes a URL apart, or says what keeps it from being the URL of a request.
    pub(super) fn parse(url: &'a str) -> Result<Self, &'static str> {
        if url.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err("the URL holds a space or a control character, which no request can carry");
        }
        if url.contains('#') {
            return Err(
                "the URL holds a fragment, which browsers never send; leave out `#` and what follows",
            );
        }
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err("the URL must be absolute: `https://host/path`");
        };
        let scheme = scheme.to_ascii_lowercase();
        if !matches!(scheme.as_str(), "http" | "https") {
            return Err("the URL must begin with `http://` or `https://`");
        }
        let authority_length = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(authority_length);
        if !is_host(authority) {
            return Err("the host of the URL must be a name or an address, with nothing before it");
        }
        let authority = authority.to_ascii_lowercase();
        let host = without_own_port(&scheme, &authority);
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        // A request line always has a path, so that a URL without one is asked for as `/`.
        let path = if path.is_empty() { "/" } else { path };
        Ok(Self { origin: format!("{scheme}://{host}"), path, query })
    }

    /// The URL that a signature covers: everything but the signing parameters.
    pub(super) fn signed_part(&self) -> String {
        let own = own_parameters(self.query.unwrap_or_default());
        let question_mark = if own.is_empty() { "" } else { "?" };
        format!("{}{}{question_mark}{own}", self.origin, self.path)
    }
}

/// Removes the signing parameters of a URL, so that an origin and a cache key never see them.
///
/// What remains keeps its bytes and its order; the `?` goes when nothing remains behind it. A name
/// that is percent-encoded goes too.
pub fn strip(url: &str) -> String {
    let Some((base, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let own = own_parameters(query);
    if own.is_empty() { base.to_owned() } else { format!("{base}?{own}") }
}

/// The parameters of a query that do not belong to CloudFront, as they were written.
fn own_parameters(query: &str) -> String {
    let own: Vec<&str> =
        query.split('&').filter(|parameter| reserved_name(parameter).is_none()).collect();
    own.join("&")
}

/// The reserved name that a `name=value` pair has, also if it is percent-encoded.
pub(super) fn reserved_name(parameter: &str) -> Option<&'static str> {
    reserved(parameter.split_once('=').map_or(parameter, |(name, _)| name))
}
