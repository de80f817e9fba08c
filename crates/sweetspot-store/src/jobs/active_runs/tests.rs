use std::sync::mpsc;
use std::thread;

use jiff::Timestamp;

use super::*;

fn active(id: &str) -> Arc<ActiveRun> {
    ActiveRun::new(RunRecord {
        name: format!("workspaces/w/models/{id}/trainingRuns/r").parse().unwrap(),
        dataset: "workspaces/w/datasets/d".parse().unwrap(),
        dataset_version: None,
        state: RunState::Queued,
        created: Timestamp::UNIX_EPOCH,
        ended: None,
        request_id: String::new(),
        annotations: crate::annotations::Annotations::default(),
    })
}

/// Active runs with these ids, all queued.
fn waiting<const N: usize>(ids: [&str; N]) -> (ActiveRuns, [Arc<ActiveRun>; N]) {
    let (board, runs) = (ActiveRuns::new(), ids.map(active));
    for run in &runs {
        board.enqueue(Arc::clone(run));
    }
    (board, runs)
}

#[test]
fn runs_leave_the_queue_in_order_and_are_removed_at_their_end() {
    let (board, [first, second, third]) = waiting(["b", "a", "c"]);
    board.remove(&second.name);
    assert_eq!((board.queued_count(), board.get(&second.name).is_none()), (2, true));
    assert_eq!(board.next().unwrap().name, first.name);
    assert_eq!((board.queued_count(), board.get(&first.name).unwrap().name.clone()), (1, first.name.clone()));
    assert_eq!(board.next().unwrap().name, third.name);
    board.remove(&first.name);
    assert!(board.get(&first.name).is_none() && board.watch(&first.name).is_none());
}

#[test]
fn a_model_has_an_open_run_until_the_run_ends() {
    let (board, [run]) = waiting(["a"]);
    let model = &run.name.model;
    assert_eq!((board.open_run(model), board.open_run(&active("b").name.model)), (Some(run.name.clone()), None));
    board.next().unwrap();
    assert_eq!(board.open_run(model), Some(run.name.clone()));
    run.set(RunRecord { state: RunState::Cancelled, ..run.record() });
    assert_eq!(board.open_run(model), None, "a run that is over does not block, even if it cannot be removed");
}

#[test]
fn a_stop_precedes_queued_runs_and_reaches_every_run() {
    let (board, [running, waiting]) = waiting(["a", "b"]);
    board.next().unwrap();
    running.request_stop(StopCause::Cancel);
    board.stop();
    assert!(board.is_stopping() && board.next().is_none());
    assert_eq!((running.stop_cause(), waiting.stop_cause()), (Some(StopCause::Cancel), Some(StopCause::Shutdown)));
}

#[test]
fn a_waiting_worker_is_woken_by_a_run_and_by_a_stop() {
    let board = ActiveRuns::new();
    let (done, serves) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            while let Some(run) = board.next() {
                done.send(run.name.clone()).unwrap();
            }
        });
        for id in ["a", "b"] {
            let run = active(id);
            board.enqueue(Arc::clone(&run));
            assert_eq!(serves.recv().unwrap(), run.name);
        }
        board.stop();
    });
}

#[test]
fn progress_is_clamped_to_a_share() {
    let run = active("a");
    let reporter = Reporter { run: Arc::clone(&run), owner: ProcessKind::Server, deadline: None };
    let followed = run.record.subscribe();
    for (told, kept) in [(0.5, 0.5), (-1.0, 0.0), (7.0, 1.0), (f64::NAN, 0.0), (f64::INFINITY, 0.0)] {
        reporter.stage("fitting", told);
        let state = RunState::Running { stage: "fitting".to_owned(), progress: kept };
        assert_eq!(followed.borrow().state, state, "{told}");
    }
    assert!(!reporter.is_cancelled());
    let late = Reporter { run: Arc::clone(&run), owner: ProcessKind::Server, deadline: Some(Instant::now()) };
    assert!(late.is_cancelled() && late.is_past_deadline());
    run.request_stop(StopCause::Cancel);
    assert!(reporter.is_cancelled() && !reporter.is_past_deadline());
}
