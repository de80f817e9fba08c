//! Profiles an unknown file: determines the role of each column, and proposes a mapping.

mod account_group_columns;
mod amount_meaning;
mod column_formats;
mod derived_from_outcome;
mod identifying_columns;
mod intraclass_correlation;
mod load_columns;
mod non_attributes;
mod possible_leaks;
mod propose;
mod review_column_names;
mod review_columns;
mod row_labels;
mod status_column;

use std::collections::BTreeMap;

use rayon::prelude::*;
use sweetspot_core::{AttributeKind, group_thousands};

use self::possible_leaks::KnownOutcomes;
use super::column::{
    CellParser, ColumnFormatError, ColumnStats, FormatDecision, TextColumn, assess_role, describe, infer,
};
use super::column_role::{ColumnProfile, ColumnRole};
use super::error::IngestError;
use super::history::ColumnPlan;
use super::limits::clip_to;
use super::mapping::{ColumnSettings, Mapping, MappingComments};
use super::source::{Reject, RowReader, Source};

/// The maximum number of examples per column, and their maximum length.
const MAX_EXAMPLES: usize = 3;
const MAX_EXAMPLE_BYTES: usize = 60;

/// The reason for refusing a file of one column, as a continuation of the file name.
const ONE_COLUMN: &str = "has only one column, so it is not a table: export every column, or set delimiter in the \
                          mapping to the character between the cells";

/// The profile of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileProfile {
    /// The number of usable rows.
    pub rows: u64,
    /// The first [`super::MAX_REJECTS`] rejected rows.
    pub rejects: Vec<Reject>,
    /// The number of rejected rows.
    pub rejected: u64,
    /// The columns, in file order.
    pub columns: Vec<ColumnProfile>,
    /// The given mapping, otherwise a proposed one.
    pub mapping: Mapping,
    /// The same mapping as TOML, with a comment for each column.
    pub mapping_toml: String,
    /// Notes to read before training, one sentence each.
    pub notes: Vec<String>,
    /// A one-line summary of how the file was read, if noteworthy.
    pub reading: Option<String>,
}

/// A column and what is known about it so far.
pub(super) struct InspectedColumn<'a> {
    name: &'a str,
    stats: ColumnStats<'a>,
    texts: &'a TextColumn,
    kind: AttributeKind,
    /// The format of its texts.
    decision: Result<FormatDecision, ColumnFormatError>,
    /// Texts of the column that count as missing, and their row counts.
    missing: Vec<(String, u64)>,
    role: ColumnRole,
    reason: String,
    leak: Option<String>,
    caution: Option<String>,
}

