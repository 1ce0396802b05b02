//! Work that belongs to one runtime, whichever thread asks for it.

use std::{
    future::{Future, poll_fn},
    pin::pin,
};

use tokio::runtime::Handle;

/// Does `work` with the timers, sockets and threads of the runtime `home`. It is polled where it is awaited, so what is
/// there at once costs no change of threads.
pub(crate) async fn at<F: Future>(home: &Handle, work: F) -> F::Output {
    let mut work = pin!(work);
    poll_fn(|context| {
        let _home = home.enter();
        work.as_mut().poll(context)
    })
    .await
}
