//! Metrics that are counted as they happen, in Prometheus' format. Others are read when they are requested.
//!
//! Every label has few values, all known when the server starts: a name that a client sends never becomes one.

use std::sync::{Arc, OnceLock};

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::MethodMetrics;
use super::call_usage::{CallUsage, UsageGauges};
use super::score_tally::{ScoreCounters, ScoreTally};

/// The upper bounds of the buckets of each histogram: calls from a single score to a large list; trainings from a
/// second to an hour; imports from a hundred accounts to a hundred million, and from 10 kB to 10 GB.
const BUCKETS: [(&str, &[f64]); 4] = [
    ("grpc_server_handling_seconds", &[5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1.0]),
    ("sweetspot_training_duration_seconds", &[1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0, 3600.0]),
    ("sweetspot_import_accounts", &[1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]),
    ("sweetspot_import_bytes", &[1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10]),
];

pub(super) const METADATA: Metadata<'static> = Metadata::new("sweetspot", Level::INFO, None);

/// The ends of training runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrainingEnd {
    /// There is a new version.
    Succeeded,
    /// The training failed.
    Failed,
    /// A caller canceled it.
    Canceled,
    /// The process ended before it.
    Interrupted,
}

/// The results of training runs, by [`TrainingEnd`] as a number.
const TRAINING_ENDS: [TrainingEnd; 4] =
    [TrainingEnd::Succeeded, TrainingEnd::Failed, TrainingEnd::Canceled, TrainingEnd::Interrupted];

impl TrainingEnd {
    /// The label of the end.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The metrics of one server. Clones share them; two servers in one process have separate ones.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<MetricsState>);

#[derive(Debug)]
struct MetricsState {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
    connections: Gauge,
    refused_connections: Counter,
    shed_calls: Counter,
    internal_errors: Counter,
    stalled_responses: Counter,
    dropped_log_lines: Counter,
    otlp_dropped: OtlpDropped,
    failed_key_fetches: Counter,
    score_streams: Gauge,
    queued_accounts: Gauge,
    usage: UsageGauges,
    scores: ScoreCounters,
    trainings: [Counter; TRAINING_ENDS.len()],
    training_seconds: OnceLock<Histogram>,
    import_accounts: OnceLock<Histogram>,
    import_bytes: OnceLock<Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        // An error is possible only for an empty list.
        let builder = BUCKETS.iter().fold(PrometheusBuilder::new(), |builder, (name, buckets)| {
            builder.set_buckets_for_metric(Matcher::Full((*name).to_owned()), buckets).unwrap_or_default()
        });
        let recorder = Arc::new(builder.build_recorder());
        describe(&recorder);
        let key = Key::from_static_name;
        let counter = |name| recorder.register_counter(&key(name), &METADATA);
        let labeled = |name, label, value: &'static str| {
            recorder.register_counter(&Key::from_parts(name, vec![Label::new(label, value)]), &METADATA)
        };
        let gauge = |name| recorder.register_gauge(&key(name), &METADATA);
        let usage = |name, class: Option<&'static str>| {
            let labels = class.map(|class| Label::new("class", class));
            recorder.register_gauge(&Key::from_parts(name, Vec::from_iter(labels)), &METADATA)
        };
        Self(Arc::new(MetricsState {
            handle: recorder.handle(),
            connections: gauge("sweetspot_connections"),
            refused_connections: counter("sweetspot_connections_refused_total"),
            shed_calls: counter("sweetspot_shed_total"),
            internal_errors: counter("sweetspot_internal_errors_total"),
            stalled_responses: counter("sweetspot_responses_stalled_total"),
            dropped_log_lines: counter("sweetspot_log_lines_dropped_total"),
            otlp_dropped: OtlpDropped {
                traces: labeled("sweetspot_otlp_dropped_total", "signal", "traces"),
                metrics: labeled("sweetspot_otlp_dropped_total", "signal", "metrics"),
            },
            failed_key_fetches: counter("sweetspot_token_key_fetch_failures_total"),
            score_streams: gauge("sweetspot_score_streams"),
            queued_accounts: gauge("sweetspot_list_accounts"),
            usage: UsageGauges::new(usage),
            scores: ScoreCounters::new(labeled),
            trainings: TRAINING_ENDS.map(|result| labeled("sweetspot_trainings_total", "result", result.as_str())),
            training_seconds: OnceLock::new(),
            import_accounts: OnceLock::new(),
            import_bytes: OnceLock::new(),
            recorder,
        }))
    }
}

