//! What the next process makes of the runs of the one before.

use sweetspot::fault::Fault as _;
use sweetspot::jobs::{JobError, RunState};

use crate::support::{Process, Reading, drain, model, reason, submit};

#[tokio::test]
async fn a_shutdown_cuts_the_run_off_and_keeps_the_queue() {
    let process = Process::new();
    let running = process.running("a").await;
    let waiting = ["b", "c"].map(|id| process.jobs.submit(&submit(id)).unwrap());
    let waits = process.jobs.wait(&waiting[0].name);
    let (waited, ()) = tokio::join!(waits, drain(&process.jobs, &process.gate));
    assert!(matches!(waited.unwrap_err(), JobError::Draining));
    assert_eq!(reason(process.end(&running).await), "INTERRUPTED");
    assert_eq!(process.jobs.submit(&submit("d")).unwrap_err().reason(), "DRAINING");
    let process = process.restarted().await;
    assert_eq!((reason(process.state(&running)), process.versions("a")), ("INTERRUPTED".to_owned(), 0));
    for run in &waiting {
        assert!(matches!(process.end(run).await, RunState::Succeeded { .. }));
    }
}

#[tokio::test]
async fn a_crash_does_no_more_than_that() {
    let process = Process::new();
    let cancelled = process.running("a").await;
    process.jobs.cancel(&cancelled.name).unwrap();
    process.gate.set(Reading::Open);
    process.end(&cancelled).await;
    process.gate.set(Reading::Waits);
    let running = process.running("a").await;
    let waiting = process.jobs.submit(&submit("b")).unwrap();
    process.gate.kill();
    let process = process.restarted().await;
    assert_eq!(process.state(&cancelled), RunState::Cancelled);
    let interrupted = process.jobs.run(&running.name).unwrap();
    assert!(interrupted.ended.is_some());
    assert_eq!(reason(interrupted.state), "INTERRUPTED");
    assert!(matches!(process.end(&waiting).await, RunState::Succeeded { .. }));
    let again = process.jobs.submit(&submit("a")).unwrap();
    assert!(matches!(process.end(&again).await, RunState::Succeeded { .. }), "an interrupted model is free");
    let names: Vec<_> = process.jobs.runs(&model("a"), None, 10).unwrap().into_iter().map(|run| run.name).collect();
    assert_eq!(names, [again.name, running.name, cancelled.name], "newest first, across processes");
}

#[tokio::test]
async fn nothing_is_interrupted_twice() {
    let process = Process::new();
    let running = process.running("a").await;
    process.gate.kill();
    let process = process.restarted().await;
    let interrupted = process.jobs.run(&running.name).unwrap();
    process.gate.set(Reading::Open);
    let process = process.restarted().await;
    assert_eq!(process.jobs.run(&running.name).unwrap(), interrupted);
}
