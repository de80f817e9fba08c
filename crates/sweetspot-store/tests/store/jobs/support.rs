//! A store with datasets, and the training runs on it.

#[path = "../../../../../tests/support/store_barrier.rs"]
mod store_barrier;

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::{AccountTable, Column, ColumnData, Customers, Digest, ModelName, Outcome, OutcomeStatus};
use sweetspot_model::TrainingSpec;
use sweetspot_store::annotations::Annotations;
use sweetspot_store::clock::FixedClock;
use sweetspot_store::datasets::Datasets;
use sweetspot_store::jobs::{JobLimits, Jobs, RunRecord, RunState, SubmittingProcess, TrainingRequest};
use sweetspot_store::registry::{Registry, RequestKey};
use sweetspot_store::store::{MemoryStore, Store};

pub(crate) use self::store_barrier::{BlobAccess, StoreBarrier};

/// The maximum number of queued runs.
pub(crate) const QUEUE: usize = 2;

const ROWS: u32 = 60;

/// A process on a store that outlives it.
pub(crate) struct Process {
    pub(crate) barrier: StoreBarrier,
    pub(crate) registry: Arc<Registry>,
    pub(crate) jobs: Jobs,
    store: Arc<dyn Store>,
}

impl Process {
    /// A server process with datasets `d` and `all-won`; trainings wait for the barrier.
    pub(crate) fn new() -> Self {
        Self::with_owner(SubmittingProcess::Server)
    }

    /// A process of the given kind.
    pub(crate) fn with_owner(owner: SubmittingProcess) -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let datasets = Datasets::new(Arc::clone(&store), clock());
        let import = |name: &str, customers| {
            let name = format!("workspaces/w/datasets/{name}").parse().unwrap();
            datasets.replace(&name, &customers, &request("")).unwrap();
        };
        import("d", customers(|row| (row > ROWS / 2) != row.is_multiple_of(7)));
        import("all-won", customers(|_| true));
        let process = Self::with_store(store, owner, QUEUE);
        process.barrier.set_access(BlobAccess::Blocked);
        process
    }

    /// A process in which each workspace has a maximum of queued runs.
    pub(crate) fn with_queue_per_workspace(max_queued: usize) -> Self {
        let Self { barrier, registry, jobs, store } = Self::new();
        barrier.set_access(BlobAccess::Open);
        drop((jobs, registry));
        let process = Self::with_store(store, SubmittingProcess::Server, max_queued);
        process.barrier.set_access(BlobAccess::Blocked);
        process
    }

    fn with_store(store: Arc<dyn Store>, owner: SubmittingProcess, max_queued_per_workspace: usize) -> Self {
        let barrier = StoreBarrier::new(Arc::clone(&store));
        let blocked: Arc<dyn Store> = Arc::new(barrier.clone());
        let registry = Arc::new(Registry::open(Arc::clone(&blocked), clock()).unwrap());
        let datasets = Datasets::new(Arc::clone(&blocked), clock());
        let limits = JobLimits { max_queued: QUEUE, max_queued_per_workspace, threads: 1, max_memory_bytes: 1 << 30 };
        let jobs = Jobs::start(blocked, Arc::clone(&registry), datasets, clock(), limits, owner).unwrap();
        Self { barrier, registry, jobs, store }
    }

    /// Shuts this process down and starts the next one. The shutdown is a crash if the barrier fails commits.
    pub(crate) async fn restarted(self) -> Self {
        self.succeeded_by(SubmittingProcess::Server).await
    }

    /// Like [`Self::restarted`], with a next process of the given kind.
    pub(crate) async fn succeeded_by(self, owner: SubmittingProcess) -> Self {
        let Self { barrier, registry, jobs, store } = self;
        drain(&jobs, &barrier).await;
        drop((jobs, registry));
        Self::with_store(store, owner, QUEUE)
    }

    /// Submits a run and returns once the worker reads its data.
    pub(crate) async fn running(&self, id: &str) -> RunRecord {
        let record = self.jobs.submit(&submit(id)).unwrap();
        self.barrier.wait_for_reader().await;
        record
    }

    /// Returns the state of a run.
    pub(crate) fn state(&self, run: &RunRecord) -> RunState {
        self.jobs.run(&run.name).unwrap().state
    }

    /// Waits for the final state of a run.
    pub(crate) async fn end(&self, run: &RunRecord) -> RunState {
        self.jobs.wait(&run.name).await.unwrap().state
    }

    /// The number of versions of a model.
    pub(crate) fn versions(&self, id: &str) -> usize {
        self.registry.versions(&model(id), None, usize::MAX).unwrap().len()
    }
}

/// Requests the worker to stop, then opens the barrier that it may be waiting for.
pub(crate) async fn drain(jobs: &Jobs, barrier: &StoreBarrier) {
    tokio::join!(biased; jobs.drain(), async { barrier.set_access(BlobAccess::Open) });
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock(Timestamp::UNIX_EPOCH))
}

fn customers(won: impl Fn(u32) -> bool) -> Customers {
    let rows = 0..ROWS;
    let data = ColumnData::Numbers(rows.clone().map(|row| Some(f64::from(row))).collect());
    let column = Column { name: "size".to_owned(), data };
    let ids = rows.clone().map(|row| row.to_string()).collect();
    let status = |row| if won(row) { OutcomeStatus::Won } else { OutcomeStatus::Lost };
    let outcomes = rows.map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
    Customers::new(AccountTable::new(ids, vec![column]).unwrap(), outcomes, None).unwrap()
}

pub(crate) fn model(id: &str) -> ModelName {
    format!("workspaces/w/models/{id}").parse().unwrap()
}

/// A request key with this id, which may be empty.
pub(crate) fn request(id: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::new(b"body") }
}

/// A request to train a model on dataset `d`, without a request id.
pub(crate) fn submit(id: &str) -> TrainingRequest {
    let dataset = "workspaces/w/datasets/d".parse().unwrap();
    TrainingRequest {
        model: model(id),
        dataset,
        dataset_optional: false,
        spec: TrainingSpec::default(),
        time_limit: None,
        annotations: Annotations::default(),
        request: request(""),
    }
}

/// Returns the reason of a failed run.
#[track_caller]
pub(crate) fn reason(state: RunState) -> String {
    match state {
        RunState::Failed { reason, .. } => reason,
        other @ (RunState::Queued | RunState::Running { .. } | RunState::Succeeded { .. } | RunState::Cancelled) => {
            panic!("the run has not failed: {other:?}")
        }
    }
}
