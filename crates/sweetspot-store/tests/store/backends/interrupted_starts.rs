//! Interrupted starts: the store is opened from every state of the files that one can leave, and no data is lost.

use std::fs;
use std::path::{Path, PathBuf};

use sweetspot_store::store::{SledStore, Store as _, StoreError};

use crate::backends::set_row;

const ROWS: u8 = 5;

/// The files of a folder with their contents.
type Files = Vec<(PathBuf, Vec<u8>)>;

fn files(folder: &Path) -> Files {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push((path.clone(), fs::read(path).unwrap())) }
    }
    found
}

/// Replaces the contents of a folder with these files.
fn restore(folder: &Path, files: &Files) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir_all(folder.join("rows/blobs")).unwrap();
    for (path, bytes) in files {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Opens the store and writes one row per round.
fn write(folder: &Path, rounds: impl IntoIterator<Item = u8>) {
    let store = SledStore::open(folder).unwrap();
    for round in rounds {
        store.commit(&set_row(&format!("row/{round}"), &[round; 300])).unwrap();
    }
}

/// Opens the store twice: the first start repairs it, and the second has nothing to repair.
fn is_whole(folder: &Path, rows: u8, state: &str) {
    for _ in 0..2 {
        let store = SledStore::open(folder).unwrap_or_else(|error| panic!("{state}: {error}"));
        let found = store.scan("row/", None, 99).unwrap();
        assert_eq!(found.len(), usize::from(rows), "{state}");
        assert!((0..).zip(&found).all(|(row, found)| found.value == [row; 300]), "{state}");
        drop(store);
        let left: Vec<_> = files(folder).into_iter().filter(|(path, _)| path.ends_with(".generating")).collect();
        assert!(left.is_empty(), "{state}");
    }
}

/// Returns the snapshot that a start wrote.
fn snapshot(files: &Files) -> (PathBuf, Vec<u8>) {
    let is_snapshot = |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with("snap.");
    files.iter().find(|(path, _)| is_snapshot(path)).unwrap().clone()
}

/// Returns the files before and after a start that writes a snapshot. Both contain the same rows.
fn start(folder: &Path) -> (Files, Files) {
    let before = files(folder);
    drop(SledStore::open(folder).unwrap());
    (before, files(folder))
}

/// Restores the files from before a start, each time with a longer prefix of the snapshot that it wrote.
fn replay(folder: &Path, before: &Files, after: &Files, rows: u8) {
    let (name, bytes) = snapshot(after);
    let unfinished = PathBuf::from(format!("{}.generating", name.display()));
    for end in 0..=bytes.len() {
        restore(folder, before);
        fs::write(&unfinished, &bytes[..end]).unwrap();
        is_whole(folder, rows, &format!("{end} of {} bytes of the snapshot", bytes.len()));
    }
    // The new snapshot is renamed and the older one is not yet removed.
    restore(folder, before);
    fs::write(&name, &bytes).unwrap();
    is_whole(folder, rows, "two snapshots");
    // An incomplete snapshot next to the complete one that was written after it.
    restore(folder, after);
    fs::write(unfinished, &bytes[..bytes.len() / 2]).unwrap();
    is_whole(folder, rows, "an unfinished snapshot beside a whole one");
}

#[test]
fn a_start_interrupted_in_its_first_snapshot_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 0..ROWS);
    let (before, after) = start(folder.path());
    replay(folder.path(), &before, &after, ROWS);
}

#[test]
fn a_start_interrupted_in_a_later_snapshot_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 0..ROWS);
    write(folder.path(), ROWS..2 * ROWS);
    let (before, after) = start(folder.path());
    assert_ne!(snapshot(&before).0, snapshot(&after).0);
    replay(folder.path(), &before, &after, 2 * ROWS);
}

#[test]
fn the_first_start_may_be_interrupted_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    drop(SledStore::open(folder.path()).unwrap());
    let conf = fs::read(folder.path().join("rows/conf")).unwrap();
    for end in 0..=conf.len() {
        restore(folder.path(), &Vec::new());
        fs::write(folder.path().join("rows/conf"), &conf[..end]).unwrap();
        is_whole(folder.path(), 0, &format!("{end} bytes of the conf"));
        write(folder.path(), 0..1);
        is_whole(folder.path(), 1, "a row written afterwards");
    }
}

#[test]
fn a_log_of_which_only_the_beginning_was_written_opens() {
    let folder = tempfile::tempdir().unwrap();
    drop(SledStore::open(folder.path()).unwrap());
    let whole = files(folder.path());
    let log = whole.iter().find(|(path, _)| path.ends_with("rows/db")).unwrap().clone();
    let used = log.1.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for end in 0..=used {
        restore(folder.path(), &whole);
        fs::write(&log.0, &log.1[..end]).unwrap();
        is_whole(folder.path(), 0, &format!("{end} of {used} bytes of the log"));
    }
}

#[test]
fn a_damaged_snapshot_is_reported_with_the_folder_and_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), 0..ROWS);
    let (_, after) = start(folder.path());
    let (name, mut bytes) = snapshot(&after);
    bytes[3] ^= 1;
    fs::write(name, bytes).unwrap();
    let error = SledStore::open(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(&folder.path().display().to_string()) && text.contains("backup"), "{text}");
    assert!(!text.contains("backtrace"), "{text}");
}
