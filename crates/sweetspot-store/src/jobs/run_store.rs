//! The runs of a store: one row each, an index by age per model, and a list of the open runs, which have not ended.

use std::sync::Arc;

use sweetspot_core::{ModelName, RunName};

use super::rows::RunRow;
use super::unreadable;
use crate::store::{Commit, Store, StoreError};

/// The key of the number for the next run.
const NEXT_NUMBER_KEY: &str = "jobs/next";
/// The prefix of open runs, in the order of submission.
const OPEN_PREFIX: &str = "jobs/open/";
/// The maximum number of open runs that are read; the limit of the queue is far lower.
const MAX_OPEN_RUNS: usize = 100_000;

/// A run as it was read.
#[derive(Clone, Debug)]
pub(super) struct StoredRun {
    pub(super) name: RunName,
    pub(super) row: RunRow,
    bytes: Vec<u8>,
}

/// The runs of a store.
#[derive(Debug)]
pub(super) struct RunStore {
    store: Arc<dyn Store>,
}

impl RunStore {
    /// Opens the runs of a store.
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Assigns a number to a new run and stores it, together with `also`.
    pub(super) fn insert(&self, name: &RunName, mut row: RunRow, also: Commit) -> Result<StoredRun, StoreError> {
        let before = self.store.get(NEXT_NUMBER_KEY)?;
        row.number = before.as_deref().map_or(Ok(1), number)?;
        let bytes = encode(&row)?;
        let commit = Commit::default()
            .replace(NEXT_NUMBER_KEY, before, (row.number + 1).to_string().into_bytes())
            .create(run_key(name), bytes.clone())
            .create(age_key(&name.model, row.number), name.run.to_string().into_bytes())
            .create(open_key(row.number), name.to_string().into_bytes())
            .merge(also);
        self.store.commit(&commit)?;
        Ok(StoredRun { name: name.clone(), row, bytes })
    }

    /// Reads a run. Returns `None` if it does not exist.
    pub(super) fn load(&self, name: &RunName) -> Result<Option<StoredRun>, StoreError> {
        let Some(bytes) = self.store.get(&run_key(name))? else { return Ok(None) };
        let row = serde_json::from_slice(&bytes).map_err(unreadable)?;
        Ok(Some(StoredRun { name: name.clone(), row, bytes }))
    }

    /// Stores the new state of a run. A run that is over is removed from the list of open runs.
    pub(super) fn save(&self, before: &StoredRun, row: &RunRow, over: bool) -> Result<(), StoreError> {
        let mut commit = Commit::default().replace(run_key(&before.name), Some(before.bytes.clone()), encode(row)?);
        if over {
            commit.writes.push((open_key(row.number), None));
        }
        self.store.commit(&commit)
    }

    /// Returns the open runs in the order of submission.
    pub(super) fn open_runs(&self) -> Result<Vec<StoredRun>, StoreError> {
        let mut runs = Vec::new();
        for entry in self.store.scan(OPEN_PREFIX, None, MAX_OPEN_RUNS)? {
            let name = text(entry.value)?.parse().map_err(unreadable)?;
            runs.extend(self.load(&name)?);
        }
        Ok(runs)
    }

    /// Returns up to `limit` runs of a model with numbers below `before`, newest first.
    pub(super) fn list(
        &self,
        model: &ModelName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredRun>, StoreError> {
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

/// Keys are read in ascending order, so the newest run gets the smallest key.
fn age_key(model: &ModelName, number: u64) -> String {
    format!("{}{:020}", age_prefix(model), u64::MAX - number)
}

fn open_key(number: u64) -> String {
    format!("{OPEN_PREFIX}{number:020}")
}

fn encode(row: &RunRow) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(row)
        .map_err(|source| StoreError::Backend { action: "write a training run", source: Box::new(source) })
}

fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(unreadable)
}

fn number(bytes: &[u8]) -> Result<u64, StoreError> {
    std::str::from_utf8(bytes).map_err(unreadable)?.parse().map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use sweetspot_core::Digest;

    use super::super::rows::StateRow;
    use super::*;
    use crate::datasets::DatasetRecord;
    use crate::store::MemoryStore;

    fn run(model: &str, id: usize) -> RunName {
        format!("workspaces/w/models/{model}/trainingRuns/r{id}").parse().unwrap()
    }

    fn row() -> RunRow {
        let name = "workspaces/w/datasets/d".parse().unwrap();
        let (data, size, created) = (Digest::new(b"data"), None, None);
        let record = DatasetRecord { name, version: Some(1), accounts: 1, outcomes: 1, data, size, created };
        RunRow {
            number: 0,
            dataset: (&record).into(),
            spec: record.data.to_string(),
            time_limit_ms: None,
            request_id: String::new(),
            created: "2026-03-02T10:00:00Z".to_owned(),
            ended: None,
            state: StateRow::Queued,
            owner: None,
            cancelling: false,
        }
    }

    fn run_store() -> (Arc<dyn Store>, RunStore) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        (Arc::clone(&store), RunStore::new(store))
    }

