//! Recovery of runs by the next process.

use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_store::jobs::{JobError, RunState, SubmittingProcess};

use crate::jobs::support::{BlobAccess, Process, drain, model, reason, submit};

#[tokio::test]
async fn a_shutdown_interrupts_the_running_run_and_keeps_the_queue() {
    let process = Process::new();
    let running = process.running("a").await;
    let waiting = ["b", "c"].map(|id| process.jobs.submit(&submit(id)).unwrap());
    let waits = process.jobs.wait(&waiting[0].name);
    let (waited, ()) = tokio::join!(waits, drain(&process.jobs, &process.barrier));
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
async fn a_crash_interrupts_only_the_running_run() {
    let process = Process::new();
    let cancelled = process.running("a").await;
    process.jobs.cancel(&cancelled.name).unwrap();
    process.barrier.set_access(BlobAccess::Open);
    process.end(&cancelled).await;
    process.barrier.set_access(BlobAccess::Blocked);
    let running = process.running("a").await;
    let waiting = process.jobs.submit(&submit("b")).unwrap();
    process.barrier.set_failing(true);
    let process = process.restarted().await;
    assert_eq!(process.state(&cancelled), RunState::Cancelled);
    let interrupted = process.jobs.run(&running.name).unwrap();
    assert!(interrupted.ended.is_some());
    assert_eq!(reason(interrupted.state), "INTERRUPTED");
    assert!(matches!(process.end(&waiting).await, RunState::Succeeded { .. }));
    let again = process.jobs.submit(&submit("a")).unwrap();
    assert!(matches!(process.end(&again).await, RunState::Succeeded { .. }), "the model can be trained");
    let names: Vec<_> = process.jobs.runs(&model("a"), None, 10).unwrap().into_iter().map(|run| run.name).collect();
    assert_eq!(names, [again.name, running.name, cancelled.name], "newest first, across processes");
}

#[tokio::test]
async fn an_interrupted_run_is_interrupted_once() {
    let process = Process::new();
    let running = process.running("a").await;
    process.barrier.set_failing(true);
    let process = process.restarted().await;
    let interrupted = process.jobs.run(&running.name).unwrap();
    process.barrier.set_access(BlobAccess::Open);
    let process = process.restarted().await;
    assert_eq!(process.jobs.run(&running.name).unwrap(), interrupted);
}

/// Simulates a crash with one running and one queued run.
async fn crashed_process(owner: SubmittingProcess) -> (Process, [sweetspot_store::jobs::RunRecord; 2]) {
    let process = Process::with_owner(owner);
    let running = process.running("a").await;
    let waiting = process.jobs.submit(&submit("b")).unwrap();
    process.barrier.set_failing(true);
    (process, [running, waiting])
}

#[tokio::test]
async fn a_queued_run_of_a_command_ends_with_the_command() {
    for next in [SubmittingProcess::Command, SubmittingProcess::Server] {
        let (process, runs) = crashed_process(SubmittingProcess::Command).await;
        let process = process.succeeded_by(next).await;
        for run in &runs {
            let RunState::Failed { reason, message, .. } = process.state(run) else { panic!("{run:?} has not failed") };
            assert_eq!(reason, "INTERRUPTED");
            assert!(message.contains("command") && message.contains("train again"), "{message}");
        }
        let again = process.jobs.submit(&submit("b")).unwrap();
        assert!(matches!(process.end(&again).await, RunState::Succeeded { .. }), "the model can be trained");
        assert_eq!(process.versions("b"), 1);
    }
}

#[tokio::test]
async fn a_queued_run_of_a_server_is_not_touched_by_commands() {
    let (process, [running, waiting]) = crashed_process(SubmittingProcess::Server).await;
    let command = process.succeeded_by(SubmittingProcess::Command).await;
    assert_eq!(reason(command.state(&running)), "INTERRUPTED");
    let own = command.jobs.submit(&submit("b")).unwrap();
    assert!(matches!(command.end(&own).await, RunState::Succeeded { .. }));
    assert_eq!((command.state(&waiting), command.versions("b")), (RunState::Queued, 1), "it is not resumed");
    let server = command.succeeded_by(SubmittingProcess::Server).await;
    assert!(matches!(server.end(&waiting).await, RunState::Succeeded { .. }));
    assert_eq!(server.versions("b"), 2);
}

#[tokio::test]
async fn a_run_that_waits_for_a_server_can_be_cancelled_by_a_command() {
    let (process, [_, waiting]) = crashed_process(SubmittingProcess::Server).await;
    let command = process.succeeded_by(SubmittingProcess::Command).await;
    assert_eq!(command.jobs.wait(&waiting.name).await.unwrap().state, RunState::Queued, "returned at once");
    assert_eq!(command.jobs.cancel(&waiting.name).unwrap().state, RunState::Cancelled);
    let server = command.succeeded_by(SubmittingProcess::Server).await;
    assert_eq!((server.state(&waiting), server.versions("b")), (RunState::Cancelled, 0));
}

#[tokio::test]
async fn a_cancelling_run_is_cancelled_after_a_crash() {
    let process = Process::new();
    let running = process.running("a").await;
    process.jobs.cancel(&running.name).unwrap();
    process.barrier.set_failing(true);
    let process = process.restarted().await;
    assert_eq!(process.state(&running), RunState::Cancelled);
}
