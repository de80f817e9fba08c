//! What an account review says of each customer.

use sweetspot_core::{Review, ReviewField};

use super::attributes::{Incoming, Settled};
use super::plan::{Missing, position};
use crate::column::{Candidate, Decision, Undecided};
use crate::mapping::Mapping;
use crate::source::Row;

/// The columns of a review as their cells come in.
#[derive(Debug)]
pub(super) struct ReviewReader(Vec<ReviewColumn>);

#[derive(Debug)]
struct ReviewColumn {
    field: ReviewField,
    name: String,
    place: usize,
    cells: Incoming,
}

/// The columns of a review, before it is decided how they are written.
#[derive(Debug)]
pub(super) struct SettledReview(Vec<(ReviewField, Settled)>);

impl ReviewReader {
    /// Finds the columns in a header.
    pub(super) fn new(mapping: &Mapping, header: &[String]) -> Self {
        let column = |(field, name): (&ReviewField, &String)| {
            let cells = Incoming::new(Some(field.kind()));
            Some(ReviewColumn { field: *field, name: name.clone(), place: position(header, name)?, cells })
        };
        Self(mapping.review.iter().filter_map(column).collect())
    }

    /// How many columns there are.
    pub(super) const fn columns(&self) -> usize {
        self.0.len()
    }

    /// Adds a row. Returns by how many bytes the texts have grown.
    pub(super) fn push(&mut self, row: &Row<'_>, missing: &Missing) -> usize {
        let cell = |place| missing.known(place, row.cell(place));
        self.0.iter_mut().map(|column| column.cells.push(row.number, cell(column.place))).sum()
    }

    /// All columns, with their kinds.
    pub(super) fn settle(self) -> SettledReview {
        let settled = |column: ReviewColumn| {
            let ReviewColumn { field, name, place: _, cells } = column;
            (field, Settled::new(name, cells, field.kind()))
        };
        SettledReview(self.0.into_iter().map(settled).collect())
    }
}

impl SettledReview {
    /// What is to be decided about the columns.
    pub(super) fn candidates(&self, mapping: &Mapping) -> impl Iterator<Item = Candidate> {
        self.0.iter().map(|(_, settled)| settled.candidate(mapping))
    }

    /// What the reviews say, and notes on what could not be read; columns that are left open go to `problems`.
    pub(super) fn finish(
        self,
        decisions: impl Iterator<Item = Result<Decision, Undecided>>,
        notes: &mut Vec<String>,
        problems: &mut Vec<String>,
    ) -> Review {
        let mut review = Review::default();
        for ((field, settled), decision) in self.0.into_iter().zip(decisions) {
            match settled.finish_data(&decision, notes) {
                Ok(values) => {
                    review.set(field, values);
                }
                Err(problem) => problems.push(problem),
            }
        }
        review
    }
}
