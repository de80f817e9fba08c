//! Scores accounts in columns, in blocks of rows. Each text of a dictionary is looked up once for all accounts.

use std::ops::Range;

use bytes::Bytes;
use sweetspot_core::{ValueRef, is_blank};
use sweetspot_model::{EncodedAccount, EncodedValue, Scorer};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::{BLOCK_ROWS, ScoringRun};
use crate::api::convert::attribute_filter::AttributeFilter;
use crate::api::wire::column::{WireColumn, WireData};
use crate::api::wire::table::WireTable;

/// Reads a column.
struct ColumnReader<'t, 'a> {
    column: &'t WireColumn<'a>,
    /// The attribute's index in the model, if the model has it.
    attribute: Option<usize>,
    /// The indexes of the filter's conditions on the attribute.
    condition_indices: Vec<usize>,
    /// Whether every value of the attribute encodes to a single slot.
    is_slot: bool,
    /// The encoded texts of the dictionary, if they were looked up.
    text_values: Vec<EncodedValue>,
    /// The slots of the dictionary's items, if they were looked up.
    item_slots: Vec<Option<usize>>,
}

impl ScoringRun<'_, '_> {
    /// Scores an `AccountTable`.
    pub(super) fn score_table(&mut self, wire: &Bytes, cancellation: &CancellationToken) -> Result<(), Status> {
        let Ok(WireTable { ids, columns }) = WireTable::read(wire) else {
            return self.score_table_via_prost(wire, cancellation);
        };
        if self.request.plan.rejects_unknown && !columns.iter().all(|column| self.is_read(column.name)) {
            return self.score_table_via_prost(wire, cancellation);
        }
        let scorer = self.request.scorer;
        let mut encoded_account = scorer.blank_account();
        let reader =
            |column| ColumnReader::new(column, ids.len(), scorer, &self.attribute_filter, &mut encoded_account);
        let readings: Vec<_> = columns.iter().map(reader).collect();
        let (slots, others): (Vec<_>, Vec<_>) = readings.iter().partition(|reading| reading.is_slot);
        let dictionaries = encoded_account.checkpoint();
        self.reserve_scores(ids.len().saturating_sub(self.request.first_account));
        // Scoring stops between blocks only.
        for (number, ids) in ids.chunks(BLOCK_ROWS).enumerate().skip(self.request.first_account / BLOCK_ROWS) {
            let first = number * BLOCK_ROWS;
            if self.should_stop(first, cancellation) {
                break;
            }
            encoded_account.retain_checkpoint(dictionaries);
            let mut block = scorer.blank_values(ids.len());
            for reading in &slots {
                reading.encode_rows(first..first + ids.len(), scorer, &mut encoded_account, &mut block);
            }
            let block_end = encoded_account.checkpoint();
            encoded_account.retain_checkpoint(block_end);
            for (row, id) in ids.iter().enumerate() {
                let row_values = block.get(row * scorer.term_count()..(row + 1) * scorer.term_count());
                scorer.reset_to_values(&mut encoded_account, row_values.unwrap_or_default());
                let row = first + row;
                self.attribute_filter.begin_account();
                for reading in others.iter().filter(|reading| reading.column.is_present(row)) {
                    reading.encode_value(row, scorer, &mut self.attribute_filter, &mut encoded_account);
                }
                self.score_account(id, &encoded_account, &[]);
            }
        }
        Ok(())
    }
}

impl<'t, 'a> ColumnReader<'t, 'a> {
    fn new(
        column: &'t WireColumn<'a>,
        rows: usize,
        scorer: &Scorer,
        filter: &AttributeFilter<'_>,
        encoded_account: &mut EncodedAccount<'a>,
    ) -> Self {
        let (attribute, condition_indices) =
            (scorer.attribute_index(column.name), filter.condition_indices(column.name));
        let is_slot =
            condition_indices.is_empty() && attribute.is_some_and(|attribute| scorer.has_no_conditions(attribute));
        let mut reading =
            Self { column, attribute, condition_indices, is_slot, text_values: Vec::new(), item_slots: Vec::new() };
        match (attribute.filter(|_| is_slot), &column.data) {
            // A dictionary with more texts than accounts is looked up on use.
            (Some(attribute), WireData::Texts { dictionary, .. }) if dictionary.len() <= rows => {
                let encoded_value =
                    |text: &&'a str| scorer.encode_value(encoded_account, attribute, &ValueRef::Text(text));
                reading.text_values = dictionary.iter().map(encoded_value).collect();
            }
            (Some(attribute), WireData::Lists { dictionary, .. })
                if dictionary.len() <= rows
                    && scorer.is_list(attribute)
                    && !dictionary.iter().any(|item| is_blank(item)) =>
            {
                reading.item_slots = dictionary.iter().map(|item| scorer.item_slot(attribute, item)).collect();
            }
            _ => {}
        }
        reading
    }

    /// Encodes the values of some rows. Missing values are unchanged.
    fn encode_rows(
        &self,
        rows: Range<usize>,
        scorer: &Scorer,
        encoded_account: &mut EncodedAccount<'a>,
        block: &mut [EncodedValue],
    ) {
        let Some(attribute) = self.attribute else { return };
        let values = block.iter_mut().skip(attribute).step_by(scorer.term_count().max(1));
        let cells = rows.clone().zip(values).filter(|(row, _)| self.column.is_present(*row));
        match (&self.column.data, scorer.number_encoder(attribute)) {
            // The common cases: texts that were looked up before, and numbers for bins.
            (WireData::Texts { codes, .. }, _) if !self.text_values.is_empty() => {
                for (row, known) in cells {
                    let encoded_value = codes.get(row).and_then(|code| self.text_values.get(*code as usize));
                    *known = encoded_value.copied().unwrap_or(*known);
                }
            }
            (WireData::Numbers(_), Some(encoded_value)) => {
                for (row, known) in cells {
                    *known = self.column.data.number(row).map_or(*known, &encoded_value);
                }
            }
            _ => {
                for (row, known) in cells {
                    *known = self.encode_cell(row, attribute, scorer, encoded_account).unwrap_or(*known);
                }
            }
        }
    }

    /// Encodes the value of a row that has one.
    fn encode_cell(
        &self,
        row: usize,
        attribute: usize,
        scorer: &Scorer,
        encoded_account: &mut EncodedAccount<'a>,
    ) -> Option<EncodedValue> {
        if let (WireData::Lists { .. }, false) = (&self.column.data, self.item_slots.is_empty()) {
            let items =
                self.column.list_codes(row)?.iter().map(|code| self.item_slots.get(*code as usize).copied().flatten());
            return scorer.encode_items(encoded_account, attribute, items);
        }
        Some(scorer.encode_value(encoded_account, attribute, &self.column.value(row)?))
    }

    /// Encodes the value of a row, if it has one, and records it for the filter.
    fn encode_value(
        &self,
        row: usize,
        scorer: &Scorer,
        filter: &mut AttributeFilter<'_>,
        encoded_account: &mut EncodedAccount<'a>,
    ) {
        if self.attribute.is_none() {
            encoded_account.add_unknown_name(self.column.name);
            if self.condition_indices.is_empty() {
                return;
            }
        }
        let Some(value) = self.column.value(row) else { return };
        filter.observe_conditions(&self.condition_indices, &value);
        if let Some(attribute) = self.attribute {
            scorer.encode_value_into(encoded_account, attribute, &value);
        }
    }
}
