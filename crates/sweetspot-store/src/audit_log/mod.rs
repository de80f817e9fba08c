//! The audit log: who called which method that changes something, and with what result.
//!
//! Each call has two records: one before it begins, and one after it has ended. A call whose first record cannot be
//! stored does not begin, and one whose second record is missing was cut off by the end of the process. Each record
//! contains the hash of the one before, so that a record that was changed or removed later is noticed.

mod chain;
mod record;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};
use thiserror::Error;

use self::chain::Chain;
pub(crate) use self::record::ROW_KINDS;
pub use self::record::{AuditEvent, AuditRecord, AuditedCaller, CallOutcome};
use crate::clock::Clock;
use crate::store::{Commit, Row, Store, StoreError};

const PAGE: usize = 256;
/// The maximum number of attempts to append a record while other servers append theirs.
const MAX_ATTEMPTS: usize = 100;

/// The audit log of a store. Clones share it.
#[derive(Clone, Debug)]
pub struct AuditLog(Arc<AuditLogState>);

struct AuditLogState {
    kind: AuditLogKind,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    max_records: u64,
    /// The number of records that could not be stored.
    failures: AtomicU64,
    /// The end, and its row. Held while a record is appended.
    end: Mutex<(End, Option<Vec<u8>>)>,
}

/// Which log. Refused calls have one of their own, because callers without a credential can fill it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditLogKind {
    /// Calls that change something.
    Changes,
    /// Refused calls.
    Denials,
}

/// The end of the log, and its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct End {
    /// The number of the oldest record.
    first: u64,
    /// The number of the next record.
    next: u64,
    /// The hash of the newest record; that of nothing in an empty log.
    hash: Digest,
}

impl End {
    /// The end of an empty log.
    fn empty() -> Self {
        Self { first: 1, next: 1, hash: Digest::new(b"") }
    }
}

/// What a check of the log found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedLog {
    /// The number of the oldest record; 1 unless older ones were removed by their number.
    pub first: u64,
    /// The number of the newest record; 0 in an empty log.
    pub last: u64,
    /// The hash of the newest record. Note it outside of the store: a later log must contain it.
    pub hash: Digest,
}

/// Why a record cannot be stored, or the log cannot be trusted.
#[derive(Debug, Error)]
pub enum AuditError {
    /// A record could not be stored. A call without a first record is not made.
    #[error("a record cannot be added to the audit log, without which no call is made: {0}")]
    NotRecorded(StoreError),
    /// A record is not the one that was appended.
    #[error("the audit log was changed: record {number} {problem}")]
    Changed {
        /// The number of the record.
        number: u64,
        /// What is wrong, as the end of a sentence.
        problem: &'static str,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReportableError for AuditError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotRecorded(error) | Self::Store(error) => error.kind(),
            Self::Changed { .. } => ErrorKind::DataLoss,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::NotRecorded(_) => "NOT_RECORDED",
            Self::Changed { .. } => "AUDIT_LOG_CHANGED",
            Self::Store(error) => error.reason(),
        }
    }
}

impl fmt::Debug for AuditLogState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").field("end", &self.end).finish_non_exhaustive()
    }
}

impl AuditLog {
    /// Opens a log of a store, which keeps the newest `max_records`.
    ///
    /// # Errors
    /// If the store fails.
    pub fn open(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        kind: AuditLogKind,
        max_records: u64,
    ) -> Result<Self, StoreError> {
        let end = match read_end(&*store, kind) {
            // The end in memory is only a guess, which the next record corrects.
            Err(StoreError::Unreachable { .. }) if store.changes().is_some() => (End::empty(), None),
            end => end?,
        };
        Ok(Self(Arc::new(AuditLogState {
            kind,
            store,
            clock,
            max_records,
            failures: AtomicU64::new(0),
            end: Mutex::new(end),
        })))
    }

    /// Appends a record, and returns its number. Durable once it returns.
    ///
    /// # Errors
    /// [`AuditError::NotRecorded`].
    #[expect(clippy::needless_pass_by_value, reason = "callers make an event for its record")]
    pub fn append(&self, caller: &AuditedCaller, event: AuditEvent) -> Result<u64, AuditError> {
        let appended = self.try_append(caller, &event);
        if appended.is_err() {
            self.0.failures.fetch_add(1, Ordering::Relaxed);
        }
        appended.map_err(AuditError::NotRecorded)
    }

