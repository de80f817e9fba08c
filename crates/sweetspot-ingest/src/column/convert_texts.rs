//! Converts texts to values of one kind.

use sweetspot_core::coerce::{date_from_text, flag_from_text, number_from_text};
use sweetspot_core::{AttributeKind, ColumnData, Date, DateOrder, NullableVec, TextFormat};

use super::{ColumnStats, FormatDecision, FormatReason, MISSING, TextColumn};
use crate::limits::MAX_TEXT_BYTES;
use crate::list_cells::list_items;
use crate::quoted_list::quoted_list;

/// Parses the texts of a column whose format is decided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CellParser(pub(crate) TextFormat);

impl CellParser {
    /// Parses a number.
    pub(crate) fn number(self, text: &str) -> Option<f64> {
        number_from_text(text, self.0)
    }

    /// Parses a date. Within a column, two-digit years are allowed, and months and quarters become their first day,
    /// even if no order is set.
    pub(crate) fn date(self, text: &str) -> Option<Date> {
        let wide = TextFormat { date_order: Some(DateOrder::DayFirst), ..TextFormat::default() };
        date_from_text(text, self.0).or_else(|| date_from_text(text, self.0.or(wide)))
    }

    /// Returns whether the text is a value of this kind.
    pub(super) fn can_parse(self, text: &str, kind: AttributeKind) -> bool {
        match kind {
            AttributeKind::Number => self.number(text).is_some(),
            AttributeKind::Date => self.date(text).is_some(),
            AttributeKind::Flag => flag_from_text(text).is_some(),
            AttributeKind::Category | AttributeKind::List => true,
        }
    }
}

/// Returns the values of a column, and notes on their conversion.
pub(crate) fn build(
    name: &str,
    column: &TextColumn,
    kind: AttributeKind,
    decision: &FormatDecision,
) -> (ColumnData, Vec<String>) {
    let reader = CellParser(decision.format);
    let (data, unread) = match kind {
        AttributeKind::Category => (categories(column), Vec::new()),
        AttributeKind::List => (lists(column), Vec::new()),
        AttributeKind::Number => parse_texts(column, |text| reader.number(text), ColumnData::Numbers),
        AttributeKind::Flag => parse_texts(column, flag_from_text, ColumnData::Flags),
        AttributeKind::Date => parse_texts(column, |text| reader.date(text), ColumnData::Dates),
    };
    let mut notes = notes(name, kind, column.clipped, &unread);
    notes.extend(ambiguous_note(name, decision));
    (data, notes)
}

/// Returns a note if a column contains texts that could be two different numbers or dates, and only a default decides.
pub(crate) fn ambiguous_note(name: &str, decision: &FormatDecision) -> Option<String> {
    let open = decision.ambiguous_cell.as_ref().filter(|_| decision.reason != Some(FormatReason::Mapping))?;
    let own = matches!(decision.reason, Some(FormatReason::Cell(_) | FormatReason::Dots));
    (!own).then(|| {
        let (reading, setting) = reading_and_setting(&open.text, decision.format);
        format!(
            "column {name:?}: texts such as {:?} could mean two things and are read as {reading}, {}; to change that, \
             set {setting} in the mapping",
            open.text,
            super::describe::decision_reason(decision)
        )
    })
}

/// Returns how a text is read, and the setting that changes it.
pub(super) fn reading_and_setting(text: &str, format: TextFormat) -> (String, String) {
    let reader = CellParser(format);
    match (format.decimal, format.date_order) {
        (Some(mark), _) => {
            let reading = reader.number(text).map_or_else(String::new, |number| number.to_string());
            (reading, format!("decimal = {:?}", mark.other().key()))
        }
        (None, order) => {
            let reading = reader.date(text).map_or_else(String::new, |day| day.to_string());
            let other = if order == Some(DateOrder::DayFirst) { DateOrder::MonthFirst } else { DateOrder::DayFirst };
            (reading, format!("date_order = {:?}", other.key()))
        }
    }
}

/// Returns notes on truncated texts and on texts that are not values of this kind, with their row counts.
pub(super) fn notes(name: &str, kind: AttributeKind, clipped: u64, unread: &[(&str, u64)]) -> Vec<String> {
    let mut notes = Vec::new();
    if clipped > 0 {
        notes.push(format!("column {name:?}: {clipped} texts were cut to their first {MAX_TEXT_BYTES} bytes"));
    }
    notes.extend(unreadable_note(name, kind, unread));
    notes
}

