//! A first look at a file of which nothing is known: what each column is, and a mapping to start from.

mod agreement;
mod derived;
mod format;
mod groups;
mod labelled;
mod leak;
mod load;
mod money;
mod names;
mod propose;
mod review;
mod review_names;
mod status;
mod unfit;
mod verdict;
pub(super) mod words;

use std::collections::BTreeMap;

use rayon::prelude::*;
use sweetspot_core::{Kind, grouped};
pub use verdict::{ColumnProfile, Verdict};

use self::leak::Known;
use super::column::{Decision, Facts, Reader, TextColumn, Undecided, describe, infer, judge};
use super::error::IngestError;
use super::history::Plan;
use super::limits::clip_to;
use super::mapping::{ColumnSettings, Comments, Mapping};
use super::source::{Reject, Rows, Source};

/// How many examples are given of a column, and how long they may be.
const EXAMPLES: usize = 3;
const EXAMPLE_BYTES: usize = 60;

/// Why a file of one column is refused, to be read behind its name.
const ONE_COLUMN: &str = "has only one column, so it is not a table: export every column, or set delimiter in the \
                          mapping to the character between the cells";

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct FileProfile {
    /// Usable rows.
    pub rows: u64,
    /// The rows left out; the first [`super::MAX_REJECTS`] of them.
    pub rejects: Vec<Reject>,
    /// How many rows were left out in all.
    pub rejected: u64,
    /// The columns, in file order.
    pub columns: Vec<ColumnProfile>,
    /// The mapping that was given, else a proposal.
    pub mapping: Mapping,
    /// The same as TOML, with a comment for each column.
    pub mapping_toml: String,
    /// What a reader should know before training, one sentence each.
    pub notes: Vec<String>,
    /// One line on how the file was read, where that is worth one.
    pub reading: Option<String>,
}

/// A column and what is known of it so far.
pub(super) struct Look<'a> {
    name: &'a str,
    facts: Facts<'a>,
    texts: &'a TextColumn,
    kind: Kind,
    /// How its texts are read.
    decision: Result<Decision, Undecided>,
    /// Texts of it that count as missing, and their rows.
    missing: Vec<(String, u64)>,
    verdict: Verdict,
    reason: String,
    leak: Option<String>,
    caution: Option<String>,
}

