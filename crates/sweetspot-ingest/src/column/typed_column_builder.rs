//! A column whose kind is known from the start: unambiguous cells are parsed as they are read, and the texts of the
//! others are stored until the column format is decided.

use sweetspot_core::coerce::{flag_from_text, number_from_text};
use sweetspot_core::parse::{DateReadings, NumberReadings};
use sweetspot_core::{AttributeKind, ColumnData, Date, NullableVec, TextFormat};

use super::convert_texts::{CellParser, ambiguous_note, notes};
use super::{FormatDecision, FormatEvidence, TextInterner};
use crate::limits::{MAX_TEXT_BYTES, clip};

/// The values of a column of numbers, flags or dates.
#[derive(Debug)]
pub(crate) struct TypedColumnBuilder {
    data: ColumnData,
    evidence: FormatEvidence,
    /// Texts that cannot be parsed yet, and the indices of their cells.
    texts: TextInterner,
    unread: Vec<(usize, u32)>,
    clipped: u64,
}

impl TypedColumnBuilder {
    /// Creates an empty column; `None` for kinds whose values are texts.
    pub(crate) fn new(kind: AttributeKind) -> Option<Self> {
        let data = match kind {
            AttributeKind::Number => ColumnData::Numbers(NullableVec::default()),
            AttributeKind::Flag => ColumnData::Flags(NullableVec::default()),
            AttributeKind::Date => ColumnData::Dates(NullableVec::default()),
            AttributeKind::Category | AttributeKind::List => return None,
        };
        Some(Self {
            data,
            evidence: FormatEvidence::default(),
            texts: TextInterner::default(),
            unread: Vec::new(),
            clipped: 0,
        })
    }

    /// Adds a cell of this row of the file; `None` is missing. Returns the number of bytes by which the texts have
    /// grown.
    pub(crate) fn push(&mut self, row: u64, cell: Option<&str>) -> usize {
        let text = cell.map(|text| {
            self.clipped += u64::from(text.len() > MAX_TEXT_BYTES);
            clip(text)
        });
        let place = self.data.len();
        let evidence = &mut self.evidence;
        let certain = match &mut self.data {
            ColumnData::Numbers(cells) => push_parsed(cells, text, |text| {
                let readings = NumberReadings::new(text);
                evidence.numbers.observe(row, text, readings);
                certain_number(text, readings)
            }),
            ColumnData::Flags(cells) => push_parsed(cells, text, flag_from_text),
            ColumnData::Dates(cells) => push_parsed(cells, text, |text| {
                let readings = DateReadings::new(text, true);
                evidence.days.observe(row, text, readings);
                certain_date(readings?)
            }),
            ColumnData::Categories { .. } | ColumnData::Lists { .. } => true,
        };
        let Some(text) = text.filter(|_| !certain) else { return 0 };
        let before = self.texts.texts().bytes();
        self.unread.push((place, self.texts.intern(text)));
        self.texts.texts().bytes() - before
    }

    /// Returns the evidence in the cells for the column format.
    pub(crate) const fn evidence(&self) -> &FormatEvidence {
        &self.evidence
    }

    /// Returns the kind of the values.
    pub(crate) const fn kind(&self) -> AttributeKind {
        self.data.kind()
    }

    /// Returns the values, and notes on their conversion.
    pub(crate) fn finish(mut self, name: &str, decision: &FormatDecision) -> (ColumnData, Vec<String>) {
        let reader = CellParser(decision.format);
        let mut counts = vec![0_u64; self.texts.len()];
        for (_, code) in &self.unread {
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        let unread: Vec<(&str, u64)> = self
            .texts
            .texts()
            .iter()
            .zip(counts)
            .filter(|(text, _)| !reader.can_parse(text, self.data.kind()))
            .collect();
        let mut notes = notes(name, self.data.kind(), self.clipped, &unread);
        notes.extend(ambiguous_note(name, decision));
        let texts = &self.texts;
        let open = self.unread.iter().filter_map(|(place, code)| Some((*place, texts.get(*code)?)));
        match &mut self.data {
            ColumnData::Numbers(cells) => fill(cells, open, |text| reader.number(text)),
            ColumnData::Dates(cells) => fill(cells, open, |text| reader.date(text)),
            ColumnData::Flags(_) | ColumnData::Categories { .. } | ColumnData::Lists { .. } => {}
        }
        (self.data, notes)
    }
}

/// Returns a number that is the same in every format. `true` and `false` are 1 and 0.
fn certain_number(text: &str, readings: NumberReadings) -> Option<f64> {
    let is_number = readings != NumberReadings::default();
    if is_number { readings.unambiguous() } else { number_from_text(text, TextFormat::default()) }
}

/// Returns a date that is the same in every format.
const fn certain_date(readings: DateReadings) -> Option<Date> {
    match readings {
        DateReadings::One(day) => Some(day),
        DateReadings::Ordered { .. } | DateReadings::Number { .. } => None,
    }
}

/// Adds a cell. Returns whether it is missing or could be parsed.
fn push_parsed<T: Copy + Default>(
    cells: &mut NullableVec<T>,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> bool {
    let value = text.and_then(parse);
    cells.push(value);
    value.is_some() || text.is_none()
}

/// Sets values at ascending indices.
fn fill<'a, T: Copy + Default>(
    cells: &mut NullableVec<T>,
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

    use super::super::{ColumnFormatInput, FileFormatHints, TextColumn, build, decide};
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
        /// Parsing cells immediately and storing texts first give the same evidence, values and notes.
        #[test]
        fn a_known_kind_reads_as_an_inferred_one(cells in cells(), kind in prop::sample::select(vec![AttributeKind::Number, AttributeKind::Flag, AttributeKind::Date])) {
            let (mut typed, mut kept) = (TypedColumnBuilder::new(kind).unwrap(), TextColumn::default());
            for (row, cell) in (1..).zip(&cells) {
                typed.push(row, cell.as_deref());
                kept.push(row, cell.as_deref());
            }
            let decided = [typed.evidence().clone(), FormatEvidence::new(&kept, kind)].map(|evidence| {
                let candidate = ColumnFormatInput {
                    name: "size".to_owned(),
                    kind,
                    evidence,
                    setting: TextFormat::default(),
                    fallback: TextFormat::default(),
                    training_format: TextFormat::default(),
                };
                decide(&[candidate], FileFormatHints::default()).remove(0)
            });
            prop_assert_eq!(format!("{:?}", &decided[0]), format!("{:?}", &decided[1]));
            if let [Ok(decision), _] = decided {
                prop_assert_eq!(typed.finish("size", &decision), build("size", &kept, kind, &decision));
            }
        }
    }

    #[test]
    fn texts_are_stored_whole() {
        assert!(
            TypedColumnBuilder::new(AttributeKind::Category).is_none()
                && TypedColumnBuilder::new(AttributeKind::List).is_none()
        );
    }
}
