//! Checks that the records of an audit log follow each other.

use sweetspot_core::Digest;

use super::{AuditError, AuditRecord, End, VerifiedLog};
use crate::store::Row;

/// The records that have been checked, from the oldest on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    /// The number and the hash of a record that the log must contain.
    noted: Option<(u64, Digest)>,
    /// `None` before the first record.
    checked: Option<VerifiedLog>,
}

impl Chain {
    pub(super) const fn new(noted: Option<(u64, Digest)>) -> Self {
        Self { noted, checked: None }
    }

    /// The number of the newest checked record; 0 before the first.
    pub(super) fn last(&self) -> u64 {
        self.checked.map_or(0, |checked| checked.last)
    }

    /// Checks the next record.
    pub(super) fn append(&mut self, row: &Row) -> Result<(), AuditError> {
        let next = self.checked.map(|checked| checked.last + 1);
        let record = AuditRecord::decode(row).map_err(|_| changed(next.unwrap_or(0), "cannot be read"))?;
        if let Some(missing) = next.filter(|next| record.number != *next) {
            return Err(changed(missing, "is missing"));
        }
        let before = self.checked.map(|checked| checked.hash).or((record.number == 1).then(|| Digest::new(b"")));
        if before.is_some_and(|before| record.previous != before) {
            return Err(changed(record.number, "does not follow the one before"));
        }
        let hash = Digest::new(&row.value);
        if self.noted.is_some_and(|(number, noted)| number == record.number && noted != hash) {
            return Err(changed(record.number, "is not the one that was noted"));
        }
        let first = self.checked.map_or(record.number, |checked| checked.first);
        self.checked = Some(VerifiedLog { first, last: record.number, hash });
        Ok(())
    }

    /// Checks that no record is missing at either end. `end`: that of the log before its records were read. `first`: the
    /// number of the oldest record after they were read.
    pub(super) fn finish(self, end: End, first: u64) -> Result<VerifiedLog, AuditError> {
        let last = end.next - 1;
        let noted = self.noted.map(|(number, _)| number);
        let Some(checked) = self.checked else {
            let missing = noted.or((last > 0).then_some(last));
            let empty = VerifiedLog { first: 1, last: 0, hash: Digest::new(b"") };
            return missing.map_or(Ok(empty), |number| Err(changed(number, "is missing")));
        };
        let is_noted_missing = |number: &u64| !(checked.first..=checked.last).contains(number);
        // Records are removed at the beginning only, and in this order.
        let missing = (checked.first > first).then_some(first);
        let missing = missing.or(noted.filter(is_noted_missing)).or((checked.last < last).then_some(checked.last + 1));
        if let Some(number) = missing {
            return Err(changed(number, "is missing"));
        }
        if checked.last == last && checked.hash != end.hash {
            return Err(changed(last, "is not the one that was appended"));
        }
        Ok(checked)
    }
}

const fn changed(number: u64, problem: &'static str) -> AuditError {
    AuditError::Changed { number, problem }
}
