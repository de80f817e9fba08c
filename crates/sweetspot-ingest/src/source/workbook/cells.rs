//! The cells of a sheet, stored in the order read and returned row by row.

use std::collections::{BTreeMap, HashSet};

use calamine::DataRef;
use csv::StringRecord;
use sweetspot_core::Date;
use thiserror::Error;

use super::percent_cells::percent_text;
use crate::source::record::ReadStep;

/// The serial date of 1970-01-01 in a workbook.
const FIRST_DAY: f64 = 25_569.0;
/// The memory for a cell besides its text, in bytes.
const CELL_BYTES: u64 = 40;

/// The cells exceed the memory limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the workbook has too many cells")]
pub(super) struct OutOfRoom;

/// The non-empty cells of a sheet, each with its row and column, starting at 0.
#[derive(Debug)]
pub(super) struct SheetCells {
    texts: Vec<(u32, u32, String)>,
    /// By column: the number of formulas without a stored value.
    formulas: BTreeMap<u32, u64>,
    bytes_left: u64,
    bytes_used: u64,
}

impl SheetCells {
    /// Creates an empty sheet of at most this many bytes.
    pub(super) const fn with_room(bytes: u64) -> Self {
        Self { texts: Vec::new(), formulas: BTreeMap::new(), bytes_left: bytes, bytes_used: 0 }
    }

    /// Adds a cell.
    ///
    /// # Errors
    /// Returns an error if the memory limit is exceeded.
    pub(super) fn add(
        &mut self,
        (row, column): (u32, u32),
        cell: &DataRef<'_>,
        is_formula: bool,
    ) -> Result<(), OutOfRoom> {
        if is_formula && *cell == DataRef::Empty {
            self.add_formula(column);
        }
        self.add_text((row, column), text(cell))
    }

    /// Counts a formula without a stored value.
    pub(super) fn add_formula(&mut self, column: u32) {
        *self.formulas.entry(column).or_default() += 1;
    }

    /// Adds a cell with this text.
    ///
    /// # Errors
    /// Returns an error if the memory limit is exceeded.
    pub(super) fn add_text(&mut self, (row, column): (u32, u32), text: String) -> Result<(), OutOfRoom> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let bytes = CELL_BYTES + text.len() as u64;
        self.bytes_left = self.bytes_left.checked_sub(bytes).ok_or(OutOfRoom)?;
        self.bytes_used += bytes;
        self.texts.push((row, column, text));
        Ok(())
    }

    /// Formats the numbers in these cells as percentages.
    pub(super) fn show_in_percent(&mut self, percent: &HashSet<(u32, u32)>) {
        for (row, column, text) in &mut self.texts {
            if percent.contains(&(*row, *column))
                && let Ok(number) = text.parse()
            {
                *text = percent_text(number);
            }
        }
    }

    /// Returns the number of bytes used.
    pub(super) const fn used(&self) -> u64 {
        self.bytes_used
    }

    /// Returns whether there are no cells.
    pub(super) const fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Returns the number of columns that are filled in at least two rows, counting only rows with at least two cells.
    pub(super) fn width(&mut self) -> usize {
        self.sort();
        let mut columns: BTreeMap<u32, usize> = BTreeMap::new();
        for row in self.texts.chunk_by(|a, b| a.0 == b.0).filter(|row| row.len() > 1) {
            for (_, column, _) in row {
                *columns.entry(*column).or_default() += 1;
            }
        }
        columns.values().filter(|rows| **rows > 1).count()
    }

    /// Returns the non-empty rows, from the first non-empty column on.
    pub(super) fn into_records(mut self) -> SheetRecords {
        self.sort();
        let first = self.texts.iter().map(|(_, column, _)| *column).min().unwrap_or_default();
        let formulas = self.formulas.into_iter();
        let formulas = formulas.filter_map(|(column, count)| Some((column.checked_sub(first)? as usize, count)));
        SheetRecords { formulas: formulas.collect(), first, cells: self.texts.into_iter().peekable() }
    }

    /// Sorts by row and column. If a cell has two values, the first one is kept.
    fn sort(&mut self) {
        self.texts.sort_by_key(|(row, column, _)| (*row, *column));
        self.texts.dedup_by_key(|(row, column, _)| (*row, *column));
    }
}

/// Reads the rows of a sheet. A row ends with its last non-empty cell.
#[derive(Debug)]
pub(in crate::source) struct SheetRecords {
    cells: std::iter::Peekable<std::vec::IntoIter<(u32, u32, String)>>,
    first: u32,
    /// By column from the first: the number of formulas without a stored value.
    formulas: Vec<(usize, u64)>,
}

