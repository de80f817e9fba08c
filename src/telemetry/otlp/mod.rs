//! Sends traces and metrics to a collector, by OTLP over gRPC. What cannot be sent is counted and lost: nothing is sent
//! twice, and nothing but a bounded queue of spans waits.

mod collector;
mod failure_log;
mod headers;
mod metric_messages;
mod span_messages;

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use opentelemetry_proto::tonic::metrics::v1::{ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans};
use sweetspot_store::clock::{Clock as _, SystemClock};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_util::sync::CancellationToken;
use tonic::Status;
use uuid::Uuid;

use self::collector::Collector;
use self::failure_log::FailureLog;
use self::metric_messages::{metric_messages, value_count};
use self::span_messages::{attribute, scope, span_message};
use super::{Metrics, OtlpDropped, OtlpError, Span, SpanQueue, SpanValue};
use crate::config::OtlpSettings;

/// The maximum number of spans in a message.
const MAX_BATCH_SPANS: usize = 512;
/// The time for which a span waits for others, so that they share a message.
const BATCH_DELAY: Duration = Duration::from_secs(1);

/// Sends traces and metrics to a collector. Clones share the connection.
#[derive(Clone, Debug)]
pub struct OtlpExporter {
    collector: Collector,
    resource: Resource,
    metrics_interval: Duration,
    /// When the counters of the metrics began.
    start: Timestamp,
    dropped: OtlpDropped,
}

impl OtlpExporter {
    /// Prepares the connection to the collector, which is opened with the first message. `None` if none is set.
    ///
    /// # Errors
    /// If the settings are incomplete or a file cannot be used.
    pub fn open(settings: &OtlpSettings, metrics: &Metrics) -> Result<Option<Self>, OtlpError> {
        let Some(collector) = Collector::open(settings)? else { return Ok(None) };
        let attributes = [
            ("service.name", settings.service_name.clone()),
            ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("service.instance.id", Uuid::new_v4().to_string()),
        ];
        let attributes = attributes.map(|(key, text)| attribute(key, SpanValue::Text(text)));
        let resource = Resource { attributes: attributes.into(), ..Resource::default() };
        let (start, dropped) = (SystemClock.now(), metrics.otlp_dropped());
        Ok(Some(Self { collector, resource, metrics_interval: settings.metrics_interval, start, dropped }))
    }

    /// Sends the spans of a queue, until `stop` is canceled and the queue is empty.
    pub async fn export_spans(self, mut queue: SpanQueue, stop: CancellationToken) {
        let mut failures = FailureLog::new("spans", self.dropped.traces.clone());
        loop {
            let batch = next_batch(&mut queue, &stop).await;
            if batch.is_empty() {
                return;
            }
            let count = batch.len() as u64;
            let sent = self.send_spans(batch).await;
            failures.record(count, sent, Instant::now());
        }
    }

    /// Sends what `render` returns, in Prometheus' text format, once in each interval, and when `stop` is canceled.
    pub async fn export_metrics<F: Future<Output = String>>(self, render: impl Fn() -> F, stop: CancellationToken) {
        let mut failures = FailureLog::new("values of metrics", self.dropped.metrics.clone());
        let mut ticks = interval_at(Instant::now() + self.metrics_interval, self.metrics_interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_last = stop.run_until_cancelled(ticks.tick()).await.is_none();
            let page = render().await;
            let (count, sent) = self.send_metrics(&page).await;
            failures.record(count, sent, Instant::now());
            if is_last {
                return;
            }
        }
    }

    /// Returns the number of spans that the collector rejected.
    async fn send_spans(&self, spans: Vec<Span>) -> Result<u64, Status> {
        let spans = spans.into_iter().map(span_message).collect();
        let scope_spans = vec![ScopeSpans { scope: Some(scope()), spans, ..ScopeSpans::default() }];
        let resource = Some(self.resource.clone());
        let resource_spans = vec![ResourceSpans { resource, scope_spans, ..ResourceSpans::default() }];
        let request = self.collector.request(ExportTraceServiceRequest { resource_spans }).await?;
        let response = TraceServiceClient::new(self.collector.channel()).export(request).await?.into_inner();
        Ok(response.partial_success.map_or(0, |partial| partial.rejected_spans.unsigned_abs()))
    }

    /// Returns the number of values that were sent, and of those that the collector rejected.
    async fn send_metrics(&self, page: &str) -> (u64, Result<u64, Status>) {
        let metrics = metric_messages(page, self.start, SystemClock.now());
        let count = value_count(&metrics);
        let scope_metrics = vec![ScopeMetrics { scope: Some(scope()), metrics, ..ScopeMetrics::default() }];
        let resource = Some(self.resource.clone());
        let resource_metrics = vec![ResourceMetrics { resource, scope_metrics, ..ResourceMetrics::default() }];
        let sent = async {
            let request = self.collector.request(ExportMetricsServiceRequest { resource_metrics }).await?;
            let response = MetricsServiceClient::new(self.collector.channel()).export(request).await?.into_inner();
            Ok(response.partial_success.map_or(0, |partial| partial.rejected_data_points.unsigned_abs()))
        };
        (count, sent.await)
    }
}

/// Waits for spans. Returns none once `stop` is canceled and the queue is empty.
async fn next_batch(queue: &mut SpanQueue, stop: &CancellationToken) -> Vec<Span> {
    let mut batch = Vec::new();
    if stop.run_until_cancelled(queue.recv_many(&mut batch, MAX_BATCH_SPANS)).await.is_some() {
        let full = async {
            while batch.len() < MAX_BATCH_SPANS
                && let Some(span) = queue.recv().await
            {
                batch.push(span);
            }
        };
        tokio::select! {
            () = full => (),
            () = sleep(BATCH_DELAY) => (),
            () = stop.cancelled() => (),
        }
    }
    // After the stop, spans that end later are dropped and counted.
    if stop.is_cancelled() {
        queue.close();
        while batch.len() < MAX_BATCH_SPANS
            && let Ok(span) = queue.try_recv()
        {
            batch.push(span);
        }
    }
    batch
}
