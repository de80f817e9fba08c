//! Drops responses that their client does not take. They would hold their permits and their bytes for as long as the
//! client keeps the connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::time::{Duration, Instant, Sleep, sleep_until};

use super::inline_executor::CallFuture;
use crate::layers::Delivery;
use crate::telemetry::Metrics;

/// The time that a client may take for the next part of a response, and the count of responses that took longer.
#[derive(Debug)]
pub(super) struct StallLimit {
    patience: Duration,
    metrics: Metrics,
}

impl StallLimit {
    /// Creates a limit, which counts in these metrics.
    pub(super) const fn new(patience: Duration, metrics: Metrics) -> Self {
        Self { patience, metrics }
    }

    /// Returns the call, which ends early if its client does not take the response. Dropping it then resets its stream.
    pub(super) fn watch(self: &Arc<Self>, call: CallFuture) -> StallLimitedCall {
        StallLimitedCall { call, delivery: Arc::default(), limit: Arc::clone(self), stall: None }
    }
}

/// A call whose delivery is watched.
pub(super) struct StallLimitedCall {
    call: CallFuture,
    delivery: Arc<Delivery>,
    limit: Arc<StallLimit>,
    /// The part that the client must take. Present when a call first waits for its client, which most never do.
    stall: Option<Stall>,
}

/// A part that a client has not taken.
struct Stall {
    part: u64,
    /// Resolves when the call must be dropped.
    timer: Pin<Box<Sleep>>,
}

impl StallLimitedCall {
    /// Resolves when the client has not taken a part of the response for too long, at the latest at the deadline of the
    /// call.
    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(part) = self.delivery.blocking_part() else {
            self.stall = None;
            return Poll::Pending;
        };
        let (delivery, patience) = (&self.delivery, self.limit.patience);
        let end = || {
            let stalled = Instant::now() + patience;
            delivery.deadline().map_or(stalled, |deadline| stalled.min(deadline))
        };
        let stall = self.stall.get_or_insert_with(|| Stall { part, timer: Box::pin(sleep_until(end())) });
        if stall.part != part {
            stall.part = part;
            stall.timer.as_mut().reset(end());
        }
        stall.timer.as_mut().poll(cx)
    }
}

impl Future for StallLimitedCall {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.delivery.scope(|| this.call.as_mut().poll(cx)).is_ready() {
            return Poll::Ready(());
        }
        ready!(this.poll_stall(cx));
        this.limit.metrics.record_stalled_response();
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    /// A call that never ends, and does this with its delivery at each poll.
    fn watch(patience: Duration, mut at_poll: impl FnMut(&Delivery) + Send + 'static) -> StallLimitedCall {
        let limit = Arc::new(StallLimit::new(patience, Metrics::default()));
        let mut watched = limit.watch(Box::pin(std::future::pending()));
        let delivery = Arc::clone(&watched.delivery);
        watched.call = Box::pin(poll_fn(move |_| {
            at_poll(&delivery);
            Poll::Pending
        }));
        watched
    }

    /// Polls a call, and returns when it must be dropped; `None` if it waits for the server.
    async fn poll_once(call: &mut StallLimitedCall) -> Option<Instant> {
        let polled = poll_fn(|cx| Poll::Ready(Pin::new(&mut *call).poll(cx))).await;
        assert!(polled.is_pending());
        call.stall.as_ref().map(|stall| stall.timer.deadline())
    }

    #[tokio::test]
    async fn a_call_ends_if_its_client_takes_nothing() {
        let mut is_first = true;
        watch(Duration::ZERO, move |delivery| {
            if std::mem::take(&mut is_first) {
                delivery.block();
            }
        })
        .await;
    }

    #[tokio::test]
    async fn a_client_has_time_for_each_part() {
        let start = Instant::now();
        let mut call = watch(PATIENCE, Delivery::block);
        let first = poll_once(&mut call).await.unwrap();
        assert!(first >= start + PATIENCE && first <= Instant::now() + PATIENCE);
        let second = poll_once(&mut call).await.unwrap();
        assert!(second > first);
        call.call = Box::pin(std::future::pending());
        assert_eq!(poll_once(&mut call).await, Some(second), "the same part");
    }

    #[tokio::test]
    async fn a_response_that_waits_for_the_server_has_no_limit() {
        let mut call = watch(Duration::ZERO, |delivery| {
            delivery.block();
            delivery.unblock();
        });
        assert_eq!(poll_once(&mut call).await, None);
    }

    #[tokio::test]
    async fn the_deadline_of_a_call_is_the_last_limit() {
        let deadline = Instant::now() + Duration::from_secs(2);
        let mut call = watch(PATIENCE, Delivery::block);
        call.delivery.set_deadline(Some(deadline));
        assert_eq!(poll_once(&mut call).await, Some(deadline));
        let late = watch(PATIENCE, Delivery::block);
        late.delivery.set_deadline(Some(Instant::now()));
        late.await;
    }
}
