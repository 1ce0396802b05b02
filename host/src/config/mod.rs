//! The configuration file: one TOML file for every command, read whole before anything is opened.

mod auth;
mod edge;
mod error;
mod gateway;
mod log;
mod overrides;
mod pages;
#[cfg(feature = "aws")]
mod rotation;
#[cfg(test)]
mod tests;

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use tollgate_backends::{
    registry::{PortTables, Wiring, configure},
    section::{Mistake, Section},
};

use crate::auth::AuthSettings;

pub use edge::EdgeTable;
pub use error::ConfigError;
pub use gateway::{GatewayTable, TlsFiles};
pub use log::LogTable;
pub use pages::{PagesTable, SampleViewers};
#[cfg(feature = "aws")]
pub use rotation::RotationTables;

/// A configuration that holds together. Nothing it names has been opened yet.
#[derive(Debug)]
pub struct Config {
    /// The file it came from.
    pub file: PathBuf,
    /// `[log]`.
    pub log: LogTable,
    /// `[gateway]`, with defaults where it says nothing.
    pub gateway: GatewayTable,
    /// `[auth]`, if it is there.
    pub auth: Option<AuthSettings>,
    /// The tables of the ports, if any is there.
    pub wiring: Option<Wiring>,
    /// `[edge]`, if it is there.
    pub edge: Option<EdgeTable>,
    /// `[cloudfront]`, if it is there.
    #[cfg(feature = "aws")]
    pub cloudfront: Option<tollgate_backends::cloudfront::CloudFrontTable>,
    /// What a rotation of keys needs, if it was asked for.
    #[cfg(feature = "aws")]
    pub rotation: Option<RotationTables>,
}

/// Which tables a command cannot do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// `[auth]` and every port.
    Gateway,
    /// `[edge]`.
    Edge,
    /// Every port.
    Ports,
    /// `[auth]`.
    Auth,
    /// `[cloudfront]`, `[signing-keys]` and `[policy]`. The other tables of ports are not looked at.
    #[cfg(feature = "aws")]
    Rotation,
}

/// A configuration is some pages; more is a mistake in the path.
const LARGEST: u64 = 1 << 20;

/// Reads no more than a configuration can be: what a path leads to may have no end.
fn read(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    let length = fs::File::open(file)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if length as u64 > LARGEST {
        return Err(io::Error::other("is larger than a configuration can be"));
    }
    Ok(text)
}

impl Config {
    /// Reads the file, and `TOLLGATE__SECTION__KEY` from the environment over it.
    ///
    /// # Errors
    /// The file cannot be read or is no TOML; or every mistake in it at once.
    pub fn load(file: &Path, needs: Needs) -> Result<Self, ConfigError> {
        let text =
            read(file).map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        Self::parse(file, &text, std::env::vars_os(), needs)
    }

    /// Reads a text that stands for `file`, with overrides from `environment`.
    ///
    /// # Errors
    /// The text is no TOML; or every mistake in it at once.
    pub fn parse<K, V>(
        file: &Path,
        text: &str,
        environment: impl IntoIterator<Item = (K, V)>,
        needs: Needs,
    ) -> Result<Self, ConfigError>
    where
        K: Into<std::ffi::OsString>,
        V: Into<std::ffi::OsString>,
    {
        let mut table: toml::Table =
            text.parse().map_err(|error| ConfigError::syntax(file, text, &error))?;
        let mut mistakes = overrides::apply(&mut table, environment);
        // Relative paths count from the file, so that a configuration works from any folder.
        let base = file.parent().unwrap_or(Path::new(""));
        let mut root = Section::new("", table).based_on(base);

        let log = LogTable::take(&mut root);
        let gateway = GatewayTable::take(&mut root);
        let auth = auth::take(&mut root);
        let edge = EdgeTable::take(&mut root);
        #[cfg(feature = "aws")]
        let cloudfront = rotation::cloudfront(&mut root);
        #[cfg_attr(not(feature = "aws"), expect(unused_mut, reason = "nothing is taken out"))]
        let mut tables = PortTables::take_from(&mut root);
        #[cfg(feature = "aws")]
        let rotation = (needs == Needs::Rotation)
            .then(|| RotationTables::take(std::mem::take(&mut tables), cloudfront.as_ref()))
            .and_then(|taken| taken.map_err(|found| mistakes.extend(found)).ok());
        let any_port = tables.store.is_some() || !tables.ports.is_empty();
        let wiring = if any_port || matches!(needs, Needs::Gateway | Needs::Ports) {
            configure(tables).map_err(|found| mistakes.extend(found)).ok()
        } else {
            None
        };
        let missing =
            |table: &str, rule: &str| Mistake { key: table.to_owned(), rule: rule.to_owned() };
        if auth.is_none() && matches!(needs, Needs::Gateway | Needs::Auth) {
            mistakes.push(missing(
                "auth",
                "is required: a table with `type`, one of `jwks-url`, `jwks-file`, `pem`",
            ));
        }
        if edge.is_none() && needs == Needs::Edge {
            mistakes.push(missing(
                "edge",
                "is required: a table with `key-groups`, `origins` and `behaviors`",
            ));
        }
        mistakes.extend(root.finish());
        if !mistakes.is_empty() {
            return Err(ConfigError::Mistakes { file: file.to_owned(), mistakes });
        }
        Ok(Self {
            file: file.to_owned(),
            log,
            gateway,
            auth,
            wiring,
            edge,
            #[cfg(feature = "aws")]
            cloudfront,
            #[cfg(feature = "aws")]
            rotation,
        })
    }
}
