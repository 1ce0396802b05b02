//! The gate component: long-lived instances, each serving many requests at once.

use tollgate_backends::ports::Ports;

pub use super::bindings::gate::exports::tollgate::gate::playback::{
    Delivery, Denial, DependencyFailure, Device, DeviceLimit, Grant, PlaybackRequest, Role, Viewer,
};
pub use super::bindings::gate::tollgate::gate::types::InvalidField;
use super::{Runtime, RuntimeError};

/// Why the gate gave no answer at all.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The component trapped or hung on this very request, twice.
    #[error("the component failed on this request")]
    Failed,
    /// The gate is shutting down.
    #[error("the gate is shutting down")]
    Stopped,
}

/// Sizes and limits of the instances.
#[derive(Clone, Debug)]
pub struct GateOptions {
    /// How many instances run side by side.
    pub instances: usize,
    /// The most memory one instance may use, in bytes.
    pub memory: usize,
    /// How long an instance may compute without waiting for anything.
    pub hang_limit: std::time::Duration,
    /// How long one call of a port may take.
    pub port_timeout: std::time::Duration,
}

/// The running gate. Cheap to clone.
#[derive(Clone)]
pub struct Gate {}

impl Gate {
    /// Starts the instances.
    pub async fn start(
        runtime: &Runtime,
        ports: Ports,
        options: GateOptions,
    ) -> Result<Self, RuntimeError> {
        let _ = (runtime, ports, options);
        unimplemented!()
    }

    /// Grants playback or names the rule that denies it.
    pub async fn authorize(
        &self,
        request: PlaybackRequest,
    ) -> Result<Result<Grant, Denial>, GateError> {
        let _ = request;
        unimplemented!()
    }

    /// Renews lease and signature.
    pub async fn renew(
        &self,
        viewer: Viewer,
        session_id: String,
        watching: Option<(String, String)>,
    ) -> Result<Result<Grant, Denial>, GateError> {
        let _ = (viewer, session_id, watching);
        unimplemented!()
    }

    /// Ends a lease.
    pub async fn release(
        &self,
        viewer: Viewer,
        session_id: String,
    ) -> Result<Result<bool, Denial>, GateError> {
        let _ = (viewer, session_id);
        unimplemented!()
    }

    /// Lists the live leases of the viewer's user.
    pub async fn devices(&self, viewer: Viewer) -> Result<Result<Vec<Device>, Denial>, GateError> {
        let _ = viewer;
        unimplemented!()
    }

    /// Instances lost to a trap or a hang since the start.
    pub fn lost_instances(&self) -> u64 {
        unimplemented!()
    }
}
