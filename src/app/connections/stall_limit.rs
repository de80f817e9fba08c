//! Drops responses that their client does not take. They would hold their permits and their bytes for as long as the
//! client keeps the connection.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::{Duration, Sleep, sleep_until};

use super::inline_executor::CallFuture;
use crate::layers::Delivery;
use crate::telemetry::Metrics;

/// The time that a client may take for the next part of a response, and the count of responses that took longer.
#[derive(Clone, Debug)]
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
    pub(super) fn watch(&self, call: CallFuture) -> WatchedCall {
        WatchedCall { call, delivery: Arc::new(Delivery::new()), limit: self.clone(), timer: None }
    }
}

/// A call whose delivery is watched.
pub(super) struct WatchedCall {
    call: CallFuture,
    delivery: Arc<Delivery>,
    limit: StallLimit,
    /// Created when the client first has to act, which most never have to.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Future for WatchedCall {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.delivery.scope(|| this.call.as_mut().poll(cx)).is_ready() {
            return Poll::Ready(());
        }
        let Some(give_up_at) = this.delivery.give_up_at(this.limit.patience) else { return Poll::Pending };
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep_until(give_up_at)));
        timer.as_mut().reset(give_up_at);
        if timer.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        this.limit.metrics.record_stalled_response();
        Poll::Ready(())
    }
}
