//! One call into an instance and where its answer goes.

use tokio::sync::oneshot::Sender;
use wasmtime::component::Accessor;

use super::{
    Delivery, Denial, Device, LinkedRequest, Manifest, PlaybackRequest, Playlist, Redirect, Viewer,
};
use crate::component::{
    bindings::gate::{Gate as Instance, exports::tollgate::gate::playback::Grant},
    ports::State,
};

/// One call. A job dropped without an answer tells its caller that the instance was lost.
pub(super) enum Job {
    Authorize(PlaybackRequest, Sender<Result<Grant, Denial>>),
    Renew(Renewal, Sender<Result<Grant, Denial>>),
    AuthorizePlaylist(PlaybackRequest, Manifest, Sender<Result<Playlist, Denial>>),
    LinkedPlaylist(LinkedRequest, Manifest, Sender<Result<Playlist, Denial>>),
    LinkedCookies(LinkedRequest, Sender<Result<Redirect, Denial>>),
    Release(Viewer, String, Sender<Result<bool, Denial>>),
    Devices(Viewer, Sender<Result<Vec<Device>, Denial>>),
    Ready(Sender<Result<(), Denial>>),
}

/// What a renewal is asked with.
#[derive(Clone)]
pub(super) struct Renewal {
    pub(super) viewer: Viewer,
    pub(super) session_id: String,
    pub(super) watching: Option<(String, String)>,
    pub(super) delivery: Option<Delivery>,
}

impl Job {
    /// Whether nobody waits for the answer any more: the viewer hung up, or a deadline passed.
    pub(super) fn is_abandoned(&self) -> bool {
        match self {
            Self::Authorize(_, reply) | Self::Renew(.., reply) => reply.is_closed(),
            Self::AuthorizePlaylist(.., reply) | Self::LinkedPlaylist(.., reply) => {
                reply.is_closed()
            }
            Self::LinkedCookies(_, reply) => reply.is_closed(),
            Self::Release(.., reply) => reply.is_closed(),
            Self::Devices(_, reply) => reply.is_closed(),
            Self::Ready(reply) => reply.is_closed(),
        }
    }

    /// Makes the call. An error means that the instance can no longer be used.
    pub(super) async fn run(
        self,
        instance: &Instance,
        accessor: &Accessor<State>,
    ) -> wasmtime::Result<()> {
        let playback = instance.tollgate_gate_playback();
        // Nobody may wait any more for an answer, for example after a deadline: that is no error.
        match self {
            Self::Authorize(request, reply) => {
                let _ = reply.send(playback.call_authorize(accessor, request).await?);
            }
            Self::Renew(Renewal { viewer, session_id, watching, delivery }, reply) => {
                let renewed =
                    playback.call_renew(accessor, viewer, session_id, watching, delivery).await?;
                let _ = reply.send(renewed);
            }
            Self::AuthorizePlaylist(request, wanted, reply) => {
                let answer = playback.call_authorize_playlist(accessor, request, wanted).await?;
                let _ = reply.send(answer);
            }
            Self::LinkedPlaylist(request, wanted, reply) => {
                let answer = playback.call_linked_playlist(accessor, request, wanted).await?;
                let _ = reply.send(answer);
            }
            Self::LinkedCookies(request, reply) => {
                let _ = reply.send(playback.call_linked_cookies(accessor, request).await?);
            }
            Self::Release(viewer, session_id, reply) => {
                let _ = reply.send(playback.call_release(accessor, viewer, session_id).await?);
            }
            Self::Devices(viewer, reply) => {
                let _ = reply.send(playback.call_devices(accessor, viewer).await?);
            }
            Self::Ready(reply) => {
                let _ = reply.send(playback.call_ready(accessor).await?);
            }
        }
        Ok(())
    }
}
