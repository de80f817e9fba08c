//! The runs of a store: one row each, an index by age per model, and a list of the unfinished runs.

use std::sync::Arc;

use sweetspot_core::{ModelName, RunName};

use super::run_row::RunRow;
use super::unreadable;
use crate::store::{Commit, LeaseToken, Store, StoreError};
use crate::stored::{ReadError, TrainingRun, VersionedMessage as _};

/// The prefix of all rows of runs.
pub(super) const ROWS_PREFIX: &str = "jobs/";
/// The key of the number for the next run.
pub(super) const NEXT_NUMBER_KEY: &str = "jobs/next";
/// The prefix of unfinished runs, in the order of submission.
pub(super) const OPEN_PREFIX: &str = "jobs/open/";
/// The prefix of runs.
pub(super) const RUN_PREFIX: &str = "jobs/run/";
/// The prefix of the names of runs by age.
pub(super) const AGE_PREFIX: &str = "jobs/age/";
/// The number of runs that are read or removed at a time.
const PAGE_ROWS: usize = 256;
/// The maximum number of unfinished runs that are read; the limit of the queue is far lower.
const MAX_OPEN_RUNS: usize = 100_000;

/// A run with the bytes of the row that it was read from, which its next change expects.
#[derive(Clone, Debug)]
pub(super) struct StoredRun {
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
    pub(super) fn insert(&self, mut row: RunRow, also: Commit) -> Result<StoredRun, StoreError> {
        let before = self.store.get(NEXT_NUMBER_KEY)?;
        row.number = before.as_deref().map_or(Ok(1), number)?;
        let (name, bytes) = (&row.name, encode(&row));
        let commit = Commit::default()
            .replace(NEXT_NUMBER_KEY, before, (row.number + 1).to_string().into_bytes())
            .create(run_key(name), bytes.clone())
            .create(age_key(&name.model, row.number), name.run.to_string().into_bytes())
            .create(open_key(row.number), name.to_string().into_bytes())
            .merge(also);
        self.store.commit(&commit)?;
        Ok(StoredRun { row, bytes })
    }

    /// Reads a run. Returns `None` if it does not exist.
    pub(super) fn load(&self, name: &RunName) -> Result<Option<StoredRun>, StoreError> {
        let Some(bytes) = self.store.get(&run_key(name))? else { return Ok(None) };
        Ok(Some(StoredRun { row: decode(&bytes)?, bytes }))
    }

    /// Stores the new state of a run, unless `lease` is lost. A run that has ended is removed from the list of unfinished
    /// runs.
    pub(super) fn save(&self, before: &StoredRun, row: &RunRow, lease: Option<&LeaseToken>) -> Result<(), StoreError> {
        let mut commit = Commit::default().replace(run_key(&row.name), Some(before.bytes.clone()), encode(row));
        if row.state.is_final() {
            commit.writes.push((open_key(row.number), None));
        }
        commit.lease = lease.cloned();
        self.store.commit(&commit)
    }

    /// Returns the unfinished runs in the order of submission.
    pub(super) fn unfinished_runs(&self) -> Result<Vec<StoredRun>, StoreError> {
        let mut runs = Vec::new();
        for entry in self.store.scan(OPEN_PREFIX, None, MAX_OPEN_RUNS)? {
            let name = text(entry.value)?.parse().map_err(unreadable)?;
            runs.extend(self.load(&name)?);
        }
        Ok(runs)
    }

    /// Removes all runs of a model, all of which have ended.
    pub(super) fn remove_all(&self, model: &ModelName) -> Result<(), StoreError> {
        loop {
            let page = self.store.scan(&age_prefix(model), None, PAGE_ROWS)?;
            if page.is_empty() {
                return Ok(());
            }
            let mut commit = Commit::default();
            for entry in page {
                let run = text(entry.value)?;
                let name: RunName = format!("{model}/trainingRuns/{run}").parse().map_err(unreadable)?;
                commit.writes.push((run_key(&name), None));
                commit.writes.push((entry.key, None));
            }
            self.store.commit(&commit)?;
        }
    }

    /// Returns the names of all runs of a model, newest first.
    pub(super) fn names(&self, model: &ModelName) -> Result<Vec<RunName>, StoreError> {
        let (mut names, mut after): (Vec<RunName>, Option<String>) = (Vec::new(), None);
        loop {
            let page = self.store.scan(&age_prefix(model), after.as_deref(), PAGE_ROWS)?;
            let Some(last) = page.last() else { return Ok(names) };
            after = Some(last.key.clone());
            for entry in page {
                names.push(format!("{model}/trainingRuns/{}", text(entry.value)?).parse().map_err(unreadable)?);
            }
        }
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
    format!("{RUN_PREFIX}{workspace}/{model}/{run}")
}

fn age_prefix(model: &ModelName) -> String {
    let ModelName { workspace, model } = model;
    format!("{AGE_PREFIX}{workspace}/{model}/")
}

/// Keys are read in ascending order, so the newest run gets the smallest key.
fn age_key(model: &ModelName, number: u64) -> String {
    format!("{}{:020}", age_prefix(model), u64::MAX - number)
}

fn open_key(number: u64) -> String {
    format!("{OPEN_PREFIX}{number:020}")
}

fn encode(row: &RunRow) -> Vec<u8> {
    TrainingRun::from(row.clone()).to_bytes()
}

/// Decodes a run.
pub(super) fn decode(bytes: &[u8]) -> Result<RunRow, ReadError> {
    Ok(TrainingRun::from_bytes(bytes)?.try_into()?)
}

fn text(bytes: Vec<u8>) -> Result<String, StoreError> {
    String::from_utf8(bytes).map_err(unreadable)
}

fn number(bytes: &[u8]) -> Result<u64, StoreError> {
    std::str::from_utf8(bytes).map_err(unreadable)?.parse().map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::super::RunState;
    use super::super::run_row::example;
    use super::*;
    use crate::store::MemoryStore;

    fn run(model: &str, id: usize) -> RunName {
        format!("workspaces/w/models/{model}/trainingRuns/r{id}").parse().unwrap()
    }

    fn new_run_store() -> (Arc<dyn Store>, RunStore) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        (Arc::clone(&store), RunStore::new(store))
    }

