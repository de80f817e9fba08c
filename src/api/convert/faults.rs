//! What is wrong with single rows. A bad row does not end the call.

use std::collections::BTreeMap;

use sweetspot_proto::v1;

use crate::api::limits::ACCOUNT_ID_BYTES;
use crate::api::problems::Problems;

/// Most faults told of one row.
pub(in crate::api) const MAX_FAULTS_PER_ROW: usize = 16;

/// One thing that is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct RowFault {
    pub(in crate::api) reason: &'static str,
    pub(in crate::api) field: String,
    pub(in crate::api) description: String,
}

/// A value that a row is scored without: it cannot be used, and neither the model nor the filter reads it, or it is not clear
/// which of several it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct Ignored {
    /// The attribute.
    pub(in crate::api) attribute: String,
    /// Where the value stands in the request.
    pub(in crate::api) field: String,
    /// Why, as errors name it.
    pub(in crate::api) reason: &'static str,
}

impl Ignored {
    /// The value as an issue of a score.
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

/// The bad rows of a request, and the values that good rows are scored without.
#[derive(Debug)]
pub(in crate::api) struct Faults {
    rows: BTreeMap<usize, Vec<RowFault>>,
    ignored: BTreeMap<usize, Vec<Ignored>>,
    most_rows: usize,
}

impl Faults {
    /// Tells of at most so many rows.
    pub(in crate::api) const fn new(most_rows: usize) -> Self {
        Self { rows: BTreeMap::new(), ignored: BTreeMap::new(), most_rows }
    }

    /// Notes one more fault.
    pub(in crate::api) fn add(
        &mut self,
        row: usize,
        reason: &'static str,
        field: String,
        description: impl Into<String>,
    ) {
        if self.rows.len() >= self.most_rows && !self.rows.contains_key(&row) {
            return;
        }
        let faults = self.rows.entry(row).or_default();
        if faults.len() < MAX_FAULTS_PER_ROW {
            faults.push(RowFault { reason, field, description: description.into() });
        }
    }

    /// Notes a value that a row is scored without. Of one row, the first [`MAX_FAULTS_PER_ROW`] are told.
    pub(in crate::api) fn ignore(&mut self, row: usize, attribute: &str, field: String, reason: &'static str) {
        let ignored = self.ignored.entry(row).or_default();
        if ignored.len() < MAX_FAULTS_PER_ROW {
            ignored.push(Ignored { attribute: attribute.to_owned(), field, reason });
        }
    }

    /// The values that a row is scored without.
    pub(in crate::api) fn ignored(&self, row: usize) -> &[Ignored] {
        self.ignored.get(&row).map(Vec::as_slice).unwrap_or_default()
    }

    /// The values that rows are scored without, in the order of the rows.
    pub(in crate::api) fn all_ignored(&self) -> impl Iterator<Item = &Ignored> {
        self.ignored.values().flatten()
    }

    /// Checks a row's account id.
    pub(in crate::api) fn check_id(&mut self, row: usize, id: &str, field: impl Fn() -> String) {
        if id.is_empty() {
            self.add(row, "EMPTY_ACCOUNT_ID", field(), "an account must have an id: send your own key for it");
        } else if id.len() > ACCOUNT_ID_BYTES {
            self.add(
                row,
                "ACCOUNT_ID_TOO_LONG",
                field(),
                format!("an account id must have at most {ACCOUNT_ID_BYTES} bytes"),
            );
        }
    }

    /// Checks that an id is there once; `first` is whether it is new.
    pub(in crate::api) fn check_repeat(&mut self, row: usize, first: bool, field: impl Fn() -> String) {
        if !first {
            self.add(
                row,
                "DUPLICATE_ACCOUNT_ID",
                field(),
                "an earlier row has the same account id: send each account once",
            );
        }
    }

    /// The first thing that is wrong with a row.
    pub(in crate::api) fn of(&self, row: usize) -> Option<&RowFault> {
        self.rows.get(&row).and_then(|faults| faults.first())
    }

    /// Makes every fault a problem of the whole request.
    pub(in crate::api) fn add_problems(&self, problems: &mut Problems) {
        for RowFault { reason, field, description } in self.rows.values().flatten() {
            problems.add(reason, field, description);
        }
    }
}
