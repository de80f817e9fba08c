//! Deletion of versions and models.

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{ModelVersionAlias, ModelVersionRef};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::registry::{
    DeleteModelRequest, DeleteVersionRequest, ModelRecord, Registry, RegistryError, VersionApproval,
};
use sweetspot_store::store::{MemoryStore, Store, StoreError};

use crate::registry::support::*;

fn deletion(number: u64, id: &str) -> DeleteVersionRequest {
    DeleteVersionRequest {
        version: version(number),
        etag: String::new(),
        reason: "not needed".to_owned(),
        actor: "ann".to_owned(),
        request: request(id),
    }
}

fn delete(registry: &Registry, number: u64) -> Result<ModelRecord, RegistryError> {
    registry.delete_version(&deletion(number, ""), &|_| Ok(None))
}

fn model_deletion(registry: &Registry, id: &str) -> DeleteModelRequest {
    DeleteModelRequest {
        model: model_name(),
        etag: etag(registry),
        force: true,
        reason: String::new(),
        actor: "ann".to_owned(),
        request: request(id),
    }
}

fn numbers(registry: &Registry, before: Option<u64>, limit: usize) -> Vec<u64> {
    let records = registry.versions(&model_name(), before, limit).unwrap();
    records.into_iter().map(|record| record.name.number).collect()
}

#[test]
fn a_deleted_version_is_gone_with_its_artifact_and_its_number_is_not_reused() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&store));
    publish(&registry, 3);
    promote(&registry, 1);
    promote(&registry, 2);
    promote(&registry, 3);
    let number = ModelVersionRef::Number(version(1));
    registry.resolve(&number).unwrap();
    let artifact = registry.version(&number).unwrap().artifact;
    let record = delete(&registry, 1).unwrap();
    assert_eq!((record.version_count, record.alias_targets), (2, [Some(3), Some(3), Some(2)]));
    for error in [
        registry.version(&number).unwrap_err(),
        registry.resolve(&number).unwrap_err(),
        registry.artifact(&number).unwrap_err(),
        registry.promote(&promotion(1, etag(&registry))).unwrap_err(),
        delete(&registry, 1).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.reason()), (ErrorKind::NotFound, "VERSION_NOT_FOUND"));
        assert!(error.to_string().contains("was deleted on 1970-01-01"), "{error}");
    }
    assert!(matches!(store.blob(&artifact), Err(StoreError::BlobMissing { .. })));
    assert_eq!(history(&registry), [(None, 1), (Some(1), 2), (Some(2), 3)], "the history keeps the version");
    assert_eq!(registry.publish(&run("next"), model_with_signal(0)).unwrap().name.number, 4);
    assert_eq!(numbers(&registry, None, 2), [4, 3]);
    assert_eq!(numbers(&registry, Some(3), 2), [2]);
}

#[test]
fn versions_in_use_are_not_deleted() {
    let registry = in_memory();
    publish(&registry, 3);
    promote(&registry, 1);
    promote(&registry, 2);
    for (number, why) in [(2, "it is live"), (1, "previous version")] {
        let error = delete(&registry, number).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "VERSION_IN_USE"));
        assert!(error.to_string().contains(why), "{error}");
    }
    let error = registry.delete_version(&deletion(3, ""), &|_| Ok(Some(VersionApproval::Approved(7)))).unwrap_err();
    assert!(error.to_string().contains("approved version 7"), "{error}");
    let stale = DeleteVersionRequest { etag: "0".to_owned(), ..deletion(3, "") };
    assert_eq!(registry.delete_version(&stale, &|_| Ok(None)).unwrap_err().reason(), "STALE_ETAG");
    assert_eq!(numbers(&registry, None, 9), [3, 2, 1]);
}

