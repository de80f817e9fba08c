//! A server on two ports.

use std::net::SocketAddr;
use std::sync::Arc;

use sweetspot::app::{AppError, World};
use sweetspot::config::Settings;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_store::store::MemoryStore;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

use super::client::Client;
use crate::support::gate::Gate;
use crate::support::server::{promote, publish, world};

/// Where the live version is scored with.
pub(crate) const SCORE: &str = "/v1/workspaces/default/models/default/versions/live:score";
/// See [`SCORE`].
pub(crate) const EXPLAIN: &str = "/v1/workspaces/default/models/default/versions/live:explain";
/// The first version. Reading it reads a blob.
pub(crate) const FIRST: &str = "/v1/workspaces/default/models/default/versions/1";

/// A running server.
pub(crate) struct Both {
    pub(crate) grpc: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) channel: Channel,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), AppError>>,
}

impl Both {
    /// A server with a live version.
    pub(crate) async fn trained() -> Self {
        Self::trained_with(&Settings::default()).await
    }

    pub(crate) async fn trained_with(settings: &Settings) -> Self {
        Self::gated(settings).await.1
    }

    /// A server with a live version, whose reads of blobs can be held.
    pub(crate) async fn gated(settings: &Settings) -> (Gate, Self) {
        let gate = Gate::over(Arc::new(MemoryStore::new()));
        let world = world(Arc::new(gate.clone()), settings);
        publish(&world, "r-1");
        promote(&world, 1);
        (gate, Self::serve(world, settings).await)
    }

    pub(crate) async fn serve(world: World, settings: &Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let for_http = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (grpc, http) = (listener.local_addr().unwrap(), for_http.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(world.serve_both(listener, Some(for_http), settings.clone(), async {
            let _ = stopped.await;
        }));
        let channel = Endpoint::new(format!("http://{grpc}")).unwrap().connect().await.unwrap();
        Self { grpc, http, channel, stop, task }
    }

    pub(crate) async fn client(&self) -> Client {
        Client::to(self.http).await
    }

    pub(crate) fn scoring(&self) -> ScoringServiceClient<Channel> {
        ScoringServiceClient::new(self.channel.clone())
    }

    pub(crate) fn model(&self) -> ModelServiceClient<Channel> {
        ModelServiceClient::new(self.channel.clone())
    }

    /// Begins to shut down; the end is for the caller to wait for.
    pub(crate) fn begin_stop(self) -> JoinHandle<Result<(), AppError>> {
        self.stop.send(()).unwrap();
        self.task
    }
}
