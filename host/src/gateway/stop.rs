//! When the process is asked to stop, and what else it is told.

use std::future::Future;

/// What SIGHUP means to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hangup {
    /// Whoever watches files hears of it as well, see [`super::Tls`]; here it is only logged.
    Reloads,
    /// There is nothing to reload, and nothing to die of either.
    Ignored,
    /// The terminal is gone, and the process goes with it.
    Stops,
}

/// Resolves when the process is told to stop: by SIGTERM, by SIGINT from a terminal, or by SIGHUP if it is to.
///
/// Must be called within a tokio runtime; all three signals are caught from the call on.
pub fn stop_signal(hangup: Hangup) -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hung_up = signal(SignalKind::hangup())?;
        Ok(async move {
            let name = loop {
                tokio::select! {
                    _ = terminate.recv() => break "SIGTERM",
                    _ = interrupt.recv() => break "SIGINT",
                    _ = hung_up.recv() => match hangup {
                        Hangup::Stops => break "SIGHUP",
                        Hangup::Reloads => tracing::info!("SIGHUP: certificates are read again"),
                        Hangup::Ignored => tracing::info!("SIGHUP: there is nothing to reload"),
                    },
                }
            };
            tracing::info!(signal = name, "stopping");
        })
    }
    #[cfg(not(unix))]
    Ok(async move {
        let _ = hangup;
        // Without a handler there is nothing to wait for but the end of the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        tracing::info!("stopping");
    })
}
