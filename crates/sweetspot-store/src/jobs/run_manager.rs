//! Admits, validates, recovers and cancels runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};
use sweetspot_core::{DatasetRef, ModelName, RunName};
use sweetspot_model::{TrainingSpec, check};
use tracing::warn;

use super::run_row::RunRow;
use super::run_store::{RunStore, StoredRun};
use super::unfinished_runs::{StopCause, UnfinishedRun, UnfinishedRuns};
use super::{
    EndObserver, EndedRun, JobError, JobLimits, RunRecord, RunState, SubmittingProcess, TrainingRequest,
    memory_estimate, priority, unreadable,
};
use crate::annotations::{self, Annotations};
use crate::clock::Clock;
use crate::datasets::{DatasetError, DatasetRecord, DatasetReference, Datasets};
use crate::registry::{Registry, TrainingDataRef};
use crate::store::{LeaseToken, RequestKey, Store, StoreError, idempotency};
use crate::stored::{self, VersionedMessage as _};

/// The maximum number of attempts of a change while other servers make theirs.
pub(super) const MAX_ATTEMPTS: usize = 20;

/// Admits, stores, recovers, cancels and validates runs. Shared by `Jobs` and the worker thread.
#[derive(Debug)]
pub(super) struct RunManager {
    pub(super) unfinished_runs: Arc<UnfinishedRuns>,
    pub(super) store: Arc<dyn Store>,
    pub(super) registry: Arc<Registry>,
    pub(super) datasets: Datasets,
    pub(super) limits: JobLimits,
    pub(super) owner: SubmittingProcess,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) run_store: RunStore,
    pub(super) end_observer: EndObserver,
    /// Held from reading a row until it is written.
    write_lock: Mutex<()>,
    /// Held while the customers of a validation request are in memory.
    validation_lock: Mutex<()>,
}

