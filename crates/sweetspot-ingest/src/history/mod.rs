//! Customers with their outcomes, for training.

mod attributes;
mod ids;
mod outcome;
mod plan;
mod review;

use std::collections::BTreeMap;

pub(super) use ids::{Ids, read_id};
pub(super) use outcome::OutcomeReader;
pub(super) use plan::{Missing, Plan, position, require};
use sweetspot_core::{AccountTable, Customers, Outcomes};

use self::attributes::Incoming;
use self::review::ReviewReader;
use super::column::{FileFormat, decide};
use super::error::IngestError;
use super::limits::{MAX_CELLS, MAX_DISTINCT_BYTES};
use super::mapping::Mapping;
use super::source::{Reject, Rejects, Row, Rows, Source};

/// What a file of customers held.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The usable rows, in file order.
    pub customers: Customers,
    /// The rows left out, in file order; the first [`super::MAX_REJECTS`] of them.
    pub rejects: Vec<Reject>,
    /// How many rows were left out in all.
    pub rejected: u64,
    /// What else a reader should know, one sentence each.
    pub notes: Vec<String>,
    /// One line on how the file was read, where that is worth one.
    pub reading: Option<String>,
}

/// Reads customers with their outcomes.
///
/// A row that cannot be used is left out and told; repeated ids are kept as `id#2`, `id#3` and share a group.
///
/// # Errors
/// Where the file cannot be read as CSV, lacks columns of the mapping, or holds no usable row.
pub fn read_customers(source: Source, mapping: &Mapping) -> Result<History, IngestError> {
    let mut rows = Rows::open(source.with_options(&mapping.file))?;
    rows.rename(mapping.columns());
    let plan = Plan::new(mapping, rows.name(), rows.columns())?;
    rows.set_key(plan.id);
    let mut load = Load::new(mapping, plan, rows.columns());
    let file = FileFormat { set: mapping.format, semicolons: rows.has_semicolons() };
    let mut rejects = Rejects::default();
    while let Some(row) = rows.advance()? {
        let taken = row.and_then(|row| load.take(&row));
        if let Err(reject) = taken {
            rejects.push(reject);
        }
        if load.cells > MAX_CELLS || load.bytes > MAX_DISTINCT_BYTES {
            return Err(IngestError::TooLarge { file: rows.name().to_owned(), row: rows.count() });
        }
    }
    rejects.check(rows.name(), rows.count())?;
    load.finish(&rows, mapping, file, rejects)
}

/// Rows as they come in.
struct Load {
    plan: Plan,
    missing: Missing,
    ids: Ids,
    columns: Vec<Incoming>,
    reader: OutcomeReader,
    outcomes: Outcomes,
    review: ReviewReader,
    cells: u64,
    bytes: usize,
}

impl Load {
    fn new(mapping: &Mapping, plan: Plan, header: &[String]) -> Self {
        let known = |name: &String| mapping.kinds.get(name).copied();
        let columns = plan.attributes.iter().map(|(_, name)| Incoming::new(known(name))).collect();
        Self {
            plan,
            missing: Missing::new(mapping, header),
            ids: Ids::default(),
            columns,
            reader: OutcomeReader::new(&mapping.outcome, header),
            outcomes: Outcomes::default(),
            review: ReviewReader::new(mapping, header),
            cells: 0,
            bytes: 0,
        }
    }

    /// Takes all of a row or nothing of it.
    fn take(&mut self, row: &Row<'_>) -> Result<(), Reject> {
        let id = read_id(row, self.plan.id, &self.missing)?;
        let outcome = self.reader.read(row, &self.missing).map_err(|problem| row.reject(&id, problem))?;
        self.bytes += self.ids.push(&id);
        self.outcomes.push(outcome.as_ref());
        for ((place, _), column) in self.plan.attributes.iter().zip(&mut self.columns) {
            self.bytes += column.push(row.number, self.missing.known(*place, row.cell(*place)));
        }
        self.bytes += self.review.push(row, &self.missing);
        // The id and the outcome count like cells: a file without attributes has a bound too.
        self.cells += (self.columns.len() + self.review.columns()) as u64 + 1;
        Ok(())
    }

    fn finish(
        self,
        rows: &Rows,
        mapping: &Mapping,
        format: FileFormat,
        rejects: Rejects,
    ) -> Result<History, IngestError> {
        let file = rows.name();
        if self.outcomes.is_empty() {
            return Err(IngestError::NoRows { file: file.to_owned(), why: rejects.why_no_rows() });
        }
        let mut notes = rejects.notes();
        let Self { plan, ids, columns, reader, outcomes, review, .. } = self;
        reader.finish(file, &mut notes)?;
        notes.extend(ids.note());
        let settled = attributes::settle(mapping, plan.attributes, columns, &mut notes);
        let review = review.settle();
        let candidates = settled.iter().map(|column| column.candidate(mapping));
        let candidates: Vec<_> =
            reader.candidates(mapping).chain(candidates).chain(review.candidates(mapping)).collect();
        let mut decisions = decide(&candidates, format).into_iter();
        let mut problems = Vec::new();
        let measured = reader.candidates(mapping).count();
        let mut outcomes = reader.fill(outcomes, decisions.by_ref().take(measured), &mut notes, &mut problems);
        if mapping.outcome.group.is_none() {
            outcomes.set_groups(ids.shared());
        }
        let (mut columns, mut formats) = (Vec::new(), BTreeMap::new());
        for (settled, decision) in settled.into_iter().zip(decisions.by_ref()) {
            match settled.finish(&decision, &mut notes) {
                Ok(column) => {
                    formats.extend(decision.ok().map(|decision| (column.name.clone(), decision.format)));
                    columns.push(column);
                }
                Err(problem) => problems.push(problem),
            }
        }
        let review = review.finish(decisions, &mut notes, &mut problems);
        if !problems.is_empty() {
            return Err(IngestError::Undecided { file: file.to_owned(), problems });
        }
        let accounts = AccountTable::new(ids.into_unique(), columns)?.with_formats(formats);
        let customers = Customers::new(accounts, outcomes, mapping.outcome.currency.clone())?.with_review(review)?;
        Ok(History { customers, rejects: rejects.listed, rejected: rejects.count, notes, reading: rows.reading() })
    }
}
