//! A run that fails does not affect other runs.

use std::time::Duration;

use sweetspot_store::jobs::{RunState, TrainingRequest};

use crate::jobs::support::{BlobAccess, Process, model, reason, submit};

/// Asserts that the worker still executes runs.
async fn assert_still_works(process: &Process) {
    process.barrier.set_access(BlobAccess::Open);
    let next = process.jobs.submit(&submit("next")).unwrap();
    assert!(matches!(process.end(&next).await, RunState::Succeeded { .. }));
}

#[tokio::test]
async fn a_panic_in_training_fails_its_run_only() {
    let process = Process::new();
    let run = process.running("a").await;
    process.barrier.set_access(BlobAccess::Panicking);
    assert_eq!(reason(process.end(&run).await), "INTERNAL");
    assert_still_works(&process).await;
    assert_eq!(process.versions("a"), 0);
    let process = process.restarted().await;
    assert_eq!(reason(process.state(&run)), "INTERNAL");
}

#[tokio::test]
async fn customers_of_one_label_fail_the_run() {
    let process = Process::new();
    process.barrier.set_access(BlobAccess::Open);
    let dataset = "workspaces/w/datasets/all-won".parse().unwrap();
    let run = process.jobs.submit(&TrainingRequest { dataset, ..submit("a") }).unwrap();
    let ended = process.jobs.wait(&run.name).await.unwrap();
    assert!(ended.ended.is_some());
    assert_eq!(reason(ended.state.clone()), "ONE_CLASS");
    assert_still_works(&process).await;
    let process = process.restarted().await;
    assert_eq!(process.jobs.run(&run.name).unwrap(), ended, "the reason is durable");
}

#[tokio::test]
async fn a_run_beyond_its_time_limit_fails() {
    let process = Process::new();
    process.barrier.set_access(BlobAccess::Open);
    let run = process.jobs.submit(&TrainingRequest { time_limit: Some(Duration::ZERO), ..submit("a") }).unwrap();
    assert_eq!(reason(process.end(&run).await), "TIME_LIMIT");
    assert_still_works(&process).await;
}

#[tokio::test]
async fn the_end_of_a_run_is_stored_when_the_store_accepts_writes_again() {
    let process = Process::new();
    let run = process.running("a").await;
    let queued = process.jobs.submit(&submit("b")).unwrap();
    process.barrier.set_failing(true);
    process.barrier.set_access(BlobAccess::Open);
    assert_eq!(reason(process.end(&run).await), "DISK_FULL");
    assert_eq!(process.state(&queued), RunState::Queued, "it does not fail for want of a start");
    process.barrier.set_failing(false);
    assert!(matches!(process.end(&queued).await, RunState::Succeeded { .. }));
    let again = process.jobs.submit(&submit("a")).unwrap();
    assert!(matches!(process.end(&again).await, RunState::Succeeded { .. }), "the model can be trained again");
    let process = process.restarted().await;
    assert_eq!(reason(process.state(&run)), "DISK_FULL", "the end is durable");
}

#[tokio::test]
async fn a_run_whose_admission_failed_never_starts() {
    let process = Process::new();
    process.barrier.set_access(BlobAccess::Open);
    process.barrier.state.0.lock().unwrap().is_undecided = true;
    assert!(process.jobs.submit(&submit("a")).is_err());
    process.barrier.state.0.lock().unwrap().is_undecided = false;
    assert_still_works(&process).await;
    let runs = process.jobs.runs(&model("a"), None, 9).unwrap();
    assert_eq!((runs.len(), reason(runs[0].state.clone()).as_str()), (1, "STORE_FAILED"));
    let process = process.restarted().await;
    assert_eq!((process.versions("a"), reason(process.state(&runs[0]))), (0, "STORE_FAILED".to_owned()));
}

#[tokio::test]
async fn a_run_fails_when_the_store_rejects_writes() {
    let process = Process::new();
    let run = process.running("a").await;
    process.barrier.set_failing(true);
    process.barrier.set_access(BlobAccess::Open);
    assert_eq!(reason(process.end(&run).await), "DISK_FULL");
    assert!(process.jobs.submit(&submit("b")).is_err());
    let process = process.restarted().await;
    assert_eq!(reason(process.state(&run)), "INTERRUPTED", "the end was not stored");
    assert_still_works(&process).await;
}
