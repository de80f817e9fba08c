//! Versions: numbering, listing and resolution.

use std::sync::{Arc, Mutex};
use std::thread;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{Digest, ModelVersionAlias, ModelVersionRef};
use sweetspot_model::ModelArtifact;
use sweetspot_store::annotations::Annotations;
use sweetspot_store::registry::{ImportVersionRequest, Registry, RegistryError, RequestKey};
use sweetspot_store::store::MemoryStore;

use crate::registry::support::*;

#[test]
fn a_version_record_matches_its_artifact() {
    let registry = in_memory();
    let record = registry.publish(&run("r"), model_with_signal(0)).unwrap();
    let bytes = model_with_signal(0).to_bytes();
    assert_eq!((record.name.clone(), record.aliases.clone()), (version(1), vec![ModelVersionAlias::Candidate]));
    assert_eq!((record.artifact, record.artifact_bytes), (Digest::new(&bytes), bytes.len() as u64));
    assert_eq!(
        (record.schema, record.data),
        (model_with_signal(0).schema_digest(), Digest::new(&model_with_signal(0).seed().to_le_bytes()))
    );
    assert_eq!(
        (record.seed, record.trainer_version.as_str()),
        (model_with_signal(0).seed(), model_with_signal(0).trainer_version())
    );
    assert_eq!((record.run.clone(), record.evaluation.clone()), (Some(run("r")), model_with_signal(0).evaluation()));
    assert_eq!(registry.version(&ModelVersionRef::Number(version(1))).unwrap(), record);
    assert_eq!(registry.artifact(&alias_ref(ModelVersionAlias::Candidate)).unwrap(), *model_with_signal(0));
    assert!(!registry.has_live_version());
}

#[test]
fn a_run_publishes_once() {
    let registry = in_memory();
    let first = registry.publish(&run("r"), model_with_signal(0)).unwrap();
    let answers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| registry.publish(&run("r"), model_with_signal(0)).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| *answer == first));
    assert_eq!(registry.versions(&model_name(), None, 99).unwrap().len(), 1);
}

