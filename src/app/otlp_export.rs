//! Sends the traces and the metrics of a server to a collector, if one is set.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::metrics_source::MetricsSource;
use crate::config::OtlpSettings;
use crate::telemetry::{Metrics, OtlpError, OtlpExporter, SpanQueue, Tracer};

/// The time for the last traces and metrics at the end of the server. What is not sent by then is lost.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// The tasks that send traces and metrics.
#[derive(Debug)]
pub(super) struct OtlpExport {
    tasks: TaskTracker,
    stop: CancellationToken,
    abort: CancellationToken,
}

/// Where a server collects its spans, and what sends them.
#[derive(Debug)]
pub(super) struct TraceExport {
    pub(super) tracer: Tracer,
    exporter: OtlpExporter,
    spans: SpanQueue,
}

impl TraceExport {
    /// Checks the settings of the collector. `None` if none is set.
    pub(super) fn open(settings: &OtlpSettings, metrics: &Metrics) -> Result<Option<Self>, OtlpError> {
        let Some(exporter) = OtlpExporter::open(settings, metrics)? else { return Ok(None) };
        let (tracer, spans) = Tracer::new(settings.trace_sample, metrics.otlp_dropped().traces);
        Ok(Some(Self { tracer, exporter, spans }))
    }
}

impl OtlpExport {
    /// Starts to send, if a collector is set.
    pub(super) fn start(export: Option<TraceExport>, source: &Arc<MetricsSource>) -> Self {
        let started =
            Self { tasks: TaskTracker::new(), stop: CancellationToken::new(), abort: CancellationToken::new() };
        if let Some(TraceExport { tracer: _, exporter, spans }) = export {
            let source = Arc::clone(source);
            // Reads the store and the process. A page that could not be rendered is empty.
            let render = move || {
                let source = Arc::clone(&source);
                async move { spawn_blocking(move || source.render()).await.unwrap_or_default() }
            };
            started.spawn(exporter.clone().export_spans(spans, started.stop.clone()));
            started.spawn(exporter.export_metrics(render, started.stop.clone()));
        }
        started.tasks.close();
        started
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let abort = self.abort.clone();
        self.tasks.spawn(async move { abort.run_until_cancelled(task).await });
    }

    /// Sends what is left, within a short time.
    pub(super) async fn shut_down(self) {
        self.stop.cancel();
        if timeout(FLUSH_TIMEOUT, self.tasks.wait()).await.is_err() {
            self.abort.cancel();
            self.tasks.wait().await;
        }
    }
}
