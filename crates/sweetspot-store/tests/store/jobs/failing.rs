//! Runs that end without a model cost themselves and nobody else.

use std::time::Duration;

use sweetspot_store::jobs::{RunState, Submit};

use crate::jobs::support::{Process, Reading, reason, submit};

/// The worker is alive: it takes the next run to its end.
async fn lives(process: &Process) {
    process.gate.set(Reading::Open);
    let next = process.jobs.submit(&submit("next")).unwrap();
    assert!(matches!(process.end(&next).await, RunState::Succeeded { .. }));
}

#[tokio::test]
async fn a_panic() {
    let process = Process::new();
    let run = process.running("a").await;
    process.gate.set(Reading::Panics);
    assert_eq!(reason(process.end(&run).await), "INTERNAL");
    lives(&process).await;
    assert_eq!(process.versions("a"), 0);
    let process = process.restarted().await;
    assert_eq!(reason(process.state(&run)), "INTERNAL");
}

#[tokio::test]
async fn customers_that_nothing_can_be_learnt_from() {
    let process = Process::new();
    process.gate.set(Reading::Open);
    let dataset = "workspaces/w/datasets/all-won".parse().unwrap();
    let run = process.jobs.submit(&Submit { dataset, ..submit("a") }).unwrap();
    let ended = process.jobs.wait(&run.name).await.unwrap();
    assert!(ended.ended.is_some());
    assert_eq!(reason(ended.state.clone()), "ONE_CLASS");
    lives(&process).await;
    let process = process.restarted().await;
    assert_eq!(process.jobs.run(&run.name).unwrap(), ended, "the reason outlives the process");
}

#[tokio::test]
async fn a_time_limit() {
    let process = Process::new();
    process.gate.set(Reading::Open);
    let run = process.jobs.submit(&Submit { time_limit: Some(Duration::ZERO), ..submit("a") }).unwrap();
    assert_eq!(reason(process.end(&run).await), "TIME_LIMIT");
    lives(&process).await;
}

#[tokio::test]
async fn a_store_that_takes_nothing_any_more() {
    let process = Process::new();
    let run = process.running("a").await;
    process.gate.kill();
    process.gate.set(Reading::Open);
    assert_eq!(reason(process.end(&run).await), "STORE_FULL");
    assert!(process.jobs.submit(&submit("b")).is_err());
    let process = process.restarted().await;
    assert_eq!(reason(process.state(&run)), "INTERRUPTED", "the end was not kept");
    lives(&process).await;
}