impl SheetRecords {
    /// Reads the next non-empty row.
    pub(in crate::source) fn read(&mut self, record: &mut StringRecord) -> ReadStep {
        record.clear();
        let Some(row) = self.cells.peek().map(|(row, ..)| *row) else { return ReadStep::End };
        let mut next = self.first;
        while let Some((_, column, text)) = self.cells.next_if(|(cell_row, ..)| *cell_row == row) {
            for _ in next..column {
                record.push_field("");
            }
            record.push_field(&text);
            next = column + 1;
        }
        ReadStep::Record(u64::from(row) + 1)
    }

    /// Returns the number of formulas without a stored value, by column.
    pub(super) fn formulas(&self) -> &[(usize, u64)] {
        &self.formulas
    }
}

/// Formats a cell as people type it.
fn text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(time) if time.is_datetime() => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            let civil = jiff::civil::Date::new(year.cast_signed(), month.cast_signed(), day.cast_signed());
            civil.map_or_else(|_| Date { days: (time.as_f64() - FIRST_DAY) as i32 }.to_string(), |day| day.to_string())
        }
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use calamine::{CellErrorType, ExcelDateTime, ExcelDateTimeType};

    use super::*;

    fn rows(room: u64, cells: &[((u32, u32), DataRef<'_>)]) -> Result<Vec<(u64, String)>, OutOfRoom> {
        let mut held = SheetCells::with_room(room);
        for (place, cell) in cells {
            held.add(*place, cell, false)?;
        }
        let (mut records, mut record) = (held.into_records(), StringRecord::new());
        let mut rows = Vec::new();
        while let ReadStep::Record(row) = records.read(&mut record) {
            rows.push((row, record.iter().collect::<Vec<_>>().join("|")));
        }
        Ok(rows)
    }

    #[test]
    fn cells_are_written_as_people_type_them() {
        let day = ExcelDateTime::new(45_000.5, ExcelDateTimeType::DateTime, false);
        for (cell, expected) in [
            (DataRef::Float(1200.0), "1200"),
            (DataRef::Float(0.5), "0.5"),
            (DataRef::Int(-3), "-3"),
            (DataRef::SharedString("a, b"), "a, b"),
            (DataRef::Bool(true), "true"),
            (DataRef::DateTime(day), "2023-03-15"),
            (DataRef::Error(CellErrorType::Div0), ""),
            (DataRef::Empty, ""),
        ] {
            assert_eq!(text(&cell), expected);
        }
    }

    #[test]
    fn rows_keep_their_numbers_and_empty_ones_are_left_out() {
        let name = || DataRef::SharedString("na,me");
        let found = rows(1_000, &[((4, 3), DataRef::Int(7)), ((1, 2), name()), ((3, 2), DataRef::Empty)]);
        assert_eq!(found.unwrap(), [(2, "na,me".to_owned()), (5, "|7".to_owned())]);
        assert_eq!(rows(1_000, &[]).unwrap(), []);
    }

    #[test]
    fn long_texts_take_no_more_room_than_there_is() {
        let long = "x".repeat(50);
        let shared: Vec<_> = (0..20).map(|row| ((row, 0), DataRef::SharedString(&long))).collect();
        assert_eq!(rows(1_000, &shared), Err(OutOfRoom));
        assert!(rows(2_000, &shared).is_ok());
        let far = [((0, 0), DataRef::Int(1)), ((1_048_575, 16_383), DataRef::Int(2))];
        assert_eq!(rows(1_000, &far).unwrap().len(), 2);
    }

    #[test]
    fn the_width_of_a_table_is_that_of_several_rows() {
        let cell = || DataRef::Int(1);
        let mut cells = SheetCells::with_room(10_000);
        for place in [(0, 0), (2, 0), (2, 1), (3, 0), (3, 1), (4, 0), (4, 1), (4, 7)] {
            cells.add(place, &cell(), false).unwrap();
        }
        assert_eq!(cells.width(), 2);
    }

    #[test]
    fn formulas_without_a_value_are_counted() {
        let mut cells = SheetCells::with_room(1_000);
        cells.add((0, 1), &DataRef::SharedString("size"), false).unwrap();
        for row in 1..4 {
            cells.add((row, 1), &DataRef::Empty, true).unwrap();
            cells.add((row, 2), &DataRef::Empty, false).unwrap();
        }
        cells.add((4, 1), &DataRef::Int(3), true).unwrap();
        assert_eq!(cells.into_records().formulas(), [(0, 3)]);
    }
}
