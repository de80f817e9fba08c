//! What happened to the account of a row.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::plan::{Missing, position};
use crate::domain::reading::taken_as;
use crate::domain::{Date, Kind, Outcome, Status, parse_date, parse_number};
use crate::ingest::column::ambiguous_note;
use crate::ingest::error::IngestError;
use crate::ingest::limits::{clip, clip_to};
use crate::ingest::mapping::OutcomeColumns;
use crate::ingest::source::{Problem, Row};

/// How many unknown status texts are told apart.
const TEXTS: usize = 1000;

/// How many of them are shown.
const SHOWN: usize = 8;

/// Reads outcomes and keeps count of what it could not make sense of.
#[derive(Debug)]
pub(in crate::ingest) struct OutcomeReader {
    status: Option<StatusReader>,
    undecided: Option<(usize, HashSet<String>)>,
    value: Option<(usize, String)>,
    cost_to_serve: Option<(usize, String)>,
    cost_to_acquire: Option<(usize, String)>,
    since: Option<(usize, String)>,
    group: Option<usize>,
    reason: Option<usize>,
    told: bool,
    /// Of each column, the cells that could mean two things: how many, the first one, and what was taken of it.
    ambiguous: BTreeMap<String, (u64, String, String)>,
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
    pub(in crate::ingest) fn new(columns: &OutcomeColumns, header: &[String]) -> Self {
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
        let named = |column: &Option<String>| Some((place(column)?, column.clone()?));
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
            value: named(value),
            cost_to_serve: named(cost_to_serve),
            cost_to_acquire: named(cost_to_acquire),
            since: named(since),
            group: place(group),
            reason: place(reason),
            told: columns.columns().next().is_some(),
            ambiguous: BTreeMap::new(),
        }
    }

    /// The outcome of a row. An amount or a day that cannot be read spoils the row: half an outcome would mislead.
    pub(in crate::ingest) fn read(&mut self, row: &Row<'_>, missing: &Missing) -> Result<Outcome, Problem> {
        let amount = |column: &Option<(usize, String)>| cell(row, missing, column.as_ref(), read_amount);
        let text = |column: Option<usize>| {
            column.and_then(|column| missing.known(row.cell(column))).map(|text| clip(text).to_owned())
        };
        let outcome = Outcome {
            status: None,
            value: amount(&self.value)?,
            cost_to_serve: amount(&self.cost_to_serve)?,
            cost_to_acquire: amount(&self.cost_to_acquire)?,
            since: cell(row, missing, self.since.as_ref(), read_day)?,
            group: text(self.group),
            reason: text(self.reason),
        };
        // Only now, so that the counts are those of usable rows.
        self.note_ambiguous(row, missing);
        let status = self.status.as_mut().and_then(|status| status.read(row, missing));
        let is_open = self.undecided.as_ref().is_some_and(|(column, texts)| texts.contains(row.cell(*column)));
        Ok(Outcome { status: status.filter(|_| !is_open), ..outcome })
    }

    fn note_ambiguous(&mut self, row: &Row<'_>, missing: &Missing) {
        let Self { value, cost_to_serve, cost_to_acquire, since, ambiguous, .. } = self;
        let amounts = [value, cost_to_serve, cost_to_acquire].map(|column| (column, Kind::Number));
        for (column, kind) in amounts.into_iter().chain([(since, Kind::Date)]) {
            let Some((place, name)) = column else { continue };
            let text = missing.known(row.cell(*place));
            if let Some((text, taken)) = text.and_then(|text| Some((text, taken_as(text, kind)?))) {
                let first = || (0, text.to_owned(), taken);
                ambiguous.entry(name.clone()).or_insert_with(first).0 += 1;
            }
        }
    }

    /// Tells what was not understood.
    ///
    /// # Errors
    /// Where not one row had a known status.
    pub(in crate::ingest) fn finish(&self, file: &str, notes: &mut Vec<String>) -> Result<(), IngestError> {
        if !self.told {
            notes.push("the mapping names no outcome: nothing can be learned from these accounts".to_owned());
        }
        let ambiguous = self.ambiguous.iter();
        notes.extend(ambiguous.map(|(name, (cells, text, taken))| ambiguous_note(name, *cells, text, taken)));
        let Some(status) = &self.status else { return Ok(()) };
        if !status.matched {
            let found = if status.unknown.is_empty() { "nothing but missing cells".to_owned() } else { status.shown() };
            return Err(IngestError::NoStatus { file: file.to_owned(), column: status.name.clone(), found });
        }
        if status.unknown_rows > 0 {
            let (rows, name, shown) = (status.unknown_rows, &status.name, status.shown());
            notes.push(format!("{rows} rows have an unknown outcome, for column {name:?} holds texts that the mapping does not list: {shown}"));
        }
        Ok(())
    }
}

impl StatusReader {
    fn read(&mut self, row: &Row<'_>, missing: &Missing) -> Option<Status> {
        let text = missing.known(row.cell(self.column))?;
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

type Reading<T> = fn(&str) -> Result<T, (&'static str, &'static str)>;

fn cell<T>(
    row: &Row<'_>,
    missing: &Missing,
    column: Option<&(usize, String)>,
    read: Reading<T>,
) -> Result<Option<T>, Problem> {
    let Some((place, name)) = column else { return Ok(None) };
    let Some(text) = missing.known(row.cell(*place)) else { return Ok(None) };
    read(text).map(Some).map_err(|(reason, what)| {
        Problem::new(
            reason,
            format!("{:?} in column {name:?} is no {what}: correct it, or list it as missing", clip_to(text, 60)),
        )
    })
}

fn read_amount(text: &str) -> Result<f64, (&'static str, &'static str)> {
    parse_number(text).ok_or(("NOT_A_NUMBER", "number"))
}

fn read_day(text: &str) -> Result<Date, (&'static str, &'static str)> {
    parse_date(text).ok_or(("NOT_A_DATE", "date such as 2026-11-22"))
}
