//! A collector of traces and metrics.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsServiceRequest, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

/// What a collector received. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Received {
    pub(crate) traces: Arc<Mutex<Vec<ExportTraceServiceRequest>>>,
    pub(crate) metrics: Arc<Mutex<Vec<ExportMetricsServiceRequest>>>,
    /// The header `authorization` of each message.
    pub(crate) credentials: Arc<Mutex<Vec<String>>>,
    arrived: Arc<Notify>,
    /// The number of spans of each message that it rejects.
    rejected_spans: i64,
}

/// A collector on a port of its own, until it is dropped.
pub(crate) struct TestCollector {
    pub(crate) address: SocketAddr,
    pub(crate) received: Received,
    task: JoinHandle<()>,
}

impl Drop for TestCollector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TestCollector {
    pub(crate) async fn start() -> Self {
        Self::serve(None, Received::default()).await
    }

    pub(crate) async fn encrypted(identity: Identity) -> Self {
        Self::serve(Some(identity), Received::default()).await
    }

    pub(crate) async fn rejecting(rejected_spans: i64) -> Self {
        Self::serve(None, Received { rejected_spans, ..Received::default() }).await
    }

    async fn serve(identity: Option<Identity>, received: Received) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut server = Server::builder();
        if let Some(identity) = identity {
            server = server.tls_config(ServerTlsConfig::new().identity(identity)).unwrap();
        }
        let router = server
            .add_service(TraceServiceServer::new(received.clone()))
            .add_service(MetricsServiceServer::new(received.clone()));
        let serving = router.serve_with_incoming(TcpListenerStream::new(listener));
        let task = tokio::spawn(async move { serving.await.unwrap() });
        Self { address, received, task }
    }
}

impl Received {
    fn note<M>(&self, request: Request<M>, messages: &Mutex<Vec<M>>) {
        let credential = request.metadata().get("authorization").map(|value| value.to_str().unwrap().to_owned());
        self.credentials.lock().unwrap().extend(credential);
        messages.lock().unwrap().push(request.into_inner());
        self.arrived.notify_one();
    }

    /// Returns the spans, once there are as many as this.
    pub(crate) async fn wait_for_spans(&self, count: usize) -> Vec<Span> {
        let arrival = async {
            while self.spans().len() < count {
                self.arrived.notified().await;
            }
        };
        let arrived = tokio::time::timeout(Duration::from_secs(60), arrival).await;
        arrived.unwrap_or_else(|_| panic!("{count} spans do not arrive: {:?}", self.spans()));
        self.spans()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let messages = self.traces.lock().unwrap().clone();
        let scopes = messages.into_iter().flat_map(|message| message.resource_spans).flat_map(|one| one.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// The metrics of the last message.
    pub(crate) fn last_metrics(&self) -> Vec<Metric> {
        let message = self.metrics.lock().unwrap().last().cloned().unwrap();
        let scopes = message.resource_metrics.into_iter().flat_map(|one| one.scope_metrics);
        scopes.flat_map(|scope| scope.metrics).collect()
    }
}

#[tonic::async_trait]
impl TraceService for Received {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        self.note(request, &self.traces);
        let rejected_spans = self.rejected_spans;
        let partial = ExportTracePartialSuccess { rejected_spans, error_message: "too many".to_owned() };
        let partial_success = Some(partial).filter(|_| rejected_spans > 0);
        Ok(Response::new(ExportTraceServiceResponse { partial_success }))
    }
}

#[tonic::async_trait]
impl MetricsService for Received {
    async fn export(
        &self,
        request: Request<ExportMetricsServiceRequest>,
    ) -> Result<Response<ExportMetricsServiceResponse>, Status> {
        self.note(request, &self.metrics);
        Ok(Response::new(ExportMetricsServiceResponse::default()))
    }
}

/// Returns attributes as `key=value`.
pub(crate) fn texts(attributes: &[KeyValue]) -> Vec<String> {
    let text = |attribute: &KeyValue| {
        let value = attribute.value.clone().unwrap().value.unwrap();
        let value = if let Value::IntValue(number) = value {
            number.to_string()
        } else {
            let Value::StringValue(text) = value else { panic!("{value:?}") };
            text
        };
        format!("{}={value}", attribute.key)
    };
    attributes.iter().map(text).collect()
}
