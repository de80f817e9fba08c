//! Metrics of calls and connections, in Prometheus' format.
//!
//! Every label has few values, all known when the server starts: a name that a client sends never becomes one.

use std::sync::{Arc, OnceLock};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// The upper bounds of the call duration buckets, in seconds: from a single score to a large list.
const BUCKET_SECONDS: [f64; 14] = [5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1.0];

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

const METADATA: Metadata<'static> = Metadata::new("sweetspot", Level::INFO, None);

/// The metrics of one server. Clones share them; two servers in one process have separate ones.
#[derive(Clone, Debug)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    connections: Gauge,
    refused_connections: Counter,
    shed_calls: Counter,
    free_call_permits: Gauge,
    stalled_responses: Counter,
    dropped_log_lines: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        // An error is possible only for an empty list.
        let builder = PrometheusBuilder::new().set_buckets(&BUCKET_SECONDS).unwrap_or_default();
        let recorder = Arc::new(builder.build_recorder());
        describe(&recorder);
        let handle = recorder.handle();
        let connections = recorder.register_gauge(&Key::from_static_name("sweetspot_connections"), &METADATA);
        let counter = |name: &'static str| recorder.register_counter(&Key::from_static_name(name), &METADATA);
        let refused_connections = counter("sweetspot_connections_refused_total");
        let shed_calls = counter("sweetspot_shed_total");
        let free_call_permits =
            recorder.register_gauge(&Key::from_static_name("sweetspot_call_permits_free"), &METADATA);
        let stalled_responses = counter("sweetspot_responses_stalled_total");
        let dropped_log_lines = counter("sweetspot_log_lines_dropped_total");
        Self {
            recorder,
            handle,
            connections,
            refused_connections,
            shed_calls,
            free_call_permits,
            stalled_responses,
            dropped_log_lines,
        }
    }
}

impl Metrics {
    /// Returns the metrics of one method. They are looked up once, so that counting a call is an addition.
    #[must_use]
    pub fn method(&self, service: &str, method: &str) -> MethodMetrics {
        let labels = vec![Label::new("grpc_service", service.to_owned()), Label::new("grpc_method", method.to_owned())];
        let key = |name: &'static str| Key::from_parts(name, labels.clone());
        MethodMetrics {
            started: self.recorder.register_counter(&key("grpc_server_started_total"), &METADATA),
            handled: [const { OnceLock::new() }; CODES.len()],
            seconds: self.recorder.register_histogram(&key("grpc_server_handling_seconds"), &METADATA),
            recorder: Arc::clone(&self.recorder),
            labels,
        }
    }

    /// Counts a connection until the returned value is dropped.
    #[must_use]
    pub fn open_connection(&self) -> OpenConnection {
        self.connections.increment(1);
        OpenConnection(self.connections.clone())
    }

    /// Counts a connection that was closed because there were too many.
    pub fn record_refused_connection(&self) {
        self.refused_connections.increment(1);
    }

    /// Counts a call that was rejected because of overload.
    pub fn record_shed_call(&self) {
        self.shed_calls.increment(1);
    }

    /// Sets the number of short calls that could start now.
    pub fn set_free_call_permits(&self, permits: usize) {
        self.free_call_permits.set(permits as f64);
    }

    /// Counts a response that was dropped because its client did not take it.
    pub fn record_stalled_response(&self) {
        self.stalled_responses.increment(1);
    }

    /// Sets the number of log lines of the process that were dropped.
    pub fn record_dropped_log_lines(&self, lines: u64) {
        self.dropped_log_lines.absolute(lines);
    }

    /// Renders all metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Aggregates the values recorded since the last time. Without it, durations would accumulate if the metrics are
    /// never read.
    pub fn run_upkeep(&self) {
        self.handle.run_upkeep();
    }
}

/// One open connection.
#[derive(Debug)]
pub struct OpenConnection(Gauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.decrement(1);
    }
}

