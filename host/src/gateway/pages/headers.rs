//! What browsers are told about the pages: whom they may talk to, and that nobody may have them in a frame.

use http::{HeaderName, HeaderValue, header};

/// A header of an answer.
pub(super) type Header = (HeaderName, HeaderValue);

/// The Content-Security-Policy of a page that plays videos from these origins.
///
/// The origins were checked: they hold nothing that would end a directive.
pub(super) fn playing(origins: &[String]) -> String {
    let origins: String = origins.iter().map(|origin| format!(" {origin}")).collect();
    // Media Source Extensions hand the player a `blob:` URL. hls.js is told to do without a worker.
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'{origins}; \
         media-src 'self' blob:{origins}; img-src 'self'{origins}; {NOWHERE}"
    )
}

/// The Content-Security-Policy of a page that talks to nobody but its own gateway.
pub(super) fn talking() -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
         img-src 'self'; require-trusted-types-for 'script'; {NOWHERE}"
    )
}

const NOWHERE: &str = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What every answer of the pages says, besides what every answer of the gateway says.
pub(super) fn own_site_only() -> [Header; 1] {
    [(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    )]
}

/// What a page says besides.
pub(super) fn of_page(policy: &str) -> Vec<Header> {
    let mut headers = vec![(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    )];
    // The parts are ours or were checked, so this always works.
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.push((header::CONTENT_SECURITY_POLICY, policy));
    }
    headers
}
