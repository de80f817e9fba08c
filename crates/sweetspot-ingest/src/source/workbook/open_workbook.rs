//! Opens a workbook within limits.

use std::fmt::Display;
use std::io::{Cursor, Read};

use super::book::{Book, BookError};
use super::bounds::{WorkbookBounds, fits_unpacked};
use super::kind::{WITHOUT_PASSWORD, WorkbookKind};
use super::sheets::{Sheets, choose};
use crate::IngestError;
use crate::source::encoding::SharedEncoding;
use crate::source::open::OpenedSource;
use crate::source::record::RecordReader;
use crate::source::{FileOptions, library_panic};

/// Opens the table of a workbook.
///
/// # Errors
/// Returns an error if the file is not a workbook, is too large or unpacks to too much, or the sheet with the table
/// cannot be determined.
pub(crate) fn open(name: &str, bytes: impl Read, options: FileOptions) -> Result<OpenedSource, IngestError> {
    open_bounded(name, bytes, options, WorkbookBounds::DEFAULT)
}

/// Does the same with other limits.
pub(super) fn open_bounded(
    name: &str,
    bytes: impl Read,
    options: FileOptions,
    bounds: WorkbookBounds,
) -> Result<OpenedSource, IngestError> {
    let wrong = |problem: String| IngestError::Workbook { file: name.to_owned(), problem };
    let not_table = |what| IngestError::NotTable { file: name.to_owned(), what };
    let too_large = |measure, limit| IngestError::WorkbookTooLarge { file: name.to_owned(), measure, limit };
    let failed = |source| IngestError::Read { file: name.to_owned(), row: 0, source };
    let mut packed = Vec::new();
    bytes.take(bounds.packed + 1).read_to_end(&mut packed).map_err(failed)?;
    if packed.len() as u64 > bounds.packed {
        return Err(too_large("is", bounds.packed));
    }
    let kind = WorkbookKind::detect(&packed).map_err(not_table)?;
    // If a file cannot be read at all, its first bytes determine the kind.
    let kind = kind.unwrap_or(if packed.starts_with(b"PK") { WorkbookKind::Xlsx } else { WorkbookKind::Xls });
    let unreadable = |problem: &dyn Display| {
        let suffix = kind.suffix();
        wrong(format!(
            "is not a readable {suffix} workbook ({problem}): open it in Excel or LibreOffice and save it again"
        ))
    };
    if kind != WorkbookKind::Xls
        && !fits_unpacked(Cursor::new(&packed), bounds.unpacked).map_err(|error| unreadable(&error))?
    {
        return Err(too_large("unpacks to", bounds.unpacked));
    }
    let mut book = catch_panic(|| Book::open(kind, &packed, bounds.unpacked)).map_err(|error| match error {
        BookError::TooLarge => too_large("unpacks to", bounds.unpacked),
        BookError::Password => not_table(format!("is a workbook with a password: {WITHOUT_PASSWORD}")),
        BookError::Broken(problem) => unreadable(&problem),
    })?;
    let sheets = Sheets::new(book.sheets());
    let chosen = choose(&sheets, options.sheet.as_deref(), |sheet, used| {
        catch_panic(|| book.cells(sheet, bounds.unpacked.saturating_sub(used))).map_err(|error| match error {
            BookError::TooLarge => too_large("unpacks to", bounds.unpacked),
            BookError::Password | BookError::Broken(_) => {
                wrong(format!("has a sheet {sheet:?} that cannot be read ({error})"))
            }
        })
    })?;
    let (sheet, cells) = chosen.map_err(&wrong)?;
    if cells.is_empty() {
        return Err(IngestError::Empty { file: name.to_owned() });
    }
    let findings = if sheets.is_single() { Vec::new() } else { vec![format!("the table is on sheet {sheet:?}")] };
    let records = cells.into_records();
    Ok(OpenedSource {
        name: name.to_owned(),
        formulas: records.formulas().to_vec(),
        records: RecordReader::Sheet(records),
        options,
        encoding: SharedEncoding::default(),
        unpacked_bound: bounds.unpacked,
        findings,
    })
}

