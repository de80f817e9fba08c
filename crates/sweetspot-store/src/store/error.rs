//! Errors of a store.

use std::error::Error;
use std::io;
use std::path::Path;

use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};

use super::MAX_ROW_BYTES;
use crate::stored::ReadError;

/// An error of a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row differs from what the commit expects.
    #[error("another request changed the record {key:?} at the same time: try again")]
    Conflict {
        /// The key of the row.
        key: String,
    },
    /// A row is larger than [`MAX_ROW_BYTES`].
    #[error(
        "the record {key:?} would have {bytes} bytes, which exceeds the limit of {MAX_ROW_BYTES}: shorten the texts of the request"
    )]
    RowTooLarge {
        /// The key of the row.
        key: String,
        /// The size of the row in bytes.
        bytes: usize,
    },
    /// The blob does not exist.
    #[error("blob {digest} is missing from store {store}: restore a backup of the folder, or import or train again")]
    BlobMissing {
        /// The SHA-256 of the blob.
        digest: Digest,
        /// The folder of the store.
        store: String,
    },
    /// The bytes of a blob do not match its digest.
    #[error(
        "blob {digest} in store {store} is damaged, its bytes have a different SHA-256: restore a backup of the \
         folder, or import or train again"
    )]
    BlobCorrupt {
        /// The expected SHA-256.
        digest: Digest,
        /// The folder of the store.
        store: String,
    },
    /// Another process has the store open.
    #[error("store {path} is in use by another process: stop that process, or use it with --server")]
    InUse {
        /// The folder of the store.
        path: String,
    },
    /// The disk, or a quota on it, is full.
    #[error(
        "store {path} has no space left on its disk: free some space, then try again; everything acknowledged is stored"
    )]
    Full {
        /// The folder of the store.
        path: String,
    },
    /// Less space is free on the disk than must stay free.
    #[error(
        "store {path} takes no new data: its disk has {} free, and {} must be (server.min_free_disk): free some space, \
         for example by deleting dataset versions; scores, other reads and deletions go on",
        mebibytes(*free_bytes), mebibytes(*required_bytes)
    )]
    LowSpace {
        /// The folder of the store.
        path: String,
        /// The free space in bytes.
        free_bytes: u64,
        /// The space that must be free, including the data to be written, in bytes.
        required_bytes: u64,
    },
    /// The rows cannot be written after an earlier failure. The store contains what is on its disk.
    #[error("changes are refused until the store can be written, which every change tries again: {cause}")]
    ReadOnly {
        /// The error with which the last attempt ended. Names the folder of the store.
        cause: String,
    },
    /// The folder, or a file in it, was deleted or replaced while the store was open.
    #[error(
        "store {path} was deleted or replaced while it was in use: stop this process, put a backup in place of the \
         folder, and start it again; live models score until then"
    )]
    Gone {
        /// The folder of the store.
        path: String,
    },
    /// There are blobs or a journal, but not the rows.
    #[error(
        "store {path} has lost its rows: rows/db is missing or empty, although {}",
        rows_missing_advice(*has_journal)
    )]
    RowsMissing {
        /// The folder of the store.
        path: String,
        /// Whether the journal can rebuild the rows.
        has_journal: bool,
    },
    /// The rows lack changes that the journal contains.
    #[error(
        "store {path} has rows that are older than its journal: they lack the last changes ({changes}): run `sweetspot \
         store repair`, which rebuilds them from the journal, and check the disk"
    )]
    RowsBehind {
        /// The folder of the store.
        path: String,
        /// The number of changes.
        changes: u64,
    },
    /// The journal is missing or damaged, or lacks changes that the rows contain.
    #[error(
        "store {path} cannot open the file journal ({cause}): run `sweetspot store repair`, which creates it again from \
         the rows if they are intact, and check the disk"
    )]
    JournalDamaged {
        /// The folder of the store.
        path: String,
        /// A description of the damage.
        cause: String,
    },
    /// A newer release wrote the store.
    #[error(
        "store {path} has format {found}, which a newer release wrote: use that release, or restore a backup that this \
         one made"
    )]
    NewerFormat {
        /// The folder of the store.
        path: String,
        /// The format.
        found: u32,
    },
    /// The file `format` is not one.
    #[error(
        "store {path} has a damaged file format: run `sweetspot store repair`, which writes it again, and check the disk"
    )]
    FormatDamaged {
        /// The folder of the store.
        path: String,
    },
    /// A backup was not restored completely.
    #[error(
        "store {path} is not complete, because the restore of a backup was interrupted: delete the folder, and restore \
         the backup again (sweetspot store restore)"
    )]
    RestoreIncomplete {
        /// The folder of the store.
        path: String,
    },
    /// A copy of a store was not made completely.
    #[error(
        "the store is not complete, because a copy of another one was interrupted: delete it, and copy again \
         (sweetspot store copy)"
    )]
    CopyIncomplete,
    /// A backup can only be restored to an empty folder.
    #[error("store {path} is not empty: a backup can only be restored to a new or an empty folder (--store)")]
    NotEmpty {
        /// The folder of the store.
        path: String,
    },
    /// The operating system reports an error on the store's files.
    #[error("store {path} cannot {action} ({source}): {}", advice(.source))]
    Io {
        /// The folder of the store.
        path: String,
        /// The attempted operation, such as `write rows`.
        action: &'static str,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The files that contain the rows cannot be read.
    #[error(
        "store {path} cannot {action}, its files are damaged ({cause}): run `sweetspot store repair`, which rebuilds \
         them from the journal, or put a backup in place of the folder"
    )]
    Damaged {
        /// The folder of the store.
        path: String,
        /// The attempted operation, such as `open its rows`.
        action: &'static str,
        /// A description of the damage.
        cause: String,
    },
    /// The URL of a database, or a file that it names, cannot be used.
    #[error("the URL of database {store} cannot be used ({cause}): correct it, or the file that it names")]
    DatabaseUrl {
        /// The URL without its password.
        store: String,
        /// What is wrong.
        cause: String,
    },
    /// The address of an object store, or the environment, cannot be used.
    #[error(
        "the address {store} of an object store cannot be used ({cause}): correct the setting objects.url, or the environment"
    )]
    ObjectUrl {
        /// The address.
        store: String,
        /// What is wrong.
        cause: String,
    },
    /// The blobs of a store are not where this process looks for them.
    #[error(
        "the setting objects.url does not fit this store: {cause}; set the address with which the store was created, or move it \
         with sweetspot store copy"
    )]
    BlobsElsewhere {
        /// Where the blobs are, or are not.
        cause: String,
    },
    /// A database or an object store does not answer, or refuses this process. Nothing was changed.
    #[error("store {store} cannot be used at present: {cause}")]
    Unreachable {
        /// The URL without its password.
        store: String,
        /// The error of the connection or of the database.
        cause: String,
    },
    /// A database did not answer in the middle of a change.
    #[error(
        "database {store} did not confirm a change, which it may have made ({cause}): try again later with the same \
         request id"
    )]
    Undecided {
        /// The URL without its password.
        store: String,
        /// The error of the connection or of the database.
        cause: String,
    },
    /// Another process has acquired the lease of a commit.
    #[error("another server has taken over the work {name:?}: nothing was changed")]
    LeaseLost {
        /// The name of the lease.
        name: String,
    },
    /// A stored message cannot be read.
    #[error(transparent)]
    Message(#[from] ReadError),
    /// Any other failure, such as a thread that cannot be started.
    #[error("the store cannot {action}: try again, and see the log for the cause")]
    Backend {
        /// The attempted operation, such as `write rows`.
        action: &'static str,
        /// The cause.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// The error of a failed file operation on the store in `folder`. A full disk has a variant of its own.
    pub(super) fn io(folder: &Path, action: &'static str, source: io::Error) -> Self {
        let path = folder.display().to_string();
        if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return Self::Full { path };
        }
        Self::Io { path, action, source }
    }

    /// The error of a change that failed, although it may be made after a restart: never that of a full disk, which is
    /// only for changes that are not made.
    pub(super) fn into_undecided(self, action: &'static str) -> Self {
        if let Self::Full { path } = self {
            return Self::Io { path, action, source: io::ErrorKind::StorageFull.into() };
        }
        self
    }

    /// The error of a read of [`super::BlobReader`].
    #[must_use]
    pub fn from_read(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => error,
            Err(source) => Self::Backend { action: "read a blob", source: source.into() },
        }
    }

    /// Whether the store refused a change, which was not made, and may accept it later.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Full { .. }
                | Self::LowSpace { .. }
                | Self::ReadOnly { .. }
                | Self::Gone { .. }
                | Self::Unreachable { .. }
        )
    }

    /// Whether the disk takes no data at present, although it can be read.
    pub(super) fn is_unwritable(&self) -> bool {
        let is_read_only = |source: &io::Error| source.kind() == io::ErrorKind::ReadOnlyFilesystem;
        matches!(self, Self::Full { .. }) || matches!(self, Self::Io { source, .. } if is_read_only(source))
    }
}

