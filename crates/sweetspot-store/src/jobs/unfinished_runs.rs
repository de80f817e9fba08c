//! Runs that have not ended, in memory: the queue, the running one, and requests to stop.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sweetspot_core::{Id, ModelName, RunName};
use sweetspot_model::Progress;
use tokio::sync::watch;

use super::{RunRecord, RunState, SubmittingProcess};

/// Why a run must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopCause {
    /// A caller cancelled the run.
    Cancel,
    /// The process is shutting down.
    Shutdown,
}

/// A run that has not ended.
#[derive(Debug)]
pub(super) struct UnfinishedRun {
    pub(super) name: RunName,
    record: watch::Sender<RunRecord>,
    stop: AtomicU8,
    /// Whether this process executes the run.
    is_executed_here: AtomicBool,
}

impl UnfinishedRun {
    /// Creates a queued run.
    pub(super) fn new(record: RunRecord) -> Arc<Self> {
        let (name, stop) = (record.name.clone(), AtomicU8::new(0));
        Arc::new(Self { name, record: watch::Sender::new(record), stop, is_executed_here: AtomicBool::new(false) })
    }

    /// Whether this process executes the run.
    pub(super) fn is_executed_here(&self) -> bool {
        self.is_executed_here.load(Ordering::Acquire)
    }

    /// Sets whether this process executes the run.
    pub(super) fn set_executed_here(&self, is_executed_here: bool) {
        self.is_executed_here.store(is_executed_here, Ordering::Release);
    }

    /// Returns the current record.
    pub(super) fn record(&self) -> RunRecord {
        self.record.borrow().clone()
    }

    /// Sets the record and notifies all watchers.
    pub(super) fn set(&self, record: RunRecord) {
        self.record.send_replace(record);
    }

