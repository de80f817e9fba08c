//! Deletion of datasets, and of their old versions by age.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{AccountTable, Customers, DatasetName, Digest, Outcome};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::datasets::{DatasetReference, Datasets, DeleteDatasetRequest, ImportOptions, ListUses};
use sweetspot_store::registry::RequestKey;
use sweetspot_store::retention::RetentionPolicy;
use sweetspot_store::store::{MemoryStore, Store, StoreError};
use sweetspot_store::workspaces;

const UNUSED: ListUses<'_> = &|| Ok(Vec::new());

fn name() -> DatasetName {
    "workspaces/w/datasets/d".parse().unwrap()
}

/// The datasets of a store on a day after 1970.
fn on_day(store: &Arc<dyn Store>, day: i64) -> Datasets {
    let now = Timestamp::from_second(day * 86_400).unwrap();
    Datasets::new(Arc::clone(store), Arc::new(FixedClock(now)))
}

fn customers(rows: usize) -> Customers {
    let ids = (0..rows).map(|row| row.to_string()).collect();
    let accounts = AccountTable::new(ids, Vec::new()).unwrap();
    Customers::new(accounts, vec![Outcome::default(); rows].into(), None).unwrap()
}

fn request(id: &str) -> RequestKey {
    RequestKey { id: id.to_owned(), body: Digest::new(id.as_bytes()) }
}

/// Imports one version on a day, and returns the numbers of the versions that this removed.
fn import(store: &Arc<dyn Store>, day: i64, max_days: u32, uses: ListUses<'_>) -> Vec<u64> {
    let options = ImportOptions { is_staged: false, max_versions: 100, max_days: Some(max_days), refuse_erased: false };
    let rows = usize::try_from(day).unwrap() + 1;
    on_day(store, day).import(&name(), &customers(rows), &request(""), options, uses).unwrap().removed
}

fn numbers(datasets: &Datasets) -> Vec<u64> {
    datasets.versions(&name(), None, 99).unwrap().iter().map(|record| record.version.unwrap()).collect()
}

#[test]
fn a_deleted_dataset_is_gone_with_its_customers_and_its_numbers_are_not_reused() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let datasets = on_day(&store, 0);
    let [first, _] = [3, 4].map(|rows| datasets.replace(&name(), &customers(rows), &request("")).unwrap());
    let delete = DeleteDatasetRequest { name: name(), force: true, request: request("a") };
    let unconfirmed = DeleteDatasetRequest { force: false, request: request(""), ..delete.clone() };
    assert_eq!(datasets.delete_dataset(&unconfirmed, UNUSED).unwrap_err().reason(), "DATASET_NOT_EMPTY");
    let user = DatasetReference { user: "run".to_owned(), version: first.version_name(), data: first.data };
    let in_use = datasets.delete_dataset(&delete, &|| Ok(vec![user.clone()])).unwrap_err();
    assert_eq!(in_use.reason(), "DATASET_VERSION_IN_USE");
    assert_eq!(numbers(&datasets), [2, 1]);
    for _ in 0..2 {
        datasets.delete_dataset(&delete, UNUSED).unwrap();
    }
    for error in [
        datasets.dataset(&name()).unwrap_err(),
        datasets.record(&name()).unwrap_err(),
        datasets.version(&first.version_name().unwrap()).unwrap_err(),
    ] {
        assert_eq!(error.reason(), "DATASET_NOT_FOUND");
        assert!(error.to_string().contains("was deleted on 1970-01-01"), "{error}");
    }
    assert!(matches!(store.blob(&first.data), Err(StoreError::BlobMissing { .. })));
    assert!(workspaces::list(&*store, None, 9).unwrap().is_empty());
    assert_eq!(datasets.replace(&name(), &customers(3), &request("")).unwrap().version, Some(3));
}

#[test]
fn an_import_removes_versions_that_are_too_old_for_it_unless_they_are_in_use() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for day in 0..7 {
        assert!(import(&store, day, 6, UNUSED).is_empty(), "{day}");
    }
    let second = on_day(&store, 7).versions(&name(), Some(3), 1).unwrap().remove(0);
    let user = DatasetReference { user: "run".to_owned(), version: second.version_name(), data: second.data };
    assert_eq!(import(&store, 9, 6, &|| Ok(vec![user.clone()])), [1, 3]);
    assert_eq!(numbers(&on_day(&store, 9)), [8, 7, 6, 5, 4, 2]);
}

#[test]
fn the_clock_alone_deletes_no_dataset_version_and_a_jump_only_the_oldest() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for day in 0..8 {
        import(&store, day, 1000, UNUSED);
    }
    let policy = RetentionPolicy { max_versions: None, max_days: Some(30) };
    on_day(&store, 9999).delete_expired(&name(), policy, UNUSED).unwrap();
    assert_eq!(numbers(&on_day(&store, 0)).len(), 8);
    assert_eq!(import(&store, 9999, 30, UNUSED), [1, 2, 3, 4], "the five newest stay");
    on_day(&store, 0).delete_expired(&name(), policy, UNUSED).unwrap();
    assert_eq!(numbers(&on_day(&store, 0)), [9, 8, 7, 6, 5]);
}
