//! Workbooks: one sheet of an .xlsx file, as the CSV that it could be saved as. Only with the feature `xlsx`.

use std::path::{Path, PathBuf};

/// The file and the sheet of `FILE.xlsx` or `FILE.xlsx#Sheet`; nothing where the path names no workbook.
pub(super) fn named(path: &Path) -> Option<(PathBuf, Option<String>)> {
    let text = path.to_str()?;
    let is_workbook = |file: &str| Path::new(file).extension().is_some_and(|end| end.eq_ignore_ascii_case("xlsx"));
    if is_workbook(text) {
        return Some((path.to_owned(), None));
    }
    let (file, sheet) = text.rsplit_once('#')?;
    is_workbook(file).then(|| (PathBuf::from(file), Some(sheet.to_owned())))
}

#[cfg(feature = "xlsx")]
pub(super) use reading::read;

#[cfg(feature = "xlsx")]
mod reading {
    use std::fs::File;
    use std::io::{BufReader, Cursor};
    use std::path::Path;

    use calamine::{Data, Range, Reader as _, Xlsx};

    use crate::domain::Date;
    use crate::ingest::IngestError;
    use crate::ingest::suggest::listing;

    /// The largest workbook that is read, in bytes: it is held in memory as a whole, and unpacks to several times as much.
    const MOST_BYTES: u64 = 64 << 20;
    /// The number of 1970-01-01 among the days of a workbook.
    const FIRST_DAY: f64 = 25_569.0;

    /// The rows of a sheet as CSV; of the first one where none is named.
    ///
    /// # Errors
    /// Where the file is no workbook, is too large, or has no such sheet.
    pub(crate) fn read(path: &Path, sheet: Option<&str>) -> Result<Cursor<Vec<u8>>, IngestError> {
        let file = path.display().to_string();
        let opened = |source| IngestError::Open { file: file.clone(), source };
        let bytes = File::open(path).map_err(opened)?;
        if bytes.metadata().map_err(opened)?.len() > MOST_BYTES {
            return Err(IngestError::UnpackedTooLarge { file, limit: MOST_BYTES });
        }
        let wrong = |problem: String| IngestError::Workbook { file: file.clone(), problem };
        let mut workbook = Xlsx::new(BufReader::new(bytes))
            .map_err(|error| wrong(format!("is no .xlsx workbook that can be read ({error}): save it again")))?;
        let sheets = workbook.sheet_names();
        let name = sheet.map_or_else(|| sheets.first().cloned().unwrap_or_default(), str::to_owned);
        if !sheets.contains(&name) {
            let known = listing(sheets.iter().map(String::as_str), 20);
            return Err(wrong(format!("has no sheet called {name:?}: name one of {known} behind a #")));
        }
        let cells = workbook.worksheet_range(&name);
        let cells = cells.map_err(|error| wrong(format!("has a sheet {name:?} that cannot be read ({error})")))?;
        csv(&cells).map(Cursor::new).map_err(|error| wrong(format!("cannot be told as CSV ({error})")))
    }

    /// The cells as CSV. Rows without any cell at the end of a sheet are left out.
    fn csv(cells: &Range<Data>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in cells.rows().filter(|row| row.iter().any(|cell| *cell != Data::Empty)) {
            out.write_record(row.iter().map(text))?;
        }
        Ok(out.into_inner()?)
    }

    fn text(cell: &Data) -> String {
        match cell {
            Data::Int(number) => number.to_string(),
            Data::Float(number) => number.to_string(),
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
            Data::Bool(flag) => flag.to_string(),
            Data::DateTime(time) if time.is_datetime() => {
                let (year, month, day, ..) = time.to_ymd_hms_milli();
                let civil = jiff::civil::Date::new(year.cast_signed(), month.cast_signed(), day.cast_signed());
                civil.map_or_else(
                    |_| Date { days: (time.as_f64() - FIRST_DAY) as i32 }.to_string(),
                    |day| day.to_string(),
                )
            }
            Data::DateTime(duration) => duration.as_f64().to_string(),
            Data::Error(_) | Data::Empty => String::new(),
        }
    }

    #[cfg(test)]
    mod tests {
        use calamine::{CellErrorType, ExcelDateTime, ExcelDateTimeType};

        use super::*;

        #[test]
        fn cells_are_told_as_people_type_them() {
            let day = ExcelDateTime::new(45_000.5, ExcelDateTimeType::DateTime, false);
            for (cell, expected) in [
                (Data::Float(1200.0), "1200"),
                (Data::Float(0.5), "0.5"),
                (Data::String("a, b".into()), "a, b"),
                (Data::Bool(true), "true"),
                (Data::DateTime(day), "2023-03-15"),
                (Data::Error(CellErrorType::Div0), ""),
                (Data::Empty, ""),
            ] {
                assert_eq!(text(&cell), expected);
            }
        }

        #[test]
        fn empty_rows_are_left_out() {
            let mut cells = Range::new((0, 0), (2, 1));
            cells.set_value((0, 0), Data::String("name".into()));
            cells.set_value((2, 1), Data::Float(7.0));
            assert_eq!(csv(&cells).unwrap(), b"name,\n,7\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_named_by_its_ending_and_a_sheet_behind_a_hash() {
        let named = |path: &str| named(Path::new(path)).map(|(file, sheet)| (file.display().to_string(), sheet));
        assert_eq!(named("a/b.XLSX"), Some(("a/b.XLSX".to_owned(), None)));
        assert_eq!(named("b.xlsx#Q 1"), Some(("b.xlsx".to_owned(), Some("Q 1".to_owned()))));
        assert_eq!(named("b.csv"), None);
        assert_eq!(named("b#1.csv"), None);
    }
}
