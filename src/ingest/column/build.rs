//! From texts to values of one kind.

use super::{Facts, MISSING, TextColumn};
use crate::domain::reading::{flag_of_text, number_of_text, taken_as};
use crate::domain::{Cells, ColumnData, Kind, parse_date, parse_list};
use crate::ingest::limits::MAX_TEXT_BYTES;
use crate::ingest::suggest::listing;

/// The values of a column, and what a reader should know about how they came about.
pub(in crate::ingest) fn build(name: &str, column: &TextColumn, kind: Kind) -> (ColumnData, Vec<String>) {
    let (data, slips) = match kind {
        Kind::Category => (categories(column), Vec::new()),
        Kind::List => (lists(column), Vec::new()),
        Kind::Number => read(column, number_of_text, ColumnData::Numbers),
        Kind::Flag => read(column, flag_of_text, ColumnData::Flags),
        Kind::Date => read(column, parse_date, ColumnData::Dates),
    };
    let mut notes = notes(name, kind, column.clipped, &slips);
    notes.extend(ambiguous(name, kind, &Facts::of(column)));
    (data, notes)
}

/// What there is to say of texts that could mean two numbers or two days.
fn ambiguous(name: &str, kind: Kind, facts: &Facts<'_>) -> Option<String> {
    if !matches!(kind, Kind::Number | Kind::Date) {
        return None;
    }
    let mut found = facts.texts().filter_map(|(text, count)| Some((text, taken_as(text, kind)?, count)));
    let (text, taken, first) = found.next()?;
    Some(ambiguous_note(name, first + found.map(|(_, _, count)| count).sum::<u64>(), text, &taken))
}

/// The sentence about cells that could mean two things, with the first of them and what was taken of it.
pub(in crate::ingest) fn ambiguous_note(name: &str, cells: u64, text: &str, taken: &str) -> String {
    let cells = if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") };
    format!("column {name:?}: {cells} could mean two things, such as {text:?}, which is taken as {taken}")
}

/// What there is to say of texts that were cut, and of texts that are no such value, with the number of rows of each.
pub(super) fn notes(name: &str, kind: Kind, clipped: u64, slips: &[(&str, u64)]) -> Vec<String> {
    let mut notes = Vec::new();
    if clipped > 0 {
        notes.push(format!("column {name:?}: {clipped} texts were cut to their first {MAX_TEXT_BYTES} bytes"));
    }
    if !slips.is_empty() {
        let count: u64 = slips.iter().map(|(_, count)| count).sum();
        let (kind, examples) = (kind.word(), listing(slips.iter().map(|(text, _)| *text), 3));
        notes.push(format!("column {name:?}: {count} cells are no {kind} and count as missing, such as {examples}"));
    }
    notes
}

/// Reads each distinct text once; the values, and the texts that are none with the number of rows of each.
fn read<T: Copy + Default>(
    column: &TextColumn,
    parse: impl Fn(&str) -> Option<T>,
    data: impl FnOnce(Cells<T>) -> ColumnData,
) -> (ColumnData, Vec<(&str, u64)>) {
    let by_code: Vec<Option<T>> = column.texts.texts().iter().map(&parse).collect();
    let values = column.codes.iter().map(|code| by_code.get(*code as usize).copied().flatten()).collect();
    let slips = if by_code.iter().all(Option::is_some) {
        Vec::new()
    } else {
        Facts::of(column).texts().filter(|(text, _)| parse(text).is_none()).collect()
    };
    (data(values), slips)
}

fn categories(column: &TextColumn) -> ColumnData {
    // Texts that no row has any more, having become missing, leave no level behind.
    let facts = Facts::of(column);
    let mut next = 0_u32;
    let renumbered: Vec<u32> = facts
        .counts
        .iter()
        .map(|count| {
            let code = if *count > 0 { next } else { MISSING };
            next += u32::from(*count > 0);
            code
        })
        .collect();
    let dictionary = facts.texts().map(|(text, _)| text.to_owned()).collect();
    let codes = column.codes.iter().map(|code| renumbered.get(*code as usize).copied()).collect();
    ColumnData::Categories { dictionary, codes }
}

fn lists(column: &TextColumn) -> ColumnData {
    let mut items = super::Interner::default();
    let texts = column.texts.texts().iter();
    let by_code: Vec<Vec<u32>> =
        texts.map(|text| parse_list(text).into_iter().map(|item| items.intern(item)).collect()).collect();
    let list = |code: &u32| by_code.get(*code as usize).map(|list| list.iter().copied());
    let rows = column.codes.iter().map(list).collect();
    ColumnData::Lists { dictionary: items.texts().iter().map(str::to_owned).collect(), rows }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Date, ValueRef};

    fn column(texts: &[&str]) -> TextColumn {
        let mut column = TextColumn::default();
        for text in texts {
            column.push((!text.is_empty()).then_some(*text));
        }
        column
    }

    #[test]
    fn unreadable_cells_are_missing_and_told() {
        let (data, notes) = build("size", &column(&["1", "", "n/a", "n/a", "2"]), Kind::Number);
        assert_eq!(data, ColumnData::Numbers(vec![Some(1.0), None, None, None, Some(2.0)].into()));
        assert_eq!(notes, ["column \"size\": 2 cells are no number and count as missing, such as \"n/a\""]);
    }

    #[test]
    fn every_kind() {
        let (data, _) = build("x", &column(&["a", "", "b", "a"]), Kind::Category);
        assert_eq!(data.get(3), Some(ValueRef::Text("a")));
        assert_eq!(data.get(1), None);
        let (data, _) = build("x", &column(&["a; b", "", "b"]), Kind::List);
        assert_eq!(data.get(0), Some(ValueRef::List(vec!["a", "b"])));
        assert_eq!(data.get(1), None);
        let (data, _) = build("x", &column(&["yes", "", "0"]), Kind::Flag);
        assert_eq!(data, ColumnData::Flags(vec![Some(true), None, Some(false)].into()));
        let (data, _) = build("x", &column(&["1970-01-02"]), Kind::Date);
        assert_eq!(data, ColumnData::Dates(vec![Some(Date { days: 1 })].into()));
    }

    #[test]
    fn forgotten_texts_leave_no_level() {
        let mut column = column(&["Select", "a", "Select", "b"]);
        column.forget(|text| text == "Select");
        let (data, _) = build("x", &column, Kind::Category);
        let expected = ColumnData::Categories {
            dictionary: vec!["a".into(), "b".into()],
            codes: vec![None, Some(0), None, Some(1)].into(),
        };
        assert_eq!(data, expected);
    }

    #[test]
    fn long_texts_are_cut_and_told() {
        let long = "ü".repeat(MAX_TEXT_BYTES);
        let (data, notes) = build("notes", &column(&[&long]), Kind::Category);
        assert_eq!(data.get(0), Some(ValueRef::Text(&long[..MAX_TEXT_BYTES])));
        assert!(notes[0].contains("1 texts were cut"), "{notes:?}");
    }
}
