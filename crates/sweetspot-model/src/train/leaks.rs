//! Which attributes are kept out of a model, for they seem to be known only after the outcome.

use sweetspot_core::{Column, LeakGuard, LeakSeverity};

use super::repeats::LabeledRows;

/// Stands before the model: lets attributes in, with a warning, or keeps them out.
#[derive(Debug)]
pub(super) struct Gate<'a> {
    guard: LeakGuard,
    allowed: &'a [String],
}

impl<'a> Gate<'a> {
    /// Judges by the labelled rows, those of one group on one side whenever an attribute is judged; attributes that are allowed by
    /// name always get in. `groups` has one entry a row, or none.
    pub(super) fn new(of: LabeledRows<'_>, groups: &[Option<usize>], allowed: &'a [String]) -> Self {
        let LabeledRows { rows, labels, statuses, .. } = of;
        Self { guard: LeakGuard::by_groups(rows, labels, groups).with_statuses(statuses.to_vec()), allowed }
    }

    /// Whether an attribute gets in: a warning, or nothing to say; else why it is kept out.
    pub(super) fn admit(&self, column: &Column) -> Result<Option<String>, String> {
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
