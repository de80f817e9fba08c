//! From texts to values of one kind.

use super::{Facts, MISSING, TextColumn};
use crate::domain::{ColumnData, Kind, parse_date, parse_flag, parse_list, parse_number};
use crate::ingest::limits::MAX_TEXT_BYTES;
use crate::ingest::suggest::listing;

/// The values of a column, and what a reader should know about how they came about.
pub(in crate::ingest) fn build(name: &str, column: &TextColumn, kind: Kind) -> (ColumnData, Vec<String>) {
    let mut notes = Vec::new();
    if column.clipped > 0 {
        let count = column.clipped;
        notes.push(format!("column {name:?}: {count} texts were cut to their first {MAX_TEXT_BYTES} bytes"));
    }
    let data = match kind {
        Kind::Category => return (categories(column), notes),
        Kind::List => return (lists(column), notes),
        Kind::Number => read(column, parse_number).map(ColumnData::Numbers),
        Kind::Flag => read(column, parse_flag).map(ColumnData::Flags),
        Kind::Date => read(column, parse_date).map(ColumnData::Dates),
    };
    if let Some((count, examples)) = data.slips {
        let kind = kind.word();
        notes.push(format!("column {name:?}: {count} cells are no {kind} and count as missing, such as {examples}"));
    }
    (data.values, notes)
}

/// Values, with the number of cells that could not be read and some of their texts.
struct Read<T> {
    values: T,
    slips: Option<(u64, String)>,
}

impl<T> Read<T> {
    fn map<U>(self, with: impl FnOnce(T) -> U) -> Read<U> {
        Read { values: with(self.values), slips: self.slips }
    }
}

/// Reads each distinct text once.
fn read<T: Copy>(column: &TextColumn, parse: impl Fn(&str) -> Option<T>) -> Read<Vec<Option<T>>> {
    let by_code: Vec<Option<T>> = column.texts.iter().map(&parse).collect();
    let values = column.codes.iter().map(|code| by_code.get(*code as usize).copied().flatten()).collect();
    if by_code.iter().all(Option::is_some) {
        return Read { values, slips: None };
    }
    let facts = Facts::of(column);
    let slips = || facts.texts().filter(|(text, _)| parse(text).is_none());
    let count = slips().map(|(_, count)| count).sum();
    let examples = listing(slips().map(|(text, _)| text), 3);
    Read { values, slips: (count > 0).then_some((count, examples)) }
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
    let by_code: Vec<Vec<u32>> =
        column.texts.iter().map(|text| parse_list(text).into_iter().map(|item| items.intern(item)).collect()).collect();
    let rows = column.codes.iter().map(|code| by_code.get(*code as usize).cloned()).collect();
    ColumnData::Lists { dictionary: items.iter().map(str::to_owned).collect(), rows }
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
        assert_eq!(data, ColumnData::Numbers(vec![Some(1.0), None, None, None, Some(2.0)]));
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
        assert_eq!(data, ColumnData::Flags(vec![Some(true), None, Some(false)]));
        let (data, _) = build("x", &column(&["1970-01-02"]), Kind::Date);
        assert_eq!(data, ColumnData::Dates(vec![Some(Date { days: 1 })]));
    }

    #[test]
    fn forgotten_texts_leave_no_level() {
        let mut column = column(&["Select", "a", "Select", "b"]);
        column.forget(|text| text == "Select");
        let (data, _) = build("x", &column, Kind::Category);
        let expected = ColumnData::Categories {
            dictionary: vec!["a".into(), "b".into()],
            codes: vec![None, Some(0), None, Some(1)],
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
