//! Writes a backup to a folder.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::file_name::FileName;
use super::folder_writer::FolderWriter;
use super::verify::{FileSink, verify};
use super::{BackupError, BackupSource, Manifest};
use crate::store::files;

/// Verifies a backup and writes its files to a new or an empty folder, durably. After an error, the folder is empty.
///
/// # Errors
/// If the backup cannot be read or is damaged, or the folder is not empty or cannot be written.
pub fn unpack(source: BackupSource, folder: &Path) -> Result<Manifest, BackupError> {
    check_empty(folder)?;
    files::make_folder(folder).map_err(BackupError::io("create", folder.display()))?;
    let mut writer = FolderWriter::new(folder);
    let written = verify(source, &mut writer);
    if written.is_err() {
        writer.remove_files();
    }
    written
}

/// Fails if a folder contains anything. A folder that does not exist is empty.
///
/// # Errors
/// [`BackupError::NotEmpty`], or if the folder cannot be read.
pub fn check_empty(folder: &Path) -> Result<(), BackupError> {
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(BackupError::NotEmpty { path: folder.display().to_string() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::io("read", folder.display())(error)),
    }
}

impl FileSink for FolderWriter {
    fn begin(&mut self, manifest: &Manifest) -> Result<(), BackupError> {
        self.check_space(manifest.bytes)
    }

    fn write(&mut self, name: FileName, content: &mut dyn Read) -> Result<(), BackupError> {
        if name == FileName::Sums {
            // The other files must be durable before the backup counts as complete.
            self.sync()?;
        }
        self.write_file(name, content)?;
        if name == FileName::Sums { self.sync() } else { Ok(()) }
    }
}
