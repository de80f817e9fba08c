//! Turns calls away, as cheaply as can be: the answer is written once, and the log tells of many calls in one line.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Response};

use crate::api::status::{Refusal, refuse};
use crate::telemetry::Metrics;

/// Seconds between two lines about calls that were turned away.
const SECONDS_A_LINE: u64 = 10;

static OVERLOADED: LazyLock<HeaderMap> =
    LazyLock::new(|| refuse(Refusal::Overloaded).into_http::<()>().into_parts().0.headers);

/// Counts and tells what is turned away.
#[derive(Debug)]
pub(super) struct Shedding {
    metrics: Metrics,
    epoch: Instant,
    /// Calls since the last line.
    calls: AtomicU64,
    /// When the next line is due, in seconds from the epoch.
    due: AtomicU64,
}

impl Shedding {
    /// Counts whom it turns away.
    pub(super) fn new(metrics: Metrics) -> Self {
        Self { metrics, epoch: Instant::now(), calls: AtomicU64::new(0), due: AtomicU64::new(0) }
    }

    /// Counts one call.
    pub(super) fn one(&self) {
        self.metrics.shed();
        self.calls.fetch_add(1, Ordering::Relaxed);
        let (now, due) = (self.epoch.elapsed().as_secs(), self.due.load(Ordering::Relaxed));
        let next = now + SECONDS_A_LINE;
        if now >= due && self.due.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let calls = self.calls.swap(0, Ordering::Relaxed);
            tracing::warn!(calls, "shedding load: server overloaded");
        }
    }

    /// Counts one call, and answers it.
    pub(super) fn answer(&self) -> Response<Body> {
        self.one();
        let mut response = Response::new(Body::empty());
        OVERLOADED.clone_into(response.headers_mut());
        response
    }
}
