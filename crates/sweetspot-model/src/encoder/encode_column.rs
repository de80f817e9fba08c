//! Encodes whole columns for training.

use sweetspot_core::{Column, ColumnData, ValueRef};
use sweetspot_solver::{EncodedTerm, TermSlots};

use super::{Feature, FeatureEncoder};

/// Encodes the given rows of a column, with the same function that encodes an account for scoring.
pub(crate) fn encode_column(feature: &Feature, column: &Column, rows: &[usize]) -> EncodedTerm {
    let codes = match (&feature.encoder, &column.data) {
        (FeatureEncoder::List(_), data) => encode_lists(feature, data, rows),
        (FeatureEncoder::Category(_), ColumnData::Categories { dictionary, codes }) => {
            // Look up each level once, not once per row.
            let slots: Vec<u16> =
                dictionary.iter().map(|text| single_slot(feature, Some(&ValueRef::Text(text)))).collect();
            let missing = single_slot(feature, None);
            let slot =
                |row: &usize| codes.get(*row).and_then(|code| slots.get(code as usize)).copied().unwrap_or(missing);
            TermSlots::One(rows.iter().map(slot).collect())
        }
        (
            FeatureEncoder::Number(_) | FeatureEncoder::Date(_) | FeatureEncoder::Flag | FeatureEncoder::Category(_),
            data,
        ) => TermSlots::One(rows.iter().map(|row| single_slot(feature, data.get(*row).as_ref())).collect()),
    };
    EncodedTerm { slots: feature.slot_count(), codes }
}

fn single_slot(feature: &Feature, value: Option<&ValueRef<'_>>) -> u16 {
    let mut found = feature.missing_slot();
    feature.encode(value, |slot| found = slot);
    found as u16
}

fn encode_lists(feature: &Feature, data: &ColumnData, rows: &[usize]) -> TermSlots {
    let (mut offsets, mut slots) = (vec![0], Vec::new());
    for row in rows {
        feature.encode(data.get(*row).as_ref(), |slot| slots.push(slot as u16));
        offsets.push(slots.len() as u32);
    }
    TermSlots::Many { offsets, slots }
}

#[cfg(test)]
mod tests;
