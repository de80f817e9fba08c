//! Reads the files of a backup, from a folder or from a tar file. Their content is not verified here.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use tar::{Archive, EntryType};

use super::BackupError;
use super::file_name::FileName;
use super::manifest::{MAX_FILES, decode_sums};

/// The maximum number of bytes of a path that an error repeats.
const MAX_PATH_BYTES: usize = 100;

/// Where a backup comes from.
pub enum BackupSource {
    /// A folder.
    Folder(PathBuf),
    /// The bytes of a tar file.
    Tar(Box<dyn Read + Send>),
}

/// Receives the files of a backup in order: the name, the size and the content of each.
pub(super) type Visit<'a> = &'a mut dyn FnMut(FileName, u64, &mut dyn Read) -> Result<(), BackupError>;

impl BackupSource {
    /// Opens a folder or a tar file.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, BackupError> {
        let file = File::open(path).map_err(BackupError::io("read", path.display()))?;
        let is_folder = file.metadata().is_ok_and(|found| found.is_dir());
        Ok(if is_folder { Self::Folder(path.to_owned()) } else { Self::Tar(Box::new(BufReader::new(file))) })
    }

    /// Passes each file to `visit`: the manifest first, then the digests, then all others.
    pub(super) fn read(self, visit: Visit<'_>) -> Result<(), BackupError> {
        match self {
            Self::Folder(folder) => read_folder(&folder, visit),
            Self::Tar(content) => read_tar(content, visit),
        }
    }
}

impl std::fmt::Debug for BackupSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => f.debug_tuple("Folder").field(folder).finish(),
            Self::Tar(_) => f.write_str("Tar"),
        }
    }
}

/// Files that the list of digests does not name are left out.
fn read_folder(folder: &Path, visit: Visit<'_>) -> Result<(), BackupError> {
    for name in [FileName::Manifest, FileName::Sums] {
        read_file(folder, name, visit)?;
    }
    let (sums, _) = open_file(folder, FileName::Sums)?;
    let listed = decode_sums(sums, MAX_FILES)?;
    listed.into_keys().filter(|name| *name != FileName::Manifest).try_for_each(|name| read_file(folder, name, visit))
}

fn read_file(folder: &Path, name: FileName, visit: Visit<'_>) -> Result<(), BackupError> {
    let (mut file, bytes) = open_file(folder, name)?;
    visit(name, bytes, &mut file)
}

fn open_file(folder: &Path, name: FileName) -> Result<(File, u64), BackupError> {
    let path = folder.join(name.to_string());
    let opened = File::open(&path).and_then(|file| Ok((file.metadata()?.len(), file)));
    match opened {
        Ok((bytes, file)) => Ok((file, bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(BackupError::Incomplete { file: name.to_string() })
        }
        Err(error) => Err(BackupError::io("read", path.display())(error)),
    }
}

/// Extensions of the tar format are not interpreted: a reader of them would hold a path of any length in memory.
fn read_tar(content: Box<dyn Read + Send>, visit: Visit<'_>) -> Result<(), BackupError> {
    let damaged = |source: std::io::Error| BackupError::Io { action: "read", path: "the backup".to_owned(), source };
    let mut archive = Archive::new(content);
    for entry in archive.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let foreign = |cause| BackupError::Foreign { path: path.chars().take(MAX_PATH_BYTES).collect(), cause };
        if entry.header().entry_type() != EntryType::Regular {
            return Err(foreign("which is not a plain file"));
        }
        let name = FileName::parse(&path).ok_or_else(|| foreign("which is not a file of a backup"))?;
        let bytes = entry.header().size().map_err(damaged)?;
        visit(name, bytes, &mut entry)?;
    }
    Ok(())
}
