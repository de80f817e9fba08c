//! `OpenDocument` spreadsheets (.ods), read cell by cell.
//!
//! Cells and rows have a repeat count, so a few bytes can represent a full sheet: each repeated cell is counted against
//! the limit before it is stored. The library for the other workbooks has no such limit, and does not distinguish
//! numbers from percentages.

mod cell;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor, Read as _};

use calamine::{Sheet, SheetType, SheetVisible};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use self::cell::OdsCell;
use super::book::{BookError, MAX_COLUMNS};
use super::cells::SheetCells;
use super::xml_attributes::attribute;

/// The maximum number of rows of a sheet.
const MAX_ROWS: u32 = 1 << 20;

/// The tables of an `OpenDocument` spreadsheet.
#[derive(Debug)]
pub(super) struct OdsBook {
    sheets: Vec<Sheet>,
    /// The cells of each sheet; `None` after they have been taken.
    cells: Vec<Option<SheetCells>>,
}

impl OdsBook {
    /// Reads all sheets, which use at most `room` bytes together.
    ///
    /// # Errors
    /// Returns an error if the file is damaged, has a password or is too large.
    pub(super) fn read(packed: &[u8], room: u64) -> Result<Self, BookError> {
        let mut archive = ZipArchive::new(Cursor::new(packed)).map_err(BookError::broken)?;
        if let Ok(mut manifest) = archive.by_name("META-INF/manifest.xml") {
            let mut text = Vec::new();
            manifest.read_to_end(&mut text).map_err(BookError::broken)?;
            if String::from_utf8_lossy(&text).contains(":encryption-data") {
                return Err(BookError::Password);
            }
        }
        let content = archive.by_name("content.xml").map_err(BookError::broken)?;
        let mut xml = Reader::from_reader(BufReader::new(content));
        xml.config_mut().expand_empty_elements = true;
        let mut tables = OdsTableReader { xml, buffer: Vec::new(), hidden: HashSet::new(), room };
        let mut ods = Self { sheets: Vec::new(), cells: Vec::new() };
        while let Some((sheet, cells)) = tables.next()? {
            tables.room = tables.room.saturating_sub(cells.used());
            ods.sheets.push(sheet);
            ods.cells.push(Some(cells));
        }
        Ok(ods)
    }

    /// Returns the sheets in order.
    pub(super) fn sheets(&self) -> &[Sheet] {
        &self.sheets
    }

    /// Returns the cells of a sheet; empty if they have been taken before.
    pub(super) fn take_cells(&mut self, sheet: &str) -> SheetCells {
        let mut named = self.sheets.iter().zip(&mut self.cells).filter(|(known, _)| known.name == sheet);
        named.find_map(|(_, cells)| cells.take()).unwrap_or_else(|| SheetCells::with_room(0))
    }
}

/// Reads one table after the other.
struct OdsTableReader<R> {
    xml: Reader<R>,
    buffer: Vec<u8>,
    /// The styles of hidden tables.
    hidden: HashSet<String>,
    room: u64,
}

impl<R: BufRead> OdsTableReader<R> {
    fn next(&mut self) -> Result<Option<(Sheet, SheetCells)>, BookError> {
        let mut style = String::new();
        loop {
            let event = self.event()?;
            if event == Event::Eof {
                return Ok(None);
            }
            let Event::Start(element) = event else { continue };
            match element.name().0 {
                "style:style" => style = attribute(&element, "style:name")?.unwrap_or_default(),
                "style:table-properties" if attribute(&element, "table:display")?.as_deref() == Some("false") => {
                    self.hidden.insert(style.clone());
                }
                "table:table" => {
                    let name = attribute(&element, "table:name")?.unwrap_or_default();
                    let style = attribute(&element, "table:style-name")?.unwrap_or_default();
                    let is_hidden = self.hidden.contains(&style);
                    let visible = if is_hidden { SheetVisible::Hidden } else { SheetVisible::Visible };
                    return Ok(Some((Sheet { name, typ: SheetType::WorkSheet, visible }, self.table()?)));
                }
                _ => (),
            }
        }
    }

    fn table(&mut self) -> Result<SheetCells, BookError> {
        let mut cells = SheetCells::with_room(self.room);
        let mut next_row = 0;
        while let Some(element) = self.child("table:table")? {
            match element.name().0 {
                "table:table-row" => {
                    let count = repeated(&element, "table:number-rows-repeated", MAX_ROWS - next_row)?;
                    let row = self.row()?;
                    for number in (next_row..next_row + count).take_while(|_| !row.is_empty()) {
                        row.add_to(&mut cells, number)?;
                    }
                    next_row += count;
                }
                "table:shapes" => skip(&mut self.xml, &element)?,
                _ => (),
            }
        }
        Ok(cells)
    }

    fn row(&mut self) -> Result<OdsRow, BookError> {
        let mut row = OdsRow::default();
        let mut next_column = 0;
        while let Some(element) = self.child("table:table-row")? {
            if !matches!(element.name().0, "table:table-cell" | "table:covered-table-cell") {
                continue;
            }
            let count = repeated(&element, "table:number-columns-repeated", MAX_COLUMNS - next_column)?;
            let cell = OdsCell::read(&element, &mut self.xml)?;
            if !cell.is_empty() {
                row.0.push((next_column, count, cell));
            }
            next_column += count;
        }
        Ok(row)
    }

    /// Returns the start of the next child element; `None` at the end of `parent`.
    fn child(&mut self, parent: &str) -> Result<Option<BytesStart<'static>>, BookError> {
        loop {
            let event = self.event()?;
            if event == Event::Eof {
                return Err(cut_short());
            }
            if let Event::Start(element) = event {
                return Ok(Some(element));
            }
            if matches!(&event, Event::End(element) if element.name().0 == parent) {
                return Ok(None);
            }
        }
    }

    fn event(&mut self) -> Result<Event<'static>, BookError> {
        self.buffer.clear();
        Ok(self.xml.read_event_into(&mut self.buffer).map_err(BookError::broken)?.into_owned())
    }
}

/// Skips the rest of an element.
fn skip<R: BufRead>(xml: &mut Reader<R>, element: &BytesStart<'_>) -> Result<(), BookError> {
    xml.read_to_end_into(element.name(), &mut Vec::new()).map(|_| ()).map_err(BookError::broken)
}

/// The non-empty cells of a row: the first column of each, and the number of columns it fills.
#[derive(Debug, Default)]
struct OdsRow(Vec<(u32, u32, OdsCell)>);

impl OdsRow {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add_to(&self, cells: &mut SheetCells, row: u32) -> Result<(), BookError> {
        for (first, count, cell) in &self.0 {
            for column in *first..first + count {
                if cell.lacks_value() {
                    cells.add_formula(column);
                }
                cells.add_text((row, column), cell.text().to_owned())?;
            }
        }
        Ok(())
    }
}

/// Returns the repeat count of an element, at most `max_repeats`.
fn repeated(element: &BytesStart<'_>, name: &str, max_repeats: u32) -> Result<u32, BookError> {
    let Some(count) = attribute(element, name)? else { return Ok(1.min(max_repeats)) };
    count
        .parse()
        .map(|count: u32| count.min(max_repeats))
        .map_err(|_| BookError::Broken(format!("{name} is {count:?}")))
}

/// Returns the error for a truncated part.
fn cut_short() -> BookError {
    BookError::broken("its sheets are truncated")
}
