//! Cells of an .xlsb workbook with a percent format. The library that reads their values does not report it.

use std::collections::{HashMap, HashSet};
use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use super::book::BookError;
use super::xml_attributes::attribute;

// Record numbers ([MS-XLSB] 2.3.2).
const ROW: u16 = 0;
const LAST_CELL: u16 = 0x0B;
const FORMAT: u16 = 0x2C;
const STYLE: u16 = 0x2F;
const END_CELLS: u16 = 0x92;
const SHEET: u16 = 0x9C;
const BEGIN_STYLES: u16 = 0x269;
const END_STYLES: u16 = 0x26A;

/// The built-in percent formats of every workbook: `0%` and `0.00%`.
const BUILT_IN_PERCENT: [u16; 2] = [9, 10];

/// The styles of a workbook.
pub(super) struct XlsbStyles<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// By style: whether it is a percent format.
    is_percent: Vec<bool>,
}

impl<'a> XlsbStyles<'a> {
    /// Reads the styles.
    ///
    /// # Errors
    /// Returns an error if the workbook is damaged.
    pub(super) fn read(packed: &'a [u8]) -> Result<Self, BookError> {
        let mut archive = ZipArchive::new(Cursor::new(packed)).map_err(BookError::broken)?;
        let (mut formats, mut styles, mut is_style) = (HashMap::new(), Vec::new(), false);
        if let Ok(part) = archive.by_name("xl/styles.bin") {
            let mut records = XlsbRecords::new(part);
            while let Some(record) = records.next()? {
                match record {
                    FORMAT => {
                        let code = records.data.get(6..).unwrap_or_default();
                        formats.insert(records.u16(0), code.chunks(2).any(|unit| unit == b"%\0"));
                    }
                    STYLE if is_style => styles.push(records.u16(2)),
                    BEGIN_STYLES | END_STYLES => is_style = record == BEGIN_STYLES,
                    _ => (),
                }
            }
        }
        let is_percent = |format: &u16| formats.get(format).copied().unwrap_or(BUILT_IN_PERCENT.contains(format));
        Ok(Self { is_percent: styles.iter().map(is_percent).collect(), archive })
    }

    /// Returns the cells of a sheet with a percent format, by row and column, starting at 0.
    ///
    /// # Errors
    /// Returns an error if the sheet is damaged.
    pub(super) fn percent_cells(&mut self, sheet: &str) -> Result<HashSet<(u32, u32)>, BookError> {
        let mut cells = HashSet::new();
        if !self.is_percent.contains(&true) {
            return Ok(cells);
        }
        let Some(part) = self.part(sheet)? else { return Ok(cells) };
        let mut records = XlsbRecords::new(self.archive.by_name(&part).map_err(BookError::broken)?);
        let mut row = 0;
        while let Some(record) = records.next()? {
            match record {
                ROW => row = records.u32(0),
                END_CELLS => break,
                1..=LAST_CELL => {
                    // The style takes three bytes.
                    let style = records.u32(4) & 0x00FF_FFFF;
                    if self.is_percent.get(style as usize) == Some(&true) {
                        cells.insert((row, records.u32(0)));
                    }
                }
                _ => (),
            }
        }
        Ok(cells)
    }

    /// Returns the part that contains a sheet.
    fn part(&mut self, sheet: &str) -> Result<Option<String>, BookError> {
        let mut relation = None;
        let mut records = XlsbRecords::new(self.archive.by_name("xl/workbook.bin").map_err(BookError::broken)?);
        while let Some(record) = records.next()? {
            if record == SHEET {
                let (id, length) = records.text(8);
                if records.text(12 + length).0 == sheet {
                    relation = Some(id);
                    break;
                }
            }
        }
        drop(records);
        let Some(relation) = relation else { return Ok(None) };
        let part = self.archive.by_name("xl/_rels/workbook.bin.rels").map_err(BookError::broken)?;
        let mut xml = Reader::from_reader(BufReader::new(part));
        xml.config_mut().expand_empty_elements = true;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            let event = xml.read_event_into(&mut buffer).map_err(BookError::broken)?;
            if let Event::Start(element) = &event
                && attribute(element, "Id")?.as_ref() == Some(&relation)
            {
                return Ok(attribute(element, "Target")?.map(|target| format!("xl/{target}")));
            }
            if event == Event::Eof {
                return Ok(None);
            }
        }
    }
}

/// Reads the records of a part.
struct XlsbRecords<R> {
    part: BufReader<R>,
    data: Vec<u8>,
}

impl<R: Read> XlsbRecords<R> {
    fn new(part: R) -> Self {
        Self { part: BufReader::new(part), data: Vec::new() }
    }

    /// Reads the next record into `data` and returns its number; `None` at the end.
    fn next(&mut self) -> Result<Option<u16>, BookError> {
        let Some(low) = self.byte()? else { return Ok(None) };
        let high = if low & 0x80 == 0 { 0 } else { self.byte()?.unwrap_or_default() };
        let mut length = 0_u64;
        for place in 0..4 {
            let byte = self.byte()?.unwrap_or_default();
            length |= u64::from(byte & 0x7F) << (7 * place);
            if byte & 0x80 == 0 {
                break;
            }
        }
        self.data.clear();
        self.part.by_ref().take(length).read_to_end(&mut self.data).map_err(BookError::broken)?;
        Ok(Some(u16::from(low & 0x7F) | u16::from(high & 0x7F) << 7))
    }

    fn byte(&mut self) -> Result<Option<u8>, BookError> {
        let mut byte = [0];
        let count = self.part.read(&mut byte).map_err(BookError::broken)?;
        Ok((count > 0).then_some(byte[0]))
    }

    /// Returns the number at an offset of the content, or 0 beyond its end.
    fn u16(&self, place: usize) -> u16 {
        let bytes = self.data.get(place..place + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u16::from_le_bytes)
    }

    fn u32(&self, place: usize) -> u32 {
        let bytes = self.data.get(place..place + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(0, u32::from_le_bytes)
    }

    /// Returns the text at an offset of the content, and its length in bytes.
    fn text(&self, place: usize) -> (String, usize) {
        let length = self.u32(place) as usize * 2;
        let bytes = self.data.get(place + 4..place + 4 + length).unwrap_or_default();
        let units: Vec<u16> =
            bytes.chunks_exact(2).map(|unit| unit.iter().rev().fold(0, |n, b| n << 8 | u16::from(*b))).collect();
        (String::from_utf16_lossy(&units), length)
    }
}
