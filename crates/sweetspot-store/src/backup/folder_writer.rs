//! Writes the files of a backup to a folder, durably.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use super::BackupError;
use super::file_name::FileName;
use crate::store::{files, space};

/// The number of bytes that are copied at a time.
const BUFFER_BYTES: usize = 256 << 10;

/// A folder that is being written.
#[derive(Debug)]
pub(super) struct FolderWriter {
    root: PathBuf,
    /// The folders with new files.
    folders: BTreeSet<PathBuf>,
}

impl FolderWriter {
    /// Writes to a folder that exists.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), folders: BTreeSet::from([root.to_owned()]) }
    }

    /// Writes a new file. Its content is durable once this returns, and its name after [`Self::sync`].
    pub(super) fn write_file(&mut self, name: FileName, content: &mut dyn Read) -> Result<(), BackupError> {
        let path = self.root.join(name.to_string());
        let failed = || BackupError::io("write", path.display());
        if let Some(folder) = path.parent()
            && self.folders.insert(folder.to_owned())
        {
            files::make_folder(folder).map_err(failed())?;
        }
        let mut file = File::create_new(&path).map_err(failed())?;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let count = content.read(&mut buffer).map_err(BackupError::io("read", name))?;
            if count == 0 {
                break;
            }
            file.write_all(buffer.get(..count).unwrap_or_default()).map_err(failed())?;
        }
        file.sync_all().map_err(failed())
    }

    /// Fails if the disk has less free space than a backup of this size needs.
    pub(super) fn check_space(&self, needed_bytes: u64) -> Result<(), BackupError> {
        let measured = space::free_bytes(&self.root);
        let free_bytes = measured.map_err(BackupError::io("measure the free space of", self.root.display()))?;
        let path = self.root.display().to_string();
        if free_bytes < needed_bytes { Err(BackupError::NoSpace { path, free_bytes, needed_bytes }) } else { Ok(()) }
    }

    /// Makes the names of all files durable.
    pub(super) fn sync(&self) -> Result<(), BackupError> {
        for folder in &self.folders {
            files::sync_folder(folder).map_err(BackupError::io("write", folder.display()))?;
        }
        Ok(())
    }

    /// Removes the files of an incomplete backup, as far as possible.
    pub(super) fn remove_files(&self) {
        for name in [FileName::Manifest, FileName::Sums, FileName::Journal] {
            // The error that ended the backup is the one to report.
            let _removed = fs::remove_file(self.root.join(name.to_string()));
        }
        let _removed = fs::remove_dir_all(self.root.join("blobs"));
    }
}
