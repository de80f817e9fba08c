//! A server on its own port, with clients.

use std::net::SocketAddr;
use std::sync::Arc;

use sweetspot::app::{App, AppError};
use sweetspot::config::Settings;
use sweetspot_core::ModelVersionAlias;
use sweetspot_proto::v1;
use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_proto::v1::definition_service_client::DefinitionServiceClient;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::report_service_client::ReportServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_store::clock::FixedClock;
use sweetspot_store::registry::{CheckOverride, PromoteRequest, Registry, RequestKey, TierCutsChoice};
use sweetspot_store::store::{MemoryStore, Store};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Channel, Endpoint};

use super::data;

/// A running server.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) channel: Channel,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), AppError>>,
}

impl TestServer {
    /// A server without data.
    pub(crate) async fn empty() -> Self {
        Self::serve_store(Arc::new(MemoryStore::new()), &Settings::default()).await
    }

    /// A server with a live version of the default model.
    pub(crate) async fn trained() -> Self {
        Self::trained_with(&Settings::default()).await
    }

    pub(crate) async fn trained_with(settings: &Settings) -> Self {
        let world = world(Arc::new(MemoryStore::new()), settings);
        publish(&world, "r-1");
        promote(&world, 1);
        Self::serve(world, settings).await
    }

    pub(crate) async fn serve_store(store: Arc<dyn Store>, settings: &Settings) -> Self {
        Self::serve(world(store, settings), settings).await
    }

    pub(crate) async fn serve(world: App, settings: &Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let settings = settings.clone();
        let task = tokio::spawn(world.serve(listener, settings, async {
            let _ = stopped.await;
        }));
        let channel = Endpoint::new(format!("http://{address}")).unwrap().connect().await.unwrap();
        Self { address, channel, stop, task }
    }

    /// Shuts down and waits for the end.
    pub(crate) async fn stop(self) {
        let Self { channel, stop, task, .. } = self;
        drop(channel);
        stop.send(()).unwrap();
        task.await.unwrap().unwrap();
    }

    /// Starts the shutdown; the caller awaits its end.
    pub(crate) fn begin_stop(self) -> JoinHandle<Result<(), AppError>> {
        self.stop.send(()).unwrap();
        self.task
    }

    pub(crate) fn scoring(&self) -> ScoringServiceClient<Channel> {
        ScoringServiceClient::new(self.channel.clone())
    }

    pub(crate) fn model(&self) -> ModelServiceClient<Channel> {
        ModelServiceClient::new(self.channel.clone())
    }

    pub(crate) fn definition(&self) -> DefinitionServiceClient<Channel> {
        DefinitionServiceClient::new(self.channel.clone())
    }

    pub(crate) fn report(&self) -> ReportServiceClient<Channel> {
        ReportServiceClient::new(self.channel.clone())
    }

    pub(crate) fn dataset(&self) -> DatasetServiceClient<Channel> {
        DatasetServiceClient::new(self.channel.clone())
    }

    /// Imports the synthetic history into the default dataset.
    pub(crate) async fn import(&self) -> v1::ImportAccountsResponse {
        let messages = tokio_stream::iter(vec![data::import_request(400)]);
        self.dataset().import_accounts(messages).await.unwrap().into_inner()
    }

    /// Starts a training of a model from the default dataset.
    pub(crate) async fn train(&self, model: &str) -> v1::TrainingRun {
        let request = v1::TrainModelRequest { model: model.to_owned(), ..Default::default() };
        self.model().train_model(request).await.unwrap().into_inner().run.unwrap()
    }

    /// Waits for a run.
    pub(crate) async fn wait(&self, run: &v1::TrainingRun) -> v1::TrainingRun {
        let request = v1::WaitTrainingRunRequest { name: run.name.clone(), timeout: None };
        self.model().wait_training_run(request).await.unwrap().into_inner().run.unwrap()
    }
}

/// An application with a fixed clock.
pub(crate) fn world(store: Arc<dyn Store>, settings: &Settings) -> App {
    let clock = FixedClock("2026-03-02T10:00:00.5Z".parse().unwrap());
    App::with_store(store, Arc::new(clock), settings).unwrap()
}

/// Adds a version to the default model.
pub(crate) fn publish(world: &App, run: &str) {
    let run = format!("{}/trainingRuns/{run}", super::MODEL).parse().unwrap();
    world.registry().publish(&run, data::artifact()).unwrap();
}

/// Makes a version of the default model live.
pub(crate) fn promote(world: &App, number: u64) {
    promote_in(world.registry(), number);
}

/// Makes a version live in the registry of a running application.
pub(crate) fn promote_in(registry: &Registry, number: u64) {
    let version = format!("{}/versions/{number}", super::MODEL).parse().unwrap();
    let record = registry.version(&version).unwrap();
    let request = RequestKey { id: String::new(), body: sweetspot_core::Digest::new(b"") };
    let promote = PromoteRequest {
        version: record.name,
        alias: ModelVersionAlias::Live,
        etag: record.etag,
        overrides: vec![CheckOverride { check: "label_rule".to_owned(), reason: "versions of a test".to_owned() }],
        tiers: TierCutsChoice::Reset,
        reason: String::new(),
        actor: "test".to_owned(),
        request,
    };
    registry.promote(&promote).unwrap();
}
