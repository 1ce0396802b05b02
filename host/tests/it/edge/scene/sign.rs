//! Signatures of the keys that the edge trusts, and of one that it does not.

use std::{path::PathBuf, sync::LazyLock};

use tollgate::component::{
    Runtime, SignerComponent,
    signer::{CookieAttributes, Hash},
};

use super::HOST;

pub use tollgate::component::signer::Terms;

/// What the edge's clock says at first.
pub const NOW: u64 = 1_767_200_000;

/// When signatures expire, unless a test says otherwise.
pub const EXPIRES: u64 = 1_767_290_400;

static COMPONENT: LazyLock<SignerComponent> =
    LazyLock::new(|| SignerComponent::new(&Runtime::new().unwrap()).unwrap());

/// The component, compiled once for all tests.
pub fn component() -> &'static SignerComponent {
    &COMPONENT
}

/// Where a test key is.
pub fn testdata(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../signer-component/core/testdata").join(name)
}

/// The whole URL of a path and query.
pub fn url(target: &str) -> String {
    format!("http://{HOST}{target}")
}

/// The same path and query, signed by K2 with a canned policy.
pub fn signed(target: &str) -> String {
    signed_until(target, EXPIRES)
}

/// The same, with another expiry.
pub fn signed_until(target: &str, expires_at: u64) -> String {
    signed_by("K2", "p256", target, &Terms { expires_at, ..terms() })
}

/// The same path and query, signed by another key or on other terms.
pub fn signed_by(id: &str, key: &str, target: &str, terms: &Terms) -> String {
    let signed = component().sign_url(id, &private(key), &url(target), terms).unwrap();
    signed.strip_prefix(&url("")).unwrap().to_owned()
}

/// The same path and query, signed by a key that a test made.
pub fn signed_with(id: &str, private: &str, target: &str, expires_at: u64) -> String {
    let terms = Terms { expires_at, ..terms() };
    let signed = component().sign_url(id, private, &url(target), &terms).unwrap();
    signed.strip_prefix(&url("")).unwrap().to_owned()
}

/// The value of a `Cookie` header that allows a resource (or exactly the target, without one).
pub fn cookies(target: &str, resource: Option<&str>) -> String {
    let terms = Terms { resource: resource.map(url), ..terms() };
    let attributes = CookieAttributes {
        domain: None,
        path: None,
        secure: false,
        http_only: true,
        same_site: None,
    };
    let made = component().sign_cookies("K2", &private("p256"), &url(target), &terms, &attributes);
    let pairs: Vec<String> = made
        .unwrap()
        .into_iter()
        .map(|cookie| format!("{}={}", cookie.name, cookie.value))
        .collect();
    pairs.join("; ")
}

/// Terms to change something about.
pub fn terms() -> Terms {
    Terms {
        expires_at: EXPIRES,
        not_before: None,
        ip_address: None,
        resource: None,
        allow_wildcard_domain: false,
        hash: Hash::Sha256,
        now: None,
    }
}

/// A private test key.
pub fn private(name: &str) -> String {
    std::fs::read_to_string(testdata(&format!("{name}.pkcs8.pem"))).unwrap()
}
