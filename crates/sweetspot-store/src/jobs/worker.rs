//! Admits runs and trains them, one after another, on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use rayon::{ThreadPool, ThreadPoolBuilder};
use sweetspot_core::{DatasetRef, ModelName, RunName};
use sweetspot_model::{TrainingSpec, check};
use tracing::{error, info};

use super::board::{ActiveRun, Board, Reporter, Stop};
use super::ledger::{Kept, Ledger};
use super::rows::{OwnerRow, RunRow, StateRow};
use super::{JobError, JobLimits, Owner, RunRecord, RunState, Submit, memory, priority, spec_row, unreadable};
use crate::clock::Clock;
use crate::datasets::{DatasetError, DatasetRecord, Datasets, Use};
use crate::registry::{DataUse, Registry};
use crate::store::{RequestKey, Store, StoreError, requests};

/// What submitting and training share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) board: Arc<Board>,
    pub(super) store: Arc<dyn Store>,
    pub(super) registry: Arc<Registry>,
    pub(super) datasets: Datasets,
    pub(super) limits: JobLimits,
    owner: Owner,
    clock: Arc<dyn Clock>,
    ledger: Ledger,
    /// Held from reading a row to writing it.
    change: Mutex<()>,
    /// Held while customers are checked for a request that only validates.
    validating: Mutex<()>,
}

