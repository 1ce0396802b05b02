//! Work that takes turns with the other tasks of its thread, and with the sockets.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures::task::AtomicWaker;

/// A future that, when it wakes itself, goes on only after the runtime has looked at its sockets and timers.
///
/// The engine wakes itself between two signatures, and while a component computes for long. The runtime would take that
/// for one of many short tasks, of which it runs dozens before it looks at a socket; with a few milliseconds each, a
/// request that just came in would wait for all of them.
pub(super) struct Turns<F> {
    work: Pin<Box<F>>,
    shared: Arc<Shared>,
    waker: Waker,
}

struct Shared {
    state: AtomicU8,
    task: AtomicWaker,
}

/// Nobody is at work.
const QUIET: u8 = 0;
/// The work is being polled.
const AT_WORK: u8 = 1;
/// The same, and it has been woken meanwhile.
const WOKEN: u8 = 2;

impl<F: Future> Turns<F> {
    pub(super) fn of(work: F) -> Self {
        let shared = Arc::new(Shared { state: AtomicU8::new(QUIET), task: AtomicWaker::new() });
        Self { work: Box::pin(work), waker: Waker::from(Arc::clone(&shared)), shared }
    }
}

impl<F: Future> Future for Turns<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        this.shared.task.register(context.waker());
        this.shared.state.store(AT_WORK, Ordering::Release);
        let polled = this.work.as_mut().poll(&mut Context::from_waker(&this.waker));
        let before = this.shared.state.swap(QUIET, Ordering::AcqRel);
        if polled.is_pending() && before == WOKEN {
            // Its first poll makes the runtime wake this task once it has looked around; no second one is needed.
            let _ = pin!(tokio::task::yield_now()).poll(context);
        }
        polled
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let woken =
            self.state.compare_exchange(AT_WORK, WOKEN, Ordering::AcqRel, Ordering::Acquire);
        // Whoever is at work sees by itself that it was woken.
        if woken == Err(QUIET) {
            self.task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::poll_fn, rc::Rc};

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpStream},
        task::LocalSet,
    };

    use super::*;

    /// Wakes itself over and over, and counts its turns.
    async fn busy(turns: Rc<Cell<u32>>) {
        poll_fn(|context| {
            turns.set(turns.get() + 1);
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        })
        .await;
    }

    #[tokio::test]
    async fn a_socket_has_its_turn_after_each_of_the_works() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut far, _) = listener.accept().await.unwrap();
        let turns = Rc::new(Cell::new(0));
        let tasks = LocalSet::new();
        tasks.spawn_local(Turns::of(busy(Rc::clone(&turns))));
        tasks.spawn_local(async move {
            let mut byte = [0];
            while far.read_exact(&mut byte).await.is_ok() && far.write_all(&byte).await.is_ok() {}
        });
        let exchanges = 20;
        tasks
            .run_until(async {
                for _ in 0..exchanges {
                    let mut byte = [7];
                    near.write_all(&byte).await.unwrap();
                    near.read_exact(&mut byte).await.unwrap();
                }
            })
            .await;
        // One exchange is two looks at the sockets, and some slack for a byte that is still on its way. Without
        // turns the work has dozens of them to one look.
        assert!(turns.get() > 0 && turns.get() <= exchanges * 10, "{}", turns.get());
    }

    #[tokio::test]
    async fn a_wake_from_elsewhere_is_never_lost() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let received = tokio::spawn(Turns::of(async move {
            let mut count = 0;
            while receiver.recv().await.is_some() {
                count += 1;
            }
            count
        }));
        let sent = std::thread::spawn(move || {
            for _ in 0..10_000 {
                sender.blocking_send(()).unwrap();
            }
        });
        assert_eq!(received.await.unwrap(), 10_000);
        sent.join().unwrap();
    }
}
