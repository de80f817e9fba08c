//! Reads the account reviews of an import, column by column.

use std::collections::BTreeSet;

use sweetspot_core::{ColumnData, ReviewField};
use sweetspot_proto::v1;

use crate::api::convert::account_table::parse_column;
use crate::api::convert::row_faults::RowFaults;
use crate::api::violations::Violations;
use crate::messages::review_fields::parse_review_field;

const REASON: &str = "INVALID_REVIEW";

/// Reads the reviews of this number of accounts. Structural problems go to `problems`, invalid cells to `faults`.
pub(super) fn parse_review(
    wire: Vec<v1::ReviewColumn>,
    rows: usize,
    faults: &mut RowFaults,
    violations: &mut Violations,
) -> Vec<(ReviewField, ColumnData)> {
    let mut seen = BTreeSet::new();
    let mut columns = Vec::with_capacity(wire.len());
    for (index, wire) in wire.into_iter().enumerate() {
        let path = format!("review[{index}]");
        let Some((field, values)) = parse_review_column(wire, rows, &path, faults, violations) else { continue };
        if !seen.insert(field) {
            violations.add(REASON, path, format!("the field {} appears twice: send it once", field.key()));
        } else if values.kind() != field.kind() {
            let (key, expected, found) = (field.key(), field.kind().as_str(), values.kind().as_str());
            violations.add(REASON, path, format!("the values of {key} must be of kind {expected}, not {found}"));
        } else {
            columns.push((field, values));
        }
    }
    columns
}

fn parse_review_column(
    wire: v1::ReviewColumn,
    rows: usize,
    path: &str,
    faults: &mut RowFaults,
    violations: &mut Violations,
) -> Option<(ReviewField, ColumnData)> {
    let v1::ReviewColumn { field, quarter, values } = wire;
    let known: v1::ReviewField = violations.parse_enum(&format!("{path}.field"), field)?;
    let Some(field) = parse_review_field(known, quarter) else {
        let text = "set a field, with a quarter from 1 to 12 for SPEND and without a quarter for any other";
        violations.add(REASON, path, text);
        return None;
    };
    match parse_column(values.unwrap_or_default(), rows, path, true, faults) {
        Ok(column) => Some((field, column.data)),
        Err((reason, text)) => {
            violations.add(reason, path, text);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_review_field_of_the_proto_exists_in_the_domain() {
        for number in 1.. {
            let Ok(field) = v1::ReviewField::try_from(number) else { return assert_eq!(number, 31) };
            let values = Some(v1::Column {
                data: Some(v1::column::Data::Numbers(v1::DoubleColumn::default())),
                ..v1::Column::default()
            });
            let quarter = u32::from(field == v1::ReviewField::Spend);
            let wire = v1::ReviewColumn { field: number, quarter, values };
            let mut problems = Violations::default();
            let read = parse_review_column(wire, 0, "review[0]", &mut RowFaults::new(9), &mut problems);
            let key = read.map(|(field, _)| field.key().to_uppercase());
            assert_eq!(key.map(|key| format!("REVIEW_FIELD_{key}")).as_deref(), Some(field.as_str_name()));
        }
    }
}