    fn insert(ledger: &RunStore, model: &str, id: usize) -> StoredRun {
        ledger.insert(&run(model, id), row(), Commit::default()).unwrap()
    }

    fn names(runs: &[StoredRun]) -> Vec<RunName> {
        runs.iter().map(|kept| kept.name.clone()).collect()
    }

    #[test]
    fn runs_are_numbered_over_all_models_and_read_back() {
        let (_, ledger) = run_store();
        let admitted = [("b", 1), ("a", 2), ("b", 3)].map(|(model, id)| insert(&ledger, model, id));
        assert_eq!(admitted.each_ref().map(|kept| kept.row.number), [1, 2, 3]);
        for kept in &admitted {
            assert_eq!(ledger.load(&kept.name).unwrap().unwrap().row, kept.row);
        }
        assert!(ledger.load(&run("a", 9)).unwrap().is_none());
    }

    #[test]
    fn open_runs_are_in_order_of_submission_until_they_end() {
        let (_, ledger) = run_store();
        let [first, second, third] = [("z", 1), ("y", 2), ("x", 3)].map(|(model, id)| insert(&ledger, model, id));
        let running = RunRow { state: StateRow::Running, ..first.row.clone() };
        ledger.save(&first, &running, false).unwrap();
        ledger.save(&second, &RunRow { state: StateRow::Cancelled, ..second.row.clone() }, true).unwrap();
        let open = ledger.open_runs().unwrap();
        assert_eq!(names(&open), [first.name, third.name]);
        assert_eq!(open[0].row, running);
        assert_eq!(ledger.load(&second.name).unwrap().unwrap().row.state, StateRow::Cancelled);
    }

    #[test]
    fn pages_are_newest_first_and_of_one_model() {
        let (_, ledger) = run_store();
        for id in 1..=5 {
            insert(&ledger, "m", id);
            insert(&ledger, "m-2", id);
        }
        let model = run("m", 1).model;
        let page = |before, limit| ledger.list(&model, before, limit).unwrap();
        let first = page(None, 2);
        assert_eq!(names(&first), [run("m", 5), run("m", 4)]);
        let rest = page(Some(first[1].row.number), 10);
        assert_eq!(names(&rest), [run("m", 3), run("m", 2), run("m", 1)]);
        assert!(page(Some(rest[2].row.number), 10).is_empty());
    }

    #[test]
    fn a_run_is_inserted_atomically_and_a_concurrent_change_is_a_conflict() {
        let (store, ledger) = run_store();
        let kept = insert(&ledger, "m", 1);
        let refused = Commit::default().replace("other", Some(b"not there".to_vec()), Vec::new());
        assert!(matches!(ledger.insert(&run("m", 2), row(), refused), Err(StoreError::Conflict { .. })));
        assert!(matches!(ledger.insert(&kept.name, row(), Commit::default()), Err(StoreError::Conflict { .. })));
        assert_eq!(names(&ledger.open_runs().unwrap()), std::slice::from_ref(&kept.name));
        assert_eq!(insert(&ledger, "m", 3).row.number, 2, "a refused run uses no number");
        ledger.save(&kept, &RunRow { state: StateRow::Running, ..kept.row.clone() }, false).unwrap();
        let stale = ledger.save(&kept, &RunRow { state: StateRow::Cancelled, ..kept.row.clone() }, true);
        assert!(matches!(stale, Err(StoreError::Conflict { .. })));
        assert_eq!(store.scan(OPEN_PREFIX, None, 10).unwrap().len(), 2);
    }

    #[test]
    fn damaged_run_rows_are_errors() {
        for key in [NEXT_NUMBER_KEY.to_owned(), run_key(&run("m", 1)), open_key(1), age_key(&run("m", 1).model, 1)] {
            let (store, ledger) = run_store();
            let kept = insert(&ledger, "m", 1);
            let damaged =
                Commit { expectations: Vec::new(), writes: vec![(key.clone(), Some(b"\xFFdamage".to_vec()))] };
            store.commit(&damaged).unwrap();
            let noticed = ledger.open_runs().is_err()
                || ledger.load(&kept.name).is_err()
                || ledger.list(&kept.name.model, None, 10).is_err()
                || ledger.insert(&run("m", 2), row(), Commit::default()).is_err();
            assert!(noticed, "{key}");
        }
    }
}
