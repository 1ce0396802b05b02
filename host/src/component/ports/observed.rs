//! The ports by the names under which they are observed.

/// A port as whoever observes it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObservedPort {
    /// Who may watch.
    Entitlements,
    /// What there is to watch.
    Catalog,
    /// Whether it is there, and its playlists; in `wit/` a question of the catalogue, answered by another backend.
    Objects,
    /// On how many devices a user watches.
    Sessions,
    /// The private keys CloudFront trusts.
    SigningKeys,
    /// The playback policy document.
    Settings,
}

impl ObservedPort {
    /// Every one.
    pub const ALL: [Self; 6] = [
        Self::Entitlements,
        Self::Catalog,
        Self::Objects,
        Self::Sessions,
        Self::SigningKeys,
        Self::Settings,
    ];

    /// The name in metrics and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Entitlements => "entitlements",
            Self::Catalog => "catalog",
            Self::Objects => "objects",
            Self::Sessions => "sessions",
            Self::SigningKeys => "signing-keys",
            Self::Settings => "settings",
        }
    }
}
