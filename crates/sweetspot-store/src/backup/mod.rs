//! Backups: a copy of a store at one moment, as a folder or as a tar file with the same files.
//!
//! | file | content |
//! |---|---|
//! | `manifest.json` | the format of the backup, its time, and counts |
//! | `SHA256SUMS` | the SHA-256 and the path of every other file, as `sha256sum` writes them |
//! | `journal` | a checkpoint of all rows of the moment, as at the beginning of a store's journal |
//! | `blobs/ab/<SHA-256>` | the blobs that the rows name |
//!
//! In a tar file, they have this order, so that a reader can verify each file as it arrives. A folder gets `SHA256SUMS`
//! last: without it, it is no complete backup.

mod damaged_files;
mod error;
mod file_name;
mod folder_writer;
mod manifest;
mod restore;
mod source;
mod stream;
mod unpack;
mod verify;

pub use self::damaged_files::{DamagedBlob, DamagedBlobs};
pub use self::error::BackupError;
pub use self::manifest::Manifest;
pub use self::restore::restore;
pub use self::source::BackupSource;
pub use self::stream::{BackupOptions, BackupStream};
pub use self::unpack::{check_empty, unpack};
