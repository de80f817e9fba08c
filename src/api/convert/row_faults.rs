//! Problems of single rows. An invalid row does not fail the call.

use std::collections::BTreeMap;

use sweetspot_proto::v1;

use crate::api::limits::MAX_ACCOUNT_ID_BYTES;
use crate::api::violations::Violations;

/// Maximum number of problems reported per row.
pub(in crate::api) const MAX_FAULTS_PER_ROW: usize = 16;

/// A problem of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct RowFault {
    pub(in crate::api) reason: &'static str,
    pub(in crate::api) field: String,
    pub(in crate::api) description: String,
}

/// A value that a row is scored without: it is invalid and neither the model nor the filter uses it, or the attribute
/// has several values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct IgnoredValue {
    /// The attribute's name.
    pub(in crate::api) attribute: String,
    /// The field path of the value in the request.
    pub(in crate::api) field: String,
    /// The reason, as in errors.
    pub(in crate::api) reason: &'static str,
}

impl IgnoredValue {
    /// Converts the value to an issue of a score.
    pub(in crate::api) fn into_issue(self) -> v1::AttributeIssue {
        let Self { attribute, field, reason } = self;
        v1::AttributeIssue {
            attribute,
            status: v1::AttributeStatus::Ignored.into(),
            reading: String::new(),
            field,
            reason: reason.to_owned(),
            did_you_mean: String::new(),
        }
    }
}

/// The invalid rows of a request, and the ignored values of the valid rows.
#[derive(Debug)]
pub(in crate::api) struct RowFaults {
    rows: BTreeMap<usize, Vec<RowFault>>,
    ignored: BTreeMap<usize, Vec<IgnoredValue>>,
    max_rows: usize,
}

impl RowFaults {
    /// Creates an empty collection that reports at most this number of rows.
    pub(in crate::api) const fn new(most_rows: usize) -> Self {
        Self { rows: BTreeMap::new(), ignored: BTreeMap::new(), max_rows: most_rows }
    }

    /// Adds a problem.
    pub(in crate::api) fn add(
        &mut self,
        row: usize,
        reason: &'static str,
        field: String,
        description: impl Into<String>,
    ) {
        if self.rows.len() >= self.max_rows && !self.rows.contains_key(&row) {
            return;
        }
        let faults = self.rows.entry(row).or_default();
        if faults.len() < MAX_FAULTS_PER_ROW {
            faults.push(RowFault { reason, field, description: description.into() });
        }
    }

    /// Adds an ignored value. Only the first [`MAX_FAULTS_PER_ROW`] of a row are reported.
    pub(in crate::api) fn add_ignored(&mut self, row: usize, attribute: &str, field: String, reason: &'static str) {
        let ignored = self.ignored.entry(row).or_default();
        if ignored.len() < MAX_FAULTS_PER_ROW {
            ignored.push(IgnoredValue { attribute: attribute.to_owned(), field, reason });
        }
    }

    /// The ignored values of a row.
    pub(in crate::api) fn ignored(&self, row: usize) -> &[IgnoredValue] {
        self.ignored.get(&row).map(Vec::as_slice).unwrap_or_default()
    }

    /// The ignored values of all rows, in row order.
    pub(in crate::api) fn all_ignored(&self) -> impl Iterator<Item = &IgnoredValue> {
        self.ignored.values().flatten()
    }

    /// Checks the account id of a row.
    pub(in crate::api) fn check_id(&mut self, row: usize, id: &str, field: impl Fn() -> String) {
        if id.is_empty() {
            self.add(row, "EMPTY_ACCOUNT_ID", field(), "an account must have an id: send your own key for it");
        } else if id.len() > MAX_ACCOUNT_ID_BYTES {
            self.add(
                row,
                "ACCOUNT_ID_TOO_LONG",
                field(),
                format!("an account id must have at most {MAX_ACCOUNT_ID_BYTES} bytes"),
            );
        }
    }

    /// Reports an account id that an earlier row has: `is_new` is false then.
    pub(in crate::api) fn check_duplicate(&mut self, row: usize, is_new: bool, field: impl Fn() -> String) {
        if !is_new {
            self.add(
                row,
                "DUPLICATE_ACCOUNT_ID",
                field(),
                "an earlier row has the same account id: send each account once",
            );
        }
    }

    /// The first problem of a row.
    pub(in crate::api) fn first_fault(&self, row: usize) -> Option<&RowFault> {
        self.rows.get(&row).and_then(|faults| faults.first())
    }

    /// Adds every problem to those of the request.
    pub(in crate::api) fn add_violations(&self, problems: &mut Violations) {
        for RowFault { reason, field, description } in self.rows.values().flatten() {
            problems.add(reason, field, description);
        }
    }
}
