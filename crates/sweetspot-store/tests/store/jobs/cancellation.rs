//! Cancellation of runs.

use sweetspot_store::jobs::RunState;

use crate::jobs::support::{BlobAccess, Process, submit};

#[tokio::test]
async fn a_cancelled_queued_run_ends_at_once_and_is_never_trained() {
    let process = Process::new();
    let running = process.running("a").await;
    let waiting = process.jobs.submit(&submit("b")).unwrap();
    let waits = tokio::spawn({
        let (jobs, name) = (process.jobs.clone(), waiting.name.clone());
        async move { jobs.wait(&name).await.unwrap() }
    });
    let cancelled = process.jobs.cancel(&waiting.name).unwrap();
    assert_eq!(cancelled.state, RunState::Cancelled);
    assert!(cancelled.ended.is_some());
    assert_eq!(waits.await.unwrap(), cancelled, "waiters are notified");
    process.barrier.set_access(BlobAccess::Open);
    process.end(&running).await;
    assert_eq!((process.jobs.run(&waiting.name).unwrap(), process.versions("b")), (cancelled, 0));
}

#[tokio::test]
async fn a_cancelled_running_run_stops_later_and_publishes_nothing() {
    let process = Process::new();
    let run = process.running("a").await;
    for _ in 0..2 {
        assert!(matches!(process.jobs.cancel(&run.name).unwrap().state, RunState::Running { .. }));
    }
    process.barrier.set_access(BlobAccess::Open);
    assert_eq!((process.end(&run).await, process.versions("a")), (RunState::Cancelled, 0));
    let process = process.restarted().await;
    assert_eq!(process.state(&run), RunState::Cancelled);
}

#[tokio::test]
async fn cancelling_an_ended_run_changes_nothing() {
    let process = Process::new();
    process.barrier.set_access(BlobAccess::Open);
    let run = process.jobs.submit(&submit("a")).unwrap();
    let ended = process.jobs.wait(&run.name).await.unwrap();
    assert!(matches!(ended.state, RunState::Succeeded { .. }));
    assert_eq!(process.jobs.cancel(&run.name).unwrap(), ended);
    assert_eq!(process.jobs.run(&run.name).unwrap(), ended);
}
