//! Backups, and stores that are restored from them.

use std::fs;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::Digest;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_store::backup::{BackupError, BackupOptions, BackupSource, BackupStream, Manifest, restore, unpack};
use sweetspot_store::integrity::check;
use sweetspot_store::inventory::{BlobNeed, Inventory};
use sweetspot_store::store::{Commit, Examination, MemoryStore, SledStore, Store, StoreError};

use super::filled_store::StoreServices;

fn start(store: &Arc<dyn Store>, skip_damaged: bool) -> Result<BackupStream, BackupError> {
    BackupStream::start(Arc::clone(store), Timestamp::UNIX_EPOCH, BackupOptions { skip_damaged })
}

/// Reads a whole backup as a tar file.
pub(super) fn backup(store: &Arc<dyn Store>) -> Vec<u8> {
    let mut stream = start(store, false).unwrap();
    let mut bytes = Vec::new();
    while let Some(part) = stream.next_part(1000).unwrap() {
        assert!(part.len() <= 1000);
        bytes.extend(part);
    }
    bytes
}

pub(super) fn restore_tar(tar: &[u8], folder: &Path) -> Result<Manifest, BackupError> {
    restore(BackupSource::Tar(Box::new(Cursor::new(tar.to_vec()))), folder)
}

/// Asserts that a store has the same rows and blobs as another one, without its garbage.
pub(super) fn assert_same(original: &dyn Store, restored: &dyn Store) {
    let rows = original.scan("", None, usize::MAX).unwrap();
    assert_eq!(restored.scan("", None, usize::MAX).unwrap(), rows);
    let inventory = Inventory::new(&rows);
    for digest in inventory.blobs().keys() {
        match original.blob(digest) {
            Ok(bytes) => assert_eq!(restored.blob(digest).unwrap(), bytes),
            Err(_) => assert!(restored.blob(digest).is_err()),
        }
    }
    let count: usize = (0..=255).map(|byte| restored.maintenance().list_blobs(byte).unwrap().len()).sum();
    assert!(count <= inventory.blobs().len(), "only named blobs are in a backup");
}

#[tokio::test]
async fn a_store_is_restored_from_either_form() {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(&folder.path().join("original"));
    services.fill().await;
    services.store.put_blob(b"never named").unwrap();
    let tar = backup(&services.store);
    let files = folder.path().join("backup");
    let manifest = unpack(BackupSource::Tar(Box::new(Cursor::new(tar.clone()))), &files).unwrap();
    assert_eq!(manifest.records.get("model versions"), Some(&2));
    for (name, source) in [
        ("from-tar", BackupSource::Tar(Box::new(Cursor::new(tar)))),
        ("from-folder", BackupSource::open(&files).unwrap()),
    ] {
        let target = folder.path().join(name);
        assert_eq!(restore(source, &target).unwrap(), manifest);
        let restored = SledStore::open(&target).unwrap();
        assert_same(&*services.store, &restored);
    }
    let restored = StoreServices::open(&folder.path().join("from-tar"));
    restored.import(9, "import-9");
    restored.train("train-9").await;
    restored.close().await;
    services.close().await;
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_the_store_changes() {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(&folder.path().join("original"));
    services.fill().await;
    let before = services.store.scan("", None, usize::MAX).unwrap();
    let mut stream = start(&services.store, false).unwrap();
    // These imports remove the newest version, whose blob is not read yet.
    for seed in 6..=8 {
        services.import(seed, "");
    }
    let mut tar = Vec::new();
    stream.read_to_end(&mut tar).unwrap();
    drop(stream);
    let target = folder.path().join("restored");
    restore_tar(&tar, &target).unwrap();
    let restored = SledStore::open(&target).unwrap();
    assert_eq!(restored.scan("", None, usize::MAX).unwrap(), before);
    let inventory = Inventory::new(&before);
    let needed = inventory.blobs().iter().filter(|(_, need)| **need == BlobNeed::Required).map(|(digest, _)| digest);
    for digest in needed.clone() {
        restored.blob(digest).unwrap();
    }
    let removed = needed.filter(|digest| services.store.blob(digest).is_err()).count();
    assert!(removed > 0, "the removal of blobs was only deferred");
    services.close().await;
}

#[test]
fn an_empty_store_can_be_restored() {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    restore_tar(&backup(&store), folder.path()).unwrap();
    assert!(SledStore::open(folder.path()).unwrap().scan("", None, 1).unwrap().is_empty());
}

/// Damages one blob of a store and removes another one. Returns their digests, and the content of each.
fn damage_two(folder: &Path, services: &StoreServices) -> [(Digest, PathBuf, Vec<u8>); 2] {
    let inventory = Inventory::new(services.store.scan("", None, usize::MAX).unwrap());
    let needed = inventory.blobs().iter().filter(|(_, need)| **need == BlobNeed::Required).map(|(digest, _)| *digest);
    let found = [0, 1].map(|place| {
        let digest = needed.clone().nth(place).unwrap();
        let path = folder.join(format!("blobs/{:02x}/{digest}", digest.first_byte()));
        let intact = fs::read(&path).unwrap();
        (digest, path, intact)
    });
    let mut changed = found[0].2.clone();
    *changed.get_mut(10).unwrap() ^= 1;
    fs::write(&found[0].1, changed).unwrap();
    fs::remove_file(&found[1].1).unwrap();
    found
}

#[tokio::test]
async fn damaged_and_missing_blobs_end_a_backup_with_the_name_and_the_uses_of_each() {
    let folder = tempfile::tempdir().unwrap();
    let services = StoreServices::open(folder.path());
    services.fill().await;
    let blobs = damage_two(folder.path(), &services);
    let read_all = || {
        let mut stream = start(&services.store, false)?;
        while stream.next_part(1 << 20)?.is_some() {}
        Ok::<_, BackupError>(())
    };
    let [(changed, ..), (missing, missing_path, missing_bytes)] = &blobs;
    let BackupError::DamagedBlobs { files } = read_all().unwrap_err() else { panic!("another error") };
    let named: Vec<_> = files.first.iter().map(|file| (file.sha256.clone(), file.cause.split(':').next())).collect();
    let expected = [(changed.to_string(), Some("is damaged")), (missing.to_string(), Some("is missing"))];
    assert_eq!((files.count, named), (2, expected.to_vec()));
    assert!(files.first.iter().all(|file| file.use_count > 0 && file.uses[0].contains("workspaces/w/")), "{files:?}");
    // The damaged one is found while the backup is read.
    fs::write(missing_path, missing_bytes).unwrap();
    let error = read_all().unwrap_err();
    assert_eq!(error.reason(), "BLOBS_DAMAGED");
    let text = error.to_string();
    assert!(text.contains(&changed.to_string()) && text.contains("--skip-damaged"), "{text}");
    assert!(!text.contains(&missing.to_string()), "{text}");
    fs::write(&blobs[0].1, &blobs[0].2).unwrap();
    read_all().unwrap();
    services.close().await;
}

#[tokio::test]
async fn a_backup_without_damaged_blobs_names_them_and_is_restored_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let original = folder.path().join("original");
    let services = StoreServices::open(&original);
    services.fill().await;
    let blobs = damage_two(&original, &services);
    let mut stream = start(&services.store, true).unwrap();
    let skipped = stream.skipped().clone();
    let mut tar = Vec::new();
    stream.read_to_end(&mut tar).unwrap();
    let digests: Vec<String> = blobs.iter().map(|(digest, ..)| digest.to_string()).collect();
    assert_eq!(skipped.first.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>(), digests);
    let target = folder.path().join("restored");
    let manifest = restore_tar(&tar, &target).unwrap();
    assert_eq!(manifest.skipped, skipped);
    services.close().await;
    let faults = check(&Examination::new(&target).unwrap()).unwrap().faults;
    let found: Vec<&str> = faults.iter().map(|fault| fault.what.as_str()).collect();
    assert_eq!(found.len(), 2, "{found:?}");
    for (digest, fault) in digests.iter().zip(&faults) {
        assert!(fault.what.contains(digest) && fault.what.ends_with("it is missing"), "{}", fault.what);
        assert!(!fault.affects.is_empty());
    }
    let restored = StoreServices::open(&target);
    let again = start(&restored.store, true).unwrap();
    assert_eq!(again.skipped().first.len(), 2);
    drop(again);
    assert!(start(&restored.store, false).is_err());
    restored.close().await;
}

