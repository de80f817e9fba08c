//! The cells of a sheet, held as they come and told as CSV.

use std::collections::HashSet;

use calamine::DataRef;
use thiserror::Error;

use super::percent::percent_text;
use crate::domain::Date;

/// The number of 1970-01-01 among the days of a workbook.
const FIRST_DAY: f64 = 25_569.0;
/// What a cell costs beside its text.
const CELL_BYTES: u64 = 40;

/// The cells take more room than they may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the cells are too many")]
pub(super) struct TooMany;

/// The cells of a sheet that hold anything, each with its row and column.
#[derive(Debug)]
pub(super) struct Cells {
    cells: Vec<(u32, u32, String)>,
    left: u64,
}

impl Cells {
    /// None yet, of at most so many bytes.
    pub(super) const fn within(bytes: u64) -> Self {
        Self { cells: Vec::new(), left: bytes }
    }

    /// One more.
    ///
    /// # Errors
    /// Where there is no more room.
    pub(super) fn add(&mut self, (row, column): (u32, u32), cell: &DataRef<'_>) -> Result<(), TooMany> {
        let text = text(cell);
        if text.is_empty() {
            return Ok(());
        }
        self.left = self.left.checked_sub(CELL_BYTES + text.len() as u64).ok_or(TooMany)?;
        self.cells.push((row, column, text));
        Ok(())
    }

    /// Writes the numbers in these cells as percentages.
    pub(super) fn show_in_percent(&mut self, percent: &HashSet<(u32, u32)>) {
        for (row, column, text) in &mut self.cells {
            if percent.contains(&(*row, *column))
                && let Ok(number) = text.parse()
            {
                *text = percent_text(number);
            }
        }
    }

    /// As CSV: rows that hold anything, from the first to the last column that does.
    ///
    /// # Errors
    /// Where it would be longer than what is left: two cells far apart span many.
    pub(super) fn csv(mut self) -> Result<Vec<u8>, TooMany> {
        // Of two values of one cell, the first.
        self.cells.sort_by_key(|(row, column, _)| (*row, *column));
        self.cells.dedup_by_key(|(row, column, _)| (*row, *column));
        let first = self.cells.iter().map(|(_, column, _)| *column).min().unwrap_or_default();
        let last = self.cells.iter().map(|(_, column, _)| *column).max().unwrap_or_default();
        let rows = || self.cells.chunk_by(|a, b| a.0 == b.0);
        let width = u64::from(last - first) + 1;
        if (rows().count() as u64).saturating_mul(width) > self.left {
            return Err(TooMany);
        }
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in rows() {
            let mut cells = row.iter().peekable();
            let fields = (first..=last)
                .map(|column| cells.next_if(|(_, place, _)| *place == column).map_or("", |(_, _, text)| text.as_str()));
            // Memory takes every byte, and rows may have any width.
            let _written = out.write_record(fields);
        }
        Ok(out.into_inner().unwrap_or_default())
    }
}

/// A cell as people type it.
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

    fn cells(bytes: u64, cells: &[((u32, u32), DataRef<'_>)]) -> Result<String, TooMany> {
        let mut held = Cells::within(bytes);
        for (place, cell) in cells {
            held.add(*place, cell)?;
        }
        held.csv().map(|csv| String::from_utf8(csv).unwrap())
    }

    #[test]
    fn cells_are_told_as_people_type_them() {
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
    fn rows_have_one_width_and_empty_ones_are_left_out() {
        let name = || DataRef::SharedString("na,me");
        let told = cells(1_000, &[((4, 3), DataRef::Int(7)), ((1, 2), name()), ((3, 2), DataRef::Empty)]);
        assert_eq!(told.unwrap(), "\"na,me\",\n,7\n");
        assert_eq!(cells(1_000, &[]).unwrap(), "");
    }

    #[test]
    fn neither_long_texts_nor_cells_far_apart_take_more_room_than_there_is() {
        let long = "x".repeat(50);
        let shared: Vec<_> = (0..20).map(|row| ((row, 0), DataRef::SharedString(&long))).collect();
        assert_eq!(cells(1_000, &shared), Err(TooMany));
        assert!(cells(2_000, &shared).is_ok());
        let far = [((0, 0), DataRef::Int(1)), ((1_048_575, 16_383), DataRef::Int(2))];
        assert_eq!(cells(32_000, &far), Err(TooMany), "two rows of 16,384 columns");
        assert_eq!(cells(64_000, &far).unwrap().len(), 2 * 16_384 + 2);
    }
}
