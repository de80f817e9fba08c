//! Old workbooks (.xls, BIFF5 and BIFF8): a stream of records in an OLE2 compound file.
//!
//! The library that reads them holds every sheet as a full rectangle and takes what the file says of sizes for granted. So the
//! stream is looked through first: what the library would hold is counted, and it is given a compound file of its own with
//! nothing but a stream that is fit to read.

mod layout;
mod texts;

use std::collections::HashSet;
use std::io::{Cursor, Read as _, Write as _};

use calamine::{Data, DataRef, Reader as _, Sheet, Xls};
use cfb::{CompoundFile, Version};

use self::layout::Layout;
use super::book::BookError;
use super::cells::Cells;

/// An .xls workbook that is read.
pub(super) struct XlsBook {
    book: Xls<Cursor<Vec<u8>>>,
    /// By sheet: the cells that are shown in percent.
    percent: Vec<HashSet<(u32, u32)>>,
}

impl XlsBook {
    /// Reads all sheets, which take at most `room` bytes together.
    ///
    /// # Errors
    /// Where the file is damaged, has a password or is too large.
    pub(super) fn open(packed: &[u8], room: u64) -> Result<Self, BookError> {
        let mut stream = workbook_stream(packed)?;
        let Layout { percent, formulas, dimensions } = Layout::read(&stream, room)?;
        layout::blank(&mut stream, &formulas, &dimensions);
        let book = Xls::new(Cursor::new(compound(&stream).map_err(BookError::broken)?)).map_err(BookError::broken)?;
        Ok(Self { book, percent })
    }

    /// Its sheets in their order.
    pub(super) fn sheets(&self) -> &[Sheet] {
        self.book.sheets_metadata()
    }

    /// The cells of a sheet, which take at most `room` bytes.
    ///
    /// # Errors
    /// Where there is no such sheet, or it is too large.
    pub(super) fn cells(&mut self, sheet: &str, room: u64) -> Result<Cells, BookError> {
        let place = self.sheets().iter().position(|known| known.name == sheet);
        let range = self.book.worksheet_range(sheet).map_err(BookError::broken)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        let mut cells = Cells::with_room(room);
        for (row, column, value) in range.used_cells() {
            let position = (first_row + row as u32, first_column + column as u32);
            cells.add(position, &borrowed(value), false)?;
        }
        if let Some(percent) = place.and_then(|place| self.percent.get(place)) {
            cells.show_in_percent(percent);
        }
        Ok(cells)
    }
}

/// The records of the workbook.
fn workbook_stream(packed: &[u8]) -> Result<Vec<u8>, BookError> {
    let mut file = CompoundFile::open(Cursor::new(packed)).map_err(BookError::broken)?;
    let name = if file.is_stream("/Workbook") { "/Workbook" } else { "/Book" };
    let stream = file.open_stream(name).map_err(BookError::broken)?;
    let mut records = Vec::new();
    // A stream says how long it is, and cannot be longer than the file.
    stream.take(packed.len() as u64).read_to_end(&mut records).map_err(BookError::broken)?;
    Ok(records)
}

/// A compound file with this stream alone.
fn compound(stream: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut file = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    file.create_stream("/Workbook")?.write_all(stream)?;
    file.flush()?;
    Ok(file.into_inner().into_inner())
}

/// The value of a cell, with its text where it is.
fn borrowed(value: &Data) -> DataRef<'_> {
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
