//! What outgoing HTTP trusts.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;

/// Trusts what the machine trusts. For plain HTTP nothing is, so that a machine without any
/// certificates can still ask itself.
///
/// # Errors
/// The machine has no certificates to trust, or none that can be read.
pub fn tls_config(platform: bool) -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?;
    let config = if platform {
        config.try_with_platform_verifier()?
    } else {
        config.with_root_certificates(rustls::RootCertStore::empty())
    };
    Ok(config.with_no_client_auth())
}
