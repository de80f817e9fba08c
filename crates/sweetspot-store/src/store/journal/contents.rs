//! Reads and verifies a journal.

use std::path::Path;
use std::{fs, io};

use jiff::Timestamp;
use thiserror::Error;

use super::frame::{self, JournalFrame};
use super::{ChangePosition, RowMap};
use crate::stored::{
    FieldError, JournalChange, JournalCheckpoint, JournalWrite, ReadError, StoredField as _, VersionedMessage as _,
};

/// Why a journal contains no rows that can be verified.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Its checkpoint is damaged.
    #[error("its checkpoint {0}")]
    Checkpoint(&'static str),
    /// A record is intact, but this program cannot read it.
    #[error(transparent)]
    Message(#[from] ReadError),
}

/// The verified part of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalContents {
    /// The position of the checkpoint.
    pub checkpoint: ChangePosition,
    /// The rows of the checkpoint.
    pub rows: RowMap,
    /// The changes after the checkpoint, in order.
    pub changes: Vec<Change>,
    /// The size of the verified part in bytes.
    pub verified_bytes: u64,
    /// What follows the verified part.
    pub remainder: Remainder,
}

/// A change of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The position after the change.
    pub position: ChangePosition,
    /// When it was made.
    pub time: Timestamp,
    /// The new value of each row; `None` if the row is removed.
    pub writes: Vec<(String, Option<Vec<u8>>)>,
}

/// What follows the verified part of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remainder {
    /// Nothing.
    Nothing,
    /// Bytes among which there is no whole record: the start of a record whose writing was interrupted, or damage.
    Incomplete,
    /// A record that is damaged, missing or out of order, before others that are whole.
    Damaged {
        /// A description of the damage.
        cause: &'static str,
        /// The position after the last record that is whole by itself.
        newest: Option<ChangePosition>,
    },
}

/// Reads and verifies a journal.
///
/// # Errors
/// If the file cannot be read, its checkpoint is damaged, or a record has a format that this program does not know.
pub fn read(path: &Path) -> Result<JournalContents, JournalError> {
    read_bytes(&fs::read(path)?)
}

/// Verifies the bytes of a journal.
///
/// # Errors
/// If the checkpoint is damaged, or a record has a format that this program does not know.
pub fn read_bytes(bytes: &[u8]) -> Result<JournalContents, JournalError> {
    let (payload, mut unread) = match frame::first(bytes) {
        JournalFrame::Whole { payload, digest: _, rest } => (payload, rest),
        JournalFrame::End => return Err(JournalError::Checkpoint("is missing: the file is empty")),
        JournalFrame::Incomplete => return Err(JournalError::Checkpoint("is incomplete")),
        JournalFrame::Damaged => return Err(JournalError::Checkpoint("has a different SHA-256")),
    };
    let (checkpoint, rows) = checkpoint_rows(payload)?;
    let (mut position, mut changes) = (checkpoint, Vec::new());
    let remainder = loop {
        match frame::first(unread) {
            JournalFrame::Whole { payload, digest, rest } => {
                let change = JournalChange::from_bytes(payload)?;
                let next = position.sequence.checked_add(1);
                if Some(change.sequence) != next || change.previous != position.chain.to_string() {
                    break damaged("a record does not continue the one before it", unread);
                }
                position = ChangePosition { sequence: change.sequence, chain: digest };
                changes.push(decode_change(change, position)?);
                unread = rest;
            }
            JournalFrame::End => break Remainder::Nothing,
            JournalFrame::Incomplete | JournalFrame::Damaged if frame::find(unread).is_none() => {
                break Remainder::Incomplete;
            }
            JournalFrame::Incomplete => break damaged("a record has a wrong length", unread),
            JournalFrame::Damaged => break damaged("a record has a different SHA-256", unread),
        }
    };
    let verified_bytes = bytes.len().saturating_sub(unread.len()) as u64;
    Ok(JournalContents { checkpoint, rows, changes, verified_bytes, remainder })
}

/// The position after the last change in `bytes` whose record is whole by itself.
#[must_use]
pub fn newest_position(bytes: &[u8]) -> Option<ChangePosition> {
    let (mut unread, mut newest) = (bytes, None);
    while let Some((payload, digest, rest)) = frame::find(unread) {
        if let Ok(change) = JournalChange::from_bytes(payload) {
            newest = Some(ChangePosition { sequence: change.sequence, chain: digest });
        }
        unread = rest;
    }
    newest
}

fn damaged(cause: &'static str, unread: &[u8]) -> Remainder {
    Remainder::Damaged { cause, newest: newest_position(unread) }
}

fn checkpoint_rows(payload: &[u8]) -> Result<(ChangePosition, RowMap), ReadError> {
    let JournalCheckpoint { format_version: _, position, rows } = JournalCheckpoint::from_bytes(payload)?;
    let position = ChangePosition::from_stored(position.ok_or(FieldError("position"))?)?;
    let pair = |JournalWrite { key, value }| Ok((key, value.ok_or(FieldError("value"))?));
    Ok((position, rows.into_iter().map(pair).collect::<Result<_, FieldError>>()?))
}

fn decode_change(stored: JournalChange, position: ChangePosition) -> Result<Change, ReadError> {
    let JournalChange { format_version: _, sequence: _, previous: _, time, writes } = stored;
    let writes = writes.into_iter().map(|JournalWrite { key, value }| (key, value)).collect();
    Ok(Change { position, time: Timestamp::from_stored(time, "time")?, writes })
}

impl JournalContents {
    /// The position after the last change.
    #[must_use]
    pub fn position(&self) -> ChangePosition {
        self.changes.last().map_or(self.checkpoint, |change| change.position)
    }

    /// Whether a crash may have left this journal without rows: before or in the first change of a new store.
    #[must_use]
    pub fn may_precede_rows(&self) -> bool {
        let is_new = self.checkpoint == ChangePosition::start() && self.rows.is_empty();
        let is_first = self.changes.len() == 1 && self.remainder == Remainder::Nothing;
        is_new && (self.changes.is_empty() || is_first)
    }

    /// The rows after the last change.
    #[must_use]
    pub fn into_rows(self) -> RowMap {
        let Self { checkpoint: _, mut rows, changes, verified_bytes: _, remainder: _ } = self;
        for change in changes {
            change.apply(&mut rows);
        }
        rows
    }
}

impl Change {
    /// Makes the change in rows that do not contain it yet.
    pub fn apply(self, rows: &mut RowMap) {
        for (key, value) in self.writes {
            match value {
                Some(value) => rows.insert(key, value),
                None => rows.remove(&key),
            };
        }
    }
}

#[cfg(test)]
mod tests;