/// Returns the result of a call. Implausible numbers make the library panic.
fn catch_panic<T>(call: impl FnOnce() -> Result<T, BookError>) -> Result<T, BookError> {
    library_panic::catch(call).unwrap_or_else(|| Err(BookError::broken("it is damaged")))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use csv::StringRecord;
    use proptest::prelude::*;
    use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;
    use crate::source::record::ReadStep;

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
    const BOUNDS: WorkbookBounds = WorkbookBounds { packed: 1_000_000, unpacked: 1_000_000 };

    fn sheet(rows: &str) -> String {
        format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
        )
    }

    /// Creates a workbook with these rows on its first sheet.
    fn workbook(rows: &str) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let other = sheet(r#"<row r="1"><c r="A1"><v>5</v></c></row>"#);
        let sheets = [("xl/worksheets/sheet1.xml", sheet(rows)), ("xl/worksheets/sheet2.xml", other)];
        for (name, text) in PARTS.map(|(name, text)| (name, text.to_owned())).into_iter().chain(sheets) {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn read(workbook: &[u8], sheet: Option<&str>) -> Result<Vec<String>, IngestError> {
        let options = FileOptions { sheet: sheet.map(str::to_owned), ..FileOptions::default() };
        let mut opened = open_bounded("w.xlsx", workbook, options, BOUNDS)?;
        let mut record = StringRecord::new();
        let mut rows = Vec::new();
        while let ReadStep::Record(row) = opened.records.read(&mut record).unwrap() {
            rows.push(format!("{row}: {}", record.iter().collect::<Vec<_>>().join("|")));
        }
        Ok(rows)
    }

    #[test]
    fn a_sheet_is_read_by_its_name_and_the_one_with_a_table_without_one() {
        let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="C1" t="inlineStr"><is><t>size</t></is></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>Müller, AG</t></is></c><c r="C3"><v>12.5</v></c></row>"#;
        let workbook = workbook(rows);
        assert_eq!(read(&workbook, None).unwrap(), ["1: name||size", "3: Müller, AG||12.5"]);
        assert_eq!(read(&workbook, Some("Other")).unwrap(), ["1: 5"]);
        let error = read(&workbook, Some("Accounts 2")).unwrap_err().to_string();
        assert!(error.contains("no sheet called \"Accounts 2\"") && error.contains("\"Other\""), "{error}");
    }

    #[test]
    fn a_workbook_that_unpacks_to_too_much_names_the_limit() {
        let rows = (1..=30_000).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#));
        let many = rows.collect::<Vec<_>>().concat();
        for rows in [" ".repeat(2_000_000), many] {
            let error = read(&workbook(&rows), None).unwrap_err();
            assert_eq!((error.kind(), error.reason()), (ErrorKind::ResourceExhausted, "FILE_TOO_LARGE"));
            assert!(error.to_string().contains("unpacks to more than 1000000 bytes"), "{error}");
        }
        let far = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD9"><v>1</v></c></row>"#;
        assert_eq!(read(&workbook(far), Some("accounts")).unwrap().len(), 2);
    }

    #[test]
    fn a_workbook_that_is_too_large_is_not_even_unpacked() {
        let bounds = WorkbookBounds { packed: 100, ..BOUNDS };
        let error = open_bounded("w.xlsx", workbook("").as_slice(), FileOptions::default(), bounds).err().unwrap();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::ResourceExhausted, "FILE_TOO_LARGE"));
        assert!(error.to_string().contains("is more than 100 bytes"), "{error}");
    }

    proptest! {
        #[test]
        fn a_damaged_workbook_is_read_or_refused(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let rows = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="1" t="n"><v>45000.5</v></c><c r="B2" t="d"><v>2026-01-01</v></c><c r="C2"><f t="shared" ref="C2:C3" si="0">A2*1</f><v/></c></row><row r="3"><c r="A3" t="b"><v>1</v></c><c r="C3" t="e"><f t="shared" si="0"/><v>#N/A</v></c></row>"#;
            let mut damaged = rows.as_bytes().to_vec();
            // The replacements come from the text itself, so that the damaged file stays close to a valid one.
            for (from, to) in changes {
                *to.get_mut(&mut damaged) = *from.get(rows.as_bytes());
            }
            let _ = read(&workbook(&String::from_utf8(damaged.clone()).unwrap()), Some("Accounts"));
            let whole = workbook(rows);
            let _ = read(&whole[..cut.index(whole.len())], None);
        }
    }
}
