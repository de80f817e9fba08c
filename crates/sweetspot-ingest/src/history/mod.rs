//! Customers with their outcomes, for training.

mod attributes;
mod column_plan;
mod ids;
mod outcome;
mod review;
mod weights;

use std::collections::BTreeMap;

pub(super) use column_plan::{ColumnPlan, MissingTexts, position, require};
pub(super) use ids::{Ids, read_id};
pub(super) use outcome::OutcomeReader;
use sweetspot_core::{AccountTable, ColumnMetadata, Customers, FrequencyWeights, Outcomes};

use self::attributes::AttributeBuilder;
use self::review::ReviewReader;
use self::weights::WeightReader;
use super::column::{FileFormatHints, decide};
use super::error::IngestError;
use super::limits::{MAX_CELLS, MAX_DISTINCT_BYTES};
use super::mapping::Mapping;
use super::source::{Reject, RejectedRows, RowReader, Source, ValidRow};

/// The contents of a file of customers.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// The usable rows, in file order.
    pub customers: Customers,
    /// The first [`super::MAX_REJECTS`] rejected rows, in file order.
    pub rejects: Vec<Reject>,
    /// The number of rejected rows.
    pub rejected: u64,
    /// Further notes, one sentence each.
    pub notes: Vec<String>,
    /// A one-line summary of how the file was read, if noteworthy.
    pub reading: Option<String>,
}

/// Reads customers with their outcomes.
///
/// Rows that cannot be used are rejected and reported. Repeated ids become `id#2`, `id#3` and share a group.
///
/// # Errors
/// Returns an error if the file cannot be read, lacks columns of the mapping, or contains no usable row.
pub fn read_customers(source: Source, mapping: &Mapping) -> Result<History, IngestError> {
    let mut rows = RowReader::open(source.with_options(&mapping.file))?;
    rows.rename(mapping.columns());
    let plan = ColumnPlan::new(mapping, rows.name(), rows.columns())?;
    rows.set_id_column(plan.id);
    let mut load = HistoryBuilder::new(mapping, plan, rows.columns());
    let file = FileFormatHints { setting: mapping.format, has_semicolons: rows.has_semicolons() };
    let mut rejects = RejectedRows::default();
    let file_name = rows.name().to_owned();
    while let Some(row) = rows.advance()? {
        match row {
            // A row with a wrong weight may stand for any number of customers, so it is not left out.
            Ok(row) => {
                let weight = load.weights.read(&row, &file_name)?;
                match load.add_row(&row) {
                    Ok(()) => load.weights.push(weight),
                    Err(reject) => rejects.push(reject),
                }
            }
            Err(reject) => rejects.push(reject),
        }
        if load.cells > MAX_CELLS || load.bytes > MAX_DISTINCT_BYTES {
            return Err(IngestError::TooLarge { file: rows.name().to_owned(), row: rows.count() });
        }
    }
    rejects.check(rows.name(), rows.count())?;
    load.finish(&rows, mapping, file, rejects)
}

/// Collects rows while they are read.
struct HistoryBuilder {
    plan: ColumnPlan,
    missing: MissingTexts,
    ids: Ids,
    columns: Vec<AttributeBuilder>,
    reader: OutcomeReader,
    outcomes: Outcomes,
    weights: WeightReader,
    review: ReviewReader,
    cells: u64,
    bytes: usize,
}

impl HistoryBuilder {
    fn new(mapping: &Mapping, plan: ColumnPlan, header: &[String]) -> Self {
        let known = |name: &String| mapping.kinds.get(name).copied();
        let columns = plan.attributes.iter().map(|(_, name)| AttributeBuilder::new(known(name))).collect();
        Self {
            plan,
            missing: MissingTexts::new(mapping, header),
            ids: Ids::default(),
            columns,
            reader: OutcomeReader::new(&mapping.outcome, header),
            outcomes: Outcomes::default(),
            weights: WeightReader::new(mapping, header),
            review: ReviewReader::new(mapping, header),
            cells: 0,
            bytes: 0,
        }
    }

    /// Adds either the whole row or none of it.
    fn add_row(&mut self, row: &ValidRow<'_>) -> Result<(), Reject> {
        let id = read_id(row, self.plan.id, &self.missing)?;
        let outcome = self.reader.read(row, &self.missing).map_err(|problem| row.reject(&id, problem))?;
        self.bytes += self.ids.push(&id);
        self.outcomes.push(outcome.as_ref());
        for ((place, _), column) in self.plan.attributes.iter().zip(&mut self.columns) {
            self.bytes += column.push(row.number, self.missing.present_text(*place, row.cell(*place)));
        }
        self.bytes += self.review.push(row, &self.missing);
        // The id and the outcome count as cells, so that a file without attributes is bounded too.
        self.cells += (self.columns.len() + self.review.columns()) as u64 + 1;
        Ok(())
    }

    fn finish(
        self,
        rows: &RowReader,
        mapping: &Mapping,
        format: FileFormatHints,
        rejects: RejectedRows,
    ) -> Result<History, IngestError> {
        let file = rows.name();
        if self.outcomes.is_empty() {
            return Err(IngestError::NoRows { file: file.to_owned(), why: rejects.why_no_rows() });
        }
        let mut notes = rejects.notes();
        let Self { plan, ids, columns, reader, outcomes, weights, review, .. } = self;
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
            outcomes.set_groups(ids.shared_ids());
        }
        let (mut columns, mut metadata) = (Vec::new(), BTreeMap::new());
        for (settled, decision) in settled.into_iter().zip(decisions.by_ref()) {
            match settled.finish(&decision, &mut notes) {
                Ok(column) => {
                    let settings = mapping.columns.get(&column.name).map(|settings| settings.metadata.clone());
                    let format = decision.map(|decision| decision.format).unwrap_or_default();
                    metadata.insert(column.name.clone(), ColumnMetadata { format, ..settings.unwrap_or_default() });
                    columns.push(column);
                }
                Err(problem) => problems.push(problem),
            }
        }
        let review = review.finish(decisions, &mut notes, &mut problems);
        if !problems.is_empty() {
            return Err(IngestError::Undecided { file: file.to_owned(), problems });
        }
        let accounts = AccountTable::new(ids.into_unique(), columns)?.with_metadata(metadata);
        let customers = Customers::new(accounts, outcomes, mapping.outcome.currency.clone())?.with_review(review)?;
        let weights = FrequencyWeights::new(weights.into_counts())
            .map_err(|source| IngestError::Weights { file: file.to_owned(), source })?;
        let customers = customers.with_weights(weights)?.with_document_settings(mapping.documents);
        Ok(History { customers, rejects: rejects.first, rejected: rejects.count, notes, reading: rows.reading() })
    }
}
