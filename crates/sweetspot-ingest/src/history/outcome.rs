//! The outcome of the account in a row.

use std::collections::{HashMap, HashSet};

use sweetspot_core::parse::{DateReadings, NumberReadings};
use sweetspot_core::{AttributeKind, Date, Outcome, OutcomeRef, OutcomeStatus, Outcomes, TextFormat};

use super::column_plan::{MissingTexts, position};
use crate::column::{
    CellParser, ColumnFormatError, ColumnFormatInput, FormatDecision, FormatEvidence, TextInterner, ambiguous_note,
    is_likely_serial, unreadable_note,
};
use crate::error::IngestError;
use crate::limits::{clip, clip_to};
use crate::mapping::{Mapping, OutcomeColumns};
use crate::source::{RowProblem, ValidRow};

/// The maximum number of distinct unknown status texts that are counted.
const MAX_UNKNOWN_TEXTS: usize = 1000;

/// The maximum number of unknown status texts in a message.
const MAX_SHOWN_TEXTS: usize = 8;

/// Reads outcomes and counts the texts that it cannot interpret.
#[derive(Debug)]
pub(crate) struct OutcomeReader {
    status: Option<StatusReader>,
    undecided: Option<(usize, HashSet<String>)>,
    /// Value, cost to serve, cost to acquire, and the date since which the account is a customer.
    measured: [Option<MeasuredColumn>; 4],
    group: Option<usize>,
    reason: Option<usize>,
    names_outcome: bool,
    rows: usize,
}

/// A column of amounts or dates. Ambiguous cells are stored until the column format is decided.
#[derive(Debug)]
struct MeasuredColumn {
    place: usize,
    name: String,
    kind: AttributeKind,
    evidence: FormatEvidence,
    /// Texts that cannot be parsed yet, and the indices of the usable rows that contain them, in order.
    texts: TextInterner,
    unread: Vec<(usize, u32)>,
}

/// A cell of a measured column.
#[derive(Clone, Copy, Debug, Default)]
struct MeasuredCell<'a> {
    number: Option<f64>,
    day: Option<Date>,
    text: Option<&'a str>,
    is_ambiguous: bool,
}

#[derive(Debug)]
struct StatusReader {
    column: usize,
    name: String,
    meanings: HashMap<String, OutcomeStatus>,
    matched: bool,
    unknown: HashMap<String, u64>,
    unknown_rows: u64,
}

impl OutcomeReader {
    /// Finds the outcome columns in a header.
    pub(crate) fn new(columns: &OutcomeColumns, header: &[String]) -> Self {
        let OutcomeColumns {
            status,
            undecided,
            value,
            cost_to_serve,
            cost_to_acquire,
            since,
            group,
            reason,
            currency: _,
        } = columns;
        let place = |column: &Option<String>| column.as_deref().and_then(|name| position(header, name));
        let measured = |column: &Option<String>, kind| {
            let (place, name) = (place(column)?, column.clone()?);
            let (evidence, texts, open) = (FormatEvidence::default(), TextInterner::default(), Vec::new());
            Some(MeasuredColumn { place, name, kind, evidence, texts, unread: open })
        };
        let status = status.as_ref().and_then(|status| {
            let column = position(header, &status.column)?;
            let lists = [
                (&status.won, OutcomeStatus::Won),
                (&status.lost, OutcomeStatus::Lost),
                (&status.churned, OutcomeStatus::Churned),
            ];
            let meanings =
                lists.into_iter().flat_map(|(texts, meaning)| texts.iter().cloned().map(move |text| (text, meaning)));
            Some(StatusReader {
                column,
                name: status.column.clone(),
                meanings: meanings.collect(),
                matched: false,
                unknown: HashMap::new(),
                unknown_rows: 0,
            })
        });
        let undecided = undecided.as_ref().and_then(|undecided| {
            Some((position(header, &undecided.column)?, undecided.texts.iter().cloned().collect()))
        });
        Self {
            status,
            undecided,
            measured: [
                measured(value, AttributeKind::Number),
                measured(cost_to_serve, AttributeKind::Number),
                measured(cost_to_acquire, AttributeKind::Number),
                measured(since, AttributeKind::Date),
            ],
            group: place(group),
            reason: place(reason),
            names_outcome: columns.columns().next().is_some(),
            rows: 0,
        }
    }

