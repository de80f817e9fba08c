//! The account review of each customer.

use sweetspot_core::{AccountReviews, ReviewField};

use super::attributes::{AttributeBuilder, UnformattedColumn};
use super::column_plan::{MissingTexts, position};
use crate::column::{ColumnFormatError, ColumnFormatInput, FormatDecision};
use crate::mapping::Mapping;
use crate::source::ValidRow;

/// The columns of a review while their cells are read.
#[derive(Debug)]
pub(super) struct ReviewReader(Vec<ReviewColumn>);

#[derive(Debug)]
struct ReviewColumn {
    field: ReviewField,
    name: String,
    place: usize,
    cells: AttributeBuilder,
}

/// The columns of a review before their formats are decided.
#[derive(Debug)]
pub(super) struct UnformattedReview(Vec<(ReviewField, UnformattedColumn)>);

impl ReviewReader {
    /// Finds the columns in a header.
    pub(super) fn new(mapping: &Mapping, header: &[String]) -> Self {
        let column = |(field, name): (&ReviewField, &String)| {
            let cells = AttributeBuilder::new(Some(field.kind()));
            Some(ReviewColumn { field: *field, name: name.clone(), place: position(header, name)?, cells })
        };
        Self(mapping.review.iter().filter_map(column).collect())
    }

    /// Returns the number of columns.
    pub(super) const fn columns(&self) -> usize {
        self.0.len()
    }

    /// Adds a row. Returns the number of bytes by which the texts have grown.
    pub(super) fn push(&mut self, row: &ValidRow<'_>, missing: &MissingTexts) -> usize {
        let cell = |place| missing.present_text(place, row.cell(place));
        self.0.iter_mut().map(|column| column.cells.push(row.number, cell(column.place))).sum()
    }

    /// Returns all columns, with their kinds.
    pub(super) fn settle(self) -> UnformattedReview {
        let unformatted = |column: ReviewColumn| {
            let ReviewColumn { field, name, place: _, cells } = column;
            (field, UnformattedColumn::new(name, cells, field.kind()))
        };
        UnformattedReview(self.0.into_iter().map(unformatted).collect())
    }
}

impl UnformattedReview {
    /// Returns the columns as candidates for the format decision.
    pub(super) fn candidates(&self, mapping: &Mapping) -> impl Iterator<Item = ColumnFormatInput> {
        self.0.iter().map(|(_, column)| column.candidate(mapping))
    }

    /// Returns the reviews, without fields that no customer has, and notes on unreadable texts. Columns that remain
    /// undecided are added to `problems`.
    pub(super) fn finish(
        self,
        decisions: impl Iterator<Item = Result<FormatDecision, ColumnFormatError>>,
        notes: &mut Vec<String>,
        problems: &mut Vec<String>,
    ) -> AccountReviews {
        let mut review = AccountReviews::default();
        for ((field, column), decision) in self.0.into_iter().zip(decisions) {
            match column.finish_data(&decision, notes) {
                Ok(values) if (0..values.len()).all(|row| values.get(row).is_none()) => {}
                Ok(values) => review.set(field, values),
                Err(problem) => problems.push(problem),
            }
        }
        review
    }
}
