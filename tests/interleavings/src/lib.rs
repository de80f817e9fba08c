//! Models of how the task of a connection is woken, for loom: it runs them with every interleaving of their threads, and
//! with every value that an atomic load may return.
//!
//! The files of the program are included with other types for what they share between threads. A model ends when the
//! connection has seen every event, so a lost wake-up is a deadlock, which loom reports.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

use hyper::rt::Executor as _;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use self::inline_executor::{CallQueue, InlineExecutor};
use self::stall_limit::StallLimit;
use self::sync::AtomicWaker;
use self::tasks::ThreadTasks;

#[path = "../../../src/app/connections/inline_executor.rs"]
mod inline_executor;
#[path = "../../../src/app/connections/muted_waker.rs"]
mod muted_waker;

/// What `src/app/connections/mod.rs` takes from the standard library and from `futures-util`.
mod sync {
    pub(super) use loom::sync::atomic::AtomicBool;

    /// The place of a waker, with the interface of `futures-util`.
    #[derive(Debug, Default)]
    pub(super) struct AtomicWaker(loom::future::AtomicWaker);

    impl AtomicWaker {
        pub(super) fn register(&self, waker: &std::task::Waker) {
            self.0.register_by_ref(waker);
        }

        pub(super) fn wake(&self) {
            self.0.wake();
        }
    }
}

/// What `src/app/connections/tasks.rs` does: a call that waits continues elsewhere.
mod tasks {
    pub(super) use ThreadTasks as ConnectionTasks;

    #[derive(Clone, Debug, Default)]
    pub(super) struct ThreadTasks;

    impl ThreadTasks {
        pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
            loom::thread::spawn(|| loom::future::block_on(task));
        }
    }
}

/// Responses have no client here.
mod stall_limit {
    use super::inline_executor::CallFuture;

    pub(super) use NoStallLimit as StallLimit;

    #[derive(Clone, Debug)]
    pub(super) struct NoStallLimit;

    impl NoStallLimit {
        pub(super) fn watch(&self, call: CallFuture) -> CallFuture {
            call
        }
    }
}

/// How a source of events wakes the connection.
#[derive(Clone, Copy, Debug)]
pub enum WakeUp {
    /// It keeps the waker of the last poll, as sockets, channels and timers do.
    OfLastPoll,
    /// It has the waker of the first poll, and shares nothing else with the connection than the event.
    OfFirstPoll,
}

/// The events of a connection, from calls and from its socket.
#[derive(Debug, Default)]
struct Events {
    count: AtomicUsize,
    waker: AtomicWaker,
}

impl Events {
    fn add(&self) {
        self.count.fetch_add(1, Ordering::Release);
    }

    fn add_and_wake(&self) {
        self.add();
        self.waker.wake();
    }
}

/// What a connection has while it is polled.
struct Connection<'a> {
    events: &'a Arc<Events>,
    calls: &'a CallQueue,
    waker: &'a Waker,
    /// The number of polls before this one.
    polls: usize,
}

impl Connection<'_> {
    /// Adds a call whose response is an event.
    fn add_call(&self) {
        let events = Arc::clone(self.events);
        self.calls.execute(async move { events.add_and_wake() });
    }
}

/// Drives a connection, which does `work` in each poll, until it has seen this number of events.
fn drive(expected: usize, mut work: impl FnMut(Connection<'_>)) {
    let (executor, events) = (InlineExecutor::new(ThreadTasks, StallLimit), Arc::<Events>::default());
    let (calls, mut polls) = (executor.pending_calls(), 0);
    let connection = poll_fn(|cx| {
        events.waker.register(cx.waker());
        work(Connection { events: &events, calls: &calls, waker: cx.waker(), polls });
        polls += 1;
        if events.count.load(Ordering::Acquire) == expected { Poll::Ready(()) } else { Poll::Pending }
    });
    loom::future::block_on(executor.drive(pin!(connection), |_| ()));
}

/// An event from another thread, while a call runs whose response is an event too.
pub fn event_during_a_call(wake_up: WakeUp) {
    drive(2, |connection| {
        if connection.polls == 0 {
            let (events, waker) = (Arc::clone(connection.events), connection.waker.clone());
            thread::spawn(move || match wake_up {
                WakeUp::OfLastPoll => events.add_and_wake(),
                WakeUp::OfFirstPoll => {
                    events.add();
                    waker.wake();
                }
            });
            connection.add_call();
        }
    });
}

/// The response of a call that waits, and so continues on another thread, while another call runs.
pub fn response_of_a_waiting_call() {
    drive(2, |connection| {
        if connection.polls == 0 {
            let (events, mut waits) = (Arc::clone(connection.events), true);
            connection.calls.execute(poll_fn(move |_| {
                // The task polls it again as soon as it has it.
                if std::mem::take(&mut waits) {
                    return Poll::Pending;
                }
                events.add_and_wake();
                Poll::Ready(())
            }));
            connection.add_call();
        }
    });
}

/// An event from another thread, while the connection has more calls than its task runs in one poll.
pub fn event_during_more_batches_than_one_poll_runs() {
    /// More than `MAX_BATCHES_PER_POLL`.
    const BATCHES: usize = 9;
    drive(BATCHES + 1, |connection| {
        if connection.polls == 0 {
            let events = Arc::clone(connection.events);
            thread::spawn(move || events.add_and_wake());
        }
        if connection.polls < BATCHES {
            connection.add_call();
        }
    });
}
