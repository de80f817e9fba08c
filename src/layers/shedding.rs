//! Rejects calls at minimal cost: the response is built once, and one log line covers many calls.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Response};

use crate::api::status::{Refusal, refusal_status};
use crate::telemetry::Metrics;

/// The interval between log lines about rejected calls, in seconds.
const LOG_INTERVAL_SECONDS: u64 = 10;

static OVERLOADED_HEADERS: LazyLock<HeaderMap> =
    LazyLock::new(|| refusal_status(Refusal::Overloaded).into_http::<()>().into_parts().0.headers);

/// Counts and logs rejected calls.
#[derive(Debug)]
pub(super) struct LoadShedder {
    metrics: Metrics,
    epoch: Instant,
    /// The number of calls since the last log line.
    unlogged_calls: AtomicU64,
    /// When the next log line is due, in seconds since the epoch.
    next_log_seconds: AtomicU64,
}

impl LoadShedder {
    /// Counts rejected calls in these metrics.
    pub(super) fn new(metrics: Metrics) -> Self {
        Self { metrics, epoch: Instant::now(), unlogged_calls: AtomicU64::new(0), next_log_seconds: AtomicU64::new(0) }
    }

    /// Counts one call.
    pub(super) fn record(&self) {
        self.metrics.record_shed_call();
        self.unlogged_calls.fetch_add(1, Ordering::Relaxed);
        let (now, next) = (self.epoch.elapsed().as_secs(), self.next_log_seconds.load(Ordering::Relaxed));
        let following = now + LOG_INTERVAL_SECONDS;
        if now >= next
            && self.next_log_seconds.compare_exchange(next, following, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let calls = self.unlogged_calls.swap(0, Ordering::Relaxed);
            tracing::warn!(calls, "shedding load: server overloaded");
        }
    }

    /// Counts one call, and returns its response.
    pub(super) fn reject(&self) -> Response<Body> {
        self.record();
        let mut response = Response::new(Body::empty());
        OVERLOADED_HEADERS.clone_into(response.headers_mut());
        response
    }
}
