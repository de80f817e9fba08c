//! Random commits, compared with a reference model of a store: a sorted map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sweetspot_store::store::{Commit, MemoryStore, Row, SledStore, Store, StoreError};

type ModelRows = BTreeMap<String, Vec<u8>>;

/// Few distinct keys and values, so that commits conflict.
fn key() -> impl Strategy<Value = String> {
    "[ab]{1,2}(/[ab])?"
}

fn value() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop::option::weighted(0.7, prop::collection::vec(0..3_u8, 0..3))
}

fn commit() -> impl Strategy<Value = Commit> {
    let pairs = |most| prop::collection::vec((key(), value()), 0..most);
    (pairs(2), pairs(4)).prop_map(|(expect, write)| Commit { lease: None, expectations: expect, writes: write })
}

fn apply(model: &mut ModelRows, commit: &Commit) -> bool {
    if commit.expectations.iter().any(|(key, expected)| model.get(key) != expected.as_ref()) {
        return false;
    }
    for (key, value) in &commit.writes {
        match value {
            Some(value) => model.insert(key.clone(), value.clone()),
            None => model.remove(key),
        };
    }
    true
}

fn rows(model: &ModelRows, prefix: &str, after: Option<&str>, limit: usize) -> Vec<Row> {
    let wanted = |key: &str| key.starts_with(prefix) && after.is_none_or(|after| key > after);
    let rows = model.iter().filter(|(key, _)| wanted(key));
    rows.take(limit).map(|(key, value)| Row { key: key.clone(), value: value.clone() }).collect()
}

fn run(store: &dyn Store, model: &mut ModelRows, commits: &[Commit]) -> Result<(), TestCaseError> {
    for commit in commits {
        match store.commit(commit) {
            Ok(()) => prop_assert!(apply(model, commit)),
            Err(StoreError::Conflict { .. }) => prop_assert!(!apply(model, commit)),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
        prop_assert_eq!(store.scan("", None, 99).unwrap(), rows(model, "", None, 99));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn memory_is_a_sorted_map(
        commits in prop::collection::vec(commit(), 0..30),
        scans in prop::collection::vec((key(), prop::option::of(key()), 0..9_usize), 0..9),
    ) {
        let (store, mut model) = (MemoryStore::new(), ModelRows::new());
        run(&store, &mut model, &commits)?;
        for (prefix, after, limit) in scans {
            let found = store.scan(&prefix, after.as_deref(), limit).unwrap();
            prop_assert_eq!(found, rows(&model, &prefix, after.as_deref(), limit));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sled_is_a_sorted_map_also_after_reopening(
        before in prop::collection::vec(commit(), 0..12),
        after in prop::collection::vec(commit(), 0..12),
        scans in prop::collection::vec((key(), prop::option::of(key()), 0..9_usize), 0..9),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut model = ModelRows::new();
        run(&SledStore::open(folder.path()).unwrap(), &mut model, &before)?;
        let store = SledStore::open(folder.path()).unwrap();
        run(&store, &mut model, &after)?;
        for (prefix, from, limit) in scans {
            let found = store.scan(&prefix, from.as_deref(), limit).unwrap();
            prop_assert_eq!(found, rows(&model, &prefix, from.as_deref(), limit));
        }
    }
}
