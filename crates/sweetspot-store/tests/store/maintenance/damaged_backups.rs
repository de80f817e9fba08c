//! Backups that are damaged, and files that are no backups.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use sweetspot_store::backup::{BackupError, BackupSource, restore, unpack};
use sweetspot_store::store::{Commit, MemoryStore, Store};
use tar::{Builder, EntryType, Header};

use super::backups::{backup, restore_tar};

/// A small store with two blobs.
fn small_store() -> Arc<dyn Store> {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    for content in ["first blob", "second blob"] {
        let digest = store.put_blob(content.as_bytes()).unwrap().to_string();
        store.commit(&Commit::default().create(format!("unknown/{content}"), digest.into_bytes())).unwrap();
    }
    store
}

/// Asserts that a restore fails and leaves nothing but the lock.
#[track_caller]
fn refused(result: Result<impl std::fmt::Debug, BackupError>, folder: &Path) -> String {
    let error = result.unwrap_err();
    let names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.is_empty() || names == ["lock"], "{names:?} after {error}");
    error.to_string()
}

/// The files of the folder form, with their paths.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                found.push((path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    found
}

#[test]
fn every_changed_byte_of_a_file_is_refused_by_name() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backup");
    unpack(BackupSource::Tar(Box::new(Cursor::new(backup(&small_store())))), &folder).unwrap();
    let target = place.path().join("target");
    for (path, content) in files(&folder) {
        for byte in 0..content.len() {
            let mut damaged = content.clone();
            damaged[byte] ^= 1;
            fs::write(folder.join(&path), damaged).unwrap();
            let error = refused(restore(BackupSource::open(&folder).unwrap(), &target), &target);
            // A changed list of digests fits no file, so that a file may be named.
            let is_named = path == "SHA256SUMS" || error.contains(&path) || error.contains("format");
            assert!(is_named, "byte {byte} of {path}: {error}");
        }
        fs::remove_file(folder.join(&path)).unwrap();
        let error = refused(restore(BackupSource::open(&folder).unwrap(), &target), &target);
        assert!(error.contains(&path) && error.contains("missing"), "{path}: {error}");
        fs::write(folder.join(&path), content).unwrap();
    }
    restore(BackupSource::open(&folder).unwrap(), &target).unwrap();
}

#[test]
fn every_shortened_tar_file_is_refused() {
    let tar = backup(&small_store());
    let place = tempfile::tempdir().unwrap();
    // The end of a tar file is two empty blocks, and before them the last file is padded.
    for end in (0..tar.len() - 1024 - 512).step_by(97) {
        refused(restore_tar(&tar[..end], place.path()), place.path());
    }
    restore_tar(&tar, place.path()).unwrap();
}

/// A tar file with one entry.
fn tar_with(path: &[u8], kind: EntryType, link: Option<&str>, size: Option<u64>) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.as_old_mut().name.get_mut(..path.len()).unwrap().copy_from_slice(path);
    header.set_entry_type(kind);
    header.set_size(size.unwrap_or(3));
    header.set_mode(0o644);
    if let Some(link) = link {
        header.set_link_name(link).unwrap();
    }
    header.set_cksum();
    let mut builder = Builder::new(Vec::new());
    builder.append(&header, &b"abc"[..]).unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn hostile_tar_files_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let target = place.path().join("target");
    let plain = EntryType::Regular;
    for (tar, cause) in [
        (tar_with(b"../outside", plain, None, None), "not a file of a backup"),
        (tar_with(b"/etc/passwd", plain, None, None), "not a file of a backup"),
        (tar_with(b"blobs/../../outside", plain, None, None), "not a file of a backup"),
        (tar_with(b"rows/db", plain, None, None), "not a file of a backup"),
        (tar_with(b"lock", plain, None, None), "not a file of a backup"),
        (tar_with(b"manifest.json\xff", plain, None, None), "not a file of a backup"),
        (tar_with(b"manifest.json", EntryType::Symlink, Some("/etc/passwd"), Some(0)), "not a plain file"),
        (tar_with(b"journal", EntryType::Link, Some("../journal"), Some(0)), "not a plain file"),
        (tar_with(b"blobs", EntryType::Directory, None, Some(0)), "not a plain file"),
        (tar_with(b"device", EntryType::Char, None, Some(0)), "not a plain file"),
        (tar_with(b"long", EntryType::GNULongName, None, Some(1 << 40)), "not a plain file"),
        (tar_with(b"pax", EntryType::XHeader, None, Some(1 << 40)), "not a plain file"),
        (tar_with(b"sparse", EntryType::GNUSparse, None, None), "not a plain file"),
        (tar_with(b"journal", plain, None, None), "not in its place"),
        (tar_with(b"manifest.json", plain, None, None), "manifest.json"),
        (tar_with(b"manifest.json", plain, None, Some(1 << 40)), "too large"),
        (b"not a tar file".to_vec(), "cannot read"),
        (vec![7; 4096], "cannot read"),
        (Vec::new(), "manifest.json is missing"),
    ] {
        let error = refused(restore_tar(&tar, &target), &target);
        assert!(error.contains(cause), "{cause}: {error}");
    }
    assert!(!place.path().join("outside").exists());
}

