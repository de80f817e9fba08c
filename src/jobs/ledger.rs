//! The runs of a store: one row each, an index by age for each model, and the list of those that are not over.

use std::sync::Arc;

use super::rows::RunRow;
use super::unreadable;
use crate::domain::{ModelName, RunName};
use crate::store::{Commit, Store, StoreError};

/// The number that the next run gets.
const NEXT: &str = "jobs/next";
/// Runs that are not over, in the order of submission.
const OPEN: &str = "jobs/open/";
/// How many open runs are read at once; the queue is bounded far below.
const MAX_OPEN: usize = 100_000;

/// A run as it was read.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) name: RunName,
    pub(super) row: RunRow,
    bytes: Vec<u8>,
}

/// The runs of a store.
#[derive(Debug)]
pub(super) struct Ledger {
    store: Arc<dyn Store>,
}

impl Ledger {
    /// The runs of this store.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Gives a new run its number and keeps it, together with `also`.
    pub(super) fn admit(&self, name: &RunName, mut row: RunRow, also: Commit) -> Result<Kept, StoreError> {
        let before = self.store.get(NEXT)?;
        row.number = before.as_deref().map_or(Ok(1), number)?;
        let bytes = encode(&row)?;
        let commit = Commit::default()
            .replace(NEXT, before, (row.number + 1).to_string().into_bytes())
            .create(run_key(name), bytes.clone())
            .create(age_key(&name.model, row.number), name.run.to_string().into_bytes())
            .create(open_key(row.number), name.to_string().into_bytes())
            .and(also);
        self.store.commit(&commit)?;
        Ok(Kept { name: name.clone(), row, bytes })
    }

    /// One run as it is kept; nothing where there is none.
    pub(super) fn load(&self, name: &RunName) -> Result<Option<Kept>, StoreError> {
        let Some(bytes) = self.store.get(&run_key(name))? else { return Ok(None) };
        let row = serde_json::from_slice(&bytes).map_err(unreadable)?;
        Ok(Some(Kept { name: name.clone(), row, bytes }))
    }

    /// Keeps what became of a run. One that is over leaves the list of open runs.
    pub(super) fn save(&self, before: &Kept, row: &RunRow, over: bool) -> Result<(), StoreError> {
        let mut commit = Commit::default().replace(run_key(&before.name), Some(before.bytes.clone()), encode(row)?);
        if over {
            commit.write.push((open_key(row.number), None));
        }
        self.store.commit(&commit)
    }

    /// The runs that are not over, in the order of submission.
    pub(super) fn open(&self) -> Result<Vec<Kept>, StoreError> {
        let mut runs = Vec::new();
        for entry in self.store.scan(OPEN, None, MAX_OPEN)? {
            let name = text(entry.value)?.parse().map_err(unreadable)?;
            runs.extend(self.load(&name)?);
        }
        Ok(runs)
    }

    /// Up to `limit` runs of a model that are older than the `before`-th, newest first.
    pub(super) fn list(&self, model: &ModelName, before: Option<u64>, limit: usize) -> Result<Vec<Kept>, StoreError> {
        let after = before.map(|number| age_key(model, number));
        let mut runs = Vec::new();
        for entry in self.store.scan(&age_prefix(model), after.as_deref(), limit)? {
            let name: RunName = format!("{model}/trainingRuns/{}", text(entry.value)?).parse().map_err(unreadable)?;
            runs.extend(self.load(&name)?);
        }
        Ok(runs)
    }
}

fn run_key(name: &RunName) -> String {
    let RunName { model: ModelName { workspace, model }, run } = name;
    format!("jobs/run/{workspace}/{model}/{run}")
}

fn age_prefix(model: &ModelName) -> String {
    let ModelName { workspace, model } = model;
    format!("jobs/age/{workspace}/{model}/")
}

/// Keys are read in ascending order, so that the newest run needs the smallest.
fn age_key(model: &ModelName, number: u64) -> String {
    format!("{}{:020}", age_prefix(model), u64::MAX - number)
}

fn open_key(number: u64) -> String {
    format!("{OPEN}{number:020}")
}

fn encode(row: &RunRow) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row)
        .map_err(|source| StoreError::Backend { action: "write down a training run", source: Box::new(source) })
}

fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(unreadable)
}

fn number(bytes: &[u8]) -> Result<u64, StoreError> {
    std::str::from_utf8(bytes).map_err(unreadable)?.parse().map_err(unreadable)
}
