//! A repeated request returns the run of the first one.

use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::jobs::{JobError, RunState, TrainingRequest};
use sweetspot_store::registry::RequestKey;

use crate::jobs::support::{BlobAccess, Process, model, request, submit};

fn submit_with_id(model: &str) -> TrainingRequest {
    TrainingRequest { request: request("id"), ..submit(model) }
}

#[tokio::test]
async fn a_repeated_request_returns_its_run_in_any_state() {
    let process = Process::new();
    let other = process.running("other").await;
    let run = process.jobs.submit(&submit_with_id("a")).unwrap();
    assert_eq!((run.state.clone(), run.request_id.as_str()), (RunState::Queued, "id"));
    assert_eq!(process.jobs.submit(&submit_with_id("a")).unwrap(), run);
    process.jobs.submit(&submit("full")).unwrap();
    assert_eq!(process.jobs.submit(&submit_with_id("a")).unwrap(), run, "only new runs are refused");
    process.barrier.set_access(BlobAccess::Open);
    process.end(&other).await;
    let ended = process.jobs.wait(&run.name).await.unwrap();
    assert_eq!(process.jobs.submit(&submit_with_id("a")).unwrap(), ended);
    process.jobs.drain().await;
    assert_eq!(process.jobs.submit(&submit_with_id("a")).unwrap(), ended, "only new runs are refused");
    let process = process.restarted().await;
    assert_eq!(process.jobs.submit(&submit_with_id("a")).unwrap(), ended);
    assert_eq!((process.jobs.runs(&model("a"), None, 10).unwrap(), process.versions("a")), (vec![ended], 1));
}

#[tokio::test]
async fn concurrent_repeated_requests_return_one_run() {
    let process = Process::new();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| process.jobs.submit(&submit_with_id("a")).unwrap().name)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
    assert_eq!(process.jobs.runs(&model("a"), None, 10).unwrap().len(), 1);
    process.barrier.set_access(BlobAccess::Open);
}

#[tokio::test]
async fn a_request_id_of_another_request_is_refused() {
    let process = Process::new();
    let run = process.jobs.submit(&submit_with_id("a")).unwrap();
    let other = RequestKey { id: "id".to_owned(), body: Digest::new(b"another body") };
    let error = process.jobs.submit(&TrainingRequest { request: other, ..submit("a") }).unwrap_err();
    assert!(matches!(&error, JobError::RequestIdReused { id } if id == "id"), "{error}");
    assert_eq!((error.kind(), error.reason()), (ErrorKind::InvalidArgument, "REQUEST_ID_REUSED"));
    // Without a request id, repetitions are not detected.
    assert!(matches!(process.jobs.submit(&submit("a")).unwrap_err(), JobError::AlreadyRunning { .. }));
    process.barrier.set_access(BlobAccess::Open);
    process.end(&run).await;
    assert_ne!(process.jobs.submit(&submit("a")).unwrap().name, run.name);
}
