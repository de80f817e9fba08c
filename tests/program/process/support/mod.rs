//! A folder with a store, in which the program runs.

pub(crate) mod data;
pub(crate) mod server;
#[path = "../../../support/small_disk.rs"]
pub(crate) mod small_disk;
#[path = "../../../support/store_barrier.rs"]
pub(crate) mod store_barrier;

use std::fs;
use std::path::{Path, PathBuf};

use sweetspot_ingest::synth;

pub(crate) use crate::bench::{Bench, Run, signal};

impl Bench {
    /// Creates a folder with `customers.csv`, `prospects.csv` and `mapping.toml`.
    pub(crate) fn with_files() -> Self {
        let bench = Self::empty();
        bench.write("customers.csv", &synth::customers(11, 300));
        bench.write("prospects.csv", &synth::prospects(12, 40));
        bench.write("mapping.toml", synth::MAPPING);
        bench
    }

    /// Creates the same folder with versions 1 and 2, of which the second is live.
    pub(crate) fn with_models() -> Self {
        let bench = Self::with_files();
        let promote = "--promote --override signal --reason test";
        bench.ok(&format!("train customers.csv --mapping mapping.toml {promote}"));
        bench.write("more.csv", &synth::customers(13, 260));
        // Other companies under the same ids, so that the first version's scores for them are useless.
        let others =
            "--override auc_drop --override log_loss_rise --override lost_attributes --override missing_values";
        bench.ok(&format!("train more.csv --mapping mapping.toml --seed 5 {promote} {others} --override label_rate"));
        bench
    }

    /// Copies the files to another folder.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::empty();
        copy_folder(self.folder.path(), copy.folder.path());
        copy
    }

    /// Returns the total size of the files in a folder, in bytes.
    pub(crate) fn byte_count(&self, name: &str) -> u64 {
        files_in(&self.path(name)).iter().map(|file| fs::metadata(file).unwrap().len()).sum()
    }
}

/// Returns all files in a folder, ordered by path.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_in(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
