//! From texts to values of one kind.

use sweetspot_core::reading::{date_of_text, flag_of_text, number_of_text};
use sweetspot_core::{Cells, ColumnData, Date, DateOrder, Kind, TextFormat, parse_list};

use super::{Because, Decision, Facts, MISSING, TextColumn};
use crate::limits::MAX_TEXT_BYTES;
use crate::suggest::listing;

/// Reads the texts of a column whose format is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader(pub(crate) TextFormat);

impl Reader {
    /// The number of a text.
    pub(crate) fn number(self, text: &str) -> Option<f64> {
        number_of_text(text, self.0)
    }

    /// The day of a text. In a column years may have two digits, and months and quarters are their first day, also where no
    /// order is set and texts are read as each is by itself.
    pub(crate) fn date(self, text: &str) -> Option<Date> {
        let wide = TextFormat { date_order: Some(DateOrder::DayFirst), ..TextFormat::default() };
        date_of_text(text, self.0).or_else(|| date_of_text(text, self.0.or(wide)))
    }

    /// Whether a text is a value of this kind.
    pub(super) fn reads(self, text: &str, kind: Kind) -> bool {
        match kind {
            Kind::Number => self.number(text).is_some(),
            Kind::Date => self.date(text).is_some(),
            Kind::Flag => flag_of_text(text).is_some(),
            Kind::Category | Kind::List => true,
        }
    }
}

/// The values of a column, and what a reader should know about how they came about.
pub(crate) fn build(name: &str, column: &TextColumn, kind: Kind, decision: &Decision) -> (ColumnData, Vec<String>) {
    let reader = Reader(decision.format);
    let (data, unread) = match kind {
        Kind::Category => (categories(column), Vec::new()),
        Kind::List => (lists(column), Vec::new()),
        Kind::Number => read(column, |text| reader.number(text), ColumnData::Numbers),
        Kind::Flag => read(column, flag_of_text, ColumnData::Flags),
        Kind::Date => read(column, |text| reader.date(text), ColumnData::Dates),
    };
    let mut notes = notes(name, kind, column.clipped, &unread);
    notes.extend(ambiguous_note(name, decision));
    (data, notes)
}

/// What there is to say of texts that could mean two numbers or two days, where nothing but a habit decides.
pub(crate) fn ambiguous_note(name: &str, decision: &Decision) -> Option<String> {
    let open = decision.open.as_ref().filter(|_| decision.because != Some(Because::Mapping))?;
    let own = matches!(decision.because, Some(Because::Cell(_) | Because::Dots));
    (!own).then(|| {
        let (taken, setting) = reading_and_setting(&open.text, decision.format);
        format!(
            "column {name:?}: texts such as {:?} could mean two things and are read as {taken}, {}; to change that, \
             set {setting} in the mapping",
            open.text,
            super::describe::because(decision)
        )
    })
}

/// What a text is read as, and the setting that would have it read in the other way.
pub(super) fn reading_and_setting(text: &str, format: TextFormat) -> (String, String) {
    let reader = Reader(format);
    match (format.decimal, format.date_order) {
        (Some(mark), _) => {
            let taken = reader.number(text).map_or_else(String::new, |number| number.to_string());
            (taken, format!("decimal = {:?}", mark.other().key()))
        }
        (None, order) => {
            let taken = reader.date(text).map_or_else(String::new, |day| day.to_string());
            let other = if order == Some(DateOrder::DayFirst) { DateOrder::MonthFirst } else { DateOrder::DayFirst };
            (taken, format!("date_order = {:?}", other.key()))
        }
    }
}

/// What there is to say of texts that were cut, and of texts that are no such value, with the number of rows of each.
pub(super) fn notes(name: &str, kind: Kind, clipped: u64, unread: &[(&str, u64)]) -> Vec<String> {
    let mut notes = Vec::new();
    if clipped > 0 {
        notes.push(format!("column {name:?}: {clipped} texts were cut to their first {MAX_TEXT_BYTES} bytes"));
    }
    notes.extend(unreadable_note(name, kind, unread));
    notes
}

/// What there is to say of texts that are no such value, with the number of rows of each.
pub(crate) fn unreadable_note(name: &str, kind: Kind, unread: &[(&str, u64)]) -> Option<String> {
    let count: u64 = unread.iter().map(|(_, count)| count).sum();
    let (kind, examples) = (kind.word(), listing(unread.iter().map(|(text, _)| *text), 3));
    (count > 0).then(|| {
        format!("column {name:?}: {count} cells cannot be read as a {kind} and count as missing, such as {examples}")
    })
}

/// Reads each distinct text once; the values, and the texts that are none with the number of rows of each.
fn read<T: Copy + Default>(
    column: &TextColumn,
    parse: impl Fn(&str) -> Option<T>,
    data: impl FnOnce(Cells<T>) -> ColumnData,
) -> (ColumnData, Vec<(&str, u64)>) {
    let by_code: Vec<Option<T>> = column.texts.texts().iter().map(&parse).collect();
    let values = column.codes.iter().map(|code| by_code.get(*code as usize).copied().flatten()).collect();
    let unread = if by_code.iter().all(Option::is_some) {
        Vec::new()
    } else {
        Facts::of(column).texts().filter(|(text, _)| parse(text).is_none()).collect()
    };
    (data(values), unread)
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
    use sweetspot_core::{Date, ValueRef};

    use super::*;

    fn column(texts: &[&str]) -> TextColumn {
        let mut column = TextColumn::default();
        for (row, text) in (1..).zip(texts) {
            column.push(row, (!text.is_empty()).then_some(*text));
        }
        column
    }

    fn build(name: &str, column: &TextColumn, kind: Kind) -> (ColumnData, Vec<String>) {
        super::build(name, column, kind, &Decision::default())
    }

    #[test]
    fn unreadable_cells_are_missing_and_told() {
        let (data, notes) = build("size", &column(&["1", "", "n/a", "n/a", "2"]), Kind::Number);
        assert_eq!(data, ColumnData::Numbers(vec![Some(1.0), None, None, None, Some(2.0)].into()));
        assert_eq!(
            notes,
            ["column \"size\": 2 cells cannot be read as a number and count as missing, such as \"n/a\""]
        );
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