/// Remarks on a mapping besides the roles of its columns.
#[derive(Debug, Default)]
pub(super) struct MappingRemarks {
    /// Notes, one sentence each.
    notes: Vec<String>,
    /// The comment on each outcome, by its key.
    comments: BTreeMap<&'static str, String>,
    /// Outcomes that were not mapped: the key, the column, and the reason.
    unmapped: Vec<(&'static str, String, String)>,
    /// The comments on the decimal mark and the date order of the file.
    format: [String; 2],
    /// Undecided columns, each with the setting that is needed.
    undecided: Vec<(String, &'static str)>,
}

impl MappingRemarks {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

/// Examines every column of a file and, if no mapping is given, proposes one.
///
/// # Errors
/// Returns an error if the file cannot be read, has no usable row, or lacks a column of the mapping.
pub fn profile(source: Source, mapping: Option<&Mapping>) -> Result<FileProfile, IngestError> {
    let options = source.options().clone();
    let mut rows = RowReader::open(match mapping {
        Some(mapping) => source.with_options(&mapping.file),
        None => source,
    })?;
    if let Some(mapping) = mapping {
        rows.rename(mapping.columns());
        rows.set_id_column(ColumnPlan::new(mapping, rows.name(), rows.columns())?.id);
    } else if rows.columns().len() == 1 {
        return Err(IngestError::NotTable { file: rows.name().to_owned(), what: ONE_COLUMN.to_owned() });
    }
    let loaded = load_columns::load(&mut rows, mapping)?;
    let texts = rows.columns().par_iter().zip(&loaded.columns).zip(loaded.missing);
    let mut columns: Vec<InspectedColumn<'_>> =
        texts.map(|((name, texts), missing)| inspect_column(name, texts, missing, mapping)).collect();
    column_formats::decide_formats(&mut columns, mapping, rows.has_semicolons());
    let mut remarks = MappingRemarks { notes: loaded.notes, ..MappingRemarks::default() };
    let mapping = match mapping {
        Some(given) => apply_mapping(&mut columns, given, &mut remarks),
        None => Mapping { file: options, ..propose(&mut columns, loaded.markers, loaded.settings, &mut remarks) },
    };
    column_formats::add_remarks(&columns, &mut remarks);
    if loaded.rows > load_columns::MAX_STORED_ROWS {
        let [rows, stored] =
            [loaded.rows, load_columns::MAX_STORED_ROWS].map(|count| group_thousands(&count.to_string()));
        remarks.note(format!(
            "kinds, formats and missing values are from all {rows} rows; the relation of columns to the outcome is \
             from the first {stored}"
        ));
    }
    Ok(FileProfile {
        rows: loaded.rows,
        rejects: loaded.rejects.first,
        rejected: loaded.rejects.count,
        mapping_toml: mapping.to_toml_with(&comments(&columns, &mapping, &mut remarks)),
        columns: columns.into_iter().map(InspectedColumn::finish).collect(),
        mapping,
        notes: remarks.notes,
        reading: rows.reading(),
    })
}

/// Assigns roles to the columns according to a given mapping.
fn apply_mapping(columns: &mut [InspectedColumn<'_>], given: &Mapping, remarks: &mut MappingRemarks) -> Mapping {
    let known = assign_roles(columns, given);
    non_attributes::find(columns, given);
    if given.outcome.group.is_none() {
        account_group_columns::find(
            columns,
            given,
            known.labels.as_deref(),
            account_group_columns::MappingOrigin::Missing,
            remarks,
        );
    }
    given.clone()
}

/// Proposes a mapping.
fn propose(
    columns: &mut [InspectedColumn<'_>],
    markers: Vec<String>,
    settings: BTreeMap<String, ColumnSettings>,
    remarks: &mut MappingRemarks,
) -> Mapping {
    let mut proposed = Mapping { columns: settings, ..propose::roles(columns, markers, remarks) };
    column_formats::propose(columns, &mut proposed, remarks);
    let known = assign_roles(columns, &proposed);
    non_attributes::find(columns, &proposed);
    proposed.outcome.group = account_group_columns::find(
        columns,
        &proposed,
        known.labels.as_deref(),
        account_group_columns::MappingOrigin::Proposed,
        remarks,
    );
    amount_meaning::describe(columns, &proposed, known.classes.as_deref(), remarks);
    propose::attributes(columns, proposed)
}

fn inspect_column<'a>(
    name: &'a str,
    texts: &'a TextColumn,
    missing: Vec<(String, u64)>,
    mapping: Option<&Mapping>,
) -> InspectedColumn<'a> {
    let stats = ColumnStats::new(texts);
    let forced = mapping.and_then(|mapping| mapping.kinds.get(name)).copied();
    let kind = forced.unwrap_or_else(|| infer(name, &stats).kind);
    let (verdict, reason) = assess_role(name, &stats, kind);
    InspectedColumn {
        name,
        stats,
        texts,
        kind,
        decision: Ok(FormatDecision::default()),
        missing,
        role: verdict,
        reason,
        leak: None,
        caution: None,
    }
}

/// Assigns the roles of the mapping, which take precedence over the content, and then finds leaks among the other
/// columns.
fn assign_roles(columns: &mut [InspectedColumn<'_>], mapping: &Mapping) -> KnownOutcomes {
    for column in columns.iter_mut() {
        if mapping.id.as_deref() == Some(column.name) {
            column.role = ColumnRole::Id;
            column.reason = format!("{} distinct in {} rows", column.stats.distinct(), column.stats.rows);
        } else if let Some((key, _)) = mapping.outcome.columns().find(|(_, name)| *name == column.name) {
            column.role = ColumnRole::Outcome;
            column.reason = format!("mapped as {key}");
        }
    }
    review_columns::mark_review_columns(columns, mapping);
    let known = KnownOutcomes::new(columns, mapping);
    possible_leaks::find(columns, mapping, &known);
    known
}

impl InspectedColumn<'_> {
    /// Returns the parser of its texts.
    fn reader(&self) -> CellParser {
        CellParser(self.decision.as_ref().map(|decision| decision.format).unwrap_or_default())
    }

    fn finish(self) -> ColumnProfile {
        let reading = describe(&self.stats, self.kind, &self.decision, &self.missing);
        let examples = self.stats.most_frequent(MAX_EXAMPLES);
        ColumnProfile {
            name: self.name.to_owned(),
            kind: self.kind,
            reading,
            present: if self.stats.rows == 0 { 0.0 } else { self.stats.present as f64 / self.stats.rows as f64 },
            distinct: self.stats.distinct(),
            examples: examples.into_iter().map(|(text, _)| clip_to(text, MAX_EXAMPLE_BYTES).to_owned()).collect(),
            role: self.role,
            reason: self.reason,
            leak: self.leak,
            caution: self.caution,
        }
    }
}

fn comments(columns: &[InspectedColumn<'_>], mapping: &Mapping, remarks: &mut MappingRemarks) -> MappingComments {
    let mut comments = MappingComments {
        outcome: std::mem::take(&mut remarks.comments),
        unmapped: std::mem::take(&mut remarks.unmapped),
        format: std::mem::take(&mut remarks.format),
        undecided: std::mem::take(&mut remarks.undecided),
        ..MappingComments::default()
    };
    let roles: Vec<&str> = mapping.outcome.columns().map(|(_, column)| column).chain(mapping.id.as_deref()).collect();
    let listed = |name: &str| match &mapping.attributes {
        super::mapping::AttributeSelection::Listed(columns) => columns.iter().any(|column| column == name),
        super::mapping::AttributeSelection::Auto { .. } => true,
    };
    for column in columns.iter().filter(|column| !roles.contains(&column.name)) {
        let words = match &column.leak {
            Some(leak) => format!("may reveal the outcome: {leak}"),
            None if column.role == ColumnRole::Attribute => match &column.caution {
                Some(caution) => format!("{}; suspiciously good: {caution}", column.kind.as_str()),
                None => column.kind.as_str().to_owned(),
            },
            None => format!("{}: {}", column.role.label(), column.reason),
        };
        if listed(column.name) {
            comments.attributes.insert(column.name.to_owned(), words);
        } else {
            comments.left_out_columns.push((column.name.to_owned(), words));
        }
    }
    comments
}