/// The metrics of one method.
#[derive(Debug)]
pub struct MethodMetrics {
    started: Counter,
    /// By code. Created at the first response with the code, so that a method shows only codes that it has returned.
    handled: [OnceLock<Counter>; CODES.len()],
    seconds: Histogram,
    recorder: Arc<PrometheusRecorder>,
    labels: Vec<Label>,
}

impl MethodMetrics {
    /// Counts the start of a call.
    pub fn record_started(&self) {
        self.started.increment(1);
    }

    /// Counts the end of a call: the number of its gRPC code (an unknown number counts as Unknown), and its duration.
    pub fn record_handled(&self, code: usize, seconds: f64) {
        const UNKNOWN: usize = 2;
        let code = if code < CODES.len() { code } else { UNKNOWN };
        if let (Some(slot), Some(name)) = (self.handled.get(code), CODES.get(code)) {
            slot.get_or_init(|| self.counter(name)).increment(1);
        }
        self.seconds.record(seconds);
    }

    fn counter(&self, code: &'static str) -> Counter {
        let mut labels = self.labels.clone();
        labels.push(Label::new("grpc_code", code));
        self.recorder.register_counter(&Key::from_parts("grpc_server_handled_total", labels), &METADATA)
    }
}

fn describe(recorder: &PrometheusRecorder) {
    let counter = |name: &'static str, text: &'static str| recorder.describe_counter(name.into(), None, text.into());
    counter("grpc_server_started_total", "Calls started.");
    counter("grpc_server_handled_total", "Calls completed, by gRPC status code.");
    counter("sweetspot_shed_total", "Calls rejected because the server was overloaded.");
    counter("sweetspot_connections_refused_total", "Connections closed because the limit was reached.");
    counter("sweetspot_responses_stalled_total", "Responses dropped because their client did not take them.");
    counter("sweetspot_log_lines_dropped_total", "Log lines dropped because stderr did not take them.");
    recorder.describe_histogram(
        "grpc_server_handling_seconds".into(),
        None,
        "Time from arrival to the end of the response.".into(),
    );
    recorder.describe_gauge("sweetspot_connections".into(), None, "Open connections.".into());
    recorder.describe_gauge("sweetspot_call_permits_free".into(), None, "Calls that could start now.".into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_appear_in_the_rendered_text() {
        let metrics = Metrics::default();
        let score = metrics.method("S", "Score");
        for (code, seconds) in [(0, 3e-5), (0, 0.3), (14, 2.0), (99, 0.0)] {
            score.record_started();
            score.record_handled(code, seconds);
        }
        metrics.record_shed_call();
        metrics.record_refused_connection();
        let open = [metrics.open_connection(), metrics.open_connection()];
        drop(metrics.open_connection());
        let text = metrics.render();
        for line in [
            r#"grpc_server_started_total{grpc_service="S",grpc_method="Score"} 4"#,
            r#"grpc_server_handled_total{grpc_service="S",grpc_method="Score",grpc_code="OK"} 2"#,
            r#"grpc_server_handled_total{grpc_service="S",grpc_method="Score",grpc_code="Unavailable"} 1"#,
            r#"grpc_server_handled_total{grpc_service="S",grpc_method="Score",grpc_code="Unknown"} 1"#,
            r#"grpc_server_handling_seconds_bucket{grpc_service="S",grpc_method="Score",le="0.00005"} 2"#,
            r#"grpc_server_handling_seconds_bucket{grpc_service="S",grpc_method="Score",le="+Inf"} 4"#,
            "sweetspot_connections 2",
            "sweetspot_connections_refused_total 1",
            "sweetspot_shed_total 1",
            "# TYPE grpc_server_handling_seconds histogram",
        ] {
            assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
        }
        drop(open);
        assert!(metrics.render().contains("sweetspot_connections 0\n"));
    }

    #[test]
    fn two_servers_have_separate_counts() {
        let (one, other) = (Metrics::default(), Metrics::default());
        one.record_shed_call();
        assert!(one.render().contains("sweetspot_shed_total 1\n"));
        assert!(!other.render().contains("sweetspot_shed_total 1\n"));
    }
}
