//! The runs of a store: one row each, an index by age for each model, and the list of those that are not over.

use std::sync::Arc;

use sweetspot_core::{ModelName, RunName};

use super::rows::RunRow;
use super::unreadable;
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
        let (data, size, created) = (Digest::of(b"data"), None, None);
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

    fn ledger() -> (Arc<dyn Store>, Ledger) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        (Arc::clone(&store), Ledger::new(store))
    }

    fn admit(ledger: &Ledger, model: &str, id: usize) -> Kept {
        ledger.admit(&run(model, id), row(), Commit::default()).unwrap()
    }

    fn names(runs: &[Kept]) -> Vec<RunName> {
        runs.iter().map(|kept| kept.name.clone()).collect()
    }

    #[test]
    fn runs_are_numbered_over_all_models_and_read_back() {
        let (_, ledger) = ledger();
        let admitted = [("b", 1), ("a", 2), ("b", 3)].map(|(model, id)| admit(&ledger, model, id));
        assert_eq!(admitted.each_ref().map(|kept| kept.row.number), [1, 2, 3]);
        for kept in &admitted {
            assert_eq!(ledger.load(&kept.name).unwrap().unwrap().row, kept.row);
        }
        assert!(ledger.load(&run("a", 9)).unwrap().is_none());
    }

    #[test]
    fn open_runs_stand_in_the_order_of_submission_until_they_are_over() {
        let (_, ledger) = ledger();
        let [first, second, third] = [("z", 1), ("y", 2), ("x", 3)].map(|(model, id)| admit(&ledger, model, id));
        let running = RunRow { state: StateRow::Running, ..first.row.clone() };
        ledger.save(&first, &running, false).unwrap();
        ledger.save(&second, &RunRow { state: StateRow::Cancelled, ..second.row.clone() }, true).unwrap();
        let open = ledger.open().unwrap();
        assert_eq!(names(&open), [first.name, third.name]);
        assert_eq!(open[0].row, running);
        assert_eq!(ledger.load(&second.name).unwrap().unwrap().row.state, StateRow::Cancelled);
    }

    #[test]
    fn pages_are_newest_first_and_of_one_model() {
        let (_, ledger) = ledger();
        for id in 1..=5 {
            admit(&ledger, "m", id);
            admit(&ledger, "m-2", id);
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
    fn nothing_is_half_admitted_and_a_change_in_between_is_noticed() {
        let (store, ledger) = ledger();
        let kept = admit(&ledger, "m", 1);
        let refused = Commit::default().replace("other", Some(b"not there".to_vec()), Vec::new());
        assert!(matches!(ledger.admit(&run("m", 2), row(), refused), Err(StoreError::Conflict { .. })));
        assert!(matches!(ledger.admit(&kept.name, row(), Commit::default()), Err(StoreError::Conflict { .. })));
        assert_eq!(names(&ledger.open().unwrap()), std::slice::from_ref(&kept.name));
        assert_eq!(admit(&ledger, "m", 3).row.number, 2, "a refused run takes no number");
        ledger.save(&kept, &RunRow { state: StateRow::Running, ..kept.row.clone() }, false).unwrap();
        let stale = ledger.save(&kept, &RunRow { state: StateRow::Cancelled, ..kept.row.clone() }, true);
        assert!(matches!(stale, Err(StoreError::Conflict { .. })));
        assert_eq!(store.scan(OPEN, None, 10).unwrap().len(), 2);
    }

    #[test]
    fn damaged_rows_are_errors() {
        for key in [NEXT.to_owned(), run_key(&run("m", 1)), open_key(1), age_key(&run("m", 1).model, 1)] {
            let (store, ledger) = ledger();
            let kept = admit(&ledger, "m", 1);
            let damaged = Commit { expect: Vec::new(), write: vec![(key.clone(), Some(b"\xFFdamage".to_vec()))] };
            store.commit(&damaged).unwrap();
            let noticed = ledger.open().is_err()
                || ledger.load(&kept.name).is_err()
                || ledger.list(&kept.name.model, None, 10).is_err()
                || ledger.admit(&run("m", 2), row(), Commit::default()).is_err();
            assert!(noticed, "{key}");
        }
    }
}
