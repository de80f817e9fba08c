//! Small models, a registry to put them into, and a store that fails on demand.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use jiff::Timestamp;
use sweetspot_core::{
    Account, AccountTable, Alias, Column, ColumnData, Customers, Digest, ModelName, Outcome, RunName, Status, Value,
    VersionName, VersionRef,
};
use sweetspot_model::{ModelArtifact, Progress, TrainingSpec, train};
use sweetspot_store::clock::{Clock, FixedClock};
use sweetspot_store::registry::{
    CheckOverride, Promote, PromotionKind, PromotionRecord, Registry, RegistryError, RequestKey, Rollback, TierCuts,
    VersionRecord,
};
use sweetspot_store::store::{Commit, MemoryStore, Row, Store, StoreError};

#[derive(Debug)]
struct Quiet;

impl Progress for Quiet {
    fn stage(&self, _stage: &'static str, _done: f64) {}

    fn cancelled(&self) -> bool {
        false
    }
}

/// Trains on accounts whose only attribute is a number from 0 to 99; `won` says what became of each.
fn model(seed: u64, won: impl Fn(u32, u32) -> bool) -> ModelArtifact {
    model_of(0..400, seed, won)
}

fn model_of(rows: impl Iterator<Item = u32> + Clone, seed: u64, won: impl Fn(u32, u32) -> bool) -> ModelArtifact {
    let size = |row: u32| row * 37 % 100;
    let numbers = rows.clone().map(|row| Some(f64::from(size(row)))).collect();
    let column = Column { name: "employees".to_owned(), data: ColumnData::Numbers(numbers) };
    let ids = rows.clone().map(|row| format!("account {row}")).collect();
    let status = |row| if won(row, size(row)) { Status::Won } else { Status::Lost };
    let outcomes = rows.map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
    let customers = Customers::new(AccountTable::new(ids, vec![column]).unwrap(), outcomes, None).unwrap();
    let spec = TrainingSpec { seed, ..TrainingSpec::default() };
    train(&spec, &customers, Digest::of(&seed.to_le_bytes()), &Quiet).unwrap()
}

/// Four models that score [`account`] differently and are as good as each other: each lacks a few of the same accounts.
static GOOD: LazyLock<Vec<ModelArtifact>> = LazyLock::new(|| {
    let won = |row: u32, size: u32| (size > 40) != (row % 11 == 3);
    let model = |seed: u32| model_of((0..400).filter(|row| row % 23 != seed * 5), u64::from(seed), won);
    (1..=4).map(model).collect()
});

/// A model of what has nothing to do with the attribute.
static NOISE: LazyLock<ModelArtifact> = LazyLock::new(|| model(9, |row, _| row / 100 % 2 == 0));

pub(crate) fn good(index: usize) -> &'static ModelArtifact {
    &GOOD[index % GOOD.len()]
}

pub(crate) fn noise() -> &'static ModelArtifact {
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

pub(crate) fn version(number: u64) -> VersionName {
    VersionName { model: model_name(), number }
}

pub(crate) fn at(alias: Alias) -> VersionRef {
    VersionRef::Alias(model_name(), alias)
}

pub(crate) fn open(store: Arc<dyn Store>) -> Registry {
    Registry::open(store, Arc::new(FixedClock(Timestamp::UNIX_EPOCH))).unwrap()
}

pub(crate) fn in_memory() -> Registry {
    open(Arc::new(MemoryStore::new()))
}

/// Publishes `count` good models as versions 1, 2, ….
pub(crate) fn publish(registry: &Registry, count: usize) {
    for index in 0..count {
        registry.publish(&run(&format!("r{index}")), good(index)).unwrap();
    }
}

pub(crate) fn etag(registry: &Registry) -> String {
    registry.version(&at(Alias::Candidate)).unwrap().etag
}

pub(crate) fn request(id: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::of(id.as_bytes()) }
}

