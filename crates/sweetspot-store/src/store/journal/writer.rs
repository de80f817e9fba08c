//! Writes a journal.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sweetspot_core::Digest;

use super::{ChangePosition, JournalContents, RowMap, frame};
use crate::store::lock::is_same_file;
use crate::store::{Commit, files};
use crate::stored::{JournalChange, JournalCheckpoint, JournalWrite, StoredField as _, VersionedMessage as _};

/// The minimum size of a journal that is worth replacing, in bytes.
const MIN_COMPACTION_BYTES: u64 = 8 << 20;
/// The size of a journal, as a multiple of its checkpoint's, at which it is replaced.
const COMPACTION_FACTOR: u64 = 4;

/// Writes a journal that contains only a checkpoint: `rows`, as they are at `position`. Replaces the file at `path`, by
/// way of a temporary file next to it. Durable once it returns. Returns the size of the file in bytes.
///
/// # Errors
/// If the file cannot be written. The one at `path` is then unchanged, or already replaced.
pub fn write_checkpoint(path: &Path, rows: &RowMap, position: ChangePosition) -> io::Result<u64> {
    let bytes = encode_checkpoint(rows, position);
    files::write_atomically(&path.with_extension("new"), path, &bytes)?;
    Ok(bytes.len() as u64)
}

/// Encodes a journal that contains only a checkpoint: `rows`, as they are at `position`.
#[must_use]
pub fn encode_checkpoint(rows: &RowMap, position: ChangePosition) -> Vec<u8> {
    let rows = rows.iter().map(|(key, value)| JournalWrite { key: key.clone(), value: Some(value.clone()) }).collect();
    let stored = JournalCheckpoint { format_version: 0, position: Some(position.into_stored()), rows };
    frame::encode(&stored.to_bytes())
}

/// A journal that is open for writing.
#[derive(Debug)]
pub(in crate::store) struct JournalWriter {
    file: File,
    path: PathBuf,
    /// The size in bytes of the records that are durable.
    bytes: u64,
    /// The size of the journal at which it is replaced, in bytes.
    compaction_bytes: u64,
    position: ChangePosition,
    /// Whether the file may contain a change that failed, or lack one that was made, after a restart.
    must_replace: bool,
}

/// What a journal was before its last change.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Undo {
    bytes: u64,
    /// The position before the change.
    pub(in crate::store) position: ChangePosition,
}

impl JournalWriter {
    /// Opens a journal whose contents were read, to continue after its verified part.
    pub(in crate::store) fn open(path: &Path, contents: &JournalContents) -> io::Result<Self> {
        let row_bytes = contents.rows.iter().map(|(key, value)| (key.len() + value.len()) as u64).sum();
        Self::with_position(path, contents.verified_bytes, row_bytes, contents.position())
    }

    /// Replaces the journal with a checkpoint, and opens it.
    pub(in crate::store) fn create(path: &Path, rows: &RowMap, position: ChangePosition) -> io::Result<Self> {
        let bytes = write_checkpoint(path, rows, position)?;
        Self::with_position(path, bytes, bytes, position)
    }

    fn with_position(path: &Path, bytes: u64, row_bytes: u64, position: ChangePosition) -> io::Result<Self> {
        let file = File::options().write(true).open(path)?;
        let compaction_bytes = row_bytes.saturating_mul(COMPACTION_FACTOR).max(MIN_COMPACTION_BYTES);
        Ok(Self { file, path: path.to_owned(), bytes, compaction_bytes, position, must_replace: false })
    }

    /// The position after the last change.
    pub(in crate::store) const fn position(&self) -> ChangePosition {
        self.position
    }

    /// Whether the journal must be replaced before the next change, because of an error.
    pub(in crate::store) const fn must_replace(&self) -> bool {
        self.must_replace
    }

    /// Whether the journal is large enough to be replaced with a checkpoint.
    pub(in crate::store) const fn is_large(&self) -> bool {
        self.bytes > self.compaction_bytes
    }

    /// Whether the file is still in its place.
    pub(in crate::store) fn is_in_place(&self) -> bool {
        is_same_file(&self.file, &self.path)
    }

    /// Replaces the journal with a checkpoint of `rows`, which are at its position.
    pub(in crate::store) fn replace(&mut self, rows: &RowMap) -> io::Result<()> {
        *self = Self::create(&self.path, rows, self.position)?;
        Ok(())
    }

    /// Makes a large journal smaller by replacing it. If that fails, the old one grows on if it is still in its place.
    pub(in crate::store) fn compact(&mut self, rows: &RowMap) {
        if let Err(error) = self.replace(rows) {
            tracing::warn!(%error, "the journal could not be made smaller");
            self.compaction_bytes = self.compaction_bytes.saturating_mul(2);
            self.must_replace = !self.is_in_place();
        }
    }

    /// Removes everything after the verified part, durably.
    pub(in crate::store) fn truncate(&mut self) -> io::Result<()> {
        self.file.set_len(self.bytes)?;
        self.file.sync_all()
    }

    /// Appends the writes of a commit. Durable once it returns. After an error, the change was not made unless
    /// [`Self::must_replace`].
    pub(in crate::store) fn append(&mut self, commit: &Commit, time: Timestamp) -> io::Result<Undo> {
        let undo = Undo { bytes: self.bytes, position: self.position };
        let sequence = self.position.sequence.saturating_add(1);
        let payload = encode_change(commit, sequence, self.position.chain, time);
        let bytes = frame::encode(&payload);
        if let Err(error) = self.write(&bytes) {
            self.must_replace = self.truncate().is_err();
            return Err(error);
        }
        if let Err(error) = self.file.sync_all() {
            // It is unknown what has reached the disk, and a further sync does not write it.
            self.must_replace = true;
            return Err(error);
        }
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.position = ChangePosition { sequence, chain: Digest::new(&payload) };
        Ok(undo)
    }

    /// Removes the last change again, durably. `undo` is what [`Self::append`] returned. After an error, the journal
    /// may or may not contain the change.
    pub(in crate::store) fn remove_last(&mut self, undo: Undo) -> io::Result<()> {
        (self.bytes, self.position) = (undo.bytes, undo.position);
        self.truncate()
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.bytes))?;
        self.file.write_all(bytes)
    }
}

fn encode_change(commit: &Commit, sequence: u64, previous: Digest, time: Timestamp) -> Vec<u8> {
    let write =
        |(key, value): (&str, Option<&[u8]>)| JournalWrite { key: key.to_owned(), value: value.map(<[u8]>::to_vec) };
    let writes = commit.last_writes().map(write).collect();
    let (previous, time) = (previous.into_stored(), time.into_stored());
    JournalChange { format_version: 0, sequence, previous, time, writes }.to_bytes()
}
