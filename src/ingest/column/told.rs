//! A column whose kind is told: every cell is read as it comes in, and no text is kept but those that are no such value.

use super::build::{ambiguous_note, notes};
use super::{Facts, TextColumn};
use crate::domain::reading::{flag_of_text, number_of_text, taken_as};
use crate::domain::{Cells, ColumnData, Kind, parse_date};
use crate::ingest::limits::{MAX_TEXT_BYTES, clip};

/// The values of a column of numbers, flags or dates.
#[derive(Debug)]
pub(in crate::ingest) struct ToldColumn {
    data: ColumnData,
    /// The texts that cannot be read.
    slips: TextColumn,
    clipped: u64,
    /// How many cells could mean two things, the first of them, and what was taken of it.
    ambiguous: u64,
    example: Option<(String, String)>,
}

impl ToldColumn {
    /// An empty column; nothing for kinds whose values are texts.
    pub(in crate::ingest) fn new(kind: Kind) -> Option<Self> {
        let data = match kind {
            Kind::Number => ColumnData::Numbers(Cells::default()),
            Kind::Flag => ColumnData::Flags(Cells::default()),
            Kind::Date => ColumnData::Dates(Cells::default()),
            Kind::Category | Kind::List => return None,
        };
        Some(Self { data, slips: TextColumn::default(), clipped: 0, ambiguous: 0, example: None })
    }

    /// Adds a row; `None` is missing. Returns by how many bytes the texts have grown.
    pub(in crate::ingest) fn push(&mut self, cell: Option<&str>) -> usize {
        let text = cell.map(|text| {
            self.clipped += u64::from(text.len() > MAX_TEXT_BYTES);
            clip(text)
        });
        let read = match &mut self.data {
            ColumnData::Numbers(cells) => take(cells, text, number_of_text),
            ColumnData::Flags(cells) => take(cells, text, flag_of_text),
            ColumnData::Dates(cells) => take(cells, text, parse_date),
            ColumnData::Categories { .. } | ColumnData::Lists { .. } => true,
        };
        if !read {
            return self.slips.push(text);
        }
        if let Some((text, taken)) = text.and_then(|text| Some((text, taken_as(text, self.data.kind())?))) {
            self.ambiguous += 1;
            self.example.get_or_insert_with(|| (text.to_owned(), taken));
        }
        0
    }

    /// The values, and what a reader should know about how they came about.
    pub(in crate::ingest) fn finish(self, name: &str) -> (ColumnData, Vec<String>) {
        let slips: Vec<(&str, u64)> = Facts::of(&self.slips).texts().collect();
        let mut notes = notes(name, self.data.kind(), self.clipped, &slips);
        let ambiguous = self.example.map(|(text, taken)| ambiguous_note(name, self.ambiguous, &text, &taken));
        notes.extend(ambiguous);
        (self.data, notes)
    }
}

/// Adds a cell; whether it is missing or could be read.
fn take<T: Copy + Default>(cells: &mut Cells<T>, text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> bool {
    let value = text.and_then(parse);
    cells.push(value);
    value.is_some() || text.is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::build;
    use super::*;

    fn cells() -> impl Strategy<Value = Vec<Option<String>>> {
        let long = "1".repeat(MAX_TEXT_BYTES + 9);
        let texts = [
            "1",
            "-2.5",
            "1.200",
            "3,450",
            "1/2/2021",
            "true",
            "yes",
            "no",
            "2024-02-03",
            "n/a",
            "1.2.2021",
            "?",
            &long,
        ]
        .map(str::to_owned);
        prop::collection::vec(prop::option::of(prop::sample::select(texts.to_vec())), 0..30)
    }

    proptest! {
        /// Reading at once or keeping the texts first: the same values, the same notes.
        #[test]
        fn a_told_kind_reads_as_a_found_one(cells in cells(), kind in prop::sample::select(vec![Kind::Number, Kind::Flag, Kind::Date])) {
            let (mut told, mut kept) = (ToldColumn::new(kind).unwrap(), TextColumn::default());
            for cell in &cells {
                told.push(cell.as_deref());
                kept.push(cell.as_deref());
            }
            prop_assert_eq!(told.finish("size"), build("size", &kept, kind));
        }
    }

    #[test]
    fn texts_are_kept_whole() {
        assert!(ToldColumn::new(Kind::Category).is_none() && ToldColumn::new(Kind::List).is_none());
    }
}