impl Core {
    /// What admission and worker share.
    pub(super) fn new(
        store: Arc<dyn Store>,
        registry: Arc<Registry>,
        datasets: Datasets,
        clock: Arc<dyn Clock>,
        limits: JobLimits,
        owner: Owner,
    ) -> Self {
        let (ledger, board) = (Ledger::new(Arc::clone(&store)), Arc::new(Board::new()));
        let (change, validating) = (Mutex::new(()), Mutex::new(()));
        Self { board, store, registry, datasets, limits, owner, clock, ledger, change, validating }
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.change.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the runs of an earlier process right. That process is gone: this one holds the folder.
    pub(super) fn recover(&self) -> Result<(), JobError> {
        for kept in self.ledger.open()? {
            // An earlier release did not record owners, and promised that whatever waits waits on.
            let owner = if kept.row.owner == Some(OwnerRow::Command) { Owner::Command } else { Owner::Server };
            match (&kept.row.state, owner, self.owner) {
                (StateRow::Queued, Owner::Server, Owner::Server) => {
                    self.board.enqueue(ActiveRun::new(kept.row.record(&kept.name)?));
                }
                (StateRow::Queued, Owner::Server, Owner::Command) => {}
                (_, _, _) => {
                    let cancelled = kept.row.cancelling.then_some(RunState::Cancelled);
                    self.save(&kept, &cancelled.unwrap_or_else(|| RunState::interrupted(owner)))?;
                }
            }
        }
        Ok(())
    }

    /// Admits a run, durably; see `Jobs::submit`.
    pub(super) fn submit(&self, submit: &Submit) -> Result<RunRecord, JobError> {
        let _changing = self.changing();
        if let Some(run) = self.seen(&submit.model, &submit.request)? {
            return self.run(&run);
        }
        self.check_room(&submit.model)?;
        let name = new_name(&submit.model)?;
        // The version is there, and cannot be deleted once the run is on the list of those that are not over.
        let _versions = self.datasets.lock();
        let row = self.new_row(submit)?;
        let answer = name.to_string().into_bytes();
        let remember = requests::remember(&scope(&submit.model), &submit.request, &answer, self.clock.now());
        let kept = self.ledger.admit(&name, row, remember)?;
        let record = kept.row.record(&name)?;
        self.board.enqueue(ActiveRun::new(record.clone()));
        Ok(record)
    }

    /// Whether there is room for a run of this model.
    fn check_room(&self, model: &ModelName) -> Result<(), JobError> {
        if self.board.stopping() {
            return Err(JobError::Draining);
        }
        if let Some(running) = self.board.busy(model) {
            return Err(JobError::AlreadyRunning { running });
        }
        let queued = self.board.queued();
        if queued >= self.limits.queued {
            return Err(JobError::QueueFull { queued });
        }
        Ok(())
    }

    /// Refuses what submitting refuses, and what the run would refuse before it fits anything; see `Jobs::validate`.
    pub(super) fn validate(&self, submit: &Submit) -> Result<Option<DatasetRecord>, JobError> {
        if self.seen(&submit.model, &submit.request)?.is_none() {
            self.check_room(&submit.model)?;
        }
        let record = self.check(&submit.dataset, submit.dataset_optional)?;
        // One at a time: each holds its customers in memory.
        let _one = self.validating.lock().unwrap_or_else(PoisonError::into_inner);
        let customers = record.as_ref().map(|record| self.datasets.load(record)).transpose()?.unwrap_or_default();
        let spec = TrainingSpec { as_of: Some(self.clock.now()), ..submit.spec.clone() };
        self.threads()?.install(|| check(&spec, &customers))?;
        Ok(record)
    }

    /// Threads for a training, of the lowest priority.
    pub(super) fn threads(&self) -> Result<ThreadPool, StoreError> {
        let pool = ThreadPoolBuilder::new().num_threads(self.limits.threads).start_handler(|_| priority::lower());
        let failed =
            |source| StoreError::Backend { action: "start the threads of a training", source: Box::new(source) };
        pool.build().map_err(failed)
    }

    /// The run that this request got before.
    fn seen(&self, model: &ModelName, request: &RequestKey) -> Result<Option<RunName>, JobError> {
        let Some(answer) = requests::seen(&*self.store, &scope(model), request)? else { return Ok(None) };
        let name = String::from_utf8(answer).map_err(unreadable)?;
        Ok(Some(name.parse().map_err(unreadable)?))
    }

    /// What a dataset holds, if a training on it may take the memory that it needs; nothing for one that is not there and need
    /// not be. Nothing is written.
    pub(super) fn check(&self, dataset: &DatasetRef, optional: bool) -> Result<Option<DatasetRecord>, JobError> {
        let record = match self.datasets.resolve(dataset) {
            Err(DatasetError::NotFound { .. } | DatasetError::Empty { .. }) if optional => return Ok(None),
            found => found?,
        };
        match memory::needed(&record, self.limits.threads) {
            Some(needed) if needed > self.limits.memory => {
                Err(JobError::TooLarge { dataset: record.name, needed, limit: self.limits.memory })
            }
            Some(_) | None => Ok(Some(record)),
        }
    }

    fn new_row(&self, submit: &Submit) -> Result<RunRow, JobError> {
        let dataset = match self.check(&submit.dataset, submit.dataset_optional)? {
            Some(record) => record,
            None => self.datasets.nothing(submit.dataset.dataset())?,
        };
        // The model knows no clock: what has expired is decided by the time of the submission, also after a restart.
        let spec = TrainingSpec { as_of: Some(self.clock.now()), ..submit.spec.clone() };
        let spec = self.store.put_blob(&spec_row::encode(&spec)?)?;
        Ok(RunRow {
            number: 0,
            dataset: (&dataset).into(),
            spec: spec.to_string(),
            time_limit_ms: submit.time_limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
            request_id: submit.request.id.clone(),
            created: self.clock.now().to_string(),
            ended: None,
            state: StateRow::Queued,
            owner: Some(self.owner.into()),
            cancelling: false,
        })
    }

    /// What stands on kept customers: runs that are not over, and versions of models. In this order: a run publishes first
    /// and is over then.
    pub(super) fn uses(&self) -> Result<Vec<Use>, StoreError> {
        let mut uses = Vec::new();
        for kept in self.ledger.open()? {
            let record = kept.row.dataset.record()?;
            uses.push(Use { by: kept.name.to_string(), version: record.version_name(), data: record.data });
        }
        let published = self.registry.data_uses()?.into_iter();
        uses.extend(published.map(|DataUse { version, dataset, data }| Use {
            by: version.to_string(),
            version: dataset,
            data,
        }));
        Ok(uses)
    }

    /// One run, from memory while it has not ended, else from the store.
    pub(super) fn run(&self, name: &RunName) -> Result<RunRecord, JobError> {
        if let Some(run) = self.board.get(name) {
            return Ok(run.record());
        }
        let kept = self.kept(name)?;
        Ok(kept.row.record(name)?)
    }

    fn kept(&self, name: &RunName) -> Result<Kept, JobError> {
        self.ledger.load(name)?.ok_or_else(|| JobError::NotFound { run: name.clone() })
    }

    /// A page of runs, newest first.
    pub(super) fn runs(
        &self,
        model: &ModelName,
        after: Option<&RunName>,
        limit: usize,
    ) -> Result<Vec<RunRecord>, JobError> {
        let before = after.map(|name| self.kept(name)).transpose()?.map(|kept| kept.row.number);
        let kept = self.ledger.list(model, before, limit)?;
        kept.iter()
            .map(|kept| match self.board.get(&kept.name) {
                Some(run) => Ok(run.record()),
                None => Ok(kept.row.record(&kept.name)?),
            })
            .collect()
    }

    /// Asks a run to stop; see `Jobs::cancel`.
    pub(super) fn cancel(&self, name: &RunName) -> Result<RunRecord, JobError> {
        let _changing = self.changing();
        let kept = self.kept(name)?;
        let Some(run) = self.board.get(name) else {
            // It is over, or it waits for a server and this is a command.
            let waits = kept.row.state == StateRow::Queued;
            return Ok(if waits { self.save(&kept, &RunState::Cancelled)? } else { kept.row.record(name)? });
        };
        run.ask_to_stop(Stop::Cancel);
        if kept.row.state == StateRow::Queued {
            let record = self.save(&kept, &RunState::Cancelled)?;
            self.board.remove(name);
            run.set(record);
        } else if kept.row.state == StateRow::Running && !kept.row.cancelling {
            // Should this process end before the run does, the next one knows that a caller wanted its end.
            self.ledger.save(&kept, &RunRow { cancelling: true, ..kept.row.clone() }, false)?;
        }
        Ok(run.record())
    }

    /// Keeps the state of a run and gives the run back as it is then.
    fn save(&self, kept: &Kept, state: &RunState) -> Result<RunRecord, StoreError> {
        let ended = state.is_final().then(|| self.clock.now().to_string());
        let row = RunRow { ended, state: state.into(), ..kept.row.clone() };
        self.ledger.save(kept, &row, state.is_final())?;
        row.record(&kept.name)
    }

    /// Marks a run as begun. Nothing where it is not waiting any more.
    fn begin(&self, run: &ActiveRun) -> Result<Option<Kept>, JobError> {
        let _changing = self.changing();
        if run.record().state != RunState::Queued {
            return Ok(None);
        }
        let state = RunState::Running { stage: "starting".to_owned(), progress: 0.0 };
        let record = self.save(&self.kept(&run.name)?, &state)?;
        run.set(RunRecord { state, ..record });
        Ok(Some(self.kept(&run.name)?))
    }

    fn execute(&self, run: &Arc<ActiveRun>) {
        let kept = match self.begin(run) {
            Ok(Some(kept)) => kept,
            Ok(None) => return,
            Err(fault) => return self.give_up(run, RunState::failed(&fault), &fault),
        };
        let deadline = kept.row.time_limit().and_then(|limit| Instant::now().checked_add(limit));
        let reporter = Reporter { run: Arc::clone(run), owner: self.owner, deadline };
        // A panic must not take the worker along: later runs have nothing to do with it.
        let state = catch_unwind(AssertUnwindSafe(|| super::attempt::attempt(self, &kept, &reporter)))
            .unwrap_or_else(|_| super::attempt::panicked());
        let _changing = self.changing();
        // Read again: whether it was asked to stop is kept meanwhile.
        match self.kept(&run.name).and_then(|kept| Ok(self.save(&kept, &state)?)) {
            Ok(record) => {
                info!(run = %run.name, state = ?record.state, "training run ended");
                run.set(record);
                self.board.remove(&run.name);
            }
            Err(fault) => self.give_up(run, state, &fault),
        }
    }

    /// Ends a run that the store does not take: this process knows the end, the next one will find the run interrupted.
    fn give_up(&self, run: &ActiveRun, state: RunState, why: &dyn std::error::Error) {
        error!(run = %run.name, error = %why, "cannot store the end of a training run");
        run.set(RunRecord { state, ended: Some(self.clock.now()), ..run.record() });
    }
}

/// Request ids are told apart by workspace and method.
fn scope(model: &ModelName) -> String {
    format!("{}/train", model.workspace)
}

fn new_name(model: &ModelName) -> Result<RunName, JobError> {
    let name = format!("{model}/trainingRuns/{}", uuid::Uuid::new_v4());
    Ok(name.parse().map_err(unreadable)?)
}

/// The training thread. Dropping it lets the run under way end as interrupted.
#[derive(Debug)]
pub(super) struct Worker {
    core: Arc<Core>,
}

impl Worker {
    /// Starts the worker thread.
    pub(super) fn start(core: Core) -> Result<Self, StoreError> {
        let core = Arc::new(core);
        let (shared, board) = (Arc::clone(&core), Arc::clone(&core.board));
        thread::Builder::new()
            .name("training".to_owned())
            .spawn(move || {
                while let Some(run) = board.next() {
                    shared.execute(&run);
                }
                // Whoever waits for the end may want to open the store again.
                drop(shared);
                board.set_ended();
            })
            .map_err(|source| StoreError::Backend { action: "start the training thread", source: Box::new(source) })?;
        Ok(Self { core })
    }

    /// What it shares with admission.
    pub(super) fn core(&self) -> &Core {
        &self.core
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.core.board.stop();
    }
}
