//! What the gateway asks of the gate. A trait, so that tests decide what the gate answers.

use futures::{FutureExt, future::BoxFuture};

use crate::component::{
    Gate, GateError,
    gate::{
        Delivery, Denial, Device, Grant, LinkedRequest, Manifest, PlaybackRequest, Playlist,
        Redirect, Seat, Viewer,
    },
};

/// What the gate answers: something, or the rule that denied, or that it failed.
pub type Verdict<'a, T> = BoxFuture<'a, Result<Result<T, Denial>, GateError>>;

/// May this viewer watch this, now, on this device?
pub trait Playback: Send + Sync {
    /// Grants playback or names the rule that denies it.
    fn authorize(&self, request: PlaybackRequest) -> Verdict<'_, Grant>;
    /// Renews lease and signature. `watching` is a series and an episode.
    fn renew(
        &self,
        viewer: Viewer,
        session: String,
        watching: Option<(String, String)>,
        delivery: Option<Delivery>,
    ) -> Verdict<'_, Grant>;
    /// Grants playback and answers the playlist.
    fn authorize_playlist(
        &self,
        request: PlaybackRequest,
        wanted: Manifest,
    ) -> Verdict<'_, Playlist>;
    /// The playlist a link leads to.
    fn linked_playlist(&self, request: LinkedRequest, wanted: Manifest) -> Verdict<'_, Playlist>;
    /// The cookies a link leads to.
    fn linked_cookies(&self, request: LinkedRequest) -> Verdict<'_, Redirect>;
    /// Ends a lease. `false` if there was none.
    fn release(&self, viewer: Viewer, session: String) -> Verdict<'_, bool>;
    /// Lists the live leases of the viewer's user.
    fn devices(&self, viewer: Viewer) -> Verdict<'_, Vec<Device>>;
    /// Says what keeps the gate from serving, if anything does.
    fn trouble(&self) -> BoxFuture<'_, Result<Option<Denial>, GateError>>;

    /// The thread that shall serve the next connection, if that matters.
    fn seat(&self) -> Option<Seat> {
        None
    }
}

impl Playback for Gate {
    fn authorize(&self, request: PlaybackRequest) -> Verdict<'_, Grant> {
        Gate::authorize(self, request).boxed()
    }

    fn renew(
        &self,
        viewer: Viewer,
        session: String,
        watching: Option<(String, String)>,
        delivery: Option<Delivery>,
    ) -> Verdict<'_, Grant> {
        Gate::renew(self, viewer, session, watching, delivery).boxed()
    }

    fn authorize_playlist(
        &self,
        request: PlaybackRequest,
        wanted: Manifest,
    ) -> Verdict<'_, Playlist> {
        Gate::authorize_playlist(self, request, wanted).boxed()
    }

    fn linked_playlist(&self, request: LinkedRequest, wanted: Manifest) -> Verdict<'_, Playlist> {
        Gate::linked_playlist(self, request, wanted).boxed()
    }

    fn linked_cookies(&self, request: LinkedRequest) -> Verdict<'_, Redirect> {
        Gate::linked_cookies(self, request).boxed()
    }

    fn release(&self, viewer: Viewer, session: String) -> Verdict<'_, bool> {
        Gate::release(self, viewer, session).boxed()
    }

    fn devices(&self, viewer: Viewer) -> Verdict<'_, Vec<Device>> {
        Gate::devices(self, viewer).boxed()
    }

    fn trouble(&self) -> BoxFuture<'_, Result<Option<Denial>, GateError>> {
        Gate::trouble(self).boxed()
    }

    fn seat(&self) -> Option<Seat> {
        Gate::seat(self)
    }
}
