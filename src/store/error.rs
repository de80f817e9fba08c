//! What goes wrong with a store.

use std::error::Error;
use std::io;

use super::MAX_ROW_BYTES;
use crate::domain::Digest;
use crate::fault::{Fault, FaultKind};

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A row is not what the caller expected.
    #[error("row {key:?} has changed since it was read")]
    Conflict {
        /// The row.
        key: String,
    },
    /// A row is larger than [`MAX_ROW_BYTES`].
    #[error("row {key:?} has {bytes} bytes, and at most {MAX_ROW_BYTES} are kept in a row")]
    RowTooLarge {
        /// The row.
        key: String,
        /// Its size.
        bytes: usize,
    },
    /// There is no such blob.
    #[error("blob {digest} is not in the store")]
    BlobMissing {
        /// Its name.
        digest: Digest,
    },
    /// The bytes under a digest are other ones.
    #[error("blob {digest} is damaged: its bytes have another SHA-256")]
    BlobCorrupt {
        /// Its name.
        digest: Digest,
    },
    /// Another process has the store open.
    #[error("store {path} is in use by another process: stop it, or talk to it with --server")]
    InUse {
        /// The store's folder.
        path: String,
    },
    /// The disk is full.
    #[error("no space left for the store: free some, then try again")]
    Full,
    /// The backend failed.
    #[error("the store cannot {action}")]
    Backend {
        /// What it was doing, such as `write rows`.
        action: &'static str,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl StoreError {
    /// A failure of the backend; a full disk is told apart.
    pub(super) fn backend(action: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        let source = source.into();
        let full = |io: &io::Error| matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        if source.downcast_ref().is_some_and(full) { Self::Full } else { Self::Backend { action, source } }
    }
}

impl Fault for StoreError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Conflict { .. } => FaultKind::Aborted,
            Self::Full => FaultKind::ResourceExhausted,
            Self::InUse { .. } => FaultKind::FailedPrecondition,
            Self::BlobMissing { .. } | Self::BlobCorrupt { .. } => FaultKind::DataLoss,
            Self::RowTooLarge { .. } | Self::Backend { .. } => FaultKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Conflict { .. } => "CONFLICT",
            Self::Full => "STORE_FULL",
            Self::InUse { .. } => "STORE_IN_USE",
            Self::BlobMissing { .. } => "BLOB_MISSING",
            Self::BlobCorrupt { .. } => "BLOB_CORRUPT",
            Self::RowTooLarge { .. } => "ROW_TOO_LARGE",
            Self::Backend { .. } => "STORE_FAILED",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_apart() {
        for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
            assert!(matches!(StoreError::backend("write", io::Error::from(kind)), StoreError::Full));
        }
        let other = StoreError::backend("write", io::Error::from(io::ErrorKind::NotFound));
        assert!(matches!(other, StoreError::Backend { action: "write", .. }));
        assert_eq!(other.to_string(), "the store cannot write");
    }
}
