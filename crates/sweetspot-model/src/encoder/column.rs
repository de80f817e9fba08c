//! Whole columns, encoded for training.

use sweetspot_core::{Column, ColumnData, ValueRef};
use sweetspot_solver::{Codes, TermCodes};

use super::{Encoder, Feature};

/// Encodes the given rows of a column by the very function that encodes an account when it is scored.
pub(crate) fn encode_column(feature: &Feature, column: &Column, rows: &[usize]) -> TermCodes {
    let codes = match (&feature.encoder, &column.data) {
        (Encoder::List(_), data) => encode_lists(feature, data, rows),
        (Encoder::Category(_), ColumnData::Categories { dictionary, codes }) => {
            // A level is looked up once, not once a row.
            let slots: Vec<u16> =
                dictionary.iter().map(|text| one_slot(feature, Some(&ValueRef::Text(text)))).collect();
            let missing = one_slot(feature, None);
            let slot =
                |row: &usize| codes.get(*row).and_then(|code| slots.get(code as usize)).copied().unwrap_or(missing);
            Codes::One(rows.iter().map(slot).collect())
        }
        (Encoder::Number(_) | Encoder::Date(_) | Encoder::Flag | Encoder::Category(_), data) => {
            Codes::One(rows.iter().map(|row| one_slot(feature, data.get(*row).as_ref())).collect())
        }
    };
    TermCodes { slots: feature.slots(), codes }
}

fn one_slot(feature: &Feature, value: Option<&ValueRef<'_>>) -> u16 {
    let mut found = feature.missing();
    feature.place(value, |slot| found = slot);
    found as u16
}

fn encode_lists(feature: &Feature, data: &ColumnData, rows: &[usize]) -> Codes {
    let (mut offsets, mut slots) = (vec![0], Vec::new());
    for row in rows {
        feature.place(data.get(*row).as_ref(), |slot| slots.push(slot as u16));
        offsets.push(slots.len() as u32);
    }
    Codes::Many { offsets, slots }
}

#[cfg(test)]
mod tests;
