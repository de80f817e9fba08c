//! The stored form of account reviews, as columns.

use sweetspot_core::{Column, ColumnData, ReviewField};

use super::column;
use crate::stored::ReviewColumn;

/// Encodes a column of a review.
pub(super) fn encode(field: ReviewField, values: &ColumnData) -> ReviewColumn {
    let values = column::encode(&Column { name: String::new(), data: values.clone() }, None);
    ReviewColumn { field: field.key().to_owned(), quarter: field.quarter(), values: Some(values) }
}

/// Decodes a column of a review. Returns `None` if its field is unknown or its values have the wrong kind for the
/// field.
pub(super) fn decode(column: ReviewColumn) -> Option<(ReviewField, ColumnData)> {
    let ReviewColumn { field, quarter, values } = column;
    let field = ReviewField::from_key(&field, quarter)?;
    let (Column { name: _, data }, _) = column::decode(values?)?;
    (data.kind() == field.kind()).then_some((field, data))
}
