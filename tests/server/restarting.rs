//! Shutdowns, crashes, and what the next process finds.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;
use sweetspot_store::store::{MemoryStore, SledStore};
use tonic::Code;

use crate::support::gate::{Gate, Reading};
use crate::support::server::Server;
use crate::support::{MODEL, reason_of, refused};

const OTHER: &str = "workspaces/default/models/other";

async fn get(server: &Server, run: &v1::TrainingRun) -> v1::TrainingRun {
    let request = v1::GetTrainingRunRequest { name: run.name.clone() };
    server.model().get_training_run(request).await.unwrap().into_inner().run.unwrap()
}

fn assert_interrupted(run: &v1::TrainingRun) {
    assert_eq!(run.state(), State::Failed);
    let error = run.error.as_ref().unwrap();
    let info = reason_of(error);
    assert_eq!((Code::from(error.code), info.as_str()), (Code::Unavailable, "INTERRUPTED"));
    assert!(run.end_time.is_some());
}

#[tokio::test]
async fn a_shutdown_interrupts_the_run_and_the_next_process_goes_on_with_the_queue() {
    let store = Arc::new(MemoryStore::new());
    let gate = Gate::over(store.clone());
    let server = Server::over(Arc::new(gate.clone()), &Settings::default()).await;
    server.import().await;
    gate.set(Reading::Waits);
    let (running, waiting) = (server.train(MODEL).await, server.train(OTHER).await);
    gate.reached().await;
    let channel = server.channel.clone();
    let stopped = server.begin_stop();
    gate.set(Reading::Open);
    drop(channel);
    stopped.await.unwrap().unwrap();

    let server = Server::over(store, &Settings::default()).await;
    assert_interrupted(&get(&server, &running).await);
    assert_eq!(server.wait(&waiting).await.state(), State::Succeeded);
    let again = server.train(MODEL).await;
    assert_eq!(server.wait(&again).await.state(), State::Succeeded);
}

#[tokio::test]
async fn a_crash_leaves_a_run_that_the_next_process_finds_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::over(Arc::new(SledStore::open(folder.path()).unwrap()));
    let server = Server::over(Arc::new(gate.clone()), &Settings::default()).await;
    server.import().await;
    gate.set(Reading::Waits);
    let run = server.train(MODEL).await;
    gate.reached().await;
    gate.kill();
    gate.set(Reading::Open);
    server.stop().await;
    drop(gate);

    let server = Server::over(Arc::new(SledStore::open(folder.path()).unwrap()), &Settings::default()).await;
    assert_interrupted(&get(&server, &run).await);
    let again = server.train(MODEL).await;
    assert_eq!(server.wait(&again).await.state(), State::Succeeded);
    server.stop().await;
}

#[tokio::test]
async fn what_was_promised_outlives_the_process() {
    let store = Arc::new(MemoryStore::new());
    let server = Server::over(store.clone(), &Settings::default()).await;
    server.import().await;
    let request_id = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4".to_owned();
    let request = v1::TrainModelRequest { request_id, ..Default::default() };
    let run = server.model().train_model(request.clone()).await.unwrap().into_inner().run.unwrap();
    let done = server.wait(&run).await;
    server.stop().await;

    let server = Server::over(store, &Settings::default()).await;
    assert_eq!(server.model().train_model(request).await.unwrap().into_inner().run.unwrap(), done);
}

#[tokio::test]
async fn a_shutdown_gives_calls_their_time_and_then_cuts_them_off() {
    let mut settings = Settings::default();
    settings.server.drain_seconds = 0;
    let gate = Gate::over(Arc::new(MemoryStore::new()));
    let server = Server::over(Arc::new(gate.clone()), &settings).await;
    server.import().await;
    gate.set(Reading::Waits);
    let run = server.train(MODEL).await;
    gate.reached().await;
    let mut client = server.model();
    let wait = v1::WaitTrainingRunRequest { name: run.name, timeout: None };
    let call = tokio::spawn(async move { client.wait_training_run(wait).await });
    // The same connection answers in the order of arrival, so that the wait is under way when this returns.
    server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap();
    let stopped = server.begin_stop();
    refused(call.await.unwrap(), Code::Unavailable, "DRAINING");
    stopped.await.unwrap().unwrap();
    gate.set(Reading::Open);
}