impl RunManager {
    /// Creates a manager without unfinished runs.
    pub(super) fn new(
        store: Arc<dyn Store>,
        registry: Arc<Registry>,
        datasets: Datasets,
        clock: Arc<dyn Clock>,
        limits: JobLimits,
        owner: SubmittingProcess,
    ) -> Self {
        let (run_store, unfinished_runs) = (RunStore::new(Arc::clone(&store)), Arc::new(UnfinishedRuns::new()));
        let (write_lock, validation_lock) = (Mutex::new(()), Mutex::new(()));
        Self {
            unfinished_runs,
            store,
            registry,
            datasets,
            limits,
            owner,
            clock,
            run_store,
            end_observer: EndObserver::default(),
            write_lock,
            validation_lock,
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ()> {
        self.write_lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether other processes use the store at the same time.
    pub(super) fn is_shared(&self) -> bool {
        self.store.changes().is_some()
    }

    /// Recovers the runs of an earlier process, which has ended: this process holds the lock of the folder.
    pub(super) fn recover(&self) -> Result<(), JobError> {
        for stored in self.run_store.unfinished_runs()? {
            match (&stored.row.state, stored.row.owner, self.owner) {
                (RunState::Queued, SubmittingProcess::Server, SubmittingProcess::Server) => {
                    self.unfinished_runs.enqueue(UnfinishedRun::new(stored.row.record()));
                }
                (RunState::Queued, SubmittingProcess::Server, SubmittingProcess::Command) => {}
                (_, owner, _) => {
                    let cancelled = stored.row.cancelling.then_some(RunState::Cancelled);
                    match self.save(&stored, cancelled.unwrap_or_else(|| RunState::interrupted(owner)), None) {
                        // The next process will try again.
                        Err(error) if error.is_refusal() => {
                            warn!(run = %stored.row.name, %error, "a run stays interrupted");
                        }
                        saved => drop(saved?),
                    }
                }
            }
        }
        Ok(())
    }

    /// Admits a run durably; see `Jobs::submit`.
    pub(super) fn submit(&self, submit: &TrainingRequest) -> Result<RunRecord, JobError> {
        let _changing = self.lock();
        let mut attempts = 1..MAX_ATTEMPTS;
        loop {
            match self.submit_once(submit) {
                // Another server has admitted a run at the same time.
                Err(JobError::Store(StoreError::Conflict { .. })) if self.is_shared() && attempts.next().is_some() => {}
                submitted => return submitted,
            }
        }
    }

    /// As [`Self::submit`], with the lock held.
    fn submit_once(&self, submit: &TrainingRequest) -> Result<RunRecord, JobError> {
        self.read_unfinished()?;
        if let Some(run) = self.find_submitted_run(&submit.model, &submit.request)? {
            return self.run(&run);
        }
        self.check_capacity(&submit.model)?;
        self.finish_deletion(&submit.model)?;
        let name = new_name(&submit.model)?;
        // The version exists, and cannot be deleted once the run is in the list of unfinished runs.
        let _versions = self.datasets.lock();
        let row = self.new_row(submit, name)?;
        let answer = row.name.to_string().into_bytes();
        let remember = idempotency::record_answer(&scope(&submit.model), &submit.request, &answer, self.clock.now());
        let none = Annotations::default();
        let remember = remember.merge(annotations::replace(&row.name.to_string(), &none, &submit.annotations));
        let record = row.record();
        match self.run_store.insert(row, remember) {
            Ok(stored) => {
                let record = stored.row.record();
                self.unfinished_runs.enqueue(UnfinishedRun::new(record.clone()));
                Ok(record)
            }
            Err(fault) => {
                // Other servers read the same rows, and a repeated request finds the run if it exists.
                if !fault.is_refusal() && !self.is_shared() {
                    // The disk decides whether the run exists. Its caller knows that it failed, so it must not start.
                    let (state, ended) = (RunState::failed(&fault), Some(self.clock.now()));
                    self.unfinished_runs.enqueue(UnfinishedRun::new(RunRecord { state, ended, ..record }));
                }
                Err(fault.into())
            }
        }
    }

    /// Fails if the queue is full or the model is already being trained.
    fn check_capacity(&self, model: &ModelName) -> Result<(), JobError> {
        if self.unfinished_runs.is_stopping() {
            return Err(JobError::Draining);
        }
        if let Some(running) = self.unfinished_runs.unfinished_run(model) {
            return Err(JobError::AlreadyRunning { running });
        }
        let queued = self.unfinished_runs.queued_count();
        if queued >= self.limits.max_queued {
            return Err(JobError::QueueFull { queued });
        }
        let queued = self.unfinished_runs.queued_count_of(&model.workspace);
        if queued >= self.limits.max_queued_per_workspace {
            return Err(JobError::WorkspaceQueueFull { queued });
        }
        Ok(())
    }

    /// Makes the checks of a submission and those before the first fit; see `Jobs::validate`.
    pub(super) fn validate(&self, submit: &TrainingRequest) -> Result<Option<DatasetRecord>, JobError> {
        self.refresh()?;
        if self.find_submitted_run(&submit.model, &submit.request)?.is_none() {
            self.check_capacity(&submit.model)?;
        }
        let record = self.check_dataset(&submit.dataset, submit.dataset_optional)?;
        // One at a time, because each validation holds its customers in memory.
        let _one = self.validation_lock.lock().unwrap_or_else(PoisonError::into_inner);
        let customers = record.as_ref().map(|record| self.datasets.load(record)).transpose()?.unwrap_or_default();
        let spec = TrainingSpec { as_of: Some(self.clock.now()), ..submit.spec.clone() };
        self.thread_pool()?.install(|| check(&spec, &customers))?;
        Ok(record)
    }

    /// Creates the threads of a training, with the lowest priority.
    pub(super) fn thread_pool(&self) -> Result<ThreadPool, StoreError> {
        let pool = ThreadPoolBuilder::new().num_threads(self.limits.threads).start_handler(|_| priority::lower());
        let failed =
            |source| StoreError::Backend { action: "start the threads of a training", source: Box::new(source) };
        pool.build().map_err(failed)
    }

    /// Returns the run that an earlier request with the same key created.
    fn find_submitted_run(&self, model: &ModelName, request: &RequestKey) -> Result<Option<RunName>, JobError> {
        let Some(answer) = idempotency::find_answer(&*self.store, &scope(model), request)? else { return Ok(None) };
        let name = String::from_utf8(answer).map_err(unreadable)?;
        Ok(Some(name.parse().map_err(unreadable)?))
    }

    /// Returns the record of a dataset if its training is within the memory limit; `None` if an optional dataset does
    /// not exist. Writes nothing.
    pub(super) fn check_dataset(
        &self,
        dataset: &DatasetRef,
        optional: bool,
    ) -> Result<Option<DatasetRecord>, JobError> {
        let record = match self.datasets.resolve(dataset) {
            Err(DatasetError::NotFound { .. } | DatasetError::Empty { .. }) if optional => return Ok(None),
            found => found?,
        };
        match memory_estimate::required_bytes(&record, self.limits.threads) {
            Some(needed) if needed > self.limits.max_memory_bytes => {
                Err(JobError::TooLarge { dataset: record.name, needed, limit: self.limits.max_memory_bytes })
            }
            Some(_) | None => Ok(Some(record)),
        }
    }

    fn new_row(&self, submit: &TrainingRequest, name: RunName) -> Result<RunRow, JobError> {
        let dataset = match self.check_dataset(&submit.dataset, submit.dataset_optional)? {
            Some(record) => record,
            None => self.datasets.empty_record(submit.dataset.dataset())?,
        };
        // The model has no clock: expiry is determined at the time of submission, even if the run starts after a
        // restart.
        let spec = TrainingSpec { as_of: Some(self.clock.now()), ..submit.spec.clone() };
        Ok(RunRow {
            name,
            number: 0,
            dataset,
            spec: self.store.put_blob(&stored::TrainingSpec::from(spec).to_bytes())?,
            time_limit: submit.time_limit,
            request_id: submit.request.id.clone(),
            created: self.clock.now(),
            ended: None,
            state: RunState::Queued,
            // Any server executes the runs of a store that several use.
            owner: if self.is_shared() { SubmittingProcess::Server } else { self.owner },
            cancelling: false,
        })
    }

    /// Returns the uses of stored customers by runs that have not ended.
    pub(super) fn unfinished_run_uses(&self) -> Result<Vec<DatasetReference>, StoreError> {
        let use_of = |RunRow { name, dataset, .. }: RunRow| DatasetReference {
            user: name.to_string(),
            version: dataset.version_name(),
            data: dataset.data,
        };
        Ok(self.run_store.unfinished_runs()?.into_iter().map(|run| use_of(run.row)).collect())
    }

    /// Returns the uses of stored customers. Unfinished runs are read before model versions, because a run publishes
    /// before it ends.
    pub(super) fn uses(&self) -> Result<Vec<DatasetReference>, StoreError> {
        let mut uses = self.unfinished_run_uses()?;
        let published = self.registry.data_uses()?.into_iter();
        uses.extend(published.map(|TrainingDataRef { version, dataset, data }| DatasetReference {
            user: version.to_string(),
            version: dataset,
            data,
        }));
        Ok(uses)
    }

    /// Requests a run to stop; see `Jobs::cancel`.
    pub(super) fn cancel(&self, name: &RunName) -> Result<RunRecord, JobError> {
        let _changing = self.lock();
        let mut attempts = 1..MAX_ATTEMPTS;
        loop {
            match self.cancel_once(name) {
                // Another server has changed the run at the same time.
                Err(JobError::Store(StoreError::Conflict { .. })) if self.is_shared() && attempts.next().is_some() => {}
                cancelled => return cancelled,
            }
        }
    }

    /// As [`Self::cancel`], with the lock held.
    fn cancel_once(&self, name: &RunName) -> Result<RunRecord, JobError> {
        self.read_unfinished()?;
        let stored = self.stored_run(name)?;
        let Some(run) = self.unfinished_runs.get(name) else {
            // The run has ended, or it is queued for a server and this process is a command.
            let waits = stored.row.state == RunState::Queued;
            return Ok(if waits { self.save(&stored, RunState::Cancelled, None)? } else { stored.row.record() });
        };
        if !self.is_shared() {
            run.request_stop(StopCause::Cancel);
        }
        if stored.row.state == RunState::Queued {
            let record = self.save(&stored, RunState::Cancelled, None)?;
            self.unfinished_runs.remove(name);
            run.set(record);
            let ended = EndedRun { name, state: &RunState::Cancelled, duration: None, stages: &[] };
            self.end_observer.report(&ended);
        } else if !stored.row.state.is_final() && !stored.row.cancelling {
            // Stored so that the next process knows of the cancellation if this one ends before the run.
            self.run_store.save(&stored, &RunRow { cancelling: true, ..stored.row.clone() }, None)?;
        }
        if run.is_executed_here() {
            run.request_stop(StopCause::Cancel);
        }
        Ok(run.record())
    }

    /// Stores the state of a run, unless `lease` is lost, and returns its new record.
    pub(super) fn save(
        &self,
        stored: &StoredRun,
        state: RunState,
        lease: Option<&LeaseToken>,
    ) -> Result<RunRecord, StoreError> {
        let ended = state.is_final().then(|| self.clock.now());
        let row = RunRow { ended, state, ..stored.row.clone() };
        self.run_store.save(stored, &row, lease)?;
        Ok(row.record())
    }
}

/// The scope of request ids: the workspace and the method.
fn scope(model: &ModelName) -> String {
    format!("{}/train", model.workspace)
}

fn new_name(model: &ModelName) -> Result<RunName, JobError> {
    let name = format!("{model}/trainingRuns/{}", uuid::Uuid::new_v4());
    Ok(name.parse().map_err(unreadable)?)
}
