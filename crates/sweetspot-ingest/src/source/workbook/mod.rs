//! Workbooks: the table of an .xlsx, .xlsb, .xls or .ods file. Requires the feature `workbooks`.

#[cfg(feature = "workbooks")]
mod book;
#[cfg(feature = "workbooks")]
mod bounds;
#[cfg(feature = "workbooks")]
mod cells;
#[cfg(feature = "workbooks")]
mod kind;
#[cfg(feature = "workbooks")]
mod ods;
#[cfg(feature = "workbooks")]
mod open_workbook;
#[cfg(feature = "workbooks")]
mod percent_cells;
#[cfg(feature = "workbooks")]
mod sheets;
#[cfg(feature = "workbooks")]
mod xls;
#[cfg(feature = "workbooks")]
mod xlsb_percent;
#[cfg(feature = "workbooks")]
mod xml_attributes;

use std::path::{Path, PathBuf};

#[cfg(feature = "workbooks")]
pub(super) use cells::SheetRecords;
#[cfg(feature = "workbooks")]
pub(super) use open_workbook::open;

/// Splits `FILE#Sheet` into the file and the sheet. The path of an existing file has no sheet.
pub(super) fn split_sheet_name(path: &Path) -> (PathBuf, Option<String>) {
    let parts = path.to_str().filter(|_| !path.exists()).and_then(|text| text.rsplit_once('#'));
    match parts {
        Some((file, sheet)) if Path::new(file).is_file() => (PathBuf::from(file), Some(sheet.to_owned())),
        _ => (path.to_owned(), None),
    }
}

/// Returns an error, because the feature `workbooks` is disabled.
#[cfg(not(feature = "workbooks"))]
pub(super) fn open(
    name: &str,
    _: impl std::io::Read,
    _: super::FileOptions,
) -> Result<super::open::OpenedSource, crate::IngestError> {
    Err(crate::IngestError::WithoutWorkbooks { file: name.to_owned() })
}

#[cfg(feature = "workbooks")]
#[cfg(test)]
mod tests;

#[cfg(test)]
mod naming {
    use super::*;

    #[test]
    fn a_sheet_is_named_behind_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for file in ["b.xlsx", "c#1.csv"] {
            std::fs::write(path(file), b"").unwrap();
        }
        for (name, file, sheet) in [
            ("b.xlsx", "b.xlsx", None),
            ("b.xlsx#Q 1", "b.xlsx", Some("Q 1")),
            ("c#1.csv", "c#1.csv", None),
            ("c#1.csv#2", "c#1.csv", Some("2")),
            ("absent.xlsx#Q", "absent.xlsx#Q", None),
        ] {
            assert_eq!(split_sheet_name(&path(name)), (path(file), sheet.map(str::to_owned)));
        }
    }
}
