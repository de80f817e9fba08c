//! Training on the measured server: imports customers, starts runs, and waits for them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{TrainModelRequest, WaitTrainingRunRequest};
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

use crate::accounts;
use crate::bed::TestBed;

/// Imports synthetic customers into the dataset `big` of a store.
pub(crate) fn import(bed: &TestBed, program: &Path, store: &Path, count: usize) {
    let file = bed.file("big.csv");
    fs::write(&file, accounts::customers(count)).unwrap();
    let mut command = Command::new(program);
    command.arg("import").arg(&file).arg("--mapping").arg(bed.file("mapping.toml")).args(["--dataset", "big"]);
    let ended = command.arg("--store").arg(store).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(ended.success(), "the import failed");
}

/// A client that requests trainings.
#[derive(Clone)]
pub(crate) struct TrainingClient(ModelServiceClient<Channel>);

impl TrainingClient {
    pub(crate) async fn connect(port: u16) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).unwrap();
        Self(ModelServiceClient::new(endpoint.connect().await.unwrap()))
    }

    /// Trains on the dataset `big` and returns the duration.
    pub(crate) async fn train(mut self) -> Duration {
        let start = Instant::now();
        let request = TrainModelRequest {
            model: "workspaces/default/models/default".to_owned(),
            dataset: "workspaces/default/datasets/big".to_owned(),
            request_id: Uuid::new_v4().to_string(),
            ..TrainModelRequest::default()
        };
        let name = self.0.train_model(request).await.unwrap().into_inner().run.unwrap().name;
        let request = WaitTrainingRunRequest { name, timeout: None };
        let run = self.0.wait_training_run(request).await.unwrap().into_inner().run.unwrap();
        assert_eq!(run.state(), State::Succeeded, "{:?}", run.error);
        start.elapsed()
    }
}
