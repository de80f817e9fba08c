//! Training runs whose server ends, or is paused.

use std::time::{Duration, Instant};

use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;

use crate::ALONE;
use crate::bench::signal;
use crate::cluster::{Cluster, LIMIT, Member};
use crate::data::{MODEL, error_reason, import, send_import, train, wait};
use crate::server::Clients;

/// The number of imported accounts of a training that takes a while, in thousands.
const THOUSANDS: usize = 120;

/// Imports many accounts.
async fn send_large_import(to: &Clients) {
    let message = |part: usize| {
        let mut message = import(part);
        let accounts = message.accounts.as_mut().unwrap();
        accounts.account_ids.iter_mut().for_each(|id| *id = format!("{part}-{id}"));
        for outcome in &mut message.outcomes {
            outcome.account_id = format!("{part}-{}", outcome.account_id);
            outcome.outcome_id = format!("{part}-{}", outcome.outcome_id);
        }
        message
    };
    let parts = THOUSANDS * 1000 / import(0).outcomes.len();
    let messages: Vec<_> = (0..parts).map(message).collect();
    to.datasets.clone().import_accounts(tokio_stream::iter(messages)).await.unwrap();
}

async fn state(to: &Clients, run: &str) -> State {
    let request = v1::GetTrainingRunRequest { name: run.to_owned() };
    to.models.clone().get_training_run(request).await.unwrap().into_inner().run.unwrap().state()
}

/// Submits a run that takes a while to the only server of a cluster, and waits until it is executed.
async fn start_run(cluster: &Cluster) -> String {
    let to = &cluster.members[0].clients;
    send_large_import(to).await;
    let run = train(to).await.unwrap().name;
    let started = Instant::now();
    loop {
        match state(to, &run).await {
            State::Queued => assert!(started.elapsed() < LIMIT),
            State::Running => return run,
            ended @ (State::Unspecified | State::Succeeded | State::Failed | State::Cancelled) => {
                panic!("{run} is {ended:?}")
            }
        }
    }
}

async fn versions(to: &Clients) -> usize {
    let request = v1::ListModelVersionsRequest { parent: MODEL.to_owned(), page_size: 100, ..Default::default() };
    to.models.clone().list_model_versions(request).await.unwrap().into_inner().versions.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_a_killed_server_is_ended_by_another_one() {
    let _alone = ALONE.lock().await;
    let Some(mut cluster) = Cluster::start(1).await else { return };
    let run = start_run(&cluster).await;
    let url = cluster.members[0].url().to_owned();
    let other = Member::start(&url).await;
    assert_eq!(state(&other.clients, &run).await, State::Running, "a start does not end the runs of others");
    signal(cluster.members[0].server.child.id(), "-KILL");
    cluster.members[0].server.child.wait().unwrap();
    let killed = Instant::now();
    let ended = wait(&other.clients, &run).await.unwrap();
    println!("the run of a killed server ended after {:?}", killed.elapsed());
    assert_eq!((ended.state(), error_reason(&ended.error.unwrap()).as_str()), (State::Failed, "INTERRUPTED"));
    assert!(killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    send_import(&other.clients, 1).await.unwrap();
    let next = train(&other.clients).await.unwrap();
    assert_eq!(wait(&other.clients, &next.name).await.unwrap().state(), State::Succeeded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_paused_cannot_publish_what_another_one_has_taken_over() {
    let _alone = ALONE.lock().await;
    let Some(cluster) = Cluster::start(1).await else { return };
    let run = start_run(&cluster).await;
    let paused = &cluster.members[0];
    let other = Member::start(paused.url()).await;
    signal(paused.server.child.id(), "-STOP");
    let ended = wait(&other.clients, &run).await.unwrap();
    assert_eq!((ended.state(), error_reason(&ended.error.unwrap()).as_str()), (State::Failed, "INTERRUPTED"));
    signal(paused.server.child.id(), "-CONT");
    // The paused server goes on, notices that it has lost the run, and trains others.
    send_import(&paused.clients, 1).await.unwrap();
    let started = Instant::now();
    let next = loop {
        match train(&paused.clients).await {
            Ok(next) => break next,
            Err(status) => assert!(started.elapsed() < LIMIT, "{status}"),
        }
    };
    assert_eq!(wait(&paused.clients, &next.name).await.unwrap().state(), State::Succeeded);
    assert_eq!(state(&paused.clients, &run).await, State::Failed);
    assert_eq!(versions(&other.clients).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_cancelled_through_another_server() {
    let _alone = ALONE.lock().await;
    let Some(cluster) = Cluster::start(1).await else { return };
    let run = start_run(&cluster).await;
    let other = Member::start(cluster.members[0].url()).await;
    let request = v1::CancelTrainingRunRequest { name: run.clone() };
    other.clients.models.clone().cancel_training_run(request).await.unwrap();
    let ended = wait(&other.clients, &run).await.unwrap();
    assert_eq!(ended.state(), State::Cancelled, "{ended:?}");
    assert_eq!(state(&cluster.members[0].clients, &run).await, State::Cancelled);
}
