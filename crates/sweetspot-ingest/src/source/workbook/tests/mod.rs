//! Tests of workbooks other than .xlsx.

mod ods;
mod xls;
mod xlsb;

use std::io::{Cursor, Write as _};

use csv::StringRecord;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::bounds::WorkbookBounds;
use super::open_workbook::open_bounded;
use crate::IngestError;
use crate::source::FileOptions;
use crate::source::record::ReadStep;

const BOUNDS: WorkbookBounds = WorkbookBounds { packed: 1_000_000, unpacked: 1_000_000 };

/// Creates a ZIP archive of these parts.
pub(super) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The rows of a table, each with its number, and the number of formulas without a value by column.
type SheetContent = (Vec<String>, Vec<(usize, u64)>);

fn read(workbook: &[u8], sheet: Option<&str>) -> Result<SheetContent, IngestError> {
    let options = FileOptions { sheet: sheet.map(str::to_owned), ..FileOptions::default() };
    let mut opened = open_bounded("w", workbook, options, BOUNDS)?;
    let mut record = StringRecord::new();
    let mut rows = Vec::new();
    while let ReadStep::Record(row) = opened.records.read(&mut record).unwrap() {
        rows.push(format!("{row}: {}", record.iter().collect::<Vec<_>>().join("|")));
    }
    Ok((rows, opened.formulas))
}

fn rows(workbook: &[u8], sheet: Option<&str>) -> Vec<String> {
    read(workbook, sheet).unwrap().0
}

fn refusal(workbook: &[u8]) -> String {
    read(workbook, None).unwrap_err().to_string()
}
