//! Port `sessions`.

use tollgate_backends::ports;
use wasmtime::component::Accessor;

use super::{HasState, ObservedPort, State, ask, types::PortError};
use crate::component::bindings::gate::tollgate::gate::sessions::{
    ClaimOutcome, ClaimRequest, Host, HostWithStore, LimitPolicy, LimitReached, RenewRequest,
    Session,
};

impl Host for State {}

impl<T: Send + 'static> HostWithStore<T> for HasState {
    async fn claim(
        accessor: &Accessor<T, Self>,
        request: ClaimRequest,
    ) -> wasmtime::Result<Result<ClaimOutcome, PortError>> {
        let request = ports::ClaimRequest {
            user: request.user,
            device: request.device,
            session_id: request.session_id,
            series: request.series,
            episode: request.episode,
            now: request.now,
            expires_at: request.expires_at,
            max_devices: request.max_devices,
            on_limit: match request.on_limit {
                LimitPolicy::BlockNew => ports::OnLimit::BlockNew,
                LimitPolicy::EvictOldest => ports::OnLimit::EvictOldest,
            },
        };
        let answer = ask(accessor, ObservedPort::Sessions, async move |ports| {
            ports.sessions.claim(&request).await
        });
        Ok(answer.await.map(|outcome| match outcome {
            ports::ClaimOutcome::Claimed(session) => ClaimOutcome::Claimed(session.into()),
            ports::ClaimOutcome::LimitReached { active, next_free_at } => {
                ClaimOutcome::LimitReached(LimitReached { active, next_free_at })
            }
        }))
    }

    async fn renew(
        accessor: &Accessor<T, Self>,
        request: RenewRequest,
    ) -> wasmtime::Result<Result<Option<Session>, PortError>> {
        let request = ports::RenewRequest {
            user: request.user,
            session_id: request.session_id,
            device: request.device,
            watching: request.watching,
            now: request.now,
            expires_at: request.expires_at,
        };
        let answer = ask(accessor, ObservedPort::Sessions, async move |ports| {
            ports.sessions.renew(&request).await
        });
        Ok(answer.await.map(|found| found.map(Session::from)))
    }

    async fn release(
        accessor: &Accessor<T, Self>,
        user: String,
        session_id: String,
        now: u64,
    ) -> wasmtime::Result<Result<bool, PortError>> {
        let release =
            async move |ports: &ports::Ports| ports.sessions.release(&user, &session_id, now).await;
        Ok(ask(accessor, ObservedPort::Sessions, release).await)
    }

    async fn active(
        accessor: &Accessor<T, Self>,
        user: String,
        now: u64,
    ) -> wasmtime::Result<Result<Vec<Session>, PortError>> {
        let answer = ask(accessor, ObservedPort::Sessions, async move |ports| {
            ports.sessions.active(&user, now).await
        });
        Ok(answer.await.map(|found| found.into_iter().map(Session::from).collect()))
    }
}

impl From<ports::Session> for Session {
    fn from(session: ports::Session) -> Self {
        Self {
            id: session.id,
            device: session.device,
            series: session.series,
            episode: session.episode,
            started_at: session.started_at,
            renewed_at: session.renewed_at,
            expires_at: session.expires_at,
        }
    }
}
