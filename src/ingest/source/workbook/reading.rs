//! Reads one sheet, within bounds.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::Path;

use calamine::{Reader as _, Xlsx, XlsxError};

use super::bounds::{Bounds, fits};
use super::cells::{Cells, TooMany};
use super::percent::percent_cells;
use crate::ingest::IngestError;
use crate::ingest::suggest::listing;

/// The rows of a sheet as CSV; of the first one where none is named.
///
/// # Errors
/// Where the file is no workbook, is too large or unpacks to too much, or has no such sheet.
pub(crate) fn read(path: &Path, sheet: Option<&str>) -> Result<Cursor<Vec<u8>>, IngestError> {
    within(path, sheet, Bounds::OURS)
}

fn within(path: &Path, sheet: Option<&str>, bounds: Bounds) -> Result<Cursor<Vec<u8>>, IngestError> {
    let file = path.display().to_string();
    let wrong = |problem: String| IngestError::Workbook { file: file.clone(), problem };
    let unreadable = |error: &dyn std::fmt::Display| {
        wrong(format!("is no .xlsx workbook that can be read ({error}): save it again"))
    };
    let limit = bounds.unpacked;
    let too_large = || IngestError::WorkbookTooLarge { file: file.clone(), measure: "unpacks to", limit };
    let bytes = open(path, bounds.packed)?;
    if !fits(BufReader::new(&bytes), bounds.unpacked).map_err(|error| unreadable(&error))? {
        return Err(too_large());
    }
    let mut workbook = Xlsx::new(BufReader::new(&bytes)).map_err(|error| unreadable(&error))?;
    let sheets = workbook.sheet_names();
    let name = sheet.map_or_else(|| sheets.first().cloned().unwrap_or_default(), str::to_owned);
    if !sheets.contains(&name) {
        let known = listing(sheets.iter().map(String::as_str), 20);
        return Err(wrong(format!("has no sheet called {name:?}: name one of {known} behind a #")));
    }
    let held = cells(&mut workbook, &name, bounds.unpacked);
    let held = held.map_err(|error| wrong(format!("has a sheet {name:?} that cannot be read ({error})")))?;
    held.and_then(Cells::csv).map(Cursor::new).map_err(|TooMany| too_large())
}

fn open(path: &Path, most: u64) -> Result<File, IngestError> {
    let file = path.display().to_string();
    let opened = |source| IngestError::Open { file: file.clone(), source };
    let bytes = File::open(path).map_err(opened)?;
    if bytes.metadata().map_err(opened)?.len() > most {
        return Err(IngestError::WorkbookTooLarge { file, measure: "is", limit: most });
    }
    Ok(bytes)
}

/// The cells of a sheet, or that they are too many.
fn cells(workbook: &mut Xlsx<BufReader<&File>>, sheet: &str, most: u64) -> Result<Result<Cells, TooMany>, XlsxError> {
    let percent = percent_cells(workbook, sheet)?;
    let mut held = Cells::within(most);
    let mut reader = workbook.worksheet_cells_reader(sheet)?;
    while let Some(cell) = reader.next_cell()? {
        if let Err(too_many) = held.add(cell.get_position(), cell.get_value()) {
            return Ok(Err(too_many));
        }
    }
    held.show_in_percent(&percent);
    Ok(Ok(held))
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use tempfile::TempDir;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::fault::{Fault as _, FaultKind};

    const PARTS: [(&str, &str); 3] = [
        (
            "_rels/.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Accounts" sheetId="1" r:id="rId1"/><sheet name="Other" sheetId="2" r:id="rId2"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>"#,
        ),
    ];
    const BOUNDS: Bounds = Bounds { packed: 100_000, unpacked: 1_000_000 };

    fn sheet(rows: &str) -> String {
        format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        )
    }

    /// A workbook with these rows on its first sheet.
    fn workbook(rows: &str) -> (TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("w.xlsx");
        let mut archive = ZipWriter::new(File::create(&path).unwrap());
        let other = sheet(r#"<row r="1"><c r="A1"><v>5</v></c></row>"#);
        let sheets = [("xl/worksheets/sheet1.xml", sheet(rows)), ("xl/worksheets/sheet2.xml", other)];
        for (name, text) in PARTS.map(|(name, text)| (name, text.to_owned())).into_iter().chain(sheets) {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
        (folder, path)
    }

    fn told(path: &Path, sheet: Option<&str>) -> Result<String, IngestError> {
        let mut text = String::new();
        within(path, sheet, BOUNDS)?.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    #[test]
    fn a_sheet_is_read_by_its_name_and_the_first_without_one() {
        let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="C1" t="inlineStr"><is><t>size</t></is></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>Müller, AG</t></is></c><c r="C3"><v>12.5</v></c></row>"#;
        let (_folder, path) = workbook(rows);
        assert_eq!(told(&path, None).unwrap(), "name,,size\n\"Müller, AG\",,12.5\n");
        assert_eq!(told(&path, Some("Other")).unwrap(), "5\n");
        let error = told(&path, Some("accounts")).unwrap_err().to_string();
        assert!(error.contains("no sheet called \"accounts\": name one of") && error.contains("\"Other\""), "{error}");
    }

    #[test]
    fn a_workbook_that_unpacks_to_too_much_is_told_the_limit() {
        let bomb = " ".repeat(2_000_000);
        let far = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD9"><v>1</v></c></row>"#;
        let rows = (1..=99).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#));
        let many = rows.collect::<Vec<_>>().concat();
        for rows in [bomb.clone(), format!("{many}{}", far.replace('9', "1000"))] {
            let (_folder, path) = workbook(&rows);
            assert!(std::fs::metadata(&path).unwrap().len() < 10_000);
            let error = told(&path, None).unwrap_err();
            assert_eq!((error.kind(), error.reason()), (FaultKind::ResourceExhausted, "FILE_TOO_LARGE"));
            assert!(error.to_string().contains("unpacks to more than 1000000 bytes"), "{error}");
        }
        let (_folder, path) = workbook(far);
        assert_eq!(told(&path, None).unwrap().len(), 2 * 16_384 + 2);
    }

    #[test]
    fn a_workbook_that_is_too_large_is_not_even_unpacked() {
        let (_folder, path) = workbook("");
        let error = within(&path, None, Bounds { packed: 100, ..BOUNDS }).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (FaultKind::ResourceExhausted, "FILE_TOO_LARGE"));
        assert!(error.to_string().contains("is more than 100 bytes"), "{error}");
    }
}
