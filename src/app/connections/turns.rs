//! Calls are answered in the turn of their connection.
//!
//! One read may bring many calls, and most are answered without waiting for anything. A task for each would cost more than its
//! answer: a place in a queue, a core to be woken, a write of its own. So a connection reads the calls that have come, answers
//! them one after the other, and writes their answers together. A call that has to wait goes on as a task and holds nobody up.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use hyper::rt::Executor;

use super::bell::Bell;
use super::tasks::Tasks;

/// Calls that are answered before their answers are written. With more the client waits while the server works, and the other
/// way round; with fewer each answer costs a write of its own. Measured: docs/adr/0013.
const CALLS_A_TURN: usize = 8;

/// Turns before others on the same thread get theirs, calls that had to wait among them. Without a bound, a client that writes
/// as fast as it is answered keeps them waiting for ten milliseconds.
const TURNS_AT_ONCE: usize = 8;

/// A call that has come. Its answer goes to its connection.
type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The calls of one connection that have come and were not begun.
#[derive(Debug)]
pub(super) struct Turns {
    come: Come,
    tasks: Tasks,
    bell: Arc<Bell>,
}

/// Where the HTTP library puts the calls that it has read. Clones share the place.
#[derive(Clone, Default)]
pub(super) struct Come(Arc<Mutex<VecDeque<Call>>>);

impl Come {
    fn with<T>(&self, work: impl FnOnce(&mut VecDeque<Call>) -> T) -> T {
        // Nothing that could panic is done under the lock.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Come {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Come").field("calls", &self.with(|come| come.len())).finish()
    }
}

impl<F> Executor<F> for Come
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, call: F) {
        self.with(|come| come.push_back(Box::pin(call)));
    }
}

impl Turns {
    /// Of a connection without calls. Those that wait become tasks among these.
    pub(super) fn new(tasks: Tasks) -> Self {
        Self { come: Come::default(), tasks, bell: Arc::default() }
    }

    /// Where its calls come to.
    pub(super) fn come(&self) -> Come {
        self.come.clone()
    }

