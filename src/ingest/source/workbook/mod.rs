//! Workbooks: one sheet of an .xlsx file, as the CSV that it could be saved as. Not without the feature `xlsx`.

#[cfg(feature = "xlsx")]
mod bounds;
#[cfg(feature = "xlsx")]
mod cells;
#[cfg(feature = "xlsx")]
mod percent;
#[cfg(feature = "xlsx")]
mod reading;

use std::path::{Path, PathBuf};

#[cfg(feature = "xlsx")]
pub(super) use reading::read;

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