/// What is said about a mapping beside its columns' verdicts.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// What a reader should know, one sentence each.
    notes: Vec<String>,
    /// Behind an outcome, by its key.
    comments: BTreeMap<&'static str, String>,
    /// Outcomes that were not mapped: the key, the column, and why.
    unmapped: Vec<(&'static str, String, String)>,
    /// Behind the decimal mark and the date order of the file.
    format: [String; 2],
    /// Columns whose format the file leaves open: the setting that is asked for.
    undecided: Vec<(String, &'static str)>,
}

impl Remarks {
    fn note(&mut self, note: String) {
        self.notes.push(note);
    }
}

/// Looks at every column of a file and, where no mapping is given, proposes one.
///
/// # Errors
/// Where the file cannot be read as CSV, has no usable row, or lacks a column of the mapping.
pub fn profile(source: Source, mapping: Option<&Mapping>) -> Result<FileProfile, IngestError> {
    let options = source.options().clone();
    let mut rows = Rows::open(match mapping {
        Some(mapping) => source.with_options(&mapping.file),
        None => source,
    })?;
    if let Some(mapping) = mapping {
        rows.rename(mapping.columns());
        rows.set_key(Plan::new(mapping, rows.name(), rows.columns())?.id);
    } else if rows.columns().len() == 1 {
        return Err(IngestError::NotTable { file: rows.name().to_owned(), what: ONE_COLUMN.to_owned() });
    }
    let loaded = load::load(&mut rows, mapping)?;
    let columns = rows.columns().par_iter().zip(&loaded.columns).zip(loaded.missing);
    let mut looks: Vec<Look<'_>> =
        columns.map(|((name, texts), missing)| look(name, texts, missing, mapping)).collect();
    format::settle(&mut looks, mapping, rows.has_semicolons());
    let mut remarks = Remarks { notes: loaded.notes, ..Remarks::default() };
    let mapping = match mapping {
        Some(given) => check(&mut looks, given, &mut remarks),
        None => Mapping { file: options, ..propose(&mut looks, loaded.markers, loaded.settings, &mut remarks) },
    };
    format::remark(&looks, &mut remarks);
    if loaded.rows > load::MAX_ROWS_KEPT {
        let [rows, kept] = [loaded.rows, load::MAX_ROWS_KEPT].map(|count| grouped(&count.to_string()));
        remarks.note(format!(
            "kinds, formats and missing values are from all {rows} rows; the relation of columns to the outcome is \
             from the first {kept}"
        ));
    }
    Ok(FileProfile {
        rows: loaded.rows,
        rejects: loaded.rejects.listed,
        rejected: loaded.rejects.count,
        mapping_toml: mapping.to_toml_with(&comments(&looks, &mapping, &mut remarks)),
        columns: looks.into_iter().map(Look::finish).collect(),
        mapping,
        notes: remarks.notes,
        reading: rows.reading(),
    })
}

/// Looks at the columns as a given mapping does.
fn check(looks: &mut [Look<'_>], given: &Mapping, remarks: &mut Remarks) -> Mapping {
    let known = settle(looks, given);
    unfit::find(looks, given);
    if given.outcome.group.is_none() {
        groups::find(looks, given, known.labels.as_deref(), groups::Use::Missing, remarks);
    }
    given.clone()
}

/// A mapping to start from.
fn propose(
    looks: &mut [Look<'_>],
    markers: Vec<String>,
    settings: BTreeMap<String, ColumnSettings>,
    remarks: &mut Remarks,
) -> Mapping {
    let mut proposed = Mapping { columns: settings, ..propose::roles(looks, markers, remarks) };
    format::propose(looks, &mut proposed, remarks);
    let known = settle(looks, &proposed);
    unfit::find(looks, &proposed);
    proposed.outcome.group = groups::find(looks, &proposed, known.labels.as_deref(), groups::Use::Proposed, remarks);
    money::describe(looks, &proposed, known.classes.as_deref(), remarks);
    propose::attributes(looks, proposed)
}

fn look<'a>(name: &'a str, texts: &'a TextColumn, missing: Vec<(String, u64)>, mapping: Option<&Mapping>) -> Look<'a> {
    let facts = Facts::of(texts);
    let forced = mapping.and_then(|mapping| mapping.kinds.get(name)).copied();
    let kind = forced.unwrap_or_else(|| infer(name, &facts).kind);
    let (verdict, reason) = judge(name, &facts, kind);
    Look {
        name,
        facts,
        texts,
        kind,
        decision: Ok(Decision::default()),
        missing,
        verdict,
        reason,
        leak: None,
        caution: None,
    }
}

/// The roles of the mapping overrule what the content looks like; then leaks are looked for among the rest.
fn settle(looks: &mut [Look<'_>], mapping: &Mapping) -> Known {
    for look in looks.iter_mut() {
        if mapping.id.as_deref() == Some(look.name) {
            look.verdict = Verdict::Id;
            look.reason = format!("{} distinct in {} rows", look.facts.distinct(), look.facts.rows);
        } else if let Some((key, _)) = mapping.outcome.columns().find(|(_, column)| *column == look.name) {
            look.verdict = Verdict::Outcome;
            look.reason = format!("mapped as {key}");
        }
    }
    review::settle(looks, mapping);
    let known = Known::new(looks, mapping);
    leak::find(looks, mapping, &known);
    known
}

impl Look<'_> {
    /// Reads its texts.
    fn reader(&self) -> Reader {
        Reader(self.decision.as_ref().map(|decision| decision.format).unwrap_or_default())
    }

    fn finish(self) -> ColumnProfile {
        let reading = describe(&self.facts, self.kind, &self.decision, &self.missing);
        let examples = self.facts.most_frequent(EXAMPLES);
        ColumnProfile {
            name: self.name.to_owned(),
            kind: self.kind,
            reading,
            present: if self.facts.rows == 0 { 0.0 } else { self.facts.present as f64 / self.facts.rows as f64 },
            distinct: self.facts.distinct(),
            examples: examples.into_iter().map(|(text, _)| clip_to(text, EXAMPLE_BYTES).to_owned()).collect(),
            verdict: self.verdict,
            reason: self.reason,
            leak: self.leak,
            caution: self.caution,
        }
    }
}

fn comments(looks: &[Look<'_>], mapping: &Mapping, remarks: &mut Remarks) -> Comments {
    let mut comments = Comments {
        outcome: std::mem::take(&mut remarks.comments),
        unmapped: std::mem::take(&mut remarks.unmapped),
        format: std::mem::take(&mut remarks.format),
        undecided: std::mem::take(&mut remarks.undecided),
        ..Comments::default()
    };
    let roles: Vec<&str> = mapping.outcome.columns().map(|(_, column)| column).chain(mapping.id.as_deref()).collect();
    let listed = |name: &str| match &mapping.attributes {
        super::mapping::Attributes::Listed(columns) => columns.iter().any(|column| column == name),
        super::mapping::Attributes::Auto { .. } => true,
    };
    for look in looks.iter().filter(|look| !roles.contains(&look.name)) {
        let words = match &look.leak {
            Some(leak) => format!("may reveal the outcome: {leak}"),
            None if look.verdict == Verdict::Attribute => match &look.caution {
                Some(caution) => format!("{}; suspiciously good: {caution}", look.kind.word()),
                None => look.kind.word().to_owned(),
            },
            None => format!("{}: {}", look.verdict.word(), look.reason),
        };
        if listed(look.name) {
            comments.attributes.insert(look.name.to_owned(), words);
        } else {
            comments.left_out.push((look.name.to_owned(), words));
        }
    }
    comments
}
