//! The metrics of one method. Each is created at its first use, so that a method that is never called has none.

use std::sync::{Arc, OnceLock};

use metrics::{Counter, Histogram, Key, Label, Recorder as _};
use metrics_exporter_prometheus::PrometheusRecorder;

use super::metrics::METADATA;

/// The gRPC codes by number, spelled as in the common dashboards for gRPC.
const CODES: [&str; 17] = [
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
];

/// The codes that are not the fault of a caller.
const INTERNAL_ERRORS: [&str; 3] = ["Unknown", "Internal", "DataLoss"];

/// The number of gRPC codes.
pub const CODE_COUNT: usize = CODES.len();

/// Returns the name of a gRPC code, in metrics and logs.
#[must_use]
pub fn code_name(code: usize) -> &'static str {
    CODES.get(code).copied().unwrap_or("Unknown")
}

/// The metrics of one method.
#[derive(Debug)]
pub struct MethodMetrics {
    started: OnceLock<Counter>,
    /// By code.
    handled: [OnceLock<Counter>; CODE_COUNT],
    seconds: OnceLock<Histogram>,
    /// Of all methods, so that the first error is an increase of a counter that exists.
    internal_errors: Counter,
    recorder: Arc<PrometheusRecorder>,
    labels: Vec<Label>,
}

impl MethodMetrics {
    pub(super) fn new(recorder: Arc<PrometheusRecorder>, internal_errors: Counter, labels: Vec<Label>) -> Self {
        let handled = [const { OnceLock::new() }; CODE_COUNT];
        Self { started: OnceLock::new(), handled, seconds: OnceLock::new(), internal_errors, recorder, labels }
    }

    /// Counts the start of a call.
    pub fn record_started(&self) {
        let key = || self.key("grpc_server_started_total");
        self.started.get_or_init(|| self.recorder.register_counter(&key(), &METADATA)).increment(1);
    }

    /// Counts the end of a call: the number of its gRPC code (an unknown number counts as Unknown), and its duration.
    pub fn record_handled(&self, code: usize, seconds: f64) {
        const UNKNOWN: usize = 2;
        if let Some(slot) = self.handled.get(code).or_else(|| self.handled.get(UNKNOWN)) {
            slot.get_or_init(|| self.counter(code_name(code))).increment(1);
        }
        if INTERNAL_ERRORS.contains(&code_name(code)) {
            self.internal_errors.increment(1);
        }
        let key = || self.key("grpc_server_handling_seconds");
        self.seconds.get_or_init(|| self.recorder.register_histogram(&key(), &METADATA)).record(seconds);
    }

    fn key(&self, name: &'static str) -> Key {
        Key::from_parts(name, self.labels.clone())
    }

    fn counter(&self, code: &'static str) -> Counter {
        let mut labels = self.labels.clone();
        labels.push(Label::new("grpc_code", code));
        self.recorder.register_counter(&Key::from_parts("grpc_server_handled_total", labels), &METADATA)
    }
}
