//! What happened to the account of a row.

use std::collections::{HashMap, HashSet};

use sweetspot_core::parse::{DateReadings, NumberReadings};
use sweetspot_core::{Date, Kind, Outcome, OutcomeRef, Outcomes, Status, TextFormat};

use super::plan::{Missing, position};
use crate::column::{
    Candidate, Decision, Evidence, Interner, Reader, Undecided, ambiguous_note, is_likely_serial, unreadable_note,
};
use crate::error::IngestError;
use crate::limits::{clip, clip_to};
use crate::mapping::{Mapping, OutcomeColumns};
use crate::source::{Problem, Row};

/// How many unknown status texts are told apart.
const TEXTS: usize = 1000;

/// How many of them are shown.
const SHOWN: usize = 8;

/// Reads outcomes and keeps count of what it could not make sense of.
#[derive(Debug)]
pub(crate) struct OutcomeReader {
    status: Option<StatusReader>,
    undecided: Option<(usize, HashSet<String>)>,
    /// Value, cost to serve, cost to acquire, and the day since which an account is a customer.
    measured: [Option<MeasuredColumn>; 4],
    group: Option<usize>,
    reason: Option<usize>,
    names_outcome: bool,
    rows: usize,
}

/// A column of amounts or of days. Cells that could mean two things wait until it is decided how the column is written.
#[derive(Debug)]
struct MeasuredColumn {
    place: usize,
    name: String,
    kind: Kind,
    evidence: Evidence,
    /// Texts that cannot be read yet, and the places of the usable rows that hold them, in order.
    texts: Interner,
    open: Vec<(usize, u32)>,
}

/// A cell of such a column.
#[derive(Clone, Copy, Debug, Default)]
struct Measured<'a> {
    number: Option<f64>,
    day: Option<Date>,
    text: Option<&'a str>,
    is_open: bool,
}

