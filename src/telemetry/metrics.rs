//! Figures about calls and connections, as Prometheus reads them.
//!
//! Every label has few values, all known when the server starts: no name that a client makes up becomes one.

use std::sync::{Arc, OnceLock};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

/// Upper ends of the buckets of call durations, in seconds: from a single score to a large list.
const SECONDS: [f64; 14] = [5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1.0];

/// The gRPC codes by their numbers, as the dashboards for gRPC spell them.
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

/// The figures of one server. Clones share them; two servers in one process have two.
#[derive(Clone, Debug)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    connections: Gauge,
    refused: Counter,
    shed: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        // Refuses an empty list alone.
        let builder = PrometheusBuilder::new().set_buckets(&SECONDS).unwrap_or_default();
        let recorder = Arc::new(builder.build_recorder());
        describe(&recorder);
        let handle = recorder.handle();
        let connections = recorder.register_gauge(&Key::from_static_name("sweetspot_connections"), &METADATA);
        let counter = |name: &'static str| recorder.register_counter(&Key::from_static_name(name), &METADATA);
        let (refused, shed) = (counter("sweetspot_connections_refused_total"), counter("sweetspot_shed_total"));
        Self { recorder, handle, connections, refused, shed }
    }
}

impl Metrics {
    /// The figures of one method, looked up once: what counts a call afterwards is an addition.
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

    /// Counts a connection until the answer is dropped.
    #[must_use]
    pub fn connection(&self) -> OpenConnection {
        self.connections.increment(1);
        OpenConnection(self.connections.clone())
    }

    /// Counts a connection that was closed because there were too many.
    pub fn connection_refused(&self) {
        self.refused.increment(1);
    }

    /// Counts a call that was turned away because there was too much to do.
    pub fn shed(&self) {
        self.shed.increment(1);
    }

    /// Everything, as text in Prometheus' own format.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Sums up what was recorded since the last time. Without it durations would pile up where nobody reads them.
    pub fn tidy(&self) {
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

/// The figures of one method.
#[derive(Debug)]
pub struct MethodMetrics {
    started: Counter,
    /// By code. Made at the first answer with it, so that a method shows only the codes that it has given.
    handled: [OnceLock<Counter>; CODES.len()],
    seconds: Histogram,
    recorder: Arc<PrometheusRecorder>,
    labels: Vec<Label>,
}

impl MethodMetrics {
    /// Counts the beginning of a call.
    pub fn started(&self) {
        self.started.increment(1);
    }

    /// Counts the end of a call: the number of its gRPC code (one that does not exist counts as Unknown), and how long it took.
    pub fn handled(&self, code: usize, seconds: f64) {
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
    recorder.describe_histogram(
        "grpc_server_handling_seconds".into(),
        None,
        "Time from arrival to the end of the response.".into(),
    );
    recorder.describe_gauge("sweetspot_connections".into(), None, "Open connections.".into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_told() {
        let metrics = Metrics::default();
        let score = metrics.method("S", "Score");
        for (code, seconds) in [(0, 3e-5), (0, 0.3), (14, 2.0), (99, 0.0)] {
            score.started();
            score.handled(code, seconds);
        }
        metrics.shed();
        metrics.connection_refused();
        let open = [metrics.connection(), metrics.connection()];
        drop(metrics.connection());
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
    fn two_servers_count_for_themselves() {
        let (one, other) = (Metrics::default(), Metrics::default());
        one.shed();
        assert!(one.render().contains("sweetspot_shed_total 1\n"));
        assert!(!other.render().contains("sweetspot_shed_total 1\n"));
    }
}
