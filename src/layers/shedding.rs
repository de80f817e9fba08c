//! Rejects calls at minimal cost: the response is built once, and one log line covers many calls.

use std::sync::LazyLock;

use tokio::time::Instant;
use tonic::body::Body;
use tonic::codegen::http::{HeaderMap, Response};

use super::line_limit::LineLimit;
use crate::api::status::{Refusal, refusal_status};
use crate::telemetry::Metrics;

static OVERLOADED_HEADERS: LazyLock<HeaderMap> =
    LazyLock::new(|| refusal_status(Refusal::Overloaded).into_http::<()>().into_parts().0.headers);

/// Counts and logs rejected calls.
#[derive(Debug)]
pub(super) struct LoadShedder {
    metrics: Metrics,
    epoch: Instant,
    lines: LineLimit,
}

impl LoadShedder {
    /// Counts rejected calls in these metrics.
    pub(super) fn new(metrics: Metrics) -> Self {
        Self { metrics, epoch: Instant::now(), lines: LineLimit::default() }
    }

    /// Counts one call.
    pub(super) fn record(&self) {
        self.metrics.record_shed_call();
        if let Some(calls) = self.lines.count(self.epoch.elapsed()) {
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
