//! What the rows of a store name.

use sweetspot_store::inventory::{Inventory, read_stats, row_digests};
use sweetspot_store::store::{Row, Store, find_digests};

use super::filled_store::StoreServices;

fn all_rows(store: &dyn Store) -> Vec<Row> {
    store.scan("", None, usize::MAX).unwrap()
}

#[tokio::test]
async fn every_digest_in_a_row_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(folder.path());
    services.fill().await;
    let mut found = 0;
    for row in all_rows(&*services.store) {
        let listed: Vec<String> = row_digests(&row).unwrap().iter().map(|one| format!("{one:?}")).collect();
        for digest in find_digests(row.key.as_bytes()).into_iter().chain(find_digests(&row.value)) {
            let is_listed = listed.iter().any(|one| one.contains(&digest.to_string()));
            assert!(is_listed, "{} contains {digest}, which is not among {listed:?}", row.key);
            found += 1;
        }
    }
    assert!(found > 15, "{found} digests");
    services.close().await;
}

#[tokio::test]
async fn every_kind_of_row_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(folder.path());
    services.fill().await;
    let stats = read_stats(&*services.store).unwrap();
    let empty: Vec<_> = stats.groups.iter().filter(|group| group.rows == 0).map(|group| group.name).collect();
    assert!(empty.is_empty(), "no operation writes {empty:?}");
    let group = |name: &str| *stats.groups.iter().find(|group| group.name == name).unwrap();
    assert_eq!((group("model versions").rows, group("dataset versions").rows), (2, 4));
    assert_eq!(group("model versions").blobs.count, 3, "two artifacts, and customers of which no account was erased");
    let rows = all_rows(&*services.store);
    assert_eq!(stats.groups.iter().map(|group| group.rows).sum::<u64>(), rows.len() as u64);
    let inventory = Inventory::new(&rows);
    let existing = inventory.blobs().keys().filter(|digest| services.store.blob(digest).is_ok()).count() as u64;
    assert_eq!(stats.blobs.count, existing + stats.unnamed_blobs.unwrap().count);
    assert!(stats.disk.row_files > 0 && stats.disk.free.is_some_and(|free| free > 0), "{:?}", stats.disk);
    services.close().await;
}
