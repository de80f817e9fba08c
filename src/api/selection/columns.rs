//! Accounts in columns: each text of a dictionary is looked up once, however many accounts have it.

use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::Scoring;
use crate::api::convert::screen::Screen;
use crate::api::wire::column::{Column, Data};
use crate::api::wire::table::Table;
use crate::domain::ValueRef;
use crate::model::{Placed, Scorer, Spot};

/// A column, and what becomes of its values.
struct Reading<'t, 'a> {
    column: &'t Column<'a>,
    /// The attribute's number in the model, if it has it.
    attribute: Option<usize>,
    /// The filter's conditions on the attribute.
    asking: Vec<usize>,
    /// Where each text of the dictionary belongs, if that is all there is to know of it.
    spots: Vec<Spot>,
}

impl Scoring<'_, '_> {
    pub(super) fn table(&mut self, wire: &Bytes, given_up: &CancellationToken) -> Result<(), Status> {
        let Ok(Table { ids, columns }) = Table::read(wire) else { return self.odd_table(wire, given_up) };
        let scorer = self.wanted.scorer;
        let mut placed = scorer.blank();
        let of = |column| Reading::new(column, ids.len(), scorer, &self.screen, &mut placed);
        let readings: Vec<_> = columns.iter().map(of).collect();
        placed.keep_spots();
        for (row, id) in ids.iter().enumerate() {
            if self.is_over(row, given_up) {
                break;
            }
            scorer.clear(&mut placed);
            self.screen.clear();
            for reading in readings.iter().filter(|reading| reading.column.is_present(row)) {
                reading.place(row, scorer, &mut self.screen, &mut placed);
            }
            self.judge(id, &placed);
        }
        Ok(())
    }
}

impl<'t, 'a> Reading<'t, 'a> {
    fn new(column: &'t Column<'a>, rows: usize, scorer: &Scorer, screen: &Screen<'_>, placed: &mut Placed<'a>) -> Self {
        let attribute = scorer.attribute(column.name);
        let asking = screen.asking(column.name);
        let spots = match (attribute, &column.data) {
            // A dictionary with more texts than there are accounts is looked up as it is used.
            (Some(attribute), Data::Texts { dictionary, .. })
                if dictionary.len() <= rows && scorer.is_term_alone(attribute) =>
            {
                let spot = |text: &&'a str| scorer.spot(placed, attribute, &ValueRef::Text(text));
                dictionary.iter().map(spot).collect()
            }
            _ => Vec::new(),
        };
        Self { column, attribute, asking, spots }
    }

    /// Places the value of a row that has one.
    fn place(&self, row: usize, scorer: &Scorer, screen: &mut Screen<'_>, placed: &mut Placed<'a>) {
        let value = || self.column.value(row);
        if !self.asking.is_empty()
            && let Some(value) = value()
        {
            screen.answer(&self.asking, &value);
        }
        let Some(attribute) = self.attribute else { return placed.add_unknown(self.column.name) };
        if let Some(spot) = self.spot(row) {
            scorer.put(placed, attribute, spot);
        } else if let Some(value) = value() {
            scorer.place(placed, attribute, &value);
        }
    }

    /// Where the row's text belongs, if that was looked up.
    fn spot(&self, row: usize) -> Option<Spot> {
        let Data::Texts { codes, .. } = &self.column.data else { return None };
        self.spots.get(*codes.get(row)? as usize).copied()
    }
}