    /// Reads the outcome of a row. A row with an unreadable amount or date is rejected, because half an outcome would
    /// mislead. [`Self::fill`] sets the values of ambiguous cells.
    pub(crate) fn read(&mut self, row: &ValidRow<'_>, missing: &MissingTexts) -> Result<Outcome, RowProblem> {
        let text = |column: Option<usize>| {
            column.and_then(|column| missing.present_text(column, row.cell(column))).map(|text| clip(text).to_owned())
        };
        let mut cells = [MeasuredCell::default(); 4];
        for (cell, column) in cells.iter_mut().zip(&self.measured) {
            *cell = column.as_ref().map_or(Ok(MeasuredCell::default()), |column| column.cell(row, missing))?;
        }
        let [value, cost_to_serve, cost_to_acquire, since] = cells;
        let outcome = Outcome {
            status: None,
            value: value.number,
            cost_to_serve: cost_to_serve.number,
            cost_to_acquire: cost_to_acquire.number,
            since: since.day,
            group: text(self.group),
            reason: text(self.reason),
        };
        // This comes last, so that only usable rows are stored and counted.
        for (column, cell) in self.measured.iter_mut().zip(cells) {
            if let (Some(column), Some(text)) = (column, cell.text) {
                column.evidence.observe(row.number, text, column.kind);
                if cell.is_ambiguous {
                    column.unread.push((self.rows, column.texts.intern(clip(text))));
                }
            }
        }
        self.rows += 1;
        let status = self.status.as_mut().and_then(|status| status.read(row, missing));
        let is_open = self.undecided.as_ref().is_some_and(|(column, texts)| texts.contains(row.cell(*column)));
        Ok(Outcome { status: status.filter(|_| !is_open), ..outcome })
    }

    /// Returns the columns of amounts and dates as candidates for the format decision.
    pub(crate) fn candidates(&self, mapping: &Mapping) -> impl Iterator<Item = ColumnFormatInput> {
        let columns = self.measured.iter().flatten();
        columns.map(|column| ColumnFormatInput::new(&column.name, column.kind, column.evidence.clone(), mapping))
    }

    /// Sets ambiguous amounts and dates. Columns that remain undecided are added to `problems`.
    pub(crate) fn fill(
        &self,
        outcomes: Outcomes,
        decisions: impl Iterator<Item = Result<FormatDecision, ColumnFormatError>>,
        notes: &mut Vec<String>,
        problems: &mut Vec<String>,
    ) -> Outcomes {
        let mut decisions = decisions;
        let mut formats = [TextFormat::default(); 4];
        for (format, column) in formats.iter_mut().zip(&self.measured) {
            let Some(column) = column else { continue };
            match decisions.next() {
                Some(Ok(decision)) => {
                    *format = decision.format;
                    notes.extend(column.notes(&decision));
                }
                Some(Err(undecided)) => problems.push(undecided.sentence(&column.name)),
                None => {}
            }
        }
        if self.measured.iter().flatten().all(|column| column.unread.is_empty()) {
            return outcomes;
        }
        let text = |place: usize, row| self.measured.get(place)?.as_ref()?.text(row);
        let number = |place: usize, row, known: Option<f64>| {
            let reader = CellParser(formats.get(place).copied().unwrap_or_default());
            text(place, row).map_or(known, |text| reader.number(text))
        };
        let day = |row, known| {
            let reader = CellParser(formats.get(3).copied().unwrap_or_default());
            text(3, row).map_or(known, |text| reader.date(text))
        };
        let filled = outcomes.iter().enumerate().map(|(row, outcome)| OutcomeRef {
            value: number(0, row, outcome.value),
            cost_to_serve: number(1, row, outcome.cost_to_serve),
            cost_to_acquire: number(2, row, outcome.cost_to_acquire),
            since: day(row, outcome.since),
            ..outcome
        });
        filled.collect()
    }

    /// Adds notes on texts that were not understood.
    ///
    /// # Errors
    /// Returns an error if no row has a known status.
    pub(crate) fn finish(&self, file: &str, notes: &mut Vec<String>) -> Result<(), IngestError> {
        if !self.names_outcome {
            notes.push("the mapping has no outcome: nothing can be learned from these accounts".to_owned());
        }
        let Some(status) = &self.status else { return Ok(()) };
        if !status.matched {
            let found =
                if status.unknown.is_empty() { "only missing cells".to_owned() } else { status.unknown_texts() };
            return Err(IngestError::NoStatus { file: file.to_owned(), column: status.name.clone(), found });
        }
        if status.unknown_rows > 0 {
            let (rows, name, shown) = (status.unknown_rows, &status.name, status.unknown_texts());
            notes.push(format!(
                "{rows} rows have an unknown outcome, because column {name:?} has texts that the \
                                mapping does not list: {shown}"
            ));
        }
        Ok(())
    }
}

