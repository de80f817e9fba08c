//! Rows that cannot be used, and why.

use std::collections::BTreeMap;

use crate::IngestError;
use crate::limits::{MAX_ID_BYTES, MAX_REJECTS, clip_to};

/// Reasons that may affect one kind of customer more than others: names with commas, places with accents, leads without
/// an id.
const SELECTIVE_REASONS: [&str; 3] = ["RAGGED_ROW", "NOT_UTF8", "EMPTY_ID"];
/// The number of rows, and the share of all rows, from which on a file is refused because the loss may bias it.
const MIN_SELECTIVE_ROWS: u64 = 5;
const MIN_SELECTIVE_SHARE: f64 = 0.1;

/// A row that was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The number of the row below the header, starting at 1.
    pub row: u64,
    /// The line of the file on which the row starts, starting at 1, if known.
    pub line: Option<u64>,
    /// The account's id, as far as it could be read; otherwise empty.
    pub id: String,
    /// The reason in `UPPER_SNAKE`, which is stable.
    pub reason: &'static str,
    /// What is wrong with the row, and what is expected.
    pub description: String,
}

/// A problem with a row, before its number is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowProblem {
    pub(crate) reason: &'static str,
    pub(crate) description: String,
}

impl RowProblem {
    /// Creates a problem that is not specific to a row number.
    pub(crate) fn new(reason: &'static str, description: impl Into<String>) -> Self {
        Self { reason, description: description.into() }
    }

    /// Returns the rejection of this row.
    pub(crate) fn into_reject(self, row: u64, line: Option<u64>, id: &str) -> Reject {
        let id = clip_to(id, MAX_ID_BYTES).to_owned();
        Reject { row, line, id, reason: self.reason, description: self.description }
    }
}

/// The rejected rows of a file: the first ones in full, and the count of all.
#[derive(Debug, Default)]
pub(crate) struct RejectedRows {
    pub(crate) first: Vec<Reject>,
    pub(crate) count: u64,
    /// By each of [`SELECTIVE_REASONS`]: the number of rows, and the first one.
    selective: BTreeMap<&'static str, (u64, Reject)>,
}

impl RejectedRows {
    /// Counts a rejected row, and stores it if there is room.
    pub(crate) fn push(&mut self, reject: Reject) {
        self.count += 1;
        if SELECTIVE_REASONS.contains(&reject.reason) {
            self.selective.entry(reject.reason).or_insert_with(|| (0, reject.clone())).0 += 1;
        }
        if self.first.len() < MAX_REJECTS {
            self.first.push(reject);
        }
    }

    /// Refuses a file if a large share of its rows is rejected for one reason, since the remaining rows may be biased.
    ///
    /// # Errors
    /// Returns an error if too many of `rows`, which includes the rejected ones, are rejected.
    pub(crate) fn check(&self, file: &str, rows: u64) -> Result<(), IngestError> {
        let is_many = |count: u64| count >= MIN_SELECTIVE_ROWS && count as f64 >= MIN_SELECTIVE_SHARE * rows as f64;
        // If there are no other rows, another error reports that.
        let many = self.selective.values().find(|(count, _)| is_many(*count) && self.count < rows);
        let Some((count, first)) = many else { return Ok(()) };
        let line = first.line.map_or_else(String::new, |line| format!(" on line {line}"));
        Err(IngestError::ManyRejects {
            file: file.to_owned(),
            rejected: *count,
            rows,
            example: format!("the first is row {}{line}, and {}", first.row, first.description),
        })
    }

    /// Returns notes on the rows as a whole.
    pub(crate) fn notes(&self) -> Vec<String> {
        let unlisted = self.count - self.first.len() as u64;
        let listed = self.first.len();
        (unlisted > 0)
            .then(|| {
                format!("{} rows were rejected; the first {listed} are listed, {unlisted} more are not", self.count)
            })
            .into_iter()
            .collect()
    }

    /// Returns why a file has no usable row.
    pub(crate) fn why_no_rows(&self) -> String {
        self.first.first().map_or_else(
            || "there is nothing below the header".to_owned(),
            |first| format!("all {} rows are rejected, row {} because {}", self.count, first.row, first.description),
        )
    }
}
