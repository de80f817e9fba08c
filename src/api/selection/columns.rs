//! Accounts in columns, a block of rows at a time: each text of a dictionary is looked up once, however many accounts have it.

use std::ops::Range;

use bytes::Bytes;
use sweetspot_core::{ValueRef, is_blank};
use sweetspot_model::{Placed, Scorer, Spot};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{BLOCK, Scoring};
use crate::api::convert::screen::Screen;
use crate::api::wire::column::{Column, Data};
use crate::api::wire::table::Table;

/// A column, and what becomes of its values.
struct Reading<'t, 'a> {
    column: &'t Column<'a>,
    /// The attribute's number in the model, if it has it.
    attribute: Option<usize>,
    /// The filter's conditions on the attribute.
    asking: Vec<usize>,
    /// Whether a slot is all that a value of the attribute stands for.
    is_slot: bool,
    /// Where each text of the dictionary belongs, if it was looked up.
    spots: Vec<Spot>,
    /// The slot of each item of the dictionary, if they were looked up.
    items: Vec<Option<usize>>,
}

impl Scoring<'_, '_> {
    /// Scores an `AccountTable`.
    pub(super) fn table(&mut self, wire: &Bytes, given_up: &CancellationToken) -> Result<(), Status> {
        let Ok(Table { ids, columns }) = Table::read(wire) else { return self.odd_table(wire, given_up) };
        if self.wanted.plan.rejects_unknown && !columns.iter().all(|column| self.reads(column.name)) {
            return self.odd_table(wire, given_up);
        }
        let scorer = self.wanted.scorer;
        let mut placed = scorer.blank();
        let of = |column| Reading::new(column, ids.len(), scorer, &self.screen, &mut placed);
        let readings: Vec<_> = columns.iter().map(of).collect();
        let (slots, others): (Vec<_>, Vec<_>) = readings.iter().partition(|reading| reading.is_slot);
        let dictionaries = placed.mark();
        self.expect(ids.len());
        for (number, ids) in ids.chunks(BLOCK).enumerate() {
            let first = number * BLOCK;
            if self.is_over(first, given_up) {
                break;
            }
            placed.keep(dictionaries);
            let mut block = scorer.blank_spots(ids.len());
            for reading in &slots {
                reading.fill(first..first + ids.len(), scorer, &mut placed, &mut block);
            }
            let block_end = placed.mark();
            placed.keep(block_end);
            for (row, id) in ids.iter().enumerate() {
                let own = block.get(row * scorer.terms()..(row + 1) * scorer.terms());
                scorer.begin(&mut placed, own.unwrap_or_default());
                let row = first + row;
                self.screen.clear();
                for reading in others.iter().filter(|reading| reading.column.is_present(row)) {
                    reading.place(row, scorer, &mut self.screen, &mut placed);
                }
                self.judge(id, &placed, &[]);
            }
        }
        Ok(())
    }
}

impl<'t, 'a> Reading<'t, 'a> {
    fn new(column: &'t Column<'a>, rows: usize, scorer: &Scorer, screen: &Screen<'_>, placed: &mut Placed<'a>) -> Self {
        let (attribute, asking) = (scorer.attribute(column.name), screen.asking(column.name));
        let is_slot = asking.is_empty() && attribute.is_some_and(|attribute| scorer.is_term_alone(attribute));
        let mut reading = Self { column, attribute, asking, is_slot, spots: Vec::new(), items: Vec::new() };
        match (attribute.filter(|_| is_slot), &column.data) {
            // A dictionary with more texts than there are accounts is looked up as it is used.
            (Some(attribute), Data::Texts { dictionary, .. }) if dictionary.len() <= rows => {
                let spot = |text: &&'a str| scorer.spot(placed, attribute, &ValueRef::Text(text));
                reading.spots = dictionary.iter().map(spot).collect();
            }
            (Some(attribute), Data::Lists { dictionary, .. })
                if dictionary.len() <= rows
                    && scorer.is_list(attribute)
                    && !dictionary.iter().any(|item| is_blank(item)) =>
            {
                reading.items = dictionary.iter().map(|item| scorer.item(attribute, item)).collect();
            }
            _ => {}
        }
        reading
    }

    /// Fills in where the values of some rows belong; what has no value stays as it is.
    fn fill(&self, rows: Range<usize>, scorer: &Scorer, placed: &mut Placed<'a>, block: &mut [Spot]) {
        let Some(attribute) = self.attribute else { return };
        let own = block.iter_mut().skip(attribute).step_by(scorer.terms().max(1));
        let cells = rows.clone().zip(own).filter(|(row, _)| self.column.is_present(*row));
        match (&self.column.data, scorer.number_spots(attribute)) {
            // What most columns hold: looked up text by text before, or numbers for bins.
            (Data::Texts { codes, .. }, _) if !self.spots.is_empty() => {
                for (row, known) in cells {
                    let spot = codes.get(row).and_then(|code| self.spots.get(*code as usize));
                    *known = spot.copied().unwrap_or(*known);
                }
            }
            (Data::Numbers(_), Some(spot)) => {
                for (row, known) in cells {
                    *known = self.column.data.number(row).map_or(*known, &spot);
                }
            }
            _ => {
                for (row, known) in cells {
                    *known = self.spot(row, attribute, scorer, placed).unwrap_or(*known);
                }
            }
        }
    }

    /// Where the value of a row belongs that has one.
    fn spot(&self, row: usize, attribute: usize, scorer: &Scorer, placed: &mut Placed<'a>) -> Option<Spot> {
        if let (Data::Lists { .. }, false) = (&self.column.data, self.items.is_empty()) {
            let items = self.column.items(row)?.iter().map(|code| self.items.get(*code as usize).copied().flatten());
            return scorer.items_spot(placed, attribute, items);
        }
        Some(scorer.spot(placed, attribute, &self.column.value(row)?))
    }

    /// Places the value of a row that has one.
    fn place(&self, row: usize, scorer: &Scorer, screen: &mut Screen<'_>, placed: &mut Placed<'a>) {
        if self.attribute.is_none() {
            placed.add_unknown(self.column.name);
            if self.asking.is_empty() {
                return;
            }
        }
        let Some(value) = self.column.value(row) else { return };
        screen.answer(&self.asking, &value);
        if let Some(attribute) = self.attribute {
            scorer.place(placed, attribute, &value);
        }
    }
}