#[derive(Debug)]
struct StatusReader {
    column: usize,
    name: String,
    meanings: HashMap<String, Status>,
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
            let (evidence, texts, open) = (Evidence::default(), Interner::default(), Vec::new());
            Some(MeasuredColumn { place, name, kind, evidence, texts, open })
        };
        let status = status.as_ref().and_then(|status| {
            let column = position(header, &status.column)?;
            let lists = [(&status.won, Status::Won), (&status.lost, Status::Lost), (&status.churned, Status::Churned)];
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
                measured(value, Kind::Number),
                measured(cost_to_serve, Kind::Number),
                measured(cost_to_acquire, Kind::Number),
                measured(since, Kind::Date),
            ],
            group: place(group),
            reason: place(reason),
            names_outcome: columns.columns().next().is_some(),
            rows: 0,
        }
    }

    /// The outcome of a row. An amount or a day that cannot be read spoils the row: half an outcome would mislead. What could
    /// mean two things is set by [`Self::fill`].
    pub(crate) fn read(&mut self, row: &Row<'_>, missing: &Missing) -> Result<Outcome, Problem> {
        let text = |column: Option<usize>| {
            column.and_then(|column| missing.known(column, row.cell(column))).map(|text| clip(text).to_owned())
        };
        let mut cells = [Measured::default(); 4];
        for (cell, column) in cells.iter_mut().zip(&self.measured) {
            *cell = column.as_ref().map_or(Ok(Measured::default()), |column| column.cell(row, missing))?;
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
        // Only now, so that what is kept and counted is that of usable rows.
        for (column, cell) in self.measured.iter_mut().zip(cells) {
            if let (Some(column), Some(text)) = (column, cell.text) {
                column.evidence.observe(row.number, text, column.kind);
                if cell.is_open {
                    column.open.push((self.rows, column.texts.intern(clip(text))));
                }
            }
        }
        self.rows += 1;
        let status = self.status.as_mut().and_then(|status| status.read(row, missing));
        let is_open = self.undecided.as_ref().is_some_and(|(column, texts)| texts.contains(row.cell(*column)));
        Ok(Outcome { status: status.filter(|_| !is_open), ..outcome })
    }

    /// What is to be decided about the columns of amounts and days.
    pub(crate) fn candidates(&self, mapping: &Mapping) -> impl Iterator<Item = Candidate> {
        let columns = self.measured.iter().flatten();
        columns.map(|column| Candidate::new(&column.name, column.kind, column.evidence.clone(), mapping))
    }

    /// Sets the amounts and days that could mean two things; columns that are left open go to `problems`.
    pub(crate) fn fill(
        &self,
        outcomes: Outcomes,
        decisions: impl Iterator<Item = Result<Decision, Undecided>>,
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
        if self.measured.iter().flatten().all(|column| column.open.is_empty()) {
            return outcomes;
        }
        let text = |place: usize, row| self.measured.get(place)?.as_ref()?.text(row);
        let number = |place: usize, row, known: Option<f64>| {
            let reader = Reader(formats.get(place).copied().unwrap_or_default());
            text(place, row).map_or(known, |text| reader.number(text))
        };
        let day = |row, known| {
            let reader = Reader(formats.get(3).copied().unwrap_or_default());
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

    /// Tells what was not understood.
    ///
    /// # Errors
    /// Where not one row had a known status.
    pub(crate) fn finish(&self, file: &str, notes: &mut Vec<String>) -> Result<(), IngestError> {
        if !self.names_outcome {
            notes.push("the mapping has no outcome: nothing can be learned from these accounts".to_owned());
        }
        let Some(status) = &self.status else { return Ok(()) };
        if !status.matched {
            let found = if status.unknown.is_empty() { "only missing cells".to_owned() } else { status.shown() };
            return Err(IngestError::NoStatus { file: file.to_owned(), column: status.name.clone(), found });
        }
        if status.unknown_rows > 0 {
            let (rows, name, shown) = (status.unknown_rows, &status.name, status.shown());
            notes.push(format!(
                "{rows} rows have an unknown outcome, because column {name:?} has texts that the \
                                mapping does not list: {shown}"
            ));
        }
        Ok(())
    }
}

impl MeasuredColumn {
    /// The cell of a row.
    fn cell<'a>(&self, row: &'a Row<'_>, missing: &Missing) -> Result<Measured<'a>, Problem> {
        let Some(text) = missing.known(self.place, row.cell(self.place)) else { return Ok(Measured::default()) };
        let wrong = |reason, what| {
            let (text, name) = (clip_to(text, 60), &self.name);
            Problem::new(
                reason,
                format!("{text:?} in column {name:?} is not a {what}: correct it, or list it as missing"),
            )
        };
        let open = Measured { text: Some(text), is_open: true, ..Measured::default() };
        if self.kind == Kind::Number {
            let readings = NumberReadings::new(text);
            return match readings.point.or(readings.comma) {
                None => Err(wrong("NOT_A_NUMBER", "number")),
                Some(_) if readings.differ() => Ok(open),
                number => Ok(Measured { number, is_open: false, ..open }),
            };
        }
        match DateReadings::new(text, true) {
            Some(DateReadings::One(day)) => Ok(Measured { day: Some(day), is_open: false, ..open }),
            Some(DateReadings::Ordered { .. }) => Ok(open),
            Some(DateReadings::Number { serial, compact })
                if serial.filter(|_| is_likely_serial(text)).or(compact).is_some() =>
            {
                Ok(open)
            }
            Some(DateReadings::Number { .. }) | None => Err(wrong("NOT_A_DATE", "date such as 2026-11-22")),
        }
    }

    /// The text of a row that cannot be read yet.
    fn text(&self, row: usize) -> Option<&str> {
        let place = self.open.binary_search_by_key(&row, |(place, _)| *place).ok()?;
        self.texts.get(self.open.get(place)?.1)
    }

    /// What a reader should know of cells that are read by a habit, or not at all.
    fn notes(&self, decision: &Decision) -> Vec<String> {
        let reader = Reader(decision.format);
        let read = |text: &str| {
            if self.kind == Kind::Number { reader.number(text).is_some() } else { reader.date(text).is_some() }
        };
        let mut counts = vec![0_u64; self.texts.len()];
        for (_, code) in &self.open {
            counts.get_mut(*code as usize).into_iter().for_each(|count| *count += 1);
        }
        let unread: Vec<(&str, u64)> = self.texts.texts().iter().zip(counts).filter(|(text, _)| !read(text)).collect();
        let unread = unreadable_note(&self.name, self.kind, &unread);
        unread.into_iter().chain(ambiguous_note(&self.name, decision)).collect()
    }
}

impl StatusReader {
    fn read(&mut self, row: &Row<'_>, missing: &Missing) -> Option<Status> {
        let text = missing.known(self.column, row.cell(self.column))?;
        if let Some(status) = self.meanings.get(text) {
            self.matched = true;
            return Some(*status);
        }
        self.unknown_rows += 1;
        let text = clip_to(text, 60);
        if let Some(count) = self.unknown.get_mut(text) {
            *count += 1;
        } else if self.unknown.len() < TEXTS {
            self.unknown.insert(text.to_owned(), 1);
        }
        None
    }

    /// The most frequent unknown texts, by frequency and then by text.
    fn shown(&self) -> String {
        let mut texts: Vec<_> = self.unknown.iter().collect();
        texts.sort_by_key(|(text, count)| (std::cmp::Reverse(**count), *text));
        let shown: Vec<String> =
            texts.iter().take(SHOWN).map(|(text, count)| format!("{text:?} ({count} rows)")).collect();
        let beyond = texts.len().saturating_sub(SHOWN);
        let more = if beyond == 0 { String::new() } else { format!(" and {beyond} more") };
        format!("{}{more}", shown.join(", "))
    }
}
