//! The version that answers scores is always complete and verified.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{fs, thread};

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{ModelName, ModelVersionAlias, ModelVersionName, ModelVersionRef};
use sweetspot_store::registry::{PromoteRequest, Registry};
use sweetspot_store::store::{ChangedKeys, SledStore};

use crate::registry::support::*;

fn on_disk(folder: &Path) -> Registry {
    open(Arc::new(SledStore::open(folder).unwrap()))
}

fn artifact_file(folder: &Path, registry: &Registry, number: u64) -> PathBuf {
    let digest = registry.version(&ModelVersionRef::Number(version(number))).unwrap().artifact.to_string();
    folder.join("blobs").join(&digest[..2]).join(digest)
}

fn flip_a_bit(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
}

#[test]
fn scores_during_promotions_are_those_of_one_version() {
    let registry = in_memory();
    publish(&registry, 4);
    let fits: Vec<_> = (1..=4)
        .map(|number| registry.resolve(&ModelVersionRef::Number(version(number))).unwrap().scorer.score(&account()))
        .collect();
    assert!((1..4).all(|index| fits[index] != fits[0]), "the versions can be told apart");
    promote(&registry, 1);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    let loaded = registry.live(&model_name()).unwrap();
                    let index = usize::try_from(loaded.name.number - 1).unwrap();
                    assert_eq!(loaded.scorer.score(&account()), fits[index]);
                }
            });
        }
        let _ending = SetOnDrop(&done);
        for round in 0..200 {
            promote(&registry, round % 4 + 1);
        }
    });
    assert_eq!(history(&registry).len(), 201);
}

#[test]
fn each_model_has_its_own_live_version() {
    let registry = in_memory();
    publish(&registry, 1);
    promote(&registry, 1);
    for other in ["workspaces/w/models/n", "workspaces/v/models/m"] {
        assert!(registry.live(&other.parse().unwrap()).is_err());
        let run = format!("{other}/trainingRuns/r").parse().unwrap();
        assert_eq!(registry.publish(&run, model_with_signal(1)).unwrap().name.number, 1);
        let error = registry
            .promote(&promotion(1, registry.version(&format!("{other}/versions/1").parse().unwrap()).unwrap().etag));
        assert_eq!(error.unwrap_err().reason(), "STALE_ETAG", "the etag of another model");
    }
}

#[test]
fn reopening_keeps_what_is_live() {
    let folder = tempfile::tempdir().unwrap();
    let registry = on_disk(folder.path());
    publish(&registry, 3);
    promote(&registry, 1);
    promote(&registry, 2);
    let (fit, before) = (registry.live(&model_name()).unwrap().scorer.score(&account()), etag(&registry));
    drop(registry);
    let registry = on_disk(folder.path());
    assert_eq!((live_number(&registry), etag(&registry)), (Some(2), before));
    assert_eq!(registry.live(&model_name()).unwrap().scorer.score(&account()), fit);
    assert_eq!(history(&registry), [(None, 1), (Some(1), 2)]);
}

#[test]
fn a_torn_artifact_is_never_promoted() {
    let folder = tempfile::tempdir().unwrap();
    let registry = on_disk(folder.path());
    publish(&registry, 2);
    promote(&registry, 1);
    let before = etag(&registry);
    let file = artifact_file(folder.path(), &registry, 2);
    let whole = fs::read(&file).unwrap();
    for (damaged, reason) in [(Some(&whole[..whole.len() / 2]), "BLOB_CORRUPT"), (None, "BLOB_MISSING")] {
        match damaged {
            Some(bytes) => fs::write(&file, bytes).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let error = registry.promote(&promotion(2, before.clone())).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, reason));
        assert_eq!((live_number(&registry), etag(&registry)), (Some(1), before.clone()));
    }
    fs::write(&file, whole).unwrap();
    assert_eq!(registry.promote(&promotion(2, before)).unwrap().to_version, 2);
}

