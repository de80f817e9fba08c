//! Which runs are admitted, and in which order they are executed.

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::jobs::{JobError, RunState, TrainingRequest};

use crate::jobs::support::{BlobAccess, Process, QUEUE, model, submit};

#[tokio::test]
async fn the_queue_is_limited_and_an_ended_run_frees_a_place() {
    let process = Process::new();
    let running = process.running("a").await;
    let waiting = ["b", "c"].map(|id| process.jobs.submit(&submit(id)).unwrap());
    assert_eq!(waiting.len(), QUEUE);
    let error = process.jobs.submit(&submit("d")).unwrap_err();
    assert!(matches!(error, JobError::QueueFull { queued: QUEUE }), "{error}");
    assert_eq!((error.kind(), error.reason()), (ErrorKind::ResourceExhausted, "QUEUE_FULL"));
    assert!(process.jobs.runs(&model("d"), None, 10).unwrap().is_empty(), "a refused run is not stored");
    process.jobs.cancel(&waiting[0].name).unwrap();
    let late = process.jobs.submit(&submit("d")).unwrap();
    process.barrier.set_access(BlobAccess::Open);
    for run in [&running, &waiting[1], &late] {
        assert!(matches!(process.end(run).await, RunState::Succeeded { .. }));
    }
}

#[tokio::test]
async fn a_model_has_one_run_at_a_time() {
    let process = Process::new();
    let first = process.running("a").await;
    let second = process.jobs.submit(&submit("b")).unwrap();
    for (id, other) in [("a", &first), ("b", &second)] {
        let error = process.jobs.submit(&submit(id)).unwrap_err();
        assert!(matches!(&error, JobError::AlreadyRunning { running } if *running == other.name), "{error}");
        assert_eq!((error.kind(), error.reason()), (ErrorKind::Aborted, "ALREADY_TRAINING"));
    }
    process.barrier.set_access(BlobAccess::Open);
    process.end(&first).await;
    let next = process.jobs.submit(&submit("a")).unwrap();
    assert!(matches!(process.end(&next).await, RunState::Succeeded { version } if version.number == 2));
}

#[tokio::test]
async fn queued_runs_start_in_order_of_submission() {
    let process = Process::new();
    let first = process.running("z").await;
    let waiting = ["y", "x"].map(|id| process.jobs.submit(&submit(id)).unwrap());
    let end = process.jobs.wait(&first.name);
    process.jobs.cancel(&first.name).unwrap();
    process.barrier.set_access(BlobAccess::Open);
    end.await.unwrap();
    assert!(matches!(process.end(&waiting[1]).await, RunState::Succeeded { .. }));
    assert!(process.state(&waiting[0]).is_final(), "runs were executed out of order");
}

#[tokio::test]
async fn an_untrainable_dataset_is_refused_at_once() {
    let process = Process::new();
    let dataset = "workspaces/w/datasets/none".parse().unwrap();
    let error = process.jobs.submit(&TrainingRequest { dataset, ..submit("a") }).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::NotFound, "DATASET_NOT_FOUND"));
    let unknown = format!("{}/trainingRuns/none", model("a")).parse().unwrap();
    for error in [
        process.jobs.run(&unknown).unwrap_err(),
        process.jobs.cancel(&unknown).unwrap_err(),
        process.jobs.wait(&unknown).await.unwrap_err(),
        process.jobs.runs(&model("a"), Some(&unknown), 1).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.reason()), (ErrorKind::NotFound, "TRAINING_RUN_NOT_FOUND"));
    }
    process.barrier.set_access(BlobAccess::Open);
}

#[tokio::test]
async fn a_workspace_with_its_maximum_of_queued_runs_leaves_room_for_others() {
    let process = Process::with_queue_per_workspace(1);
    let _running = process.running("a").await;
    process.jobs.submit(&submit("b")).unwrap();
    let error = process.jobs.submit(&submit("c")).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::ResourceExhausted, "WORKSPACE_QUEUE_FULL"));
    let (model, dataset) = ("workspaces/v/models/c".parse().unwrap(), "workspaces/w/datasets/d".parse().unwrap());
    process.jobs.submit(&TrainingRequest { model, dataset, ..submit("c") }).unwrap();
    process.barrier.set_access(BlobAccess::Open);
}
