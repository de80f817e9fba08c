//! Which attributes are kept out of a model, for they seem to be known only after the outcome.

use crate::domain::{Column, LeakGuard, LeakSeverity};

/// Stands before the model: lets attributes in, with a warning, or keeps them out.
#[derive(Debug)]
pub(super) struct Gate<'a> {
    guard: LeakGuard,
    allowed: &'a [String],
}

impl<'a> Gate<'a> {
    /// Judges by the labelled rows; attributes that are allowed by name always get in.
    pub(super) fn new(rows: &[usize], labels: &[f64], allowed: &'a [String]) -> Self {
        Self { guard: LeakGuard::new(rows, labels), allowed }
    }

    /// The same, with the rows of one group on one side whenever an attribute is judged.
    pub(super) fn by_groups(rows: &[usize], labels: &[f64], groups: &[Option<usize>], allowed: &'a [String]) -> Self {
        Self { guard: LeakGuard::by_groups(rows, labels, groups), allowed }
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
                "attribute {name:?} may give the outcome away: {}; leave it out unless it is known before the sale",
                leak.reason
            ))),
        }
    }
}