    /// Serves the connection to its end.
    pub(super) async fn serve<T>(&self, mut connection: Pin<&mut impl Future<Output = T>>) -> T {
        let waker = Waker::from(Arc::clone(&self.bell));
        poll_fn(|cx| {
            self.bell.of(cx.waker());
            for _ in 0..TURNS_AT_ONCE {
                if let Poll::Ready(ended) = connection.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(ended);
                }
                // Only the connection brings calls.
                if self.come.with(|come| come.is_empty()) {
                    return Poll::Pending;
                }
                self.bell.hold(|| self.turn());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    fn turn(&self) {
        for _ in 0..CALLS_A_TURN {
            let Some(call) = self.come.with(VecDeque::pop_front) else { return };
            self.begin(call);
        }
    }

    fn begin(&self, mut call: Call) {
        // Nobody is to be woken: a call that waits is asked again as a task.
        let mut once = Context::from_waker(Waker::noop());
        // The layers answer a panic of a handler. One outside of them ends its call, as it would end a task, and no other.
        match catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(&mut once))) {
            Ok(Poll::Pending) => self.tasks.spawn(call),
            Ok(Poll::Ready(())) => {}
            Err(_) => tracing::error!("a call panicked outside of its layers"),
        }
    }
}

impl Drop for Turns {
    /// A call holds on to the place it came to, which has to let go of it. Those of a broken connection are not begun.
    fn drop(&mut self) {
        let left = self.come.with(std::mem::take);
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use tokio::sync::oneshot;

    use super::*;

    #[derive(Default)]
    struct Rung(AtomicUsize);

    impl Wake for Rung {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Lets `turns` serve a connection until it has to wait, and tells how often its task was woken meanwhile.
    fn served(turns: &Turns, connection: impl FnMut(&mut Context<'_>) -> Poll<()>) -> (Poll<()>, usize) {
        let rung = Arc::new(Rung::default());
        let mut connection = pin!(poll_fn(connection));
        let polled =
            pin!(turns.serve(connection.as_mut())).poll(&mut Context::from_waker(&Waker::from(Arc::clone(&rung))));
        (polled, rung.0.load(Ordering::SeqCst))
    }

    #[test]
    fn calls_are_answered_a_few_at_a_time_before_the_connection_is_asked_again() {
        let (turns, answered) = (Turns::new(Tasks::default()), Arc::new(AtomicUsize::new(0)));
        let come = turns.come();
        let mut seen = Vec::new();
        let ended = served(&turns, |cx| {
            if seen.is_empty() {
                for _ in 0..CALLS_A_TURN + 3 {
                    let (answered, bell) = (Arc::clone(&answered), cx.waker().clone());
                    come.execute(async move {
                        answered.fetch_add(1, Ordering::SeqCst);
                        bell.wake();
                    });
                }
            }
            seen.push(answered.load(Ordering::SeqCst));
            Poll::Pending
        });
        assert_eq!(seen, [0, CALLS_A_TURN, CALLS_A_TURN + 3]);
        assert_eq!(ended, (Poll::Pending, 0), "what a turn did is seen without waking anybody");
    }

    #[test]
    fn a_connection_that_never_runs_out_of_calls_lets_others_go_first() {
        let turns = Turns::new(Tasks::default());
        let (come, mut asked) = (turns.come(), 0);
        let woken = served(&turns, |_| {
            asked += 1;
            come.execute(async {});
            Poll::Pending
        });
        assert_eq!((woken, asked), ((Poll::Pending, 1), TURNS_AT_ONCE));
    }

    #[test]
    fn what_happens_outside_of_a_turn_wakes_the_task() {
        let turns = Turns::new(Tasks::default());
        let woken = served(&turns, |cx| {
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        assert_eq!(woken, (Poll::Pending, 1));
    }

    #[tokio::test]
    async fn a_call_that_waits_holds_nobody_up_and_is_waited_for() {
        let (tasks, (go, waits)) = (Tasks::default(), oneshot::channel::<()>());
        let turns = Turns::new(tasks.clone());
        let (told, answered) = oneshot::channel();
        turns.come().execute(async move {
            waits.await.unwrap();
            told.send("late").unwrap();
        });
        let (other, at_once) = oneshot::channel();
        turns.come().execute(async move { other.send("soon").unwrap() });
        assert_eq!(served(&turns, |_| Poll::Pending).0, Poll::Pending);
        assert_eq!(at_once.await.unwrap(), "soon");
        tasks.last();
        go.send(()).unwrap();
        tasks.ended().await;
        assert_eq!(answered.await.unwrap(), "late");
    }

    #[test]
    fn a_panic_ends_its_call_alone() {
        let turns = Turns::new(Tasks::default());
        let (told, mut answered) = oneshot::channel();
        turns.come().execute(async { panic!("by a test") });
        turns.come().execute(async move { told.send(()).unwrap() });
        assert_eq!(served(&turns, |_| Poll::Pending).0, Poll::Pending);
        answered.try_recv().unwrap();
    }

    #[test]
    fn calls_of_a_broken_connection_are_let_go_although_they_hold_their_place() {
        let turns = Turns::new(Tasks::default());
        let (told, mut answered) = oneshot::channel::<()>();
        let come = turns.come();
        come.execute({
            let come = come.clone();
            async move {
                told.send(()).unwrap();
                drop(come);
            }
        });
        assert_eq!(served(&turns, |_| Poll::Ready(())).0, Poll::Ready(()));
        assert_eq!(format!("{come:?}"), "Come { calls: 1 }");
        drop(turns);
        assert!(answered.try_recv().is_err());
        assert_eq!(format!("{come:?}"), "Come { calls: 0 }");
    }
}
