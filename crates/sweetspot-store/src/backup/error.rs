//! Errors of backups.

use std::io;

use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

use super::DamagedBlobs;
use crate::store::StoreError;

/// An error of a backup or of a restore.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Files of the store are damaged or missing.
    #[error(
        "{} of the store cannot be backed up: {files}: restore a backup, import or train again, or delete what \
         uses them (`sweetspot store check` lists them all); to back up everything else, use --skip-damaged \
         (skip_damaged)",
        plural(files.count)
    )]
    DamagedBlobs {
        /// The files.
        files: DamagedBlobs,
    },
    /// A file of the backup is damaged.
    #[error("the backup is damaged: {file} ({cause}): use another backup")]
    Damaged {
        /// The path of the file within the backup.
        file: String,
        /// What is wrong with it.
        cause: String,
    },
    /// A file is missing.
    #[error("the backup is not complete, {file} is missing: use another backup")]
    Incomplete {
        /// The path of the file within the backup.
        file: String,
    },
    /// The backup contains a file that no backup contains.
    #[error("not a backup of a store: it contains {path:?}, {cause}")]
    Foreign {
        /// The path of the file within the backup, shortened.
        path: String,
        /// What is wrong with it.
        cause: &'static str,
    },
    /// The backup has a format that this release does not know.
    #[error(
        "the backup has format {found}, and this release of Sweetspot reads format {expected}: restore it with the \
         release that wrote it, or a newer one"
    )]
    UnknownFormat {
        /// The format of the backup.
        found: u32,
        /// The format that this release reads.
        expected: u32,
    },
    /// The backup contains too many files.
    #[error("the backup contains {files} files, which exceeds the limit of {limit}")]
    TooManyFiles {
        /// The number of files.
        files: u64,
        /// The limit.
        limit: u64,
    },
    /// The folder for a backup contains files.
    #[error("{path} is not empty: name a new or an empty folder, or delete the incomplete backup in it")]
    NotEmpty {
        /// The folder.
        path: String,
    },
    /// The disk is too small.
    #[error("{path} has {free_bytes} bytes free on its disk, and the backup needs {needed_bytes}: free some space")]
    NoSpace {
        /// The folder to write to.
        path: String,
        /// The free space in bytes.
        free_bytes: u64,
        /// The size of the backup in bytes.
        needed_bytes: u64,
    },
    /// The backup cannot be read, or its copy cannot be written.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// The attempted operation, such as `write`.
        action: &'static str,
        /// The file or folder.
        path: String,
        /// The error of the operating system.
        source: io::Error,
    },
}

impl BackupError {
    /// The error of an operation on a file.
    pub(super) fn io(action: &'static str, path: impl ToString) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_string(), source }
    }
}

impl ReportableError for BackupError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Store(source) => source.kind(),
            Self::DamagedBlobs { .. } | Self::Damaged { .. } | Self::Incomplete { .. } => ErrorKind::DataLoss,
            Self::Foreign { .. } | Self::UnknownFormat { .. } | Self::TooManyFiles { .. } => ErrorKind::InvalidArgument,
            Self::NotEmpty { .. } => ErrorKind::FailedPrecondition,
            Self::NoSpace { .. } => ErrorKind::ResourceExhausted,
            Self::Io { .. } => ErrorKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Store(source) => source.reason(),
            Self::DamagedBlobs { .. } => "BLOBS_DAMAGED",
            Self::Damaged { .. } => "BACKUP_DAMAGED",
            Self::Incomplete { .. } => "BACKUP_INCOMPLETE",
            Self::Foreign { .. } | Self::UnknownFormat { .. } => "BACKUP_UNKNOWN",
            Self::TooManyFiles { .. } => "BACKUP_TOO_LARGE",
            Self::NotEmpty { .. } => "BACKUP_EXISTS",
            Self::NoSpace { .. } => "DISK_FULL",
            Self::Io { .. } => "BACKUP_FAILED",
        }
    }
}

fn plural(files: u64) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}
