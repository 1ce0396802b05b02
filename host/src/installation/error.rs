//! Why an installation does not start.

use std::io;

use tollgate_backends::section::Mistake;

use crate::{component::RuntimeError, gateway::ListenAddress};

/// Why an installation does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration names things that cannot be used; all of them.
    #[error("the configuration cannot be used:\n{}", lines(.0))]
    Mistakes(Vec<Mistake>),
    /// The components cannot be run on this machine.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// An address cannot be listened on.
    #[error("{key}: {address} cannot be listened on")]
    Listen {
        /// The key of the configuration.
        key: &'static str,
        /// The address.
        address: ListenAddress,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

impl From<Mistake> for StartError {
    fn from(mistake: Mistake) -> Self {
        Self::Mistakes(vec![mistake])
    }
}

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(|mistake| format!("  {mistake}")).collect::<Vec<_>>().join("\n")
}
