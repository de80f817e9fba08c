//! Scans the records of an .xls workbook before they are read: which cells have a percent format, and how much memory
//! they will use.

use std::collections::{HashMap, HashSet};

use super::shared_string_sizes;
use crate::source::workbook::book::{BookError, MAX_COLUMNS};

// Record numbers ([MS-XLS] 2.3.1).
const FORMULA: u16 = 0x0006;
const EOF: u16 = 0x000A;
const FILE_PASS: u16 = 0x002F;
const CONTINUE: u16 = 0x003C;
const BOUND_SHEET: u16 = 0x0085;
const MUL_RK: u16 = 0x00BD;
const RICH_TEXT: u16 = 0x00D6;
const XF: u16 = 0x00E0;
const SST: u16 = 0x00FC;
const LABEL_SST: u16 = 0x00FD;
const DIMENSIONS: u16 = 0x0200;
const BLANK: u16 = 0x0201;
const NUMBER: u16 = 0x0203;
const LABEL: u16 = 0x0204;
const BOOL_ERR: u16 = 0x0205;
const TEXT: u16 = 0x0207;
const RK: u16 = 0x027E;
const FORMAT: u16 = 0x041E;
const BOF: u16 = 0x0809;

/// The version number of BIFF8 in the first record of a stream.
const BIFF8: u16 = 0x0600;
/// The built-in percent formats of every workbook: `0%` and `0.00%`.
const BUILT_IN_PERCENT: [u16; 2] = [9, 10];
/// The memory that the library uses for a cell and for its formula, in bytes.
const CELL_BYTES: u64 = 64;
/// The offset of the expression length in a formula record.
const EXPRESSION: usize = 20;

/// The layout of the records.
#[derive(Debug)]
pub(super) struct XlsLayout {
    /// By sheet: the cells with a percent format.
    pub(super) percent: Vec<HashSet<(u32, u32)>>,
    /// The offsets of formula records.
    pub(super) formulas: Vec<usize>,
    /// The offsets of records that state the size of a sheet.
    pub(super) dimensions: Vec<usize>,
}

/// A record.
#[derive(Clone, Copy)]
struct XlsRecord<'a> {
    place: usize,
    number: u16,
    data: &'a [u8],
}

impl XlsRecord<'_> {
    fn u16(&self, place: usize) -> Option<u16> {
        self.data.get(place..place + 2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&self, place: usize) -> Option<u32> {
        self.data.get(place..place + 4)?.try_into().ok().map(u32::from_le_bytes)
    }
}

/// Returns the records from an offset on.
fn records(stream: &[u8], start: usize) -> impl Iterator<Item = XlsRecord<'_>> {
    let mut place = start;
    std::iter::from_fn(move || {
        let head = XlsRecord { place, number: 0, data: stream.get(place..place + 4)? };
        let (number, length) = (head.u16(0)?, usize::from(head.u16(2)?));
        let data = stream.get(place + 4..place + 4 + length)?;
        let record = XlsRecord { place, number, data };
        place += 4 + length;
        Some(record)
    })
}

/// The properties that all sheets share.
#[derive(Default)]
struct XlsGlobals {
    sheets: Vec<usize>,
    /// By style: whether it is a percent format.
    is_percent: Vec<bool>,
    text_sizes: Vec<u64>,
}

impl XlsLayout {
    /// Scans the records.
    ///
    /// # Errors
    /// Returns an error if the records are damaged, encrypted, or would use more than `room` bytes.
    pub(super) fn read(stream: &[u8], room: u64) -> Result<Self, BookError> {
        let globals = XlsGlobals::read(stream)?;
        let mut layout = Self { percent: Vec::new(), formulas: Vec::new(), dimensions: Vec::new() };
        let (mut left, mut walked) = (room, 0);
        for start in &globals.sheets {
            let sheet = layout.read_sheet(stream, *start, &globals);
            // Sheets normally follow each other. If they overlap, each of them could span the whole file.
            walked += sheet.record_bytes;
            if walked > stream.len() {
                return Err(BookError::broken("its sheets overlap"));
            }
            if let Some((_, [_, column])) = sheet.extent.filter(|(_, [_, column])| *column >= MAX_COLUMNS) {
                return Err(BookError::Broken(format!("a cell lies in column {column}")));
            }
            left = left.checked_sub(sheet.size()).ok_or(BookError::TooLarge)?;
            layout.percent.push(sheet.percent);
        }
        Ok(layout)
    }