/// Returns a note on texts that are not values of this kind, with their row counts.
pub(crate) fn unreadable_note(name: &str, kind: AttributeKind, unread: &[(&str, u64)]) -> Option<String> {
    let count: u64 = unread.iter().map(|(_, count)| count).sum();
    let (kind, examples) = (kind.as_str(), quoted_list(unread.iter().map(|(text, _)| *text), 3));
    (count > 0).then(|| {
        format!("column {name:?}: {count} cells cannot be read as a {kind} and count as missing, such as {examples}")
    })
}

/// Parses each distinct text once. Returns the values, and the texts that cannot be parsed with their row counts.
fn parse_texts<T: Copy + Default>(
    column: &TextColumn,
    parse: impl Fn(&str) -> Option<T>,
    data: impl FnOnce(NullableVec<T>) -> ColumnData,
) -> (ColumnData, Vec<(&str, u64)>) {
    let by_code: Vec<Option<T>> = column.texts.texts().iter().map(&parse).collect();
    let values = column.codes.iter().map(|code| by_code.get(*code as usize).copied().flatten()).collect();
    let unread = if by_code.iter().all(Option::is_some) {
        Vec::new()
    } else {
        ColumnStats::new(column).texts().filter(|(text, _)| parse(text).is_none()).collect()
    };
    (data(values), unread)
}

fn categories(column: &TextColumn) -> ColumnData {
    // Texts that were marked as missing in all rows must not become levels.
    let stats = ColumnStats::new(column);
    let mut next = 0_u32;
    let renumbered: Vec<u32> = stats
        .counts
        .iter()
        .map(|count| {
            let code = if *count > 0 { next } else { MISSING };
            next += u32::from(*count > 0);
            code
        })
        .collect();
    let dictionary = stats.texts().map(|(text, _)| text.to_owned()).collect();
    let codes = column.codes.iter().map(|code| renumbered.get(*code as usize).copied()).collect();
    ColumnData::Categories { dictionary, codes }
}

fn lists(column: &TextColumn) -> ColumnData {
    let mut items = super::TextInterner::default();
    let texts = column.texts.texts().iter();
    let by_code: Vec<Vec<u32>> =
        texts.map(|text| list_items(text).iter().map(|item| items.intern(item)).collect()).collect();
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

    fn build(name: &str, column: &TextColumn, kind: AttributeKind) -> (ColumnData, Vec<String>) {
        super::build(name, column, kind, &FormatDecision::default())
    }

    #[test]
    fn unreadable_cells_are_missing_and_reported() {
        let (data, notes) = build("size", &column(&["1", "", "n/a", "n/a", "2"]), AttributeKind::Number);
        assert_eq!(data, ColumnData::Numbers(vec![Some(1.0), None, None, None, Some(2.0)].into()));
        assert_eq!(
            notes,
            ["column \"size\": 2 cells cannot be read as a number and count as missing, such as \"n/a\""]
        );
    }

    #[test]
    fn every_kind_of_column_is_built() {
        let (data, _) = build("x", &column(&["a", "", "b", "a"]), AttributeKind::Category);
        assert_eq!(data.get(3), Some(ValueRef::Text("a")));
        assert_eq!(data.get(1), None);
        let (data, _) = build("x", &column(&["a; b", "", "b"]), AttributeKind::List);
        assert_eq!(data.get(0), Some(ValueRef::List(vec!["a", "b"])));
        assert_eq!(data.get(1), None);
        let (data, _) = build("x", &column(&["yes", "", "0"]), AttributeKind::Flag);
        assert_eq!(data, ColumnData::Flags(vec![Some(true), None, Some(false)].into()));
        let (data, _) = build("x", &column(&["1970-01-02"]), AttributeKind::Date);
        assert_eq!(data, ColumnData::Dates(vec![Some(Date { days: 1 })].into()));
    }

    #[test]
    fn forgotten_texts_leave_no_level() {
        let mut column = column(&["Select", "a", "Select", "b"]);
        column.mark_missing(|text| text == "Select");
        let (data, _) = build("x", &column, AttributeKind::Category);
        let expected = ColumnData::Categories {
            dictionary: vec!["a".into(), "b".into()],
            codes: vec![None, Some(0), None, Some(1)].into(),
        };
        assert_eq!(data, expected);
    }

    #[test]
    fn long_texts_are_cut_and_reported() {
        let long = "ü".repeat(MAX_TEXT_BYTES);
        let (data, notes) = build("notes", &column(&[&long]), AttributeKind::Category);
        assert_eq!(data.get(0), Some(ValueRef::Text(&long[..MAX_TEXT_BYTES])));
        assert!(notes[0].contains("1 texts were cut"), "{notes:?}");
    }
}
