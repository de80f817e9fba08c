//! A store with a dataset, and the runs over it.

#[path = "../../../../../tests/support/gate.rs"]
mod gate;

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::{AccountTable, Column, ColumnData, Customers, Digest, ModelName, Outcome, Status};
use sweetspot_model::TrainingSpec;
use sweetspot_store::clock::FixedClock;
use sweetspot_store::datasets::Datasets;
use sweetspot_store::jobs::{JobLimits, Jobs, Owner, RunRecord, RunState, Submit};
use sweetspot_store::registry::{Registry, RequestKey};
use sweetspot_store::store::{MemoryStore, Store};

pub(crate) use self::gate::{Gate, Reading};

/// Runs that may wait.
pub(crate) const QUEUE: usize = 2;

const ROWS: u32 = 60;

/// One process over a store that outlives it.
pub(crate) struct Process {
    pub(crate) gate: Gate,
    pub(crate) registry: Arc<Registry>,
    pub(crate) jobs: Jobs,
    store: Arc<dyn Store>,
}

impl Process {
    /// With datasets `d` and `all-won`; trainings wait for the gate.
    pub(crate) fn new() -> Self {
        Self::of(Owner::Server)
    }

    /// A process of this kind.
    pub(crate) fn of(owner: Owner) -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let datasets = Datasets::new(Arc::clone(&store), clock());
        let import = |name: &str, customers| {
            let name = format!("workspaces/w/datasets/{name}").parse().unwrap();
            datasets.replace(&name, &customers, &request("")).unwrap();
        };
        import("d", customers(|row| (row > ROWS / 2) != row.is_multiple_of(7)));
        import("all-won", customers(|_| true));
        let process = Self::over(store, owner);
        process.gate.set(Reading::Waits);
        process
    }

    fn over(store: Arc<dyn Store>, owner: Owner) -> Self {
        let gate = Gate::over(Arc::clone(&store));
        let gated: Arc<dyn Store> = Arc::new(gate.clone());
        let registry = Arc::new(Registry::open(Arc::clone(&gated), clock()).unwrap());
        let datasets = Datasets::new(Arc::clone(&gated), clock());
        let limits = JobLimits { queued: QUEUE, threads: 1, memory: 1 << 30 };
        let jobs = Jobs::start(gated, Arc::clone(&registry), datasets, clock(), limits, owner).unwrap();
        Self { gate, registry, jobs, store }
    }

    /// Ends this process, in good order unless the gate was closed for good before, and starts the next one.
    pub(crate) async fn restarted(self) -> Self {
        self.succeeded_by(Owner::Server).await
    }

    /// The same with a next process of this kind.
    pub(crate) async fn succeeded_by(self, owner: Owner) -> Self {
        let Self { gate, registry, jobs, store } = self;
        drain(&jobs, &gate).await;
        drop((jobs, registry));
        Self::over(store, owner)
    }

    /// Submits and returns once the worker reads its data.
    pub(crate) async fn running(&self, id: &str) -> RunRecord {
        let record = self.jobs.submit(&submit(id)).unwrap();
        self.gate.reached().await;
        record
    }

    /// Where a run is.
    pub(crate) fn state(&self, run: &RunRecord) -> RunState {
        self.jobs.run(&run.name).unwrap().state
    }

    /// How a run ends.
    pub(crate) async fn end(&self, run: &RunRecord) -> RunState {
        self.jobs.wait(&run.name).await.unwrap().state
    }

    /// How many versions a model has.
    pub(crate) fn versions(&self, id: &str) -> usize {
        self.registry.versions(&model(id), None, usize::MAX).unwrap().len()
    }
}

/// Stops the worker before what it waits for can go on.
pub(crate) async fn drain(jobs: &Jobs, gate: &Gate) {
    tokio::join!(biased; jobs.drain(), async { gate.set(Reading::Open) });
}

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock(Timestamp::UNIX_EPOCH))
}

fn customers(won: impl Fn(u32) -> bool) -> Customers {
    let rows = 0..ROWS;
    let data = ColumnData::Numbers(rows.clone().map(|row| Some(f64::from(row))).collect());
    let column = Column { name: "size".to_owned(), data };
    let ids = rows.clone().map(|row| row.to_string()).collect();
    let status = |row| if won(row) { Status::Won } else { Status::Lost };
    let outcomes = rows.map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
    Customers::new(AccountTable::new(ids, vec![column]).unwrap(), outcomes, None).unwrap()
}

pub(crate) fn model(id: &str) -> ModelName {
    format!("workspaces/w/models/{id}").parse().unwrap()
}

/// A request with this id, if it is not empty.
pub(crate) fn request(id: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::of(b"body") }
}

/// A wish to train a model on dataset `d`, without a request id.
pub(crate) fn submit(id: &str) -> Submit {
    let dataset = "workspaces/w/datasets/d".parse().unwrap();
    Submit {
        model: model(id),
        dataset,
        dataset_optional: false,
        spec: TrainingSpec::default(),
        time_limit: None,
        request: request(""),
    }
}

/// The reason of a run that failed.
#[track_caller]
pub(crate) fn reason(state: RunState) -> String {
    match state {
        RunState::Failed { reason, .. } => reason,
        other @ (RunState::Queued | RunState::Running { .. } | RunState::Succeeded { .. } | RunState::Cancelled) => {
            panic!("the run has not failed: {other:?}")
        }
    }
}