impl Metrics {
    /// Returns the metrics of one method. They are looked up once, so that counting a call is an addition.
    #[must_use]
    pub fn method(&self, service: &str, method: &str, kind: &'static str) -> MethodMetrics {
        let labels = vec![
            Label::new("grpc_type", kind),
            Label::new("grpc_service", service.to_owned()),
            Label::new("grpc_method", method.to_owned()),
        ];
        MethodMetrics::new(Arc::clone(&self.0.recorder), self.0.internal_errors.clone(), labels)
    }

    /// Counts a connection until the returned value is dropped.
    #[must_use]
    pub fn open_connection(&self) -> GaugeGuard {
        GaugeGuard::new(&self.0.connections, 1)
    }

    /// Counts a score stream until the returned value is dropped.
    #[must_use]
    pub fn open_score_stream(&self) -> GaugeGuard {
        GaugeGuard::new(&self.0.score_streams, 1)
    }

    /// Counts the accounts of a list that is scored or waits for that, until the returned value is dropped.
    #[must_use]
    pub fn begin_list(&self, accounts: u32) -> GaugeGuard {
        GaugeGuard::new(&self.0.queued_accounts, accounts)
    }

    /// Sets what calls use of their limits.
    pub fn set_call_usage(&self, usage: CallUsage) {
        self.0.usage.set(usage);
    }

    /// Counts a connection that was closed because there were too many.
    pub fn record_refused_connection(&self) {
        self.0.refused_connections.increment(1);
    }

    /// Counts a call that was rejected because of overload.
    pub fn record_shed_call(&self) {
        self.0.shed_calls.increment(1);
    }

    /// Counts a response that was dropped because its client did not take it.
    pub fn record_stalled_response(&self) {
        self.0.stalled_responses.increment(1);
    }

    /// Sets the number of log lines of the process that were dropped.
    pub fn record_dropped_log_lines(&self, lines: u64) {
        self.0.dropped_log_lines.absolute(lines);
    }

    /// Counts a fetch of the keys of tokens that failed.
    pub fn record_failed_key_fetch(&self) {
        self.0.failed_key_fetches.increment(1);
    }

    /// The counters of what was lost on the way to a collector.
    #[must_use]
    pub fn otlp_dropped(&self) -> OtlpDropped {
        self.0.otlp_dropped.clone()
    }

    /// Counts the accounts of a scored list.
    pub fn record_scores(&self, tally: &ScoreTally) {
        self.0.scores.add(tally);
    }

    /// Counts a training run that has ended, with its duration if it had started.
    pub fn record_training(&self, result: TrainingEnd, seconds: Option<f64>) {
        if let Some(counter) = self.0.trainings.get(result as usize) {
            counter.increment(1);
        }
        if let Some(seconds) = seconds {
            self.observe(&self.0.training_seconds, "sweetspot_training_duration_seconds", seconds);
        }
    }

    /// Counts an import.
    pub fn record_import(&self, accounts: u64, bytes: u64) {
        self.observe(&self.0.import_accounts, "sweetspot_import_accounts", accounts as f64);
        self.observe(&self.0.import_bytes, "sweetspot_import_bytes", bytes as f64);
    }

    /// Adds a value to a histogram, which is created at its first use.
    fn observe(&self, histogram: &OnceLock<Histogram>, name: &'static str, value: f64) {
        let register = || self.0.recorder.register_histogram(&Key::from_static_name(name), &METADATA);
        histogram.get_or_init(register).record(value);
    }

    /// Renders all metrics in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.handle.render()
    }

    /// Aggregates the values recorded since the last time. Without it, durations would accumulate if the metrics are
    /// never read.
    pub fn run_upkeep(&self) {
        self.0.handle.run_upkeep();
    }
}

/// Counts what was lost on the way to a collector.
#[derive(Clone, Debug)]
pub struct OtlpDropped {
    /// Spans.
    pub traces: Counter,
    /// Values of metrics.
    pub metrics: Counter,
}

/// An addition to a gauge, until it is dropped.
#[derive(Debug)]
pub struct GaugeGuard {
    gauge: Gauge,
    amount: u32,
}

impl GaugeGuard {
    fn new(gauge: &Gauge, amount: u32) -> Self {
        gauge.increment(amount);
        Self { gauge: gauge.clone(), amount }
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.gauge.decrement(self.amount);
    }
}

