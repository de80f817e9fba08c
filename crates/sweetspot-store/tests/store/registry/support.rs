//! Small models, a registry for them, and a store with injected faults.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use jiff::Timestamp;
use sweetspot_core::{
    Account, AccountTable, Column, ColumnData, Customers, Digest, ModelName, ModelVersionAlias, ModelVersionName,
    ModelVersionRef, Outcome, OutcomeStatus, RunName, Value,
};
use sweetspot_model::{ModelArtifact, Progress, TrainingSpec, train};
use sweetspot_store::clock::{Clock, FixedClock};
use sweetspot_store::registry::{
    CheckOverride, PromoteRequest, PromotionKind, PromotionRecord, Registry, RegistryError, RequestKey,
    RollbackRequest, TierCutsChoice, VersionRecord,
};
use sweetspot_store::store::{Commit, LeaseAccess, MaintenanceAccess, MemoryStore, Row, Store, StoreError};

#[derive(Debug)]
struct NoProgressReport;

impl Progress for NoProgressReport {
    fn stage(&self, _stage: &'static str, _done: f64) {}

    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Trains on accounts with a single attribute, a number from 0 to 99; `won` determines the outcome of each.
fn model(seed: u64, won: impl Fn(u32, u32) -> bool) -> ModelArtifact {
    model_from_rows(0..400, seed, won)
}

fn model_from_rows(
    rows: impl Iterator<Item = u32> + Clone,
    seed: u64,
    won: impl Fn(u32, u32) -> bool,
) -> ModelArtifact {
    let size = |row: u32| row * 37 % 100;
    let numbers = rows.clone().map(|row| Some(f64::from(size(row)))).collect();
    let column = Column { name: "employees".to_owned(), data: ColumnData::Numbers(numbers) };
    let ids = rows.clone().map(|row| format!("account {row}")).collect();
    let status = |row| if won(row, size(row)) { OutcomeStatus::Won } else { OutcomeStatus::Lost };
    let outcomes = rows.map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
    let customers = Customers::new(AccountTable::new(ids, vec![column]).unwrap(), outcomes, None).unwrap();
    let spec = TrainingSpec { seed, ..TrainingSpec::default() };
    train(&spec, &customers, Digest::new(&seed.to_le_bytes()), &NoProgressReport).unwrap()
}

/// Four models of similar quality that score [`account`] differently: each is trained without a few of the same
/// accounts.
static GOOD: LazyLock<Vec<ModelArtifact>> = LazyLock::new(|| {
    let won = |row: u32, size: u32| (size > 40) != (row % 11 == 3);
    let model = |seed: u32| model_from_rows((0..400).filter(|row| row % 23 != seed * 5), u64::from(seed), won);
    (1..=4).map(model).collect()
});

/// A model of outcomes that are unrelated to the attribute.
static NOISE: LazyLock<ModelArtifact> = LazyLock::new(|| model(9, |row, _| row / 100 % 2 == 0));

pub(crate) fn model_with_signal(index: usize) -> &'static ModelArtifact {
    &GOOD[index % GOOD.len()]
}

pub(crate) fn model_without_signal() -> &'static ModelArtifact {
    &NOISE
}

pub(crate) fn account() -> Account {
    Account { id: "a".to_owned(), attributes: [("employees".to_owned(), Value::Number(50.0))].into() }
}

pub(crate) fn model_name() -> ModelName {
    "workspaces/w/models/m".parse().unwrap()
}

pub(crate) fn run(id: &str) -> RunName {
    format!("{}/trainingRuns/{id}", model_name()).parse().unwrap()
}

pub(crate) fn version(number: u64) -> ModelVersionName {
    ModelVersionName { model: model_name(), number }
}

pub(crate) fn alias_ref(alias: ModelVersionAlias) -> ModelVersionRef {
    ModelVersionRef::Alias(model_name(), alias)
}

pub(crate) fn open(store: Arc<dyn Store>) -> Registry {
    Registry::open(store, Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).unwrap()
}

pub(crate) fn in_memory() -> Registry {
    open(Arc::new(MemoryStore::new()))
}

/// Publishes `count` models with signal as versions 1, 2, ….
pub(crate) fn publish(registry: &Registry, count: usize) {
    for index in 0..count {
        registry.publish(&run(&format!("r{index}")), model_with_signal(index)).unwrap();
    }
}

pub(crate) fn etag(registry: &Registry) -> String {
    registry.version(&alias_ref(ModelVersionAlias::Candidate)).unwrap().etag
}

pub(crate) fn request(id: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::new(id.as_bytes()) }
}

pub(crate) fn promotion(number: u64, etag: String) -> PromoteRequest {
    PromoteRequest {
        version: version(number),
        alias: ModelVersionAlias::Live,
        etag,
        overrides: Vec::new(),
        tiers: TierCutsChoice::Reset,
        reason: "it is better".to_owned(),
        actor: "ann".to_owned(),
        request: request(""),
    }
}

