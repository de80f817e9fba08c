//! A request that is sent again gets the run that it got the first time.

use sweetspot_core::Digest;
use sweetspot_core::fault::{Fault as _, FaultKind};
use sweetspot_store::jobs::{JobError, RunState, Submit};
use sweetspot_store::registry::RequestKey;

use crate::jobs::support::{Process, Reading, model, request, submit};

fn with_id(model: &str) -> Submit {
    Submit { request: request("id"), ..submit(model) }
}

#[tokio::test]
async fn whatever_has_become_of_it() {
    let process = Process::new();
    let other = process.running("other").await;
    let run = process.jobs.submit(&with_id("a")).unwrap();
    assert_eq!((run.state.clone(), run.request_id.as_str()), (RunState::Queued, "id"));
    assert_eq!(process.jobs.submit(&with_id("a")).unwrap(), run);
    process.jobs.submit(&submit("full")).unwrap();
    assert_eq!(process.jobs.submit(&with_id("a")).unwrap(), run, "a full queue refuses new runs alone");
    process.gate.set(Reading::Open);
    process.end(&other).await;
    let ended = process.jobs.wait(&run.name).await.unwrap();
    assert_eq!(process.jobs.submit(&with_id("a")).unwrap(), ended);
    process.jobs.drain().await;
    assert_eq!(process.jobs.submit(&with_id("a")).unwrap(), ended, "a shutdown refuses new runs alone");
    let process = process.restarted().await;
    assert_eq!(process.jobs.submit(&with_id("a")).unwrap(), ended);
    assert_eq!((process.jobs.runs(&model("a"), None, 10).unwrap(), process.versions("a")), (vec![ended], 1));
}

#[tokio::test]
async fn at_the_same_time() {
    let process = Process::new();
    let runs: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| process.jobs.submit(&with_id("a")).unwrap().name)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(runs.iter().all(|run| *run == runs[0]), "{runs:?}");
    assert_eq!(process.jobs.runs(&model("a"), None, 10).unwrap().len(), 1);
    process.gate.set(Reading::Open);
}

#[tokio::test]
async fn but_not_under_an_id_that_stood_for_something_else() {
    let process = Process::new();
    let run = process.jobs.submit(&with_id("a")).unwrap();
    let other = RequestKey { id: "id".to_owned(), body: Digest::of(b"another body") };
    let error = process.jobs.submit(&Submit { request: other, ..submit("a") }).unwrap_err();
    assert!(matches!(&error, JobError::RequestIdReused { id } if id == "id"), "{error}");
    assert_eq!((error.kind(), error.reason()), (FaultKind::InvalidArgument, "REQUEST_ID_REUSED"));
    // Without an id nothing is remembered.
    assert!(matches!(process.jobs.submit(&submit("a")).unwrap_err(), JobError::AlreadyRunning { .. }));
    process.gate.set(Reading::Open);
    process.end(&run).await;
    assert_ne!(process.jobs.submit(&submit("a")).unwrap().name, run.name);
}
