//! A server with a gRPC and an HTTP port.

use std::net::SocketAddr;
use std::sync::Arc;

use sweetspot::app::{App, AppError};
use sweetspot::config::Settings;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_store::store::MemoryStore;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

use super::client::HttpClient;
use crate::support::server::{promote, publish, world};
use crate::support::store_barrier::StoreBarrier;

/// The path for scoring with the live version.
pub(crate) const SCORE_PATH: &str = "/v1/workspaces/default/models/default/versions/live:score";
/// The path for explaining with the live version.
pub(crate) const EXPLAIN_PATH: &str = "/v1/workspaces/default/models/default/versions/live:explain";
/// The path of the first version. Reading it reads a blob.
pub(crate) const FIRST_VERSION_PATH: &str = "/v1/workspaces/default/models/default/versions/1";

/// A running server.
pub(crate) struct DualServer {
    pub(crate) grpc: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) channel: Channel,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), AppError>>,
}

impl DualServer {
    /// A server with a live version.
    pub(crate) async fn trained() -> Self {
        Self::trained_with(&Settings::default()).await
    }

    pub(crate) async fn trained_with(settings: &Settings) -> Self {
        Self::trained_with_barrier(settings).await.1
    }

    /// A server with a live version, whose blob reads can be blocked.
    pub(crate) async fn trained_with_barrier(settings: &Settings) -> (StoreBarrier, Self) {
        let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
        let world = world(Arc::new(barrier.clone()), settings);
        publish(&world, "r-1");
        promote(&world, 1);
        (barrier, Self::serve(world, settings).await)
    }

    pub(crate) async fn serve(world: App, settings: &Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let for_http = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (grpc, http) = (listener.local_addr().unwrap(), for_http.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(world.serve_with_http(listener, Some(for_http), settings.clone(), async {
            let _ = stopped.await;
        }));
        let channel = Endpoint::new(format!("http://{grpc}")).unwrap().connect().await.unwrap();
        Self { grpc, http, channel, stop, task }
    }

    pub(crate) async fn client(&self) -> HttpClient {
        HttpClient::connect(self.http).await
    }

    pub(crate) fn scoring(&self) -> ScoringServiceClient<Channel> {
        ScoringServiceClient::new(self.channel.clone())
    }

    pub(crate) fn model(&self) -> ModelServiceClient<Channel> {
        ModelServiceClient::new(self.channel.clone())
    }

    /// Starts the shutdown; the caller awaits its end.
    pub(crate) fn begin_stop(self) -> JoinHandle<Result<(), AppError>> {
        self.stop.send(()).unwrap();
        self.task
    }
}