pub(crate) fn promotion(number: u64, etag: String) -> Promote {
    Promote {
        version: version(number),
        alias: Alias::Live,
        etag,
        overrides: Vec::new(),
        tiers: TierCuts::Reset,
        reason: "it is better".to_owned(),
        actor: "ann".to_owned(),
        request: request(""),
    }
}

/// Promotes with the etag as it stands.
pub(crate) fn promote(registry: &Registry, number: u64) -> PromotionRecord {
    registry.promote(&promotion(number, etag(registry))).unwrap()
}

pub(crate) fn rolling_back(alias: Alias, etag: String) -> Rollback {
    Rollback {
        model: model_name(),
        alias,
        etag,
        reason: "it was worse".to_owned(),
        actor: "ben".to_owned(),
        request: request(""),
    }
}

/// Rolls back with the etag as it stands.
pub(crate) fn roll_back(registry: &Registry, alias: Alias) -> Result<PromotionRecord, RegistryError> {
    registry.rollback(&rolling_back(alias, etag(registry)))
}

pub(crate) fn live_number(registry: &Registry) -> Option<u64> {
    registry.live(&model_name()).ok().map(|loaded| loaded.name.number)
}

pub(crate) fn at_alias(registry: &Registry, alias: Alias) -> Option<u64> {
    registry.version(&at(alias)).ok().map(|record: VersionRecord| record.name.number)
}

/// An override without a reason of its own.
pub(crate) fn overriding(check: &str) -> CheckOverride {
    CheckOverride { check: check.to_owned(), reason: String::new() }
}

/// The moves of the history, oldest first, as pairs of from and to; the numbers of its entries are checked to have no gaps.
pub(crate) fn history(registry: &Registry) -> Vec<(Option<u64>, u64)> {
    let mut entries = registry.promotions(&model_name(), None, usize::MAX).unwrap();
    entries.reverse();
    assert!(entries.iter().zip(1..).all(|((number, _), expected)| *number == expected), "{entries:?}");
    let moves = entries.into_iter().filter(|(_, record)| record.kind != PromotionKind::Refused);
    moves.map(|(_, record)| (record.from, record.to)).collect()
}

/// Tells other threads to end when it goes out of scope, also by a failed assertion.
pub(crate) struct Ending<'a>(pub(crate) &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// A clock that runs backwards by an hour a look.
#[derive(Debug)]
pub(crate) struct BackwardClock(pub(crate) Mutex<i64>);

impl Clock for BackwardClock {
    fn now(&self) -> Timestamp {
        let mut seconds = self.0.lock().unwrap();
        *seconds -= 3600;
        Timestamp::from_second(*seconds).unwrap()
    }
}

/// What happens at the chosen operation of a [`FaultyStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails and has no effect; later ones work.
    Fails,
    /// It fails and has its effect; later ones work.
    FailsAfterItsEffect,
    /// It has no effect, and everything later fails: the process is gone.
    CrashBefore,
    /// It has its effect, and everything later fails.
    CrashAfter,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] = [Self::Fails, Self::FailsAfterItsEffect, Self::CrashBefore, Self::CrashAfter];

    const fn crashes(self) -> bool {
        matches!(self, Self::CrashBefore | Self::CrashAfter)
    }
}

/// A store that counts its operations and fails at one of them.
#[derive(Debug)]
pub(crate) struct FaultyStore {
    inner: Arc<MemoryStore>,
    /// Operations so far.
    pub(crate) operations: AtomicUsize,
    fault: Option<(usize, Fault)>,
}

impl FaultyStore {
    pub(crate) fn sound(inner: Arc<MemoryStore>) -> Self {
        Self { inner, operations: AtomicUsize::new(0), fault: None }
    }

    /// Fails at the operation of this number, from 0.
    pub(crate) fn failing(inner: Arc<MemoryStore>, operation: usize, fault: Fault) -> Self {
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
                if matches!(fault, Fault::FailsAfterItsEffect | Fault::CrashAfter) {
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
}