    /// Requests a stop. If a stop was already requested, its cause is unchanged.
    pub(super) fn request_stop(&self, stop: StopCause) {
        let cause = match stop {
            StopCause::Cancel => 1,
            StopCause::Shutdown => 2,
        };
        let _ = self.stop.compare_exchange(0, cause, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Returns why the run must stop, or `None` if it may continue.
    pub(super) fn stop_cause(&self) -> Option<StopCause> {
        match self.stop.load(Ordering::Acquire) {
            0 => None,
            1 => Some(StopCause::Cancel),
            _ => Some(StopCause::Shutdown),
        }
    }
}

/// Reports progress from the training thread to the watchers of the run.
pub(super) struct Reporter {
    pub(super) run: Arc<UnfinishedRun>,
    /// The kind of this process.
    pub(super) owner: SubmittingProcess,
    started: Instant,
    deadline: Option<Instant>,
    /// The stages so far, each with the time from the start of the run. There are few.
    stages: Mutex<Vec<(&'static str, Duration)>>,
    /// Whether another process has taken the run over.
    is_lost: Box<dyn Fn() -> bool + Send + Sync>,
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter").field("run", &self.run).finish_non_exhaustive()
    }
}

impl Reporter {
    /// Starts the time of a run.
    pub(super) fn start(run: &Arc<UnfinishedRun>, owner: SubmittingProcess, time_limit: Option<Duration>) -> Self {
        let started = Instant::now();
        let deadline = time_limit.and_then(|limit| started.checked_add(limit));
        let (stages, is_lost) = (Mutex::default(), Box::new(|| false));
        Self { run: Arc::clone(run), owner, started, deadline, stages, is_lost }
    }

    /// Ends the run if this function returns true.
    pub(super) fn with_loss(self, is_lost: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { is_lost: Box::new(is_lost), ..self }
    }

    /// The time since the start of the run.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The stages so far, each with the time from the start of the run.
    pub(super) fn stages(&self) -> Vec<(&'static str, Duration)> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the time limit has passed.
    pub(super) fn is_past_deadline(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Progress for Reporter {
    fn stage(&self, stage: &'static str, done: f64) {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).push((stage, self.elapsed()));
        let progress = if done.is_finite() { done.clamp(0.0, 1.0) } else { 0.0 };
        self.run.record.send_modify(|record| record.state = RunState::Running { stage: stage.to_owned(), progress });
    }

    fn is_cancelled(&self) -> bool {
        self.run.stop_cause().is_some() || self.is_past_deadline() || (self.is_lost)()
    }
}

/// All runs that have not ended.
#[derive(Debug)]
pub(super) struct UnfinishedRuns {
    runs: Mutex<RunQueue>,
    wake: Condvar,
    ended: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct RunQueue {
    queue: VecDeque<Arc<UnfinishedRun>>,
    by_name: BTreeMap<RunName, Arc<UnfinishedRun>>,
    is_stopping: bool,
}

impl UnfinishedRuns {
    /// Creates an empty set of runs.
    pub(super) fn new() -> Self {
        Self { runs: Mutex::default(), wake: Condvar::new(), ended: watch::Sender::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, RunQueue> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a run that another process executes, and wakes the worker.
    pub(super) fn track(&self, run: Arc<UnfinishedRun>) {
        self.lock().by_name.insert(run.name.clone(), run);
        self.wake.notify_one();
    }

    /// Appends a run that is known to the queue, unless it is in it.
    pub(super) fn queue_again(&self, run: &Arc<UnfinishedRun>) {
        let mut runs = self.lock();
        if !runs.queue.iter().any(|queued| queued.name == run.name) {
            runs.queue.push_back(Arc::clone(run));
        }
    }

    /// Returns all runs.
    pub(super) fn all(&self) -> Vec<Arc<UnfinishedRun>> {
        self.lock().by_name.values().cloned().collect()
    }

    /// Waits until there is any run. Returns whether there is; otherwise, the process is shutting down.
    pub(super) fn wait_for_any(&self) -> bool {
        let waiting = self.wake.wait_while(self.lock(), |runs| !runs.is_stopping && runs.by_name.is_empty());
        !waiting.unwrap_or_else(PoisonError::into_inner).is_stopping
    }

    /// Returns the next run in the queue, without waiting. `None` if there is none, or if the process is shutting down.
    pub(super) fn pop(&self) -> Option<Arc<UnfinishedRun>> {
        let mut runs = self.lock();
        if runs.is_stopping { None } else { runs.queue.pop_front() }
    }

    /// Appends a run to the queue and wakes the worker.
    pub(super) fn enqueue(&self, run: Arc<UnfinishedRun>) {
        let mut runs = self.lock();
        runs.by_name.insert(run.name.clone(), Arc::clone(&run));
        runs.queue.push_back(run);
        self.wake.notify_one();
    }

    /// Waits for the next run in the queue. Returns `None` when the process is shutting down.
    pub(super) fn next(&self) -> Option<Arc<UnfinishedRun>> {
        let mut runs = self.lock();
        loop {
            if runs.is_stopping {
                return None;
            }
            if let Some(run) = runs.queue.pop_front() {
                return Some(run);
            }
            runs = self.wake.wait(runs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits for this time, or until the process is shutting down. Returns whether it is.
    pub(super) fn wait(&self, time: Duration) -> bool {
        let waiting = self.wake.wait_timeout_while(self.lock(), time, |runs| !runs.is_stopping);
        waiting.unwrap_or_else(PoisonError::into_inner).0.is_stopping
    }

    /// Returns a run that has not ended.
    pub(super) fn get(&self, name: &RunName) -> Option<Arc<UnfinishedRun>> {
        self.lock().by_name.get(name).cloned()
    }

    /// Watches a run that has not ended.
    pub(super) fn watch(&self, name: &RunName) -> Option<watch::Receiver<RunRecord>> {
        self.get(name).map(|run| run.record.subscribe())
    }

    /// Returns the run of a model that is queued or running.
    pub(super) fn unfinished_run(&self, model: &ModelName) -> Option<RunName> {
        let runs = self.lock();
        let is_unfinished =
            |run: &Arc<UnfinishedRun>| run.name.model == *model && !run.record.borrow().state.is_final();
        runs.by_name.values().find(|run| is_unfinished(run)).map(|run| run.name.clone())
    }

    /// The number of queued runs.
    pub(super) fn queued_count(&self) -> usize {
        self.lock().queue.len()
    }

    /// The number of queued runs, and of running ones.
    pub(super) fn counts(&self) -> [usize; 2] {
        let runs = self.lock();
        let count = |is_counted: fn(&RunState) -> bool| {
            runs.by_name.values().filter(|run| is_counted(&run.record.borrow().state)).count()
        };
        [count(|state| matches!(state, RunState::Queued)), count(|state| matches!(state, RunState::Running { .. }))]
    }

    /// The number of queued runs of a workspace.
    pub(super) fn queued_count_of(&self, workspace: &Id) -> usize {
        self.lock().queue.iter().filter(|run| run.name.model.workspace == *workspace).count()
    }

    /// Whether the process is shutting down.
    pub(super) fn is_stopping(&self) -> bool {
        self.lock().is_stopping
    }

    /// Removes a run that has ended.
    pub(super) fn remove(&self, name: &RunName) {
        let mut runs = self.lock();
        runs.by_name.remove(name);
        runs.queue.retain(|run| run.name != *name);
    }

    /// Prevents further runs from starting and requests all current ones to stop.
    pub(super) fn stop(&self) {
        let mut runs = self.lock();
        runs.is_stopping = true;
        for run in runs.by_name.values() {
            run.request_stop(StopCause::Shutdown);
        }
        self.wake.notify_all();
    }

    /// Called by the worker when no further run will start.
    pub(super) fn set_ended(&self) {
        self.ended.send_replace(true);
    }

    /// A receiver whose value becomes true when the worker has ended.
    pub(super) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.subscribe()
    }
}

#[cfg(test)]
mod tests;