/// Promotes with the current etag.
pub(crate) fn promote(registry: &Registry, number: u64) -> PromotionRecord {
    registry.promote(&promotion(number, etag(registry))).unwrap()
}

pub(crate) fn rolling_back(alias: ModelVersionAlias, etag: String) -> RollbackRequest {
    RollbackRequest {
        model: model_name(),
        alias,
        etag,
        reason: "it was worse".to_owned(),
        actor: "ben".to_owned(),
        request: request(""),
    }
}

/// Rolls back with the current etag.
pub(crate) fn roll_back(registry: &Registry, alias: ModelVersionAlias) -> Result<PromotionRecord, RegistryError> {
    registry.rollback(&rolling_back(alias, etag(registry)))
}

pub(crate) fn live_number(registry: &Registry) -> Option<u64> {
    registry.live(&model_name()).ok().map(|loaded| loaded.name.number)
}

pub(crate) fn alias_number(registry: &Registry, alias: ModelVersionAlias) -> Option<u64> {
    registry.version(&alias_ref(alias)).ok().map(|record: VersionRecord| record.name.number)
}

/// An override without its own reason.
pub(crate) fn overriding(check: &str) -> CheckOverride {
    CheckOverride { check: check.to_owned(), reason: String::new() }
}

/// Returns the moves of the history as pairs of from and to, oldest first, and asserts that its numbers have no gaps.
pub(crate) fn history(registry: &Registry) -> Vec<(Option<u64>, u64)> {
    let mut entries = registry.promotions(&model_name(), None, usize::MAX).unwrap();
    entries.reverse();
    assert!(entries.iter().zip(1..).all(|((number, _), expected)| *number == expected), "{entries:?}");
    let moves = entries.into_iter().filter(|(_, record)| record.kind != PromotionKind::Refused);
    moves.map(|(_, record)| (record.from_version, record.to_version)).collect()
}

/// Sets a flag that ends other threads when it goes out of scope, even after a failed assertion.
pub(crate) struct SetOnDrop<'a>(pub(crate) &'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A clock that goes back by an hour with each reading.
#[derive(Debug)]
pub(crate) struct BackwardClock(pub(crate) Mutex<i64>);

impl Clock for BackwardClock {
    fn now(&self) -> Timestamp {
        let mut seconds = self.0.lock().unwrap();
        *seconds -= 3600;
        Timestamp::from_second(*seconds).unwrap()
    }
}

/// The fault at the chosen operation of a [`FaultyStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InjectedFault {
    /// The operation fails without an effect; later ones succeed.
    Fails,
    /// The operation fails but takes effect; later ones succeed.
    FailsAfterItsEffect,
    /// The operation has no effect and all later ones fail, as after a crash.
    CrashBefore,
    /// The operation takes effect and all later ones fail.
    CrashAfter,
}

impl InjectedFault {
    pub(crate) const ALL: [Self; 4] = [Self::Fails, Self::FailsAfterItsEffect, Self::CrashBefore, Self::CrashAfter];

    const fn crashes(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }
}

/// A store that counts its operations and fails at one of them.
#[derive(Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<MemoryStore>,
    /// The number of operations so far.
    pub(crate) operations: AtomicUsize,
    fault: Option<(usize, InjectedFault)>,
}

impl FaultyStore {
    pub(crate) fn without_faults(inner: Arc<MemoryStore>) -> Self {
        Self { inner, operations: AtomicUsize::new(0), fault: None }
    }

    /// Fails at the operation with this number, counted from 0.
    pub(crate) fn with_fault(inner: Arc<MemoryStore>, operation: usize, fault: InjectedFault) -> Self {
        Self { inner, operations: AtomicUsize::new(0), fault: Some((operation, fault)) }
    }

    pub(crate) fn count(&self) -> usize {
        self.operations.load(Ordering::SeqCst)
    }

    fn operate<T>(&self, work: impl FnOnce(&MemoryStore) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let failure = || StoreError::Backend { action: "work today", source: "a fault was injected".into() };
        let number = self.operations.fetch_add(1, Ordering::SeqCst);
        match self.fault {
            Some((at, fault)) if number == at => {
                if matches!(fault, InjectedFault::FailsAfterItsEffect | InjectedFault::CrashAfter) {
                    work(&self.inner)?;
                }
                Err(failure())
            }
            Some((at, fault)) if number > at && fault.crashes() => Err(failure()),
            Some(_) | None => work(&self.inner),
        }
    }
}

impl Store for FaultyStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.operate(|inner| inner.get(key))
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.operate(|inner| inner.scan(prefix, after, limit))
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.operate(|inner| inner.commit(commit))
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.operate(|inner| inner.put_blob(bytes))
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.operate(|inner| inner.blob(digest))
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.operate(|inner| inner.remove_blob(digest))
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self.inner.maintenance()
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self.inner.leases()
    }
}
