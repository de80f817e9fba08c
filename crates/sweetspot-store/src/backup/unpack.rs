//! Writes a backup to a folder.

use std::fs;
use std::io::Read;
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
    files::make_folder(folder).map_err(BackupError::io("create", folder.display()))?;
    let mut entries = fs::read_dir(folder).map_err(BackupError::io("read", folder.display()))?;
    if entries.next().is_some() {
        return Err(BackupError::NotEmpty { path: folder.display().to_string() });
    }
    let mut writer = FolderWriter::new(folder);
    let written = verify(source, &mut writer);
    if written.is_err() {
        writer.remove_files();
    }
    written
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
