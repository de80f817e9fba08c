//! A column whose kind is known from the start: cells that can be read in one way only are read as they come in, and the texts of
//! the others are kept until it is decided how the column is written.

use sweetspot_core::parse::{DateReadings, NumberReadings};
use sweetspot_core::reading::{flag_of_text, number_of_text};
use sweetspot_core::{Cells, ColumnData, Date, Kind, TextFormat};

use super::build::{Reader, ambiguous_note, notes};
use super::{Decision, Evidence, Interner};
use crate::limits::{MAX_TEXT_BYTES, clip};

/// The values of a column of numbers, flags or dates.
#[derive(Debug)]
pub(crate) struct TypedColumn {
    data: ColumnData,
    evidence: Evidence,
    /// Texts that cannot be read yet, and the places of the cells that hold them.
    texts: Interner,
    open: Vec<(usize, u32)>,
    clipped: u64,
}

impl TypedColumn {
    /// An empty column; nothing for kinds whose values are texts.
    pub(crate) fn new(kind: Kind) -> Option<Self> {
        let data = match kind {
            Kind::Number => ColumnData::Numbers(Cells::default()),
            Kind::Flag => ColumnData::Flags(Cells::default()),
            Kind::Date => ColumnData::Dates(Cells::default()),
            Kind::Category | Kind::List => return None,
        };
        Some(Self { data, evidence: Evidence::default(), texts: Interner::default(), open: Vec::new(), clipped: 0 })
    }

    /// Adds a cell of this row of the file; `None` is missing. Returns by how many bytes the texts have grown.
    pub(crate) fn push(&mut self, row: u64, cell: Option<&str>) -> usize {
        let text = cell.map(|text| {
            self.clipped += u64::from(text.len() > MAX_TEXT_BYTES);
            clip(text)
        });
        let place = self.data.len();
        let certain = match &mut self.data {
            ColumnData::Numbers(cells) => take(cells, text, certain_number),
            ColumnData::Flags(cells) => take(cells, text, flag_of_text),
            ColumnData::Dates(cells) => take(cells, text, certain_date),
            ColumnData::Categories { .. } | ColumnData::Lists { .. } => true,
        };
        if let Some(text) = text {
            self.evidence.observe(row, text, self.data.kind());
        }
        let Some(text) = text.filter(|_| !certain) else { return 0 };
        let before = self.texts.texts().bytes();
        self.open.push((place, self.texts.intern(text)));
        self.texts.texts().bytes() - before
    }

    /// What the cells say of how the column is written.
    pub(crate) const fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// The kind of its values.
    pub(crate) const fn kind(&self) -> Kind {
        self.data.kind()
    }

    /// The values, and what a reader should know about how they came about.
    pub(crate) fn finish(mut self, name: &str, decision: &Decision) -> (ColumnData, Vec<String>) {
        let reader = Reader(decision.format);
        let mut counts = vec![0_u64; self.texts.len()];
        for (_, code) in &self.open {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        let unread: Vec<(&str, u64)> =
            self.texts.texts().iter().zip(counts).filter(|(text, _)| !reader.reads(text, self.data.kind())).collect();
        let mut notes = notes(name, self.data.kind(), self.clipped, &unread);
        notes.extend(ambiguous_note(name, decision));
        let texts = &self.texts;
        let open = self.open.iter().filter_map(|(place, code)| Some((*place, texts.get(*code)?)));
        match &mut self.data {
            ColumnData::Numbers(cells) => fill(cells, open, |text| reader.number(text)),
            ColumnData::Dates(cells) => fill(cells, open, |text| reader.date(text)),
            ColumnData::Flags(_) | ColumnData::Categories { .. } | ColumnData::Lists { .. } => {}
        }
        (self.data, notes)
    }
}

/// The number of a text that can be no other one.
fn certain_number(text: &str) -> Option<f64> {
    if NumberReadings::new(text).differ() { None } else { number_of_text(text, TextFormat::default()) }
}

/// The day of a text that can be no other one.
fn certain_date(text: &str) -> Option<Date> {
    match DateReadings::new(text, true)? {
        DateReadings::One(day) => Some(day),
        DateReadings::Ordered { .. } | DateReadings::Number { .. } => None,
    }
}

/// Adds a cell; whether it is missing or could be read.
fn take<T: Copy + Default>(cells: &mut Cells<T>, text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> bool {
    let value = text.and_then(parse);
    cells.push(value);
    value.is_some() || text.is_none()
}

/// Puts values into places that ascend.
fn fill<'a, T: Copy + Default>(
    cells: &mut Cells<T>,
    open: impl Iterator<Item = (usize, &'a str)>,
    parse: impl Fn(&str) -> Option<T>,
) {
    let mut open = open.peekable();
    if open.peek().is_none() {
        return;
    }
    let filled = cells.iter().enumerate().map(|(place, cell)| match open.next_if(|(next, _)| *next == place) {
        Some((_, text)) => parse(text),
        None => cell,
    });
    *cells = filled.collect();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Candidate, FileFormat, TextColumn, build, decide};
    use super::*;

    fn cells() -> impl Strategy<Value = Vec<Option<String>>> {
        let long = "1".repeat(MAX_TEXT_BYTES + 9);
        let texts = [
            "1",
            "-2.5",
            "1.200",
            "3,450",
            "2,5",
            "1/2/2021",
            "13/2/2021",
            "true",
            "yes",
            "no",
            "2024-02-03",
            "n/a",
            "1.2.2021",
            "44758",
            "?",
            &long,
        ]
        .map(str::to_owned);
        prop::collection::vec(prop::option::of(prop::sample::select(texts.to_vec())), 0..30)
    }

    proptest! {
        /// Reading at once or keeping the texts first: the same evidence, the same values, the same notes.
        #[test]
        fn a_known_kind_reads_as_an_inferred_one(cells in cells(), kind in prop::sample::select(vec![Kind::Number, Kind::Flag, Kind::Date])) {
            let (mut typed, mut kept) = (TypedColumn::new(kind).unwrap(), TextColumn::default());
            for (row, cell) in (1..).zip(&cells) {
                typed.push(row, cell.as_deref());
                kept.push(row, cell.as_deref());
            }
            let decided = [typed.evidence().clone(), Evidence::of(&kept, kind)].map(|evidence| {
                let candidate = Candidate {
                    name: "size".to_owned(),
                    kind,
                    evidence,
                    set: TextFormat::default(),
                    fallback: TextFormat::default(),
                    trained: TextFormat::default(),
                };
                decide(&[candidate], FileFormat::default()).remove(0)
            });
            prop_assert_eq!(format!("{:?}", &decided[0]), format!("{:?}", &decided[1]));
            if let [Ok(decision), _] = decided {
                prop_assert_eq!(typed.finish("size", &decision), build("size", &kept, kind, &decision));
            }
        }
    }

    #[test]
    fn texts_are_kept_whole() {
        assert!(TypedColumn::new(Kind::Category).is_none() && TypedColumn::new(Kind::List).is_none());
    }
}
