//! Labels, descriptions and owners of versions.

use std::sync::Arc;

use sweetspot_core::ModelVersionRef;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_store::registry::{Registry, UpdateVersionRequest};
use sweetspot_store::store::MemoryStore;

use crate::registry::support::*;

fn update(registry: &Registry, id: &str) -> UpdateVersionRequest {
    UpdateVersionRequest {
        version: version(1),
        etag: etag(registry),
        labels: Some([("team".to_owned(), "sales".to_owned())].into()),
        description: Some("the first".to_owned()),
        owner: None,
        request: request(id),
    }
}

#[test]
fn only_the_given_fields_change_and_the_etag_with_them() {
    let registry = in_memory();
    publish(&registry, 2);
    let before = registry.version(&ModelVersionRef::Number(version(1))).unwrap();
    let first = registry.update_version(&update(&registry, "")).unwrap();
    assert_eq!(
        (first.annotations.labels["team"].as_str(), first.annotations.description.as_str()),
        ("sales", "the first")
    );
    assert_ne!(first.etag, before.etag);
    let owner = UpdateVersionRequest {
        owner: Some("ann".to_owned()),
        labels: None,
        description: None,
        ..update(&registry, "")
    };
    let second = registry.update_version(&owner).unwrap();
    assert_eq!((second.annotations.labels, second.annotations.owner.as_str()), (first.annotations.labels, "ann"));
    assert_eq!(second.annotations.description, "the first");
    assert_eq!(registry.version(&ModelVersionRef::Number(version(2))).unwrap().annotations, before.annotations);
    let stale = UpdateVersionRequest { etag: before.etag, ..update(&registry, "") };
    assert_eq!(registry.update_version(&stale).unwrap_err().reason(), "STALE_ETAG");
    let missing = UpdateVersionRequest { version: version(9), ..update(&registry, "") };
    assert_eq!(registry.update_version(&missing).unwrap_err().reason(), "VERSION_NOT_FOUND");
}

#[test]
fn a_repeated_update_has_no_further_effect() {
    let store = Arc::new(MemoryStore::new());
    let registry = open(store);
    publish(&registry, 1);
    let request = update(&registry, "a");
    let first = registry.update_version(&request).unwrap();
    assert_eq!(registry.update_version(&request).unwrap(), first);
}
