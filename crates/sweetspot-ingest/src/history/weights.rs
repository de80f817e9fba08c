//! The number of customers that each row stands for.

use super::column_plan::position;
use crate::error::IngestError;
use crate::limits::clip_to;
use crate::mapping::Mapping;
use crate::source::ValidRow;

/// Reads the weights of rows, if the mapping names their column.
#[derive(Debug)]
pub(super) struct WeightReader {
    /// The index and the name of the column.
    column: Option<(usize, String)>,
    counts: Vec<u32>,
}

impl WeightReader {
    /// Finds the column in a header.
    pub(super) fn new(mapping: &Mapping, header: &[String]) -> Self {
        let column = mapping.weight.as_deref().and_then(|name| Some((position(header, name)?, name.to_owned())));
        Self { column, counts: Vec::new() }
    }

    /// Reads the weight of a row; `None` without a column.
    ///
    /// # Errors
    /// If the cell is not a whole number of at least one.
    pub(super) fn read(&self, row: &ValidRow<'_>, file: &str) -> Result<Option<u32>, IngestError> {
        let Some((place, column)) = &self.column else { return Ok(None) };
        let text = row.cell(*place);
        match text.parse::<u32>() {
            Ok(count @ 1..) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(count)),
            Ok(_) | Err(_) => Err(IngestError::Weight {
                file: file.to_owned(),
                row: row.number,
                column: column.clone(),
                text: clip_to(text, 60).to_owned(),
            }),
        }
    }

    /// Adds the weight of a usable row.
    pub(super) fn push(&mut self, weight: Option<u32>) {
        self.counts.extend(weight);
    }

    /// The weights of all usable rows; empty without a column.
    pub(super) fn into_counts(self) -> Vec<u32> {
        self.counts
    }
}
