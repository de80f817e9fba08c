use std::sync::mpsc;
use std::thread;

use jiff::Timestamp;

use super::*;

fn queued(id: &str) -> Arc<UnfinishedRun> {
    UnfinishedRun::new(RunRecord {
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

/// Unfinished runs with these ids, all queued.
fn waiting<const N: usize>(ids: [&str; N]) -> (UnfinishedRuns, [Arc<UnfinishedRun>; N]) {
    let (unfinished_runs, runs) = (UnfinishedRuns::new(), ids.map(queued));
    for run in &runs {
        unfinished_runs.enqueue(Arc::clone(run));
    }
    (unfinished_runs, runs)
}

#[test]
fn runs_leave_the_queue_in_order_and_are_removed_at_their_end() {
    let (unfinished_runs, [first, second, third]) = waiting(["b", "a", "c"]);
    unfinished_runs.remove(&second.name);
    assert_eq!((unfinished_runs.queued_count(), unfinished_runs.get(&second.name).is_none()), (2, true));
    assert_eq!(unfinished_runs.next().unwrap().name, first.name);
    assert_eq!(
        (unfinished_runs.queued_count(), unfinished_runs.get(&first.name).unwrap().name.clone()),
        (1, first.name.clone())
    );
    assert_eq!(unfinished_runs.next().unwrap().name, third.name);
    unfinished_runs.remove(&first.name);
    assert!(unfinished_runs.get(&first.name).is_none() && unfinished_runs.watch(&first.name).is_none());
}

#[test]
fn a_model_has_an_unfinished_run_until_the_run_ends() {
    let (unfinished_runs, [run]) = waiting(["a"]);
    let model = &run.name.model;
    assert_eq!(
        (unfinished_runs.unfinished_run(model), unfinished_runs.unfinished_run(&queued("b").name.model)),
        (Some(run.name.clone()), None)
    );
    unfinished_runs.next().unwrap();
    assert_eq!(unfinished_runs.unfinished_run(model), Some(run.name.clone()));
    run.set(RunRecord { state: RunState::Cancelled, ..run.record() });
    assert_eq!(
        unfinished_runs.unfinished_run(model),
        None,
        "a run that is over does not block, even if it cannot be removed"
    );
}

#[test]
fn a_stop_precedes_queued_runs_and_reaches_every_run() {
    let (unfinished_runs, [running, waiting]) = waiting(["a", "b"]);
    unfinished_runs.next().unwrap();
    running.request_stop(StopCause::Cancel);
    unfinished_runs.stop();
    assert!(unfinished_runs.is_stopping() && unfinished_runs.next().is_none());
    assert_eq!((running.stop_cause(), waiting.stop_cause()), (Some(StopCause::Cancel), Some(StopCause::Shutdown)));
}

#[test]
fn a_waiting_worker_is_woken_by_a_run_and_by_a_stop() {
    let unfinished_runs = UnfinishedRuns::new();
    let (done, serves) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            while let Some(run) = unfinished_runs.next() {
                done.send(run.name.clone()).unwrap();
            }
        });
        for id in ["a", "b"] {
            let run = queued(id);
            unfinished_runs.enqueue(Arc::clone(&run));
            assert_eq!(serves.recv().unwrap(), run.name);
        }
        unfinished_runs.stop();
    });
}

#[test]
fn progress_is_clamped_to_a_share() {
    let run = queued("a");
    let reporter = Reporter::start(&run, SubmittingProcess::Server, None);
    let followed = run.record.subscribe();
    for (told, kept) in [(0.5, 0.5), (-1.0, 0.0), (7.0, 1.0), (f64::NAN, 0.0), (f64::INFINITY, 0.0)] {
        reporter.stage("fitting", told);
        let state = RunState::Running { stage: "fitting".to_owned(), progress: kept };
        assert_eq!(followed.borrow().state, state, "{told}");
    }
    assert!(!reporter.is_cancelled());
    let late = Reporter::start(&run, SubmittingProcess::Server, Some(Duration::ZERO));
    assert!(late.is_cancelled() && late.is_past_deadline());
    run.request_stop(StopCause::Cancel);
    assert!(reporter.is_cancelled() && !reporter.is_past_deadline());
}