/// Writes files as a tar file.
fn repack(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, content) in files {
        let mut header = Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_cksum();
        builder.append_data(&mut header, path, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn repeated_exchanged_and_additional_files_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("backup");
    unpack(BackupSource::Tar(Box::new(Cursor::new(backup(&small_store())))), &folder).unwrap();
    let mut whole = files(&folder);
    whole.sort_by_key(|(path, _)| (path != "manifest.json", path != "SHA256SUMS", path.clone()));
    let target = place.path().join("target");
    restore_tar(&repack(&whole), &target).unwrap();
    fs::remove_dir_all(&target).unwrap();
    let unlisted = (format!("blobs/ab/{}", "ab".repeat(32)), b"more".to_vec());
    for (tar, cause) in [
        ([whole.clone(), vec![whole[2].clone()]].concat(), "does not list once"),
        ([whole.clone(), vec![unlisted]].concat(), "does not list once"),
        ([vec![whole[1].clone()], whole.clone()].concat(), "not in its place"),
        (whole[..whole.len() - 1].to_vec(), "is missing"),
    ] {
        let error = refused(restore_tar(&repack(&tar), &target), &target);
        assert!(error.contains(cause), "{cause}: {error}");
    }
}

/// A change of a tar file.
#[derive(Clone, Debug)]
enum TarChange {
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    /// Moves a block of the format to another place.
    Move(prop::sample::Index, prop::sample::Index),
    /// Writes these bytes to a place.
    Write(prop::sample::Index, Vec<u8>),
}

fn tar_changes() -> impl Strategy<Value = Vec<TarChange>> {
    let place = any::<prop::sample::Index>;
    let change = prop_oneof![
        (place(), 0..8_u8).prop_map(|(place, bit)| TarChange::Flip(place, bit)),
        place().prop_map(TarChange::Cut),
        (place(), place()).prop_map(|(from, to)| TarChange::Move(from, to)),
        (place(), prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(place, bytes)| TarChange::Write(place, bytes)),
    ];
    prop::collection::vec(change, 1..4)
}

fn apply(mut tar: Vec<u8>, changes: &[TarChange]) -> Vec<u8> {
    for change in changes {
        let length = tar.len().max(1);
        tar.resize(length, 0);
        match change {
            TarChange::Flip(place, bit) => {
                let byte = tar.get_mut(place.index(length)).unwrap();
                *byte ^= 1 << bit;
            }
            TarChange::Cut(place) => tar.truncate(place.index(length)),
            TarChange::Move(from, to) => {
                let blocks: Vec<Vec<u8>> = tar.chunks(512).map(<[u8]>::to_vec).collect();
                let (from, to) = (from.index(blocks.len()), to.index(blocks.len()));
                let mut moved = blocks;
                let block = moved.remove(from);
                moved.insert(to.min(moved.len()), block);
                tar = moved.concat();
            }
            TarChange::Write(place, bytes) => {
                let start = place.index(length);
                tar.splice(start..length.min(start + bytes.len()), bytes.iter().copied());
            }
        }
    }
    tar
}

/// Reads a tar file in both ways: nothing is written outside the target, and all files are there, or none.
fn check_tar(tar: &[u8], whole: &[(String, Vec<u8>)]) {
    let place = tempfile::tempdir().unwrap();
    let source = || BackupSource::Tar(Box::new(Cursor::new(tar.to_vec())));
    let (files_target, store_target) = (place.path().join("files"), place.path().join("store"));
    match unpack(source(), &files_target) {
        Ok(_) => {
            let mut found = files(&files_target);
            found.sort();
            assert_eq!(found, whole);
            restore(source(), &store_target).unwrap();
        }
        result => {
            refused(result, &files_target);
            refused(restore(source(), &store_target), &store_target);
        }
    }
    let mut names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["files", "store"]);
}

/// A tar file, and the files in it with their names.
type TarAndFiles = (Vec<u8>, Vec<(String, Vec<u8>)>);

proptest! {
    #[test]
    fn changed_tar_files_and_other_bytes_are_refused_or_whole(
        changes in tar_changes(),
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
    ) {
        static SEED: LazyLock<TarAndFiles> = LazyLock::new(|| {
            let tar = backup(&small_store());
            let folder = tempfile::tempdir().unwrap();
            unpack(BackupSource::Tar(Box::new(Cursor::new(tar.clone()))), &folder.path().join("files")).unwrap();
            let mut whole = files(&folder.path().join("files"));
            whole.sort();
            (tar, whole)
        });
        let (tar, whole) = &*SEED;
        check_tar(&apply(tar.clone(), &changes), whole);
        check_tar(&bytes, whole);
    }
}
