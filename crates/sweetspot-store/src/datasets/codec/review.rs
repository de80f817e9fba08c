//! What account reviews say, in columns.

use sweetspot_core::{Column, ColumnData, ReviewField, TextFormat};

use super::column;
use crate::stored::ReviewColumn;

/// A column of reviews as it is kept.
pub(super) fn encode(field: ReviewField, values: &ColumnData) -> ReviewColumn {
    let values = column::encode(&Column { name: String::new(), data: values.clone() }, TextFormat::default());
    ReviewColumn { field: field.key().to_owned(), quarter: field.quarter(), values: Some(values) }
}

/// A column of reviews; nothing where its field is unknown here, or its values are not of the field's kind.
pub(super) fn decode(kept: ReviewColumn) -> Option<(ReviewField, ColumnData)> {
    let ReviewColumn { field, quarter, values } = kept;
    let field = ReviewField::named(&field, quarter)?;
    let (Column { name: _, data }, _) = column::decode(values?)?;
    (data.kind() == field.kind()).then_some((field, data))
}
