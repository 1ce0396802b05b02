//! What outgoing HTTP trusts: the same for origins, keys and playlists.

pub(crate) use tollgate_backends::outbound::tls_config;
