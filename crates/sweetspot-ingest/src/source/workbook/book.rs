//! The kinds of workbooks behind one reader.

use std::io::Cursor;

use calamine::{Reader as _, Sheet, Xlsb, Xlsx, XlsxError};
use thiserror::Error;

use super::cells::{Cells, TooMany};
use super::kind::Kind;
use super::ods::Ods;
use super::percent::percent_cells;
use super::xls::XlsBook;
use super::xlsb_percent::XlsbStyles;

/// The most columns of a sheet.
pub(super) const MAX_COLUMNS: u32 = 1 << 14;

/// Why a workbook or a sheet of it cannot be read.
#[derive(Debug, Error)]
pub(super) enum BookError {
    /// The cells take more room than they may.
    #[error("the workbook has too many cells")]
    TooLarge,
    /// It is encrypted.
    #[error("it has a password")]
    Password,
    /// What is wrong with it.
    #[error("{0}")]
    Broken(String),
}

impl BookError {
    /// An error of a library.
    #[expect(clippy::needless_pass_by_value, reason = "it is called by map_err")]
    pub(super) fn broken(error: impl ToString) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<TooMany> for BookError {
    fn from(_: TooMany) -> Self {
        Self::TooLarge
    }
}

/// An open workbook.
pub(super) enum Book<'a> {
    Xlsx(Box<Xlsx<Cursor<&'a [u8]>>>),
    Xlsb(Box<Xlsb<Cursor<&'a [u8]>>>, XlsbStyles<'a>),
    Ods(Ods),
    Xls(Box<XlsBook>),
}

impl<'a> Book<'a> {
    /// Opens it. What is held of it takes at most about `room` bytes.
    ///
    /// # Errors
    /// Where it is damaged, has a password or is too large.
    pub(super) fn open(kind: Kind, packed: &'a [u8], room: u64) -> Result<Self, BookError> {
        let bytes = Cursor::new(packed);
        Ok(match kind {
            Kind::Xlsx => Self::Xlsx(Box::new(Xlsx::new(bytes).map_err(BookError::broken)?)),
            Kind::Xlsb => {
                let book = Box::new(Xlsb::new(bytes).map_err(BookError::broken)?);
                Self::Xlsb(book, XlsbStyles::read(packed)?)
            }
            Kind::Ods => Self::Ods(Ods::read(packed, room)?),
            Kind::Xls => Self::Xls(Box::new(XlsBook::open(packed, room)?)),
        })
    }

    /// Its sheets in their order.
    pub(super) fn sheets(&self) -> &[Sheet] {
        match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xlsb(book, _) => book.sheets_metadata(),
            Self::Ods(book) => book.sheets(),
            Self::Xls(book) => book.sheets(),
        }
    }

    /// The cells of a sheet, which take at most `room` bytes.
    ///
    /// # Errors
    /// Where the sheet is damaged or too large.
    pub(super) fn cells(&mut self, sheet: &str, room: u64) -> Result<Cells, BookError> {
        match self {
            Self::Xlsx(book) => xlsx_cells(book, sheet, room).map_err(BookError::broken)?.map_err(Into::into),
            Self::Xlsb(book, styles) => {
                let mut cells = Cells::with_room(room);
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

fn xlsx_cells(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, room: u64) -> Result<Result<Cells, TooMany>, XlsxError> {
    let percent = percent_cells(book, sheet)?;
    let mut cells = Cells::with_room(room);
    let mut reader = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        if let Err(too_many) = cells.add(cell.pos, &cell.value, cell.formula.is_some()) {
            return Ok(Err(too_many));
        }
    }
    cells.show_in_percent(&percent);
    Ok(Ok(cells))
}
