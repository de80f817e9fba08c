//! Leaks: attributes that are left out of a model because they seem to be known only after the outcome.

use sweetspot_core::{Column, LeakDetector, LeakSeverity};

use super::repeats::LabeledRows;
use super::row_counts::RowCounts;

/// Admits attributes to the model, with or without a warning, or leaves them out.
#[derive(Debug)]
pub(super) struct LeakFilter<'a> {
    guard: LeakDetector,
    allowed: &'a [String],
}

impl<'a> LeakFilter<'a> {
    /// Uses the labeled rows, and keeps rows of one group on one side of each split. Attributes in `allowed`, by name,
    /// are always admitted. `groups` has one entry per row, or is empty; rows that stand for several customers have none.
    pub(super) fn new(
        labeled: LabeledRows<'_>,
        counts: &RowCounts,
        groups: &[Option<usize>],
        allowed: &'a [String],
    ) -> Self {
        let LabeledRows { rows, labels, statuses, .. } = labeled;
        let guard = if counts.are_weighted() {
            LeakDetector::with_counts(rows, labels, counts.iter())
        } else {
            LeakDetector::with_groups(rows, labels, groups)
        };
        Self { guard: guard.with_statuses(statuses.to_vec()), allowed }
    }

    /// Returns whether an attribute is admitted: a warning or `None`.
    ///
    /// # Errors
    /// Why the attribute is left out.
    pub(super) fn check(&self, column: &Column) -> Result<Option<String>, String> {
        let name = &column.name;
        if self.allowed.contains(name) {
            return Ok(None);
        }
        match self.guard.find(column) {
            None => Ok(None),
            Some(leak) if leak.severity == LeakSeverity::Refused => Err(format!(
                "attribute {name:?} is left out: {}; if it is known before the sale, add it to allowed_attributes \
                 (train --allow-attribute)",
                leak.reason
            )),
            Some(leak) => Ok(Some(format!(
                "attribute {name:?} may reveal the outcome: {}; leave it out unless it is known before the sale",
                leak.reason
            ))),
        }
    }
}
