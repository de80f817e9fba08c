//! Rows that cannot be used, and why.

use std::collections::BTreeMap;

use crate::IngestError;
use crate::limits::{MAX_ID_BYTES, MAX_REJECTS, clip_to};

/// Reasons that can be those of one kind of customer: names with commas, places with accents, leads that never got an id.
const SELECTIVE: [&str; 3] = ["RAGGED_ROW", "NOT_UTF8", "EMPTY_ID"];
/// From so many rows on, and this share of all rows, a file that lacks them is refused.
const MIN_SELECTIVE_ROWS: u64 = 5;
const MIN_SELECTIVE_SHARE: f64 = 0.1;

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The row below the header, from 1.
    pub row: u64,
    /// The line of the file on which it starts, from 1, where it is known.
    pub line: Option<u64>,
    /// The account's id as far as it could be read, else empty.
    pub id: String,
    /// `UPPER_SNAKE`, stable.
    pub reason: &'static str,
    /// What is wrong and what would be right.
    pub description: String,
}

/// What is wrong with a row, before it is known which row it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) reason: &'static str,
    pub(crate) description: String,
}

impl Problem {
    /// A fault of a row, whichever it is.
    pub(crate) fn new(reason: &'static str, description: impl Into<String>) -> Self {
        Self { reason, description: description.into() }
    }

    /// The fault in this row.
    pub(crate) fn at(self, row: u64, line: Option<u64>, id: &str) -> Reject {
        let id = clip_to(id, MAX_ID_BYTES).to_owned();
        Reject { row, line, id, reason: self.reason, description: self.description }
    }
}

/// The rejected rows of a file: the first ones in full, all of them counted.
#[derive(Debug, Default)]
pub(crate) struct Rejects {
    pub(crate) listed: Vec<Reject>,
    pub(crate) count: u64,
    /// By each of [`SELECTIVE`]: how many, and the first.
    selective: BTreeMap<&'static str, (u64, Reject)>,
}

impl Rejects {
    /// Counts a reject, and keeps it while there is room.
    pub(crate) fn push(&mut self, reject: Reject) {
        self.count += 1;
        if SELECTIVE.contains(&reject.reason) {
            self.selective.entry(reject.reason).or_insert_with(|| (0, reject.clone())).0 += 1;
        }
        if self.listed.len() < MAX_REJECTS {
            self.listed.push(reject);
        }
    }

    /// Refuses a file of which so many rows are rejected for one reason that the others may be a choice of customers.
    ///
    /// # Errors
    /// Where `rows`, rejected ones included, have too many of them.
    pub(crate) fn check(&self, file: &str, rows: u64) -> Result<(), IngestError> {
        let is_many = |count: u64| count >= MIN_SELECTIVE_ROWS && count as f64 >= MIN_SELECTIVE_SHARE * rows as f64;
        // If there is no other row, that is said instead.
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

    /// What to say about the rows in general.
    pub(crate) fn notes(&self) -> Vec<String> {
        let beyond = self.count - self.listed.len() as u64;
        let listed = self.listed.len();
        (beyond > 0)
            .then(|| format!("{} rows were rejected; the first {listed} are listed, {beyond} more are not", self.count))
            .into_iter()
            .collect()
    }

    /// Why a file without a usable row has none.
    pub(crate) fn why_no_rows(&self) -> String {
        self.listed.first().map_or_else(
            || "there is nothing below the header".to_owned(),
            |first| format!("all {} rows are rejected, row {} because {}", self.count, first.row, first.description),
        )
    }
}
