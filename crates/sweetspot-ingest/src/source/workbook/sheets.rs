//! Finds the sheet of a workbook that contains the table, among covers, notes and charts.

use calamine::{Sheet, SheetType, SheetVisible};

use super::cells::SheetCells;
use crate::IngestError;
use crate::quoted_list::quoted_list;

/// The maximum number of sheets to examine.
const MAX_SHEETS: usize = 100;
/// The maximum number of sheets named in a message.
const MAX_NAMED_SHEETS: usize = 20;

/// The sheets of a workbook that have cells.
#[derive(Clone, Debug)]
pub(super) struct Sheets {
    all: Vec<String>,
    visible: Vec<String>,
}

impl Sheets {
    /// Selects the worksheets. Hidden ones are read only by name.
    pub(super) fn new(sheets: &[Sheet]) -> Self {
        let sheets = || sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
        let visible = sheets().filter(|sheet| sheet.visible == SheetVisible::Visible);
        Self {
            all: sheets().map(|sheet| sheet.name.clone()).collect(),
            visible: visible.map(|sheet| sheet.name.clone()).take(MAX_SHEETS).collect(),
        }
    }

    /// Returns whether there is only one choice.
    pub(super) const fn is_single(&self) -> bool {
        self.all.len() == 1
    }

    /// Returns the sheet with this name, ignoring case.
    fn find(&self, name: &str) -> Option<&String> {
        let same = |sheet: &&String| sheet.trim().to_lowercase() == name.trim().to_lowercase();
        self.all.iter().find(|sheet| *sheet == name).or_else(|| self.all.iter().find(same))
    }
}

/// Returns the selected sheet, or the only one with a table, with its cells. Otherwise, returns the problem as a
/// continuation of the file name. `read` receives a sheet and the number of bytes that other sheets use.
///
/// # Errors
/// Returns the errors of `read`.
pub(super) fn choose(
    sheets: &Sheets,
    setting: Option<&str>,
    mut read: impl FnMut(&str, u64) -> Result<SheetCells, IngestError>,
) -> Result<Result<(String, SheetCells), String>, IngestError> {
    let names = |names: &[String]| quoted_list(names.iter().map(String::as_str), MAX_NAMED_SHEETS);
    if let Some(name) = setting {
        let Some(found) = sheets.find(name) else {
            return Ok(Err(format!("has no sheet called {name:?}: set sheet to one of {}", names(&sheets.all))));
        };
        return Ok(Ok((found.clone(), read(found, 0)?)));
    }
    let mut filled: Vec<(String, SheetCells, usize)> = Vec::new();
    let mut used = 0;
    for name in if sheets.is_single() { &sheets.all } else { &sheets.visible } {
        let mut cells = read(name, used)?;
        if !cells.is_empty() || sheets.is_single() {
            used += cells.used();
            let width = cells.width();
            filled.push((name.clone(), cells, width));
        }
    }
    // A cover may contain a list of two columns.
    let is_only = |min_width: usize| {
        let mut tables =
            filled.iter().enumerate().filter(|(_, (.., width))| *width >= min_width).map(|(place, _)| place);
        tables.next().filter(|_| tables.next().is_none())
    };
    let only_filled = (filled.len() == 1).then_some(0);
    if let Some(place) = is_only(2).or_else(|| is_only(3)).or(only_filled) {
        let (name, cells, _) = filled.swap_remove(place);
        return Ok(Ok((name, cells)));
    }
    let tables: Vec<String> = filled.iter().filter(|(.., width)| *width >= 2).map(|(name, ..)| name.clone()).collect();
    Ok(Err(if tables.is_empty() {
        format!("has no sheet with a table; its sheets are {}", names(&sheets.all))
    } else {
        let problem = "has tables on several sheets";
        format!(
            "{problem} ({}): set sheet in the mapping, or name one behind a # as in FILE.xlsx#Sheet",
            names(&tables)
        )
    }))
}

#[cfg(test)]
mod tests {
    use calamine::DataRef;

    use super::*;

    fn sheets(names: &[&str]) -> Sheets {
        let sheet = |name: &&str| Sheet {
            name: (*name).to_owned(),
            typ: SheetType::WorkSheet,
            visible: if name.starts_with("hidden") { SheetVisible::Hidden } else { SheetVisible::Visible },
        };
        Sheets::new(&names.iter().map(sheet).collect::<Vec<_>>())
    }

    /// Creates three rows of as many columns as the number at the end of the name.
    fn cells(name: &str) -> SheetCells {
        let columns: u32 = name.split(' ').next_back().unwrap().parse().unwrap();
        let mut cells = SheetCells::with_room(10_000);
        for place in (0..3).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            cells.add(place, &DataRef::Int(1), false).unwrap();
        }
        cells
    }

    fn chosen(names: &[&str], setting: Option<&str>) -> Result<String, String> {
        choose(&sheets(names), setting, |name, _| Ok(cells(name))).unwrap().map(|(name, _)| name)
    }

    #[test]
    fn the_only_sheet_with_a_table_is_it() {
        for (names, expected) in [
            (&["a 5"][..], "a 5"),
            (&["a 0"], "a 0"),
            (&["a 1"], "a 1"),
            (&["cover 1", "data 5"], "data 5"),
            (&["cover 2", "data 5"], "data 5"),
            (&["chart 0", "data 5", "hidden 5"], "data 5"),
            (&["empty 0", "data 2"], "data 2"),
            (&["empty 0", "data 1"], "data 1"),
        ] {
            assert_eq!(chosen(names, None), Ok(expected.to_owned()), "{names:?}");
        }
    }

    #[test]
    fn several_tables_are_refused_by_name() {
        let error = chosen(&["cover 1", "won 5", "lost 5"], None).unwrap_err();
        assert!(error.contains("(\"won 5\", \"lost 5\"): set sheet"), "{error}");
        assert_eq!(chosen(&["won 5", "lost 5"], Some("Lost 5")), Ok("lost 5".to_owned()));
        assert!(chosen(&["hidden 5", "empty 0"], None).unwrap_err().contains("no sheet with a table"));
        assert_eq!(chosen(&["hidden 5", "empty 0"], Some("hidden 5")), Ok("hidden 5".to_owned()));
    }
}