    fn insert(run_store: &RunStore, model: &str, id: usize) -> StoredRun {
        run_store.insert(example(run(model, id)), Commit::default()).unwrap()
    }

    fn in_state(stored: &StoredRun, state: RunState) -> RunRow {
        RunRow { state, ..stored.row.clone() }
    }

    fn running() -> RunState {
        RunState::Running { stage: String::new(), progress: 0.0 }
    }

    fn names(runs: &[StoredRun]) -> Vec<RunName> {
        runs.iter().map(|stored| stored.row.name.clone()).collect()
    }

    #[test]
    fn runs_are_numbered_over_all_models_and_read_back() {
        let (_, run_store) = new_run_store();
        let admitted = [("b", 1), ("a", 2), ("b", 3)].map(|(model, id)| insert(&run_store, model, id));
        assert_eq!(admitted.each_ref().map(|stored| stored.row.number), [1, 2, 3]);
        for stored in &admitted {
            assert_eq!(run_store.load(&stored.row.name).unwrap().unwrap().row, stored.row);
        }
        assert!(run_store.load(&run("a", 9)).unwrap().is_none());
    }

    #[test]
    fn unfinished_runs_are_in_order_of_submission_until_they_end() {
        let (_, run_store) = new_run_store();
        let [first, second, third] = [("z", 1), ("y", 2), ("x", 3)].map(|(model, id)| insert(&run_store, model, id));
        let running = in_state(&first, running());
        run_store.save(&first, &running, None).unwrap();
        run_store.save(&second, &in_state(&second, RunState::Cancelled), None).unwrap();
        let unfinished = run_store.unfinished_runs().unwrap();
        assert_eq!(names(&unfinished), [first.row.name, third.row.name]);
        assert_eq!(unfinished[0].row, running);
        assert_eq!(run_store.load(&second.row.name).unwrap().unwrap().row.state, RunState::Cancelled);
    }

    #[test]
    fn pages_are_newest_first_and_of_one_model() {
        let (_, run_store) = new_run_store();
        for id in 1..=5 {
            insert(&run_store, "m", id);
            insert(&run_store, "m-2", id);
        }
        let model = run("m", 1).model;
        let page = |before, limit| run_store.list(&model, before, limit).unwrap();
        let first = page(None, 2);
        assert_eq!(names(&first), [run("m", 5), run("m", 4)]);
        let rest = page(Some(first[1].row.number), 10);
        assert_eq!(names(&rest), [run("m", 3), run("m", 2), run("m", 1)]);
        assert!(page(Some(rest[2].row.number), 10).is_empty());
    }

    #[test]
    fn a_run_is_inserted_atomically_and_a_concurrent_change_is_a_conflict() {
        let (store, run_store) = new_run_store();
        let stored = insert(&run_store, "m", 1);
        let refused = Commit::default().replace("other", Some(b"not there".to_vec()), Vec::new());
        assert!(matches!(run_store.insert(example(run("m", 2)), refused), Err(StoreError::Conflict { .. })));
        assert!(matches!(run_store.insert(example(run("m", 1)), Commit::default()), Err(StoreError::Conflict { .. })));
        assert_eq!(names(&run_store.unfinished_runs().unwrap()), std::slice::from_ref(&stored.row.name));
        assert_eq!(insert(&run_store, "m", 3).row.number, 2, "a refused run uses no number");
        run_store.save(&stored, &in_state(&stored, running()), None).unwrap();
        let stale = run_store.save(&stored, &in_state(&stored, RunState::Cancelled), None);
        assert!(matches!(stale, Err(StoreError::Conflict { .. })));
        assert_eq!(store.scan(OPEN_PREFIX, None, 10).unwrap().len(), 2);
    }

    #[test]
    fn damaged_run_rows_are_errors() {
        for key in [NEXT_NUMBER_KEY.to_owned(), run_key(&run("m", 1)), open_key(1), age_key(&run("m", 1).model, 1)] {
            let (store, run_store) = new_run_store();
            let stored = insert(&run_store, "m", 1);
            let damaged = Commit {
                lease: None,
                expectations: Vec::new(),
                writes: vec![(key.clone(), Some(b"\xFFdamage".to_vec()))],
            };
            store.commit(&damaged).unwrap();
            let noticed = run_store.unfinished_runs().is_err()
                || run_store.load(&stored.row.name).is_err()
                || run_store.list(&stored.row.name.model, None, 10).is_err()
                || run_store.insert(example(run("m", 2)), Commit::default()).is_err();
            assert!(noticed, "{key}");
        }
    }
}