#[test]
fn only_an_empty_folder_is_restored_to() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let tar = backup(&store);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("lost+found")).unwrap();
    restore_tar(&tar, folder.path()).unwrap();
    let error = restore_tar(&tar, folder.path()).unwrap_err();
    assert!(matches!(error, BackupError::Store(StoreError::NotEmpty { .. })), "{error}");
    let open = SledStore::open(folder.path()).unwrap();
    let error = restore_tar(&tar, folder.path()).unwrap_err();
    assert!(matches!(error, BackupError::Store(StoreError::InUse { .. })), "{error}");
    drop(open);
    let files = tempfile::tempdir().unwrap();
    fs::write(files.path().join("notes"), "").unwrap();
    let error = unpack(BackupSource::Tar(Box::new(Cursor::new(tar))), files.path()).unwrap_err();
    assert!(matches!(error, BackupError::NotEmpty { .. }), "{error}");
    assert!(files.path().join("notes").exists());
}

/// A reader that fails after some bytes.
struct Interrupted(Cursor<Vec<u8>>);

impl Read for Interrupted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(io::ErrorKind::ConnectionReset.into()),
            count => Ok(count),
        }
    }
}

#[test]
fn an_error_leaves_an_empty_folder() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    store
        .commit(&Commit::default().create("unknown", store.put_blob(b"blob").unwrap().to_string().into_bytes()))
        .unwrap();
    let tar = backup(&store);
    for end in [0, 100, 600, 2000, tar.len() - 1500] {
        let source = || BackupSource::Tar(Box::new(Interrupted(Cursor::new(tar[..end].to_vec()))));
        let folder = tempfile::tempdir().unwrap();
        assert!(unpack(source(), folder.path()).is_err(), "{end}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{end}");
        assert!(restore(source(), folder.path()).is_err(), "{end}");
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["lock"], "{end}");
        restore_tar(&tar, folder.path()).unwrap();
    }
}

#[test]
fn an_interrupted_restore_does_not_open_as_a_store() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let folder = tempfile::tempdir().unwrap();
    restore_tar(&backup(&store), folder.path()).unwrap();
    fs::write(folder.path().join("restoring"), "").unwrap();
    let opened = SledStore::open(folder.path()).unwrap_err();
    let again = restore_tar(&backup(&store), folder.path()).unwrap_err();
    for error in [opened.to_string(), again.to_string()] {
        assert!(error.contains("interrupted") && error.contains("delete the folder"), "{error}");
    }
}
