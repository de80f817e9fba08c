//! Old workbooks (.xls, BIFF5 and BIFF8): a stream of records in an OLE2 compound file.
//!
//! The library that reads them stores every sheet as a full rectangle and trusts the sizes stated in the file. So the
//! stream is scanned first: the memory that the library would use is computed, and the library receives a separate
//! compound file with only a sanitized stream.

mod record_scan;
mod shared_string_sizes;

use std::collections::HashSet;
use std::io::{Cursor, Read as _, Write as _};

use calamine::{Data, DataRef, Reader as _, Sheet, Xls};
use cfb::{CompoundFile, Version};

use self::record_scan::XlsLayout;
use super::book::BookError;
use super::cells::SheetCells;

/// An open .xls workbook.
pub(super) struct XlsBook {
    book: Xls<Cursor<Vec<u8>>>,
    /// By sheet: the cells with a percent format.
    percent: Vec<HashSet<(u32, u32)>>,
}

impl XlsBook {
    /// Reads all sheets, which use at most `room` bytes together.
    ///
    /// # Errors
    /// Returns an error if the file is damaged, has a password or is too large.
    pub(super) fn open(packed: &[u8], room: u64) -> Result<Self, BookError> {
        let mut stream = workbook_stream(packed)?;
        let XlsLayout { percent, formulas, dimensions } = XlsLayout::read(&stream, room)?;
        record_scan::blank(&mut stream, &formulas, &dimensions);
        let book = Xls::new(Cursor::new(compound(&stream).map_err(BookError::broken)?)).map_err(BookError::broken)?;
        Ok(Self { book, percent })
    }

    /// Returns the sheets in order.
    pub(super) fn sheets(&self) -> &[Sheet] {
        self.book.sheets_metadata()
    }

    /// Returns the cells of a sheet, which use at most `room` bytes.
    ///
    /// # Errors
    /// Returns an error if there is no such sheet, or it is too large.
    pub(super) fn cells(&mut self, sheet: &str, room: u64) -> Result<SheetCells, BookError> {
        let place = self.sheets().iter().position(|known| known.name == sheet);
        let range = self.book.worksheet_range(sheet).map_err(BookError::broken)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        let mut cells = SheetCells::with_room(room);
        for (row, column, value) in range.used_cells() {
            let position = (first_row + row as u32, first_column + column as u32);
            cells.add(position, &as_data_ref(value), false)?;
        }
        if let Some(percent) = place.and_then(|place| self.percent.get(place)) {
            cells.show_in_percent(percent);
        }
        Ok(cells)
    }
}

/// Returns the records of the workbook.
fn workbook_stream(packed: &[u8]) -> Result<Vec<u8>, BookError> {
    let mut file = CompoundFile::open(Cursor::new(packed)).map_err(BookError::broken)?;
    let name = if file.is_stream("/Workbook") { "/Workbook" } else { "/Book" };
    let stream = file.open_stream(name).map_err(BookError::broken)?;
    let mut records = Vec::new();
    // The stream states its own length, which cannot exceed that of the file.
    stream.take(packed.len() as u64).read_to_end(&mut records).map_err(BookError::broken)?;
    Ok(records)
}

/// Creates a compound file with only this stream.
fn compound(stream: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    file.create_stream("/Workbook")?.write_all(stream)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

/// Returns the value of a cell, borrowing its text.
fn as_data_ref(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => DataRef::SharedString(text),
        Data::Bool(flag) => DataRef::Bool(*flag),
        Data::DateTime(time) => DataRef::DateTime(*time),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}
