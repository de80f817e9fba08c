//! Rows that cannot be used, and why.

use crate::ingest::limits::{MAX_ID_BYTES, MAX_REJECTS, clip_to};

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
pub(in crate::ingest) struct Problem {
    pub(in crate::ingest) reason: &'static str,
    pub(in crate::ingest) description: String,
}

impl Problem {
    /// A fault of a row, whichever it is.
    pub(in crate::ingest) fn new(reason: &'static str, description: impl Into<String>) -> Self {
        Self { reason, description: description.into() }
    }

    /// The fault in this row.
    pub(in crate::ingest) fn at(self, row: u64, line: Option<u64>, id: &str) -> Reject {
        let id = clip_to(id, MAX_ID_BYTES).to_owned();
        Reject { row, line, id, reason: self.reason, description: self.description }
    }
}

/// The rejected rows of a file: the first ones in full, all of them counted.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Rejects {
    pub(in crate::ingest) listed: Vec<Reject>,
    pub(in crate::ingest) count: u64,
}

impl Rejects {
    /// Counts a reject, and keeps it while there is room.
    pub(in crate::ingest) fn push(&mut self, reject: Reject) {
        self.count += 1;
        if self.listed.len() < MAX_REJECTS {
            self.listed.push(reject);
        }
    }

    /// What to say about the rows in general.
    pub(in crate::ingest) fn notes(&self) -> Vec<String> {
        let beyond = self.count - self.listed.len() as u64;
        let listed = self.listed.len();
        (beyond > 0)
            .then(|| format!("{} rows were rejected; the first {listed} are listed, {beyond} more are not", self.count))
            .into_iter()
            .collect()
    }

    /// Why a file without a usable row has none.
    pub(in crate::ingest) fn why_no_rows(&self) -> String {
        self.listed.first().map_or_else(
            || "there is nothing below the header".to_owned(),
            |first| format!("all {} rows are rejected, row {} because {}", self.count, first.row, first.description),
        )
    }
}