#[test]
fn the_newest_other_version_becomes_the_candidate() {
    let registry = in_memory();
    publish(&registry, 4);
    assert_eq!(delete(&registry, 3).unwrap().alias_targets, [None, Some(4), None]);
    assert_eq!(delete(&registry, 4).unwrap().alias_targets, [None, Some(2), None]);
    assert_eq!(delete(&registry, 2).unwrap().alias_targets, [None, Some(1), None]);
    let record = delete(&registry, 1).unwrap();
    assert_eq!((record.alias_targets, record.version_count), ([None; 3], 0));
    assert_eq!(registry.version(&alias_ref(ModelVersionAlias::Candidate)).unwrap_err().reason(), "VERSION_NOT_FOUND");
    assert_eq!(registry.publish(&run("next"), model_with_signal(0)).unwrap().name.number, 5);
}

#[test]
fn a_repeated_deletion_has_no_further_effect() {
    let registry = in_memory();
    publish(&registry, 2);
    let first = registry.delete_version(&deletion(1, "a"), &|_| Ok(None)).unwrap();
    assert_eq!(registry.delete_version(&deletion(1, "a"), &|_| Ok(None)).unwrap(), first);
    let request = model_deletion(&registry, "b");
    registry.delete_model(&request).unwrap();
    registry.delete_model(&request).unwrap();
}

#[test]
fn an_artifact_that_another_version_has_stays() {
    let registry = in_memory();
    publish(&registry, 1);
    registry.publish(&run("twin"), model_with_signal(0)).unwrap();
    delete(&registry, 1).unwrap();
    assert_eq!(registry.resolve(&ModelVersionRef::Number(version(2))).unwrap().name, version(2));
}

#[test]
fn a_deleted_model_leaves_only_the_numbers_that_are_taken() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&store));
    publish(&registry, 2);
    promote(&registry, 1);
    let artifact =
        registry.live(&model_name()).map(|_| registry.version(&alias_ref(ModelVersionAlias::Live)).unwrap().artifact);
    let before = etag(&registry);
    let unconfirmed = DeleteModelRequest { force: false, ..model_deletion(&registry, "") };
    let error = registry.delete_model(&unconfirmed).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::FailedPrecondition, "MODEL_NOT_EMPTY"));
    assert!(error.to_string().contains("2 versions"), "{error}");
    let unread = DeleteModelRequest { etag: String::new(), ..model_deletion(&registry, "") };
    assert_eq!(registry.delete_model(&unread).unwrap_err().reason(), "ETAG_MISSING");
    registry.delete_model(&model_deletion(&registry, "")).unwrap();
    registry.finish_deletion(&model_name()).unwrap();
    assert!(registry.live(&model_name()).is_err() && !registry.has_live_version());
    let error = registry.model(&model_name()).unwrap_err();
    assert_eq!(error.reason(), "MODEL_NOT_FOUND");
    assert!(error.to_string().contains("was deleted on 1970-01-01"), "{error}");
    assert!(matches!(store.blob(&artifact.unwrap()), Err(StoreError::BlobMissing { .. })));
    let rows = store.scan("", None, 100).unwrap();
    assert_eq!(rows.iter().map(|row| row.key.as_str()).collect::<Vec<_>>(), ["deleted-model/workspaces/w/models/m"]);
    assert_eq!(registry.publish(&run("next"), model_with_signal(0)).unwrap().name.number, 3);
    assert_eq!(numbers(&registry, None, 9), [3]);
    assert!(registry.promotions(&model_name(), None, 9).unwrap().is_empty());
    assert_ne!(etag(&registry), before);
    let error = registry.version(&ModelVersionRef::Number(version(2))).unwrap_err();
    assert!(error.to_string().contains("was deleted on 1970-01-01"), "{error}");
}

#[test]
fn the_deletion_of_a_model_continues_after_a_crash() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&store));
    publish(&registry, 2);
    registry.delete_model(&model_deletion(&registry, "")).unwrap();
    drop(registry);
    let registry = Registry::open(Arc::clone(&store), Arc::new(FixedClock(Timestamp::MAX))).unwrap();
    assert_eq!(registry.unfinished_deletions().unwrap(), [model_name()]);
    assert!(registry.model(&model_name()).is_err());
    for _ in 0..2 {
        registry.finish_deletion(&model_name()).unwrap();
        assert!(registry.unfinished_deletions().unwrap().is_empty());
        assert_eq!(store.scan("", None, 100).unwrap().len(), 1);
    }
}