impl MeasuredColumn {
    /// Returns the cell of a row.
    fn cell<'a>(&self, row: &'a ValidRow<'_>, missing: &MissingTexts) -> Result<MeasuredCell<'a>, RowProblem> {
        let Some(text) = missing.present_text(self.place, row.cell(self.place)) else {
            return Ok(MeasuredCell::default());
        };
        let wrong = |reason, what| {
            let (text, name) = (clip_to(text, 60), &self.name);
            RowProblem::new(
                reason,
                format!("{text:?} in column {name:?} is not a {what}: correct it, or list it as missing"),
            )
        };
        let open = MeasuredCell { text: Some(text), is_ambiguous: true, ..MeasuredCell::default() };
        if self.kind == AttributeKind::Number {
            let readings = NumberReadings::new(text);
            return match readings.unambiguous() {
                Some(number) => Ok(MeasuredCell { number: Some(number), is_ambiguous: false, ..open }),
                None if readings.differ() => Ok(open),
                None => Err(wrong("NOT_A_NUMBER", "number")),
            };
        }
        match DateReadings::new(text, true) {
            Some(DateReadings::One(day)) => Ok(MeasuredCell { day: Some(day), is_ambiguous: false, ..open }),
            Some(DateReadings::Ordered { .. }) => Ok(open),
            Some(DateReadings::Number { serial, compact })
                if serial.filter(|_| is_likely_serial(text)).or(compact).is_some() =>
            {
                Ok(open)
            }
            Some(DateReadings::Number { .. }) | None => Err(wrong("NOT_A_DATE", "date such as 2026-11-22")),
        }
    }

    /// Returns the text of a row that cannot be parsed yet.
    fn text(&self, row: usize) -> Option<&str> {
        let place = self.unread.binary_search_by_key(&row, |(place, _)| *place).ok()?;
        self.texts.get(self.unread.get(place)?.1)
    }

    /// Returns notes on cells that are read by default, or not at all.
    fn notes(&self, decision: &FormatDecision) -> Vec<String> {
        let reader = CellParser(decision.format);
        let read = |text: &str| {
            if self.kind == AttributeKind::Number { reader.number(text).is_some() } else { reader.date(text).is_some() }
        };
        let mut counts = vec![0_u64; self.texts.len()];
        for (_, code) in &self.unread {
            counts.get_mut(*code as usize).into_iter().for_each(|count| *count += 1);
        }
        let unread: Vec<(&str, u64)> = self.texts.texts().iter().zip(counts).filter(|(text, _)| !read(text)).collect();
        let unread = unreadable_note(&self.name, self.kind, &unread);
        unread.into_iter().chain(ambiguous_note(&self.name, decision)).collect()
    }
}

impl StatusReader {
    fn read(&mut self, row: &ValidRow<'_>, missing: &MissingTexts) -> Option<OutcomeStatus> {
        let text = missing.present_text(self.column, row.cell(self.column))?;
        if let Some(status) = self.meanings.get(text) {
            self.matched = true;
            return Some(*status);
        }
        self.unknown_rows += 1;
        let text = clip_to(text, 60);
        if let Some(count) = self.unknown.get_mut(text) {
            *count += 1;
        } else if self.unknown.len() < MAX_UNKNOWN_TEXTS {
            self.unknown.insert(text.to_owned(), 1);
        }
        None
    }

    /// Returns the most frequent unknown texts, ordered by frequency and then by text.
    fn unknown_texts(&self) -> String {
        let mut texts: Vec<_> = self.unknown.iter().collect();
        texts.sort_by_key(|(text, count)| (std::cmp::Reverse(**count), *text));
        let shown: Vec<String> =
            texts.iter().take(MAX_SHOWN_TEXTS).map(|(text, count)| format!("{text:?} ({count} rows)")).collect();
        let unlisted = texts.len().saturating_sub(MAX_SHOWN_TEXTS);
        let more = if unlisted == 0 { String::new() } else { format!(" and {unlisted} more") };
        format!("{}{more}", shown.join(", "))
    }
}
