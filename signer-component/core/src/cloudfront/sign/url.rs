//! What a URL must be to be signed. It is judged, never changed.

use crate::{cloudfront::encoding::reserved, error::InvalidField};

/// CloudFront answers 413 beyond this.
const MOST_BYTES: usize = 8192;

/// Checks a URL, or a pattern of URLs.
pub(super) fn validate(field: &'static str, text: &str, pattern: bool) -> Result<(), InvalidField> {
    let refuse = |rule: &'static str| Err(InvalidField::new(field, rule));
    if text.len() > MOST_BYTES {
        return refuse("is longer than the 8192 bytes CloudFront accepts");
    }
    if text.bytes().any(|byte| byte == b'"' || byte == b'\\' || byte.is_ascii_control()) {
        return refuse("must not hold a quote, a backslash or a control character");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refuse(
            "must be ASCII without spaces; percent-encode it as the player will send it",
        );
    }
    if text.contains('#') {
        return refuse("must not have a fragment, which is never sent");
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
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return refuse("must begin with http:// or https://");
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    if host.is_empty() || host.contains('@') {
        return refuse("must have a host, and no user name");
    }
    Ok(())
}
