//! The journal of a store: every change of its rows, in order, so that each of rows and journal can rebuild the other.
//!
//! The file is a sequence of frames: the length of the payload in eight bytes, little-endian; the payload, a stored
//! message; and the SHA-256 of the payload. The first payload is a checkpoint with all rows, and each further one is a
//! change. A change contains the SHA-256 of the change before, so that no change can be left out or exchanged.

mod contents;
mod frame;
mod position;
mod writer;

pub use self::contents::{Change, JournalContents, JournalError, Remainder, newest_position, read, read_bytes};
pub use self::position::ChangePosition;
pub(super) use self::writer::{JournalWriter, Undo};
pub use self::writer::{encode_checkpoint, write_checkpoint};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The values of all rows of a store, by key.
pub type RowMap = BTreeMap<String, Vec<u8>>;

/// The journal of the store in a folder.
#[must_use]
pub fn journal_file(store: &Path) -> PathBuf {
    store.join("journal")
}