/// A size with one decimal, such as `63.9 MiB`.
fn mebibytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// What else there is in a store without rows, and what to do.
const fn rows_missing_advice(has_journal: bool) -> &'static str {
    if has_journal {
        "the journal contains changes: run `sweetspot store repair`, which rebuilds them from the journal, or put a \
         backup in place of the folder"
    } else {
        "blobs/ contains models or datasets: put a backup in place of the folder, or delete both to start with an empty \
         store"
    }
}

/// Advice for an error of the operating system.
fn advice(error: &io::Error) -> &'static str {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most of the many error kinds are errors of the disk")]
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "give the user of this process write permission, or name another folder with --store"
        }
        io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::AlreadyExists
        | io::ErrorKind::NotFound => "name another folder with --store, or move the file that is in its place",
        io::ErrorKind::FileTooLarge => "raise the limit on the size of files (ulimit -f), then try again",
        _ => "check the disk and its mount, then try again",
    }
}

impl ReportableError for StoreError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Conflict { .. } | Self::LeaseLost { .. } => ErrorKind::Aborted,
            Self::Full { .. } | Self::LowSpace { .. } => ErrorKind::ResourceExhausted,
            Self::ReadOnly { .. } | Self::Unreachable { .. } | Self::Undecided { .. } => ErrorKind::Unavailable,
            Self::InUse { .. }
            | Self::RestoreIncomplete { .. }
            | Self::CopyIncomplete
            | Self::NotEmpty { .. }
            | Self::DatabaseUrl { .. }
            | Self::ObjectUrl { .. }
            | Self::BlobsElsewhere { .. } => ErrorKind::FailedPrecondition,
            Self::BlobMissing { .. }
            | Self::BlobCorrupt { .. }
            | Self::Gone { .. }
            | Self::RowsMissing { .. }
            | Self::RowsBehind { .. }
            | Self::JournalDamaged { .. }
            | Self::NewerFormat { .. }
            | Self::FormatDamaged { .. }
            | Self::Damaged { .. }
            | Self::Message(_) => ErrorKind::DataLoss,
            Self::RowTooLarge { .. } | Self::Io { .. } | Self::Backend { .. } => ErrorKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "CONFLICT",
            Self::Full { .. } | Self::LowSpace { .. } => "DISK_FULL",
            Self::ReadOnly { .. } => "STORE_READ_ONLY",
            Self::Gone { .. } => "STORE_GONE",
            Self::DatabaseUrl { .. } => "DATABASE_URL",
            Self::ObjectUrl { .. } => "OBJECTS_URL",
            Self::BlobsElsewhere { .. } => "OBJECTS_ELSEWHERE",
            Self::Unreachable { .. } => "STORE_UNREACHABLE",
            Self::Undecided { .. } => "CHANGE_UNDECIDED",
            Self::LeaseLost { .. } => "LEASE_LOST",
            Self::RowsMissing { .. } => "ROWS_MISSING",
            Self::RowsBehind { .. } => "ROWS_BEHIND",
            Self::JournalDamaged { .. } => "JOURNAL_DAMAGED",
            Self::RestoreIncomplete { .. } => "RESTORE_INCOMPLETE",
            Self::CopyIncomplete => "COPY_INCOMPLETE",
            Self::NotEmpty { .. } => "STORE_NOT_EMPTY",
            Self::NewerFormat { .. } | Self::Message(ReadError::UnknownFormat { .. }) => "STORED_FORMAT_UNKNOWN",
            Self::FormatDamaged { .. } | Self::Damaged { .. } | Self::Message(_) => "STORE_DAMAGED",
            Self::InUse { .. } => "STORE_IN_USE",
            Self::BlobMissing { .. } => "BLOB_MISSING",
            Self::BlobCorrupt { .. } => "BLOB_CORRUPT",
            Self::RowTooLarge { .. } => "ROW_TOO_LARGE",
            Self::Io { .. } | Self::Backend { .. } => "STORE_FAILED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_has_its_own_variant() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            let error = StoreError::io(Path::new("/data/store"), "write rows", kind.into());
            assert!(matches!(&error, StoreError::Full { path } if path == "/data/store"), "{error}");
        }
    }

    #[test]
    fn every_message_about_the_folder_names_it_the_cause_and_a_remedy() {
        let io = |kind: io::ErrorKind| StoreError::io(Path::new("/data/store"), "write rows", kind.into());
        let (store, digest) = ("/data/store".to_owned(), Digest::new(b""));
        for (error, cause, remedy) in [
            (io(io::ErrorKind::StorageFull), "no space", "free some"),
            (
                io(io::ErrorKind::PermissionDenied),
                "permission denied",
                "give the user of this process write permission",
            ),
            (io(io::ErrorKind::ReadOnlyFilesystem), "read-only", "give the user of this process write permission"),
            (io(io::ErrorKind::NotADirectory), "not a directory", "--store"),
            (io(io::ErrorKind::FileTooLarge), "file too large", "ulimit -f"),
            (io(io::ErrorKind::Other), "other error", "check the disk"),
            (StoreError::InUse { path: store.clone() }, "another process", "--server"),
            (
                StoreError::LowSpace { path: store.clone(), free_bytes: 67_000_000, required_bytes: 1 << 26 },
                "63.9 MiB free, and 64.0 MiB must be",
                "deleting dataset versions",
            ),
            (StoreError::ReadOnly { cause: "store /data/store is torn".into() }, "torn", "every change tries again"),
            (StoreError::Gone { path: store.clone() }, "deleted or replaced", "backup"),
            (StoreError::RowsMissing { path: store.clone(), has_journal: false }, "rows/db is missing", "delete both"),
            (StoreError::RowsMissing { path: store.clone(), has_journal: true }, "rows/db is missing", "store repair"),
            (StoreError::RowsBehind { path: store.clone(), changes: 7 }, "older than its journal", "store repair"),
            (StoreError::JournalDamaged { path: store.clone(), cause: "torn".into() }, "torn", "store repair"),
            (StoreError::NewerFormat { path: store.clone(), found: 2 }, "format 2", "newer release"),
            (StoreError::FormatDamaged { path: store.clone() }, "file format", "store repair"),
            (StoreError::RestoreIncomplete { path: store.clone() }, "interrupted", "restore the backup again"),
            (StoreError::NotEmpty { path: store.clone() }, "not empty", "an empty folder"),
            (StoreError::BlobMissing { digest, store: store.clone() }, "missing", "backup"),
            (StoreError::BlobCorrupt { digest, store: store.clone() }, "a different SHA-256", "backup"),
            (StoreError::Damaged { path: store, action: "open its rows", cause: "torn".into() }, "torn", "backup"),
        ] {
            let text = error.to_string();
            assert!(["/data/store", cause, remedy].iter().all(|part| text.contains(part)), "{text}");
        }
    }
}
