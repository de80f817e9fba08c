//! Restores a store from a backup.

use std::io::Read;
use std::path::Path;

use super::file_name::FileName;
use super::folder_writer::FolderWriter;
use super::verify::{FileSink, verify};
use super::{BackupError, BackupSource, Manifest};
use crate::store::RestoreTarget;
use crate::store::journal::{self, JournalContents, Remainder, journal_file};

/// Verifies a backup and writes a store to a new or an empty folder, durably. If this is interrupted, the folder does
/// not open as a store; after an error, it is empty.
///
/// # Errors
/// If the backup cannot be read or is damaged, or the folder is not empty or cannot be written.
pub fn restore(source: BackupSource, store: &Path) -> Result<Manifest, BackupError> {
    let target = RestoreTarget::create(store)?;
    let mut sink = StoreSink { files: FolderWriter::new(store) };
    let restored = verify(source, &mut sink).and_then(|manifest| {
        sink.files.sync()?;
        target.write_rows(read_journal(store)?)?;
        Ok(manifest)
    });
    match restored {
        Ok(manifest) => {
            target.complete()?;
            Ok(manifest)
        }
        Err(error) => {
            sink.files.remove_files();
            target.discard();
            Err(error)
        }
    }
}

/// Reads the journal of a backup, which is complete.
fn read_journal(store: &Path) -> Result<JournalContents, BackupError> {
    let damaged = |cause: String| BackupError::Damaged { file: FileName::Journal.to_string(), cause };
    let contents = journal::read(&journal_file(store)).map_err(|error| damaged(error.to_string()))?;
    if contents.remainder != Remainder::Nothing {
        return Err(damaged("its end is damaged".to_owned()));
    }
    Ok(contents)
}

/// Writes those files of a backup that a store has as well: the journal and the blobs.
struct StoreSink {
    files: FolderWriter,
}

impl FileSink for StoreSink {
    fn begin(&mut self, manifest: &Manifest) -> Result<(), BackupError> {
        self.files.check_space(manifest.bytes)
    }

    fn write(&mut self, name: FileName, content: &mut dyn Read) -> Result<(), BackupError> {
        match name {
            FileName::Manifest | FileName::Sums => Ok(()),
            FileName::Journal | FileName::Blob(_) => self.files.write_file(name, content),
        }
    }
}
