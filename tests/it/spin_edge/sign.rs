//! Signatures of a key that both edges trust, and of one that they do not. Both edges have the real clock.

use std::{
    path::PathBuf,
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use tollgate::component::{
    Runtime, SignerComponent,
    signer::{CookieAttributes, Hash, Terms},
};

use super::client::HOST;

static COMPONENT: LazyLock<SignerComponent> =
    LazyLock::new(|| SignerComponent::new(&Runtime::new().unwrap()).unwrap());

/// The component, compiled once for all tests.
pub fn component() -> &'static SignerComponent {
    &COMPONENT
}

/// A test key.
pub fn key(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../signer-component/core/testdata");
    std::fs::read_to_string(PathBuf::from(folder).join(name)).unwrap()
}

/// Epoch seconds, so many from now.
pub fn now(offset: i64) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    now.checked_add_signed(offset).unwrap()
}

/// An hour, and nothing else.
pub fn terms() -> Terms {
    Terms {
        expires_at: now(3600),
        not_before: None,
        ip_address: None,
        resource: None,
        allow_wildcard_domain: false,
        hash: Hash::Sha256,
        now: None,
    }
}

/// The whole URL of a path and query.
pub fn url(target: &str) -> String {
    format!("http://{HOST}{target}")
}

/// The same path and query, signed by K2 for an hour.
pub fn signed(target: &str) -> String {
    signed_on(target, &terms())
}

/// The same, on other terms.
pub fn signed_on(target: &str, terms: &Terms) -> String {
    signed_by("K2", "p256", target, terms)
}

/// The same, with the id and the private key of one's choice.
pub fn signed_by(id: &str, name: &str, target: &str, terms: &Terms) -> String {
    let private = key(&format!("{name}.pkcs8.pem"));
    let signed = component().sign_url(id, &private, &url(target), terms).unwrap();
    signed.strip_prefix(&url("")).unwrap().to_owned()
}

/// The value of a `Cookie` header that allows a resource.
pub fn cookies(resource: &str) -> String {
    let terms = Terms { resource: Some(url(resource)), ..terms() };
    let attributes = CookieAttributes {
        domain: None,
        path: None,
        secure: false,
        http_only: true,
        same_site: None,
    };
    let private = key("p256.pkcs8.pem");
    let made = component().sign_cookies("K2", &private, &url(resource), &terms, &attributes);
    let pairs = made.unwrap().into_iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
    pairs.collect::<Vec<_>>().join("; ")
}
