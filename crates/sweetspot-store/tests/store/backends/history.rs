//! Copies of a store after each of its commits.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::store::{Commit, SledStore, Store as _, StoreError};
use tempfile::TempDir;

use crate::backends::set_row;

/// The rows of a store, by key.
pub(super) type Contents = BTreeMap<String, Vec<u8>>;

pub(super) fn contents(store: &SledStore) -> Contents {
    store.scan("", None, 999).unwrap().into_iter().map(|row| (row.key, row.value)).collect()
}

/// Opens a store twice, and returns its rows, or the reason of the refusal.
pub(super) fn open(folder: &Path) -> Result<Contents, &'static str> {
    let read = || SledStore::open(folder).map(|store| contents(&store)).map_err(|error| refused(&error));
    let found = read();
    assert_eq!(read(), found, "the second start differs");
    found
}

fn refused(error: &StoreError) -> &'static str {
    assert_eq!(error.kind(), ErrorKind::DataLoss, "{error}");
    let text = error.to_string();
    assert!(text.contains("store repair") || text.contains("backup") || text.contains("newer release"), "{text}");
    error.reason()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = { (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name())) };
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Copies of a store after each of some commits, the first before all of them.
pub(super) struct ChangeHistory {
    copies: Vec<TempDir>,
    pub(super) contents: Vec<Contents>,
}

impl ChangeHistory {
    pub(super) fn new(commits: &[Commit]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut history = Self { copies: Vec::new(), contents: Vec::new() };
        history.add(folder.path());
        for commit in commits {
            SledStore::open(folder.path()).unwrap().commit(commit).unwrap();
            history.add(folder.path());
        }
        history
    }

    fn add(&mut self, folder: &Path) {
        self.contents.push(contents(&SledStore::open(folder).unwrap()));
        let copy = tempfile::tempdir().unwrap();
        copy_folder(folder, copy.path());
        self.copies.push(copy);
    }

    /// A store with the rows after some commits, and the journal after others.
    pub(super) fn mixed(&self, rows: usize, journal: usize) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(self.copies[rows].path(), folder.path());
        fs::copy(self.copies[journal].path().join("journal"), folder.path().join("journal")).unwrap();
        folder
    }

    pub(super) fn journal(&self, commits: usize) -> Vec<u8> {
        fs::read(self.copies[commits].path().join("journal")).unwrap()
    }
}

/// A store after each of four commits.
pub(super) fn four_rows() -> ChangeHistory {
    ChangeHistory::new(&[1, 2, 3, 4].map(|number| set_row(&format!("row/{number}"), &[number; 300])))
}
