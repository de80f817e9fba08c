//! Runs calls on the task of their connection.
//!
//! One read may bring many calls, and most of them never wait. A task for each would cost more than the call itself: a
//! place in a queue, waking a core, and a separate write. So a connection reads the calls that have arrived, runs them
//! one after the other, and writes their responses together. A call that waits continues as a task and delays no other.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper::rt::Executor;

use super::muted_waker::MutedWaker;
use super::stall_limit::StallLimit;
use super::tasks::ConnectionTasks;

/// The maximum number of calls that run before their responses are written. With more, the client waits while the
/// server works, and vice versa; with fewer, each response costs a write of its own. Measured in docs/adr/0013.
const MAX_BATCH_CALLS: usize = 8;

/// The maximum number of batches before other tasks on the same thread run, including calls that wait. Without a limit,
/// a client that writes as fast as it is served delays them by ten milliseconds.
const MAX_BATCHES_PER_POLL: usize = 8;

/// A call that has arrived. It sends its response to its connection.
pub(super) type CallFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the calls of one connection on its task, and the calls that wait on tasks of their own.
#[derive(Debug)]
pub(super) struct InlineExecutor {
    pending: CallQueue,
    tasks: ConnectionTasks,
    muted_waker: Arc<MutedWaker>,
    /// Shared by the calls of this connection alone: a count that all connections share would move between the cores.
    stalls: Arc<StallLimit>,
}

/// The queue to which the HTTP library adds the calls that it has read. Clones share the queue.
#[derive(Clone, Default)]
pub(super) struct CallQueue {
    queue: Arc<Mutex<VecDeque<CallFuture>>>,
}

impl CallQueue {
    fn with_queue<T>(&self, work: impl FnOnce(&mut VecDeque<CallFuture>) -> T) -> T {
        // No code that could panic runs while the lock is held.
        work(&mut self.queue.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for CallQueue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CallQueue").field("calls", &self.with_queue(|queue| queue.len())).finish()
    }
}

impl<F> Executor<F> for CallQueue
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, call: F) {
        self.with_queue(|queue| queue.push_back(Box::pin(call)));
    }
}

impl InlineExecutor {
    /// Creates an executor for a connection without calls. Calls that wait are spawned on `tasks`.
    pub(super) fn new(tasks: ConnectionTasks, stalls: StallLimit) -> Self {
        Self { pending: CallQueue::default(), tasks, muted_waker: Arc::default(), stalls: Arc::new(stalls) }
    }

    /// Returns the queue of its calls.
    pub(super) fn pending_calls(&self) -> CallQueue {
        self.pending.clone()
    }