    /// The number of records that could not be stored since the log was opened.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    fn try_append(&self, caller: &AuditedCaller, event: &AuditEvent) -> Result<u64, StoreError> {
        let mut last = self.lock();
        let mut attempts = 1..MAX_ATTEMPTS;
        loop {
            match self.append_after(&mut last, caller, event) {
                // Another server has appended a record: this one follows it.
                Err(StoreError::Conflict { .. }) if attempts.next().is_some() => {
                    *last = read_end(&*self.0.store, self.0.kind)?;
                }
                appended => return appended,
            }
        }
    }

    fn append_after(
        &self,
        last: &mut (End, Option<Vec<u8>>),
        caller: &AuditedCaller,
        event: &AuditEvent,
    ) -> Result<u64, StoreError> {
        let (end, before) = last.clone();
        let time = self.0.clock.now();
        let record =
            AuditRecord { number: end.next, time, caller: caller.clone(), event: event.clone(), previous: end.hash };
        let value = record.encode();
        let hash = Digest::new(&value);
        let mut commit = Commit::default().create(self.0.kind.key_of(record.number), value);
        let mut first = end.first;
        // Two at a time, so that a log that is larger than a lowered limit shrinks.
        while end.next + 1 - first > self.0.max_records && commit.writes.len() < 3 {
            commit.writes.push((self.0.kind.key_of(first), None));
            first += 1;
        }
        let after = End { first, next: record.number + 1, hash };
        let row = after.encode();
        self.0.store.commit(&commit.replace(self.0.kind.end_key(), before, row.clone()))?;
        *last = (after, Some(row));
        Ok(record.number)
    }

    /// The end of the log. Other servers may have appended records.
    fn end(&self) -> Result<End, StoreError> {
        let mut last = self.lock();
        if self.0.store.changes().is_some() {
            *last = read_end(&*self.0.store, self.0.kind)?;
        }
        Ok(last.0)
    }

    fn lock(&self) -> MutexGuard<'_, (End, Option<Vec<u8>>)> {
        self.0.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns up to `limit` records that are older than the one with the number `before`, newest first.
    ///
    /// # Errors
    /// If the store fails, or a record cannot be read.
    pub fn list(&self, before: Option<u64>, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        let End { first, next, .. } = self.end()?;
        let newest = before.unwrap_or(next).min(next);
        let oldest = newest.saturating_sub(limit as u64).max(first);
        let mut records = Vec::new();
        for number in (oldest..newest).rev() {
            let key = self.0.kind.key_of(number);
            if let Some(value) = self.0.store.get(&key)? {
                records.push(AuditRecord::decode(&Row { key, value })?);
            }
        }
        Ok(records)
    }

    /// Reads the whole log, and checks that each record follows the one before. `noted`: the number and the hash of a record
    /// as an earlier check returned them, which the log must contain.
    ///
    /// # Errors
    /// [`AuditError::Changed`], or if the store fails.
    pub fn verify(&self, noted: Option<(u64, Digest)>) -> Result<VerifiedLog, AuditError> {
        // Records that are appended meanwhile are not read; those that are removed meanwhile were older.
        let end = self.end()?;
        let mut chain = Chain::new(noted);
        let mut after: Option<String> = None;
        while chain.last() + 1 < end.next {
            let page = self.0.store.scan(self.0.kind.prefix(), after.as_deref(), PAGE)?;
            let Some(last_row) = page.last() else { break };
            after = Some(last_row.key.clone());
            page.iter().try_for_each(|row| chain.append(row))?;
        }
        let first = self.end()?.first;
        chain.finish(end, first)
    }
}

/// Reads the end of a log, and its row.
fn read_end(store: &dyn Store, kind: AuditLogKind) -> Result<(End, Option<Vec<u8>>), StoreError> {
    let row = store.get(kind.end_key())?;
    let end = row.as_deref().map(End::decode).transpose()?;
    Ok((end.unwrap_or_else(End::empty), row))
}

#[cfg(test)]
mod tests;