    fn read_sheet(&mut self, stream: &[u8], start: usize, globals: &XlsGlobals) -> SheetLayout {
        let mut sheet = SheetLayout::default();
        // Charts within the sheet are streams of their own.
        let mut depth = 0_u32;
        for record in records(stream, start) {
            sheet.record_bytes = record.place + 4 + record.data.len() - start;
            match record.number {
                BOF => depth += 1,
                EOF if depth <= 1 => break,
                EOF => depth -= 1,
                _ if depth > 1 => (),
                DIMENSIONS => self.dimensions.push(record.place),
                _ => {
                    if record.number == FORMULA && record.data.len() >= EXPRESSION + 2 {
                        self.formulas.push(record.place);
                    }
                    sheet.add(&record, globals);
                }
            }
        }
        sheet
    }
}

/// Removes the expressions of formulas, keeping their values, and the stated sizes of the sheets.
pub(super) fn blank(stream: &mut [u8], formulas: &[usize], dimensions: &[usize]) {
    let places = formulas.iter().map(|place| (place + 4 + EXPRESSION, 0));
    for (place, value) in places.chain(dimensions.iter().map(|place| (*place, BLANK))) {
        if let Some(bytes) = stream.get_mut(place..place + 2) {
            bytes.copy_from_slice(&value.to_le_bytes());
        }
    }
}

impl XlsGlobals {
    fn read(stream: &[u8]) -> Result<Self, BookError> {
        let mut globals = Self::default();
        let (mut is_biff8, mut formats, mut styles) = (true, HashMap::new(), Vec::new());
        let mut texts: Vec<&[u8]> = Vec::new();
        let mut before = 0;
        for record in records(stream, 0) {
            match record.number {
                EOF => break,
                FILE_PASS if record.u16(0) != Some(0) => return Err(BookError::Password),
                BOF => is_biff8 = record.u16(0) == Some(BIFF8),
                BOUND_SHEET => globals.sheets.extend(record.u32(0).map(|place| place as usize)),
                XF => styles.push(record.u16(2).unwrap_or_default()),
                FORMAT => {
                    let code = record.data.get(if is_biff8 { 5 } else { 3 }..).unwrap_or_default();
                    formats.insert(record.u16(0).unwrap_or_default(), code.contains(&b'%'));
                }
                SST => texts = vec![record.data],
                CONTINUE if before == SST => texts.push(record.data),
                _ => (),
            }
            before = if record.number == CONTINUE { before } else { record.number };
        }
        if !texts.is_empty() {
            globals.text_sizes =
                shared_string_sizes::sizes(&texts).ok_or_else(|| BookError::broken("its texts are damaged"))?;
        }
        let is_percent = |format: &u16| formats.get(format).copied().unwrap_or(BUILT_IN_PERCENT.contains(format));
        globals.is_percent = styles.iter().map(is_percent).collect();
        Ok(globals)
    }
}

/// The contents of a sheet.
#[derive(Default)]
struct SheetLayout {
    percent: HashSet<(u32, u32)>,
    /// The first and the last row and column with a cell.
    extent: Option<([u32; 2], [u32; 2])>,
    text_bytes: u64,
    /// The number of bytes of the records.
    record_bytes: usize,
}

impl SheetLayout {
    fn add(&mut self, record: &XlsRecord<'_>, globals: &XlsGlobals) {
        let (Some(row), Some(column)) = (record.u16(0), record.u16(2)) else { return };
        match record.number {
            NUMBER | RK | FORMULA | BOOL_ERR | LABEL | RICH_TEXT | LABEL_SST => {
                self.cell(row.into(), column.into(), record.u16(4), globals);
            }
            MUL_RK => {
                let count = record.data.len().saturating_sub(6) / 6;
                for (number, column) in (0..count).zip(u32::from(column)..) {
                    self.cell(row.into(), column, record.u16(4 + 6 * number), globals);
                }
            }
            _ => (),
        }
        self.text_bytes += match record.number {
            LABEL | RICH_TEXT | TEXT => 2 * record.data.len() as u64,
            LABEL_SST => {
                record.u32(6).and_then(|text| globals.text_sizes.get(text as usize)).copied().unwrap_or_default()
            }
            _ => 0,
        };
    }

    fn cell(&mut self, row: u32, column: u32, style: Option<u16>, globals: &XlsGlobals) {
        let ([top, left], [bottom, right]) = self.extent.unwrap_or(([row, column], [row, column]));
        self.extent = Some(([top.min(row), left.min(column)], [bottom.max(row), right.max(column)]));
        if style.and_then(|style| globals.is_percent.get(usize::from(style))) == Some(&true) {
            self.percent.insert((row, column));
        }
    }

    /// Returns the maximum number of bytes that the library uses for the sheet.
    fn size(&self) -> u64 {
        let area = self
            .extent
            .map_or(0, |([top, left], [bottom, right])| u64::from(bottom - top + 1) * u64::from(right - left + 1));
        area * CELL_BYTES + self.text_bytes
    }
}
