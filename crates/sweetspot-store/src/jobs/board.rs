//! The runs that are not over, in memory: who waits, who runs, who is to stop.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use sweetspot_core::{ModelName, RunName};
use sweetspot_model::Progress;
use tokio::sync::watch;

use super::{Owner, RunRecord, RunState};

/// Why a run is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Somebody asked.
    Cancel,
    /// The process ends.
    Shutdown,
}

/// A run that is not over.
#[derive(Debug)]
pub(super) struct ActiveRun {
    pub(super) name: RunName,
    record: watch::Sender<RunRecord>,
    stop: AtomicU8,
}

impl ActiveRun {
    /// A run that is waiting.
    pub(super) fn new(record: RunRecord) -> Arc<Self> {
        Arc::new(Self { name: record.name.clone(), record: watch::Sender::new(record), stop: AtomicU8::new(0) })
    }

    /// Where it is now.
    pub(super) fn record(&self) -> RunRecord {
        self.record.borrow().clone()
    }

    /// Says where it is, to everybody who waits.
    pub(super) fn set(&self, record: RunRecord) {
        self.record.send_replace(record);
    }

    /// The first cause stays.
    pub(super) fn ask_to_stop(&self, stop: Stop) {
        let cause = match stop {
            Stop::Cancel => 1,
            Stop::Shutdown => 2,
        };
        let _ = self.stop.compare_exchange(0, cause, Ordering::AcqRel, Ordering::Acquire);
    }

    /// Why it should stop, if it should.
    pub(super) fn asked_to_stop(&self) -> Option<Stop> {
        match self.stop.load(Ordering::Acquire) {
            0 => None,
            1 => Some(Stop::Cancel),
            _ => Some(Stop::Shutdown),
        }
    }
}

/// Carries progress from the training thread to whoever looks at the run.
#[derive(Debug)]
pub(super) struct Reporter {
    pub(super) run: Arc<ActiveRun>,
    /// The kind of this process.
    pub(super) owner: Owner,
    pub(super) deadline: Option<Instant>,
}

impl Reporter {
    /// Whether its time limit is over.
    pub(super) fn out_of_time(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

impl Progress for Reporter {
    fn stage(&self, stage: &'static str, done: f64) {
        let progress = if done.is_finite() { done.clamp(0.0, 1.0) } else { 0.0 };
        self.run.record.send_modify(|record| record.state = RunState::Running { stage: stage.to_owned(), progress });
    }

    fn cancelled(&self) -> bool {
        self.run.asked_to_stop().is_some() || self.out_of_time()
    }
}

/// Every run that is not over.
#[derive(Debug)]
pub(super) struct Board {
    runs: Mutex<Runs>,
    wake: Condvar,
    ended: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct Runs {
    queue: VecDeque<Arc<ActiveRun>>,
    all: BTreeMap<RunName, Arc<ActiveRun>>,
    stopping: bool,
}

impl Board {
    /// Nothing waits, nothing runs.
    pub(super) fn new() -> Self {
        Self { runs: Mutex::default(), wake: Condvar::new(), ended: watch::Sender::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a run at the end of the queue and wakes the worker.
    pub(super) fn enqueue(&self, run: Arc<ActiveRun>) {
        let mut runs = self.lock();
        runs.all.insert(run.name.clone(), Arc::clone(&run));
        runs.queue.push_back(run);
        self.wake.notify_one();
    }

    /// The next run in line, once there is one; nothing when the process ends.
    pub(super) fn next(&self) -> Option<Arc<ActiveRun>> {
        let mut runs = self.lock();
        loop {
            if runs.stopping {
                return None;
            }
            if let Some(run) = runs.queue.pop_front() {
                return Some(run);
            }
            runs = self.wake.wait(runs).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A run that has not ended.
    pub(super) fn get(&self, name: &RunName) -> Option<Arc<ActiveRun>> {
        self.lock().all.get(name).cloned()
    }

    /// Follows a run that has not ended.
    pub(super) fn watch(&self, name: &RunName) -> Option<watch::Receiver<RunRecord>> {
        self.get(name).map(|run| run.record.subscribe())
    }

    /// The run that a model is busy with, waiting or running.
    pub(super) fn busy(&self, model: &ModelName) -> Option<RunName> {
        let runs = self.lock();
        let open = |run: &Arc<ActiveRun>| run.name.model == *model && !run.record.borrow().state.is_final();
        runs.all.values().find(|run| open(run)).map(|run| run.name.clone())
    }

    /// How many wait.
    pub(super) fn queued(&self) -> usize {
        self.lock().queue.len()
    }

    /// Whether the process is shutting down.
    pub(super) fn stopping(&self) -> bool {
        self.lock().stopping
    }

    /// Takes a run out that is over.
    pub(super) fn remove(&self, name: &RunName) {
        let mut runs = self.lock();
        runs.all.remove(name);
        runs.queue.retain(|run| run.name != *name);
    }

    /// Lets nothing more start and asks what runs to stop.
    pub(super) fn stop(&self) {
        let mut runs = self.lock();
        runs.stopping = true;
        for run in runs.all.values() {
            run.ask_to_stop(Stop::Shutdown);
        }
        self.wake.notify_all();
    }

    /// Told by the worker when nothing will run any more.
    pub(super) fn set_ended(&self) {
        self.ended.send_replace(true);
    }

    /// Becomes true once the worker has ended.
    pub(super) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.subscribe()
    }
}

#[cfg(test)]
mod tests;