fn describe(recorder: &PrometheusRecorder) {
    for (name, text) in [
        ("grpc_server_started_total", "Calls started."),
        ("grpc_server_handled_total", "Calls completed, by gRPC status code."),
        ("sweetspot_shed_total", "Calls rejected because the server was overloaded."),
        ("sweetspot_internal_errors_total", "Calls that ended with Internal, DataLoss or Unknown."),
        ("sweetspot_connections_refused_total", "Connections closed because the limit was reached."),
        ("sweetspot_responses_stalled_total", "Responses dropped because their client did not take them."),
        ("sweetspot_log_lines_dropped_total", "Log lines dropped because stderr did not take them."),
        ("sweetspot_token_key_fetch_failures_total", "Fetches of the keys of tokens that failed."),
        ("sweetspot_otlp_dropped_total", "Spans and values of metrics that did not reach the collector."),
        ("sweetspot_scores_total", "Scored accounts, by tier."),
        ("sweetspot_scores_by_data_support_total", "Scored accounts, by data support."),
        ("sweetspot_scores_with_issue_total", "Scored accounts with at least one attribute that has this issue."),
        ("sweetspot_trainings_total", "Training runs that have ended, by result."),
    ] {
        recorder.describe_counter(name.into(), None, text.into());
    }
    for (name, text) in [
        ("grpc_server_handling_seconds", "Time from arrival to the end of the response."),
        ("sweetspot_training_duration_seconds", "Duration of training runs."),
        ("sweetspot_import_accounts", "Accounts of imports."),
        ("sweetspot_import_bytes", "Size of the messages of imports."),
    ] {
        recorder.describe_histogram(name.into(), None, text.into());
    }
    for (name, text) in [
        ("sweetspot_connections", "Open connections."),
        ("sweetspot_score_streams", "Open score streams."),
        ("sweetspot_call_permits_used", "Calls in progress, by class."),
        ("sweetspot_call_permits_limit", "Maximum number of calls in progress, by class."),
        ("sweetspot_buffered_bytes", "Size of the requests that are held."),
        ("sweetspot_buffered_bytes_limit", "Maximum size of the requests that are held."),
        ("sweetspot_list_accounts", "Accounts of long lists that are scored or wait for that."),
    ] {
        recorder.describe_gauge(name.into(), None, text.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_appear_in_the_rendered_text() {
        let metrics = Metrics::default();
        let score = metrics.method("S", "Score", "unary");
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
            r#"grpc_server_started_total{grpc_type="unary",grpc_service="S",grpc_method="Score"} 4"#,
            r#"grpc_server_handled_total{grpc_type="unary",grpc_service="S",grpc_method="Score",grpc_code="OK"} 2"#,
            r#"grpc_server_handled_total{grpc_type="unary",grpc_service="S",grpc_method="Score",grpc_code="Unavailable"} 1"#,
            r#"grpc_server_handled_total{grpc_type="unary",grpc_service="S",grpc_method="Score",grpc_code="Unknown"} 1"#,
            r#"grpc_server_handling_seconds_bucket{grpc_type="unary",grpc_service="S",grpc_method="Score",le="0.00005"} 2"#,
            r#"grpc_server_handling_seconds_bucket{grpc_type="unary",grpc_service="S",grpc_method="Score",le="+Inf"} 4"#,
            "sweetspot_connections 2",
            "sweetspot_connections_refused_total 1",
            "sweetspot_shed_total 1",
            "sweetspot_internal_errors_total 1",
            "# TYPE grpc_server_handling_seconds histogram",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        drop(open);
        assert!(metrics.render().contains("sweetspot_connections 0\n"));
    }

    #[test]
    fn a_method_or_an_import_has_metrics_once_it_is_called() {
        let metrics = Metrics::default();
        let _score = metrics.method("S", "Score", "unary");
        let idle = metrics.render();
        assert!(!idle.contains("grpc_") && !idle.contains("sweetspot_import") && !idle.contains("_bucket"), "{idle}");
        metrics.record_import(150, 20_000);
        metrics.record_training(TrainingEnd::Canceled, None);
        metrics.record_training(TrainingEnd::Failed, Some(2.0));
        let text = metrics.render();
        for line in [
            r#"sweetspot_import_accounts_bucket{le="1000"} 1"#,
            "sweetspot_import_bytes_sum 20000",
            r#"sweetspot_trainings_total{result="canceled"} 1"#,
            r#"sweetspot_training_duration_seconds_bucket{le="1"} 0"#,
            "sweetspot_training_duration_seconds_count 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn two_servers_have_separate_counts() {
        let (one, other) = (Metrics::default(), Metrics::default());
        one.record_shed_call();
        assert!(one.render().contains("sweetspot_shed_total 1\n"));
        assert!(!other.render().contains("sweetspot_shed_total 1\n"));
    }
}
