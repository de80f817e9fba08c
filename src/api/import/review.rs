//! What account reviews say, column by column.

use std::collections::BTreeSet;

use sweetspot_core::{ColumnData, ReviewField};
use sweetspot_proto::v1;

use crate::api::convert::faults::Faults;
use crate::api::convert::table::column;
use crate::api::problems::Problems;

const REASON: &str = "INVALID_REVIEW";

/// Reads the review of so many accounts. What is wrong goes to `problems`, and cells at fault go to `faults`.
pub(super) fn review(
    wire: Vec<v1::ReviewColumn>,
    rows: usize,
    faults: &mut Faults,
    problems: &mut Problems,
) -> Vec<(ReviewField, ColumnData)> {
    let mut seen = BTreeSet::new();
    let mut columns = Vec::with_capacity(wire.len());
    for (index, wire) in wire.into_iter().enumerate() {
        let path = format!("review[{index}]");
        let Some((field, values)) = read(wire, rows, &path, faults, problems) else { continue };
        if !seen.insert(field) {
            problems.add(REASON, path, format!("the field {} appears twice: send it once", field.key()));
        } else if values.kind() != field.kind() {
            let (key, wanted, found) = (field.key(), field.kind().word(), values.kind().word());
            problems.add(REASON, path, format!("the values of {key} must be of kind {wanted}, not {found}"));
        } else {
            columns.push((field, values));
        }
    }
    columns
}

fn read(
    wire: v1::ReviewColumn,
    rows: usize,
    path: &str,
    faults: &mut Faults,
    problems: &mut Problems,
) -> Option<(ReviewField, ColumnData)> {
    let v1::ReviewColumn { field, quarter, values } = wire;
    let known: v1::ReviewField = problems.known(&format!("{path}.field"), field)?;
    let key = known.as_str_name().to_lowercase().replace("review_field_", "");
    let Some(field) = ReviewField::named(&key, quarter) else {
        let text = "set a field, with a quarter from 1 to 12 for SPEND and without a quarter for any other";
        problems.add(REASON, path, text);
        return None;
    };
    match column(values.unwrap_or_default(), rows, path, true, faults) {
        Ok(column) => Some((field, column.data)),
        Err((reason, text)) => {
            problems.add(reason, path, text);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_wire_is_one_of_ours() {
        for number in 1.. {
            let Ok(field) = v1::ReviewField::try_from(number) else { return assert_eq!(number, 31) };
            let values = Some(v1::Column {
                data: Some(v1::column::Data::Numbers(v1::DoubleColumn::default())),
                ..v1::Column::default()
            });
            let quarter = u32::from(field == v1::ReviewField::Spend);
            let wire = v1::ReviewColumn { field: number, quarter, values };
            let mut problems = Problems::default();
            let read = read(wire, 0, "review[0]", &mut Faults::new(9), &mut problems);
            let key = read.map(|(field, _)| field.key().to_uppercase());
            assert_eq!(key.map(|key| format!("REVIEW_FIELD_{key}")).as_deref(), Some(field.as_str_name()));
        }
    }
}