    /// Serves the connection until it ends. `send` sends what the connection has written; it is called after each poll.
    pub(super) async fn drive<T>(
        &self,
        mut connection: Pin<&mut impl Future<Output = T>>,
        send: impl Fn(&mut Context<'_>),
    ) -> T {
        let waker = Waker::from(Arc::clone(&self.muted_waker));
        poll_fn(|cx| {
            self.muted_waker.register(cx.waker());
            for _ in 0..MAX_BATCHES_PER_POLL {
                let polled = connection.as_mut().poll(&mut Context::from_waker(&waker));
                send(&mut Context::from_waker(&waker));
                if let Poll::Ready(ended) = polled {
                    return Poll::Ready(ended);
                }
                // Only the connection adds calls.
                if self.pending.with_queue(|queue| queue.is_empty()) {
                    return Poll::Pending;
                }
                self.muted_waker.mute_during(|| self.run_batch());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    fn run_batch(&self) {
        for _ in 0..MAX_BATCH_CALLS {
            let Some(call) = self.pending.with_queue(VecDeque::pop_front) else { return };
            self.start_call(call);
        }
    }

    fn start_call(&self, call: CallFuture) {
        // A no-op waker: a call that waits is polled again as a task.
        let mut once = Context::from_waker(Waker::noop());
        let mut call = self.stalls.watch(call);
        // The layers handle a panic of a handler. A panic outside of them ends only its call, as it would end a task.
        match catch_unwind(AssertUnwindSafe(|| Pin::new(&mut call).poll(&mut once))) {
            Ok(Poll::Pending) => self.tasks.spawn(call),
            Ok(Poll::Ready(())) => {}
            Err(_) => tracing::error!("a call panicked outside of its layers"),
        }
    }
}

impl Drop for InlineExecutor {
    /// A call holds a reference to its queue, so the queue must drop it. The calls of a broken connection are not
    /// started.
    fn drop(&mut self) {
        let left = self.pending.with_queue(std::mem::take);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::time::Duration;

    use tokio::sync::oneshot;

    use super::*;
    use crate::telemetry::Metrics;

    #[derive(Default)]
    struct WakeCount(AtomicUsize);

    impl Wake for WakeCount {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn stall_limit() -> StallLimit {
        StallLimit::new(Duration::from_secs(3600), Metrics::default())
    }

    fn executor() -> InlineExecutor {
        InlineExecutor::new(ConnectionTasks::default(), stall_limit())
    }

    /// Drives `connection` until it waits, and returns how often its task was woken meanwhile.
    fn drive_once(
        executor: &InlineExecutor,
        connection: impl FnMut(&mut Context<'_>) -> Poll<()>,
    ) -> (Poll<()>, usize) {
        let rung = Arc::new(WakeCount::default());
        let mut connection = pin!(poll_fn(connection));
        let polled = pin!(executor.drive(connection.as_mut(), |_| ()))
            .poll(&mut Context::from_waker(&Waker::from(Arc::clone(&rung))));
        (polled, rung.0.load(Ordering::SeqCst))
    }

    #[test]
    fn calls_run_in_batches_between_polls_of_the_connection() {
        let (executor, answered) = (executor(), Arc::new(AtomicUsize::new(0)));
        let calls = executor.pending_calls();
        let mut seen = Vec::new();
        let ended = drive_once(&executor, |cx| {
            if seen.is_empty() {
                for _ in 0..MAX_BATCH_CALLS + 3 {
                    let (answered, bell) = (Arc::clone(&answered), cx.waker().clone());
                    calls.execute(async move {
                        answered.fetch_add(1, Ordering::SeqCst);
                        bell.wake();
                    });
                }
            }
            seen.push(answered.load(Ordering::SeqCst));
            Poll::Pending
        });
        assert_eq!(seen, [0, MAX_BATCH_CALLS, MAX_BATCH_CALLS + 3]);
        assert_eq!(ended, (Poll::Pending, 0), "what a batch did is seen without waking anybody");
    }

    #[test]
    fn a_connection_with_endless_calls_yields_to_others() {
        let executor = executor();
        let (calls, mut asked) = (executor.pending_calls(), 0);
        let woken = drive_once(&executor, |_| {
            asked += 1;
            calls.execute(async {});
            Poll::Pending
        });
        assert_eq!((woken, asked), ((Poll::Pending, 1), MAX_BATCHES_PER_POLL));
    }

    #[test]
    fn a_wake_up_outside_of_a_batch_wakes_the_task() {
        let executor = executor();
        let woken = drive_once(&executor, |cx| {
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        assert_eq!(woken, (Poll::Pending, 1));
    }

    #[tokio::test]
    async fn a_waiting_call_blocks_no_other_and_is_awaited_at_shutdown() {
        let (tasks, (go, waits)) = (ConnectionTasks::default(), oneshot::channel::<()>());
        let executor = InlineExecutor::new(tasks.clone(), stall_limit());
        let (told, answered) = oneshot::channel();
        executor.pending_calls().execute(async move {
            waits.await.unwrap();
            told.send("late").unwrap();
        });
        let (other, at_once) = oneshot::channel();
        executor.pending_calls().execute(async move { other.send("soon").unwrap() });
        assert_eq!(drive_once(&executor, |_| Poll::Pending).0, Poll::Pending);
        assert_eq!(at_once.await.unwrap(), "soon");
        tasks.close();
        go.send(()).unwrap();
        tasks.wait().await;
        assert_eq!(answered.await.unwrap(), "late");
    }

    #[test]
    fn a_panic_ends_its_call_alone() {
        let executor = executor();
        let (told, mut answered) = oneshot::channel();
        executor.pending_calls().execute(async { panic!("by a test") });
        executor.pending_calls().execute(async move { told.send(()).unwrap() });
        assert_eq!(drive_once(&executor, |_| Poll::Pending).0, Poll::Pending);
        answered.try_recv().unwrap();
    }

    #[test]
    fn calls_of_a_broken_connection_are_dropped_although_they_hold_its_queue() {
        let executor = executor();
        let (told, mut answered) = oneshot::channel::<()>();
        let calls = executor.pending_calls();
        calls.execute({
            let calls = calls.clone();
            async move {
                told.send(()).unwrap();
                drop(calls);
            }
        });
        assert_eq!(drive_once(&executor, |_| Poll::Ready(())).0, Poll::Ready(()));
        assert_eq!(format!("{calls:?}"), "CallQueue { calls: 1 }");
        drop(executor);
        assert!(answered.try_recv().is_err());
        assert_eq!(format!("{calls:?}"), "CallQueue { calls: 0 }");
    }
}
