//! What a URL must be to be signed. It is judged, never changed.

use crate::{
    cloudfront::{
        authority::{is_host, is_port, split_scheme, without_own_port},
        encoding::reserved,
    },
    error::InvalidField,
};

/// CloudFront answers 413 beyond this.
pub(super) const MOST_BYTES: usize = 8192;

/// Checks a URL, or a pattern of URLs.
pub(super) fn validate(field: &'static str, text: &str, pattern: bool) -> Result<(), InvalidField> {
    let refuse = |rule: &'static str| Err(InvalidField::new(field, rule));
    if text.len() > MOST_BYTES {
        return refuse("is longer than the 8192 bytes CloudFront accepts");
    }
    // Nearly always nothing is wrong, which one look at each byte says; which rule is broken takes several.
    if !text.bytes().all(is_plain) {
        return refuse(broken_rule(text));
    }
    if let Some((_, query)) = text.split_once('?') {
        for pair in query.split('&') {
            if let Some(name) = reserved(pair.split('=').next().unwrap_or_default()) {
                return Err(InvalidField::new(
                    field,
                    format!("already has the parameter {name}, which belongs to CloudFront"),
                ));
            }
        }
    }
    if pattern {
        // ResourcePattern::parse judges the rest.
        return Ok(());
    }
    let Some((scheme @ ("https" | "http"), rest)) = split_scheme(text) else {
        return refuse("must begin with http:// or https://");
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return refuse("must have its host in lower case, as the edge compares it");
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    if !is_host(name) {
        return refuse("must have a host that is a name or an address, and no user name");
    }
    if without_own_port(scheme, host) != host {
        return refuse("must leave out the port of its protocol, which players do not send");
    }
    if port.is_some_and(|port| !is_port(port)) {
        return refuse("must have a port from 1 to 65535, if it has one");
    }
    if !rest.get(host.len()..).is_some_and(|path| path.starts_with('/')) {
        return refuse("must have a path; players ask for / where there is none");
    }
    Ok(())
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'#')
}

/// What is wrong with a text in which not every byte is plain.
fn broken_rule(text: &str) -> &'static str {
    if text.bytes().any(|byte| byte == b'"' || byte == b'\\' || byte.is_ascii_control()) {
        return "must not hold a quote, a backslash or a control character";
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return "must be ASCII without spaces; percent-encode it as the player will send it";
    }
    "must not have a fragment, which is never sent"
}

/// The URL without the `?` of an empty query, which a canned policy leaves out.
pub(super) fn without_empty_query(url: &str) -> &str {
    match url.split_once('?') {
        Some((base, "")) => base,
        _ => url,
    }
}