#[test]
fn runs_publishing_at_the_same_time_get_numbers_without_gaps() {
    let registry = in_memory();
    thread::scope(|scope| {
        for index in 0..8 {
            let registry = &registry;
            scope.spawn(move || registry.publish(&run(&format!("r{index}")), model_with_signal(index)).unwrap());
        }
    });
    let numbers = registry.versions(&model_name(), None, 99).unwrap().into_iter().map(|record| record.name.number);
    assert_eq!(numbers.collect::<Vec<_>>(), [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(alias_number(&registry, ModelVersionAlias::Candidate), Some(8));
}

#[test]
fn versions_are_paged_newest_first() {
    let registry = in_memory();
    publish(&registry, 5);
    let page = |before, limit| {
        let records = registry.versions(&model_name(), before, limit).unwrap();
        records.into_iter().map(|record| record.name.number).collect::<Vec<_>>()
    };
    assert_eq!(page(None, 2), [5, 4]);
    assert_eq!(page(Some(4), 2), [3, 2]);
    assert_eq!(page(Some(2), 2), [1]);
    assert_eq!(page(Some(1), 2), [0; 0]);
    assert_eq!(page(Some(0), 2), [0; 0]);
    assert_eq!(page(Some(99), 1), [5]);
    let other = "workspaces/other/models/m".parse().unwrap();
    assert_eq!(registry.versions(&other, None, 9).unwrap(), []);
}

#[test]
fn versions_order_by_number_whatever_the_clock_does() {
    let clock = Arc::new(BackwardClock(Mutex::new(1_000_000_000)));
    let registry = Registry::open(Arc::new(MemoryStore::new()), clock).unwrap();
    publish(&registry, 3);
    promote(&registry, 1);
    promote(&registry, 2);
    let records = registry.versions(&model_name(), None, 9).unwrap();
    assert!(
        records.is_sorted_by(|newer, older| newer.name.number > older.name.number && newer.created < older.created)
    );
    assert_eq!(alias_number(&registry, ModelVersionAlias::Candidate), Some(3));
    assert_eq!(history(&registry), [(None, 1), (Some(1), 2)]);
}

#[test]
fn missing_models_and_versions_are_reported_precisely() {
    let registry = in_memory();
    let kinds = |reference: &ModelVersionRef| {
        let version = registry.version(reference).unwrap_err();
        let resolve = registry.resolve(reference).unwrap_err();
        assert_eq!((version.kind(), version.reason()), (resolve.kind(), resolve.reason()));
        (resolve.kind(), resolve.reason())
    };
    let number = ModelVersionRef::Number(version(2));
    assert_eq!(kinds(&number), (ErrorKind::NotFound, "MODEL_NOT_FOUND"));
    assert_eq!(kinds(&alias_ref(ModelVersionAlias::Candidate)), (ErrorKind::NotFound, "MODEL_NOT_FOUND"));
    assert_eq!(kinds(&alias_ref(ModelVersionAlias::Live)), (ErrorKind::FailedPrecondition, "NO_LIVE_VERSION"));
    publish(&registry, 1);
    assert_eq!(kinds(&number), (ErrorKind::NotFound, "VERSION_NOT_FOUND"));
    assert_eq!(kinds(&alias_ref(ModelVersionAlias::Previous)), (ErrorKind::NotFound, "VERSION_NOT_FOUND"));
    assert_eq!(kinds(&alias_ref(ModelVersionAlias::Live)), (ErrorKind::FailedPrecondition, "NO_LIVE_VERSION"));
    assert!(matches!(registry.live(&model_name()), Err(RegistryError::NoLiveVersion { .. })));
}

#[test]
fn a_version_resolved_again_is_still_in_memory() {
    let inner = Arc::new(MemoryStore::new());
    publish(&open(Arc::clone(&inner) as _), 10);
    let store = Arc::new(FaultyStore::without_faults(inner));
    let registry = open(Arc::clone(&store) as _);
    let cost = |number| {
        let before = store.count();
        let loaded = registry.resolve(&ModelVersionRef::Number(version(number))).unwrap();
        assert_eq!(loaded.name, version(number));
        store.count() - before
    };
    assert!((1..=9).all(|number| cost(number) > 0));
    assert!((2..=9).all(|number| cost(number) == 0), "the last eight are cached");
    assert!(cost(1) > 0, "the one before is not");
    assert_eq!(cost(3), 0);
}

#[test]
fn opening_does_not_load_versions_that_are_not_live() {
    let inner = Arc::new(MemoryStore::new());
    let registry = open(Arc::clone(&inner) as _);
    publish(&registry, 100);
    promote(&registry, 50);
    let store = Arc::new(FaultyStore::without_faults(inner));
    assert_eq!(live_number(&open(Arc::clone(&store) as _)), Some(50));
    assert!(store.count() < 10, "{}", store.count());
}

fn import_of(artifact: &ModelArtifact, request: RequestKey) -> ImportVersionRequest {
    let annotations = Annotations { owner: "sales operations".to_owned(), ..Annotations::default() };
    ImportVersionRequest { model: model_name(), artifact: artifact.clone(), annotations, request }
}

#[test]
fn an_imported_version_is_a_version_without_a_run() {
    let registry = in_memory();
    registry.publish(&run("r"), model_with_signal(0)).unwrap();
    let record = registry.import_version(&import_of(model_with_signal(1), RequestKey::none())).unwrap();
    assert_eq!((record.name.clone(), record.run.clone(), record.dataset.clone()), (version(2), None, None));
    assert_eq!(
        (record.aliases.clone(), &*record.annotations.owner),
        (vec![ModelVersionAlias::Candidate], "sales operations")
    );
    assert_eq!(record.artifact, Digest::new(&model_with_signal(1).to_bytes()));
    assert_eq!(registry.version(&ModelVersionRef::Number(version(2))).unwrap(), record);
    let trained = registry.publish(&run("r-2"), model_with_signal(2)).unwrap();
    assert_eq!(trained.name, version(3));
}

#[test]
fn a_repeated_import_returns_the_version_of_the_first_one() {
    let registry = in_memory();
    let key = |body: &[u8]| RequestKey { id: "r".to_owned(), body: Digest::new(body) };
    let first = registry.import_version(&import_of(model_with_signal(0), key(b"1"))).unwrap();
    assert_eq!(registry.import_version(&import_of(model_with_signal(0), key(b"1"))).unwrap(), first);
    assert_eq!(registry.versions(&model_name(), None, 9).unwrap().len(), 1);
    let reused = registry.import_version(&import_of(model_with_signal(1), key(b"2"))).unwrap_err();
    assert_eq!(reused.reason(), "REQUEST_ID_REUSED");
}
