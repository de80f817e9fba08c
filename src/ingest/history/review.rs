//! What an account review says of each customer.

use super::attributes::Incoming;
use super::plan::{Missing, position};
use crate::domain::{Review, ReviewField};
use crate::ingest::column::build;
use crate::ingest::mapping::Mapping;
use crate::ingest::source::Row;

/// The columns of a review as their cells come in.
#[derive(Debug)]
pub(super) struct ReviewReader(Vec<Told>);

#[derive(Debug)]
struct Told {
    field: ReviewField,
    name: String,
    place: usize,
    cells: Incoming,
}

impl ReviewReader {
    /// Finds the columns in a header.
    pub(super) fn new(mapping: &Mapping, header: &[String]) -> Self {
        let told = |(field, name): (&ReviewField, &String)| {
            let cells = Incoming::new(Some(field.kind()));
            Some(Told { field: *field, name: name.clone(), place: position(header, name)?, cells })
        };
        Self(mapping.review.iter().filter_map(told).collect())
    }

    /// How many columns there are.
    pub(super) const fn columns(&self) -> usize {
        self.0.len()
    }

    /// Adds a row. Returns by how many bytes the texts have grown.
    pub(super) fn push(&mut self, row: &Row<'_>, missing: &Missing) -> usize {
        self.0.iter_mut().map(|told| told.cells.push(missing.known(row.cell(told.place)))).sum()
    }

    /// What the reviews say, and notes on what could not be read.
    pub(super) fn finish(self, notes: &mut Vec<String>) -> Review {
        let mut review = Review::default();
        for Told { field, name, place: _, cells } in self.0 {
            let (values, more) = match cells {
                Incoming::Told(column) => column.finish(&name),
                Incoming::Texts(column) => build(&name, &column, field.kind()),
            };
            notes.extend(more);
            review.set(field, values);
        }
        review
    }
}