#[test]
fn a_damaged_live_version_is_replaced_by_the_previous_one() {
    let folder = tempfile::tempdir().unwrap();
    let registry = on_disk(folder.path());
    publish(&registry, 2);
    promote(&registry, 1);
    promote(&registry, 2);
    let files = [1, 2].map(|number| artifact_file(folder.path(), &registry, number));
    let before = etag(&registry);
    drop(registry);
    flip_a_bit(&files[1]);
    let registry = on_disk(folder.path());
    assert_eq!(live_number(&registry), Some(1));
    assert_eq!(registry.resolve(&alias_ref(ModelVersionAlias::Live)).unwrap().name, version(1));
    assert_eq!(
        (alias_number(&registry, ModelVersionAlias::Live), etag(&registry)),
        (Some(2), before),
        "the alias is unchanged"
    );
    let failure = registry.live_failure(&model_name()).unwrap();
    assert_eq!(failure.stand_in, Some(version(1)));
    assert_eq!(failure.damaged.iter().map(|one| one.version.number).collect::<Vec<_>>(), [2]);
    drop(registry);
    flip_a_bit(&files[0]);
    let registry = on_disk(folder.path());
    assert_eq!((live_number(&registry), registry.has_live_version()), (None, false));
    let error = registry.live(&model_name()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "LIVE_VERSION_DAMAGED"));
    for file in &files {
        let (number, blob) = (error.to_string(), file.file_name().unwrap().to_str().unwrap());
        assert!(number.contains(blob), "{number}");
    }
    drop(registry);
    flip_a_bit(&files[1]);
    assert_eq!(live_number(&on_disk(folder.path())), Some(2));
}

#[test]
fn a_damaged_model_does_not_affect_another_and_a_promotion_ends_its_failure() {
    let folder = tempfile::tempdir().unwrap();
    let registry = on_disk(folder.path());
    publish(&registry, 2);
    promote(&registry, 1);
    let other: ModelName = "workspaces/w/models/n".parse().unwrap();
    let run = format!("{other}/trainingRuns/r").parse().unwrap();
    let etag = registry.publish(&run, model_with_signal(2)).unwrap().etag;
    let theirs = ModelVersionName { model: other.clone(), number: 1 };
    registry.promote(&PromoteRequest { version: theirs.clone(), ..promotion(1, etag) }).unwrap();
    let file = artifact_file(folder.path(), &registry, 1);
    drop(registry);
    flip_a_bit(&file);
    let registry = on_disk(folder.path());
    assert_eq!(registry.live(&model_name()).unwrap_err().reason(), "LIVE_VERSION_DAMAGED");
    assert_eq!((registry.live(&other).unwrap().name.clone(), registry.live_versions()), (theirs.clone(), vec![theirs]));
    assert_eq!(registry.live_failures().iter().map(|one| one.model.clone()).collect::<Vec<_>>(), [model_name()]);
    promote(&registry, 2);
    assert_eq!((live_number(&registry), registry.live_failures().len()), (Some(2), 0));
}

#[test]
fn a_live_version_in_memory_answers_while_its_file_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<SledStore> = Arc::new(SledStore::open(folder.path()).unwrap());
    let registry = open(store.clone());
    publish(&registry, 2);
    promote(&registry, 1);
    let file = artifact_file(folder.path(), &registry, 1);
    let artifact = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    registry.refresh(&ChangedKeys::All).unwrap();
    assert_eq!((live_number(&registry), registry.live_failures().len()), (Some(1), 0));
    // Another server promotes a version whose file is gone as well: the one in memory stands in for it.
    promote(&open(store), 2);
    let promoted = artifact_file(folder.path(), &registry, 2);
    fs::rename(&promoted, folder.path().join("away")).unwrap();
    for _ in 0..2 {
        registry.refresh(&ChangedKeys::All).unwrap();
        assert_eq!(live_number(&registry), Some(1));
        let failure = registry.live_failure(&model_name()).unwrap();
        assert_eq!(failure.stand_in, Some(version(1)));
        assert_eq!(failure.damaged.iter().map(|one| one.version.number).collect::<Vec<_>>(), [2, 1]);
    }
    fs::write(&file, artifact).unwrap();
    fs::rename(folder.path().join("away"), promoted).unwrap();
    registry.refresh(&ChangedKeys::All).unwrap();
    assert_eq!((live_number(&registry), registry.live_failures().len()), (Some(2), 0));
}
