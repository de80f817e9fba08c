//! A common reader for all kinds of workbooks.

use std::io::Cursor;

use calamine::{Reader as _, Sheet, Xlsb, Xlsx, XlsxError};
use thiserror::Error;

use super::cells::{OutOfRoom, SheetCells};
use super::kind::WorkbookKind;
use super::ods::OdsBook;
use super::percent_cells::percent_cells;
use super::xls::XlsBook;
use super::xlsb_percent::XlsbStyles;

/// The maximum number of columns of a sheet.
pub(super) const MAX_COLUMNS: u32 = 1 << 14;

/// The reason why a workbook or a sheet cannot be read.
#[derive(Debug, Error)]
pub(super) enum BookError {
    /// The cells exceed the memory limit.
    #[error("the workbook has too many cells")]
    TooLarge,
    /// The workbook is encrypted.
    #[error("it has a password")]
    Password,
    /// The workbook is damaged, with a description of the problem.
    #[error("{0}")]
    Broken(String),
}

impl BookError {
    /// Wraps an error of a library.
    #[expect(clippy::needless_pass_by_value, reason = "called by map_err")]
    pub(super) fn broken(error: impl ToString) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<OutOfRoom> for BookError {
    fn from(_: OutOfRoom) -> Self {
        Self::TooLarge
    }
}

/// An open workbook.
pub(super) enum Book<'a> {
    Xlsx(Box<Xlsx<Cursor<&'a [u8]>>>),
    Xlsb(Box<Xlsb<Cursor<&'a [u8]>>>, XlsbStyles<'a>),
    Ods(OdsBook),
    Xls(Box<XlsBook>),
}

impl<'a> Book<'a> {
    /// Opens a workbook. It uses about `room` bytes at most.
    ///
    /// # Errors
    /// Returns an error if the workbook is damaged, has a password or is too large.
    pub(super) fn open(kind: WorkbookKind, packed: &'a [u8], room: u64) -> Result<Self, BookError> {
        let bytes = Cursor::new(packed);
        Ok(match kind {
            WorkbookKind::Xlsx => Self::Xlsx(Box::new(Xlsx::new(bytes).map_err(BookError::broken)?)),
            WorkbookKind::Xlsb => {
                let book = Box::new(Xlsb::new(bytes).map_err(BookError::broken)?);
                Self::Xlsb(book, XlsbStyles::read(packed)?)
            }
            WorkbookKind::Ods => Self::Ods(OdsBook::read(packed, room)?),
            WorkbookKind::Xls => Self::Xls(Box::new(XlsBook::open(packed, room)?)),
        })
    }

    /// Returns the sheets in order.
    pub(super) fn sheets(&self) -> &[Sheet] {
        match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xlsb(book, _) => book.sheets_metadata(),
            Self::Ods(book) => book.sheets(),
            Self::Xls(book) => book.sheets(),
        }
    }

    /// Returns the cells of a sheet, which use at most `room` bytes.
    ///
    /// # Errors
    /// Returns an error if the sheet is damaged or too large.
    pub(super) fn cells(&mut self, sheet: &str, room: u64) -> Result<SheetCells, BookError> {
        match self {
            Self::Xlsx(book) => xlsx_cells(book, sheet, room).map_err(BookError::broken)?.map_err(Into::into),
            Self::Xlsb(book, styles) => {
                let mut cells = SheetCells::with_room(room);
                let mut reader = book.worksheet_cells_reader(sheet).map_err(BookError::broken)?;
                while let Some(cell) = reader.next_cell().map_err(BookError::broken)? {
                    let (row, column) = cell.get_position();
                    if column >= MAX_COLUMNS {
                        return Err(BookError::Broken(format!("a cell lies in column {column}")));
                    }
                    cells.add((row, column), cell.get_value(), false)?;
                }
                cells.show_in_percent(&styles.percent_cells(sheet)?);
                Ok(cells)
            }
            Self::Ods(book) => Ok(book.take_cells(sheet)),
            Self::Xls(book) => book.cells(sheet, room),
        }
    }
}

fn xlsx_cells(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    room: u64,
) -> Result<Result<SheetCells, OutOfRoom>, XlsxError> {
    let percent = percent_cells(book, sheet)?;
    let mut cells = SheetCells::with_room(room);
    let mut reader = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        if let Err(too_many) = cells.add(cell.pos, &cell.value, cell.formula.is_some()) {
            return Ok(Err(too_many));
        }
    }
    cells.show_in_percent(&percent);
    Ok(Ok(cells))
}
