//! Checks a whole store: its journal, every row, every blob, and what they name of each other. Changes nothing.

mod blob_kind;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sweetspot_core::{Digest, ModelName};

use self::blob_kind::BlobKind;
use crate::clock::SystemClock;
use crate::definitions::{self, Collection, Definitions, EntryPath};
use crate::inventory::{described_resource, row_digests, row_kind};
use crate::store::journal::RowMap;
use crate::store::{
    DigestReference, Examination, ExaminedRows, JournalState, MemoryStore, RepairPlan, Row, StoreError,
};

/// The command that rebuilds rows and journal.
const REPAIR: &str = "run sweetspot store repair";

/// The result of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreReport {
    /// The number of things of each kind.
    pub kinds: Vec<KindCount>,
    /// What is wrong.
    pub faults: Vec<StoreFault>,
}

/// The number of things of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindCount {
    /// The kind in words, in the plural.
    pub kind: String,
    /// How many there are.
    pub count: u64,
    /// How many of them are damaged or missing.
    pub damaged: u64,
}

/// Something that is wrong with a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFault {
    /// What is wrong.
    pub what: String,
    /// What cannot be used because of it, such as model versions.
    pub affects: Vec<String>,
    /// What to do.
    pub remedy: String,
}

/// Checks everything that a store contains.
///
/// # Errors
/// If a file cannot be read because of the system. Damage is not an error but part of the report.
pub fn check(examination: &Examination) -> Result<StoreReport, StoreError> {
    let mut checker = Checker { examination, counts: BTreeMap::new(), uses: BTreeMap::new(), faults: Vec::new() };
    checker.check_journal();
    checker.check_rows();
    checker.check_blobs()?;
    let Checker { counts, faults, .. } = checker;
    let kind_count = |(kind, (count, damaged)): (&str, (u64, u64))| KindCount { kind: kind.to_owned(), count, damaged };
    Ok(StoreReport { kinds: counts.into_iter().map(kind_count).collect(), faults })
}

/// A check in progress.
struct Checker<'a> {
    examination: &'a Examination,
    /// The number of things of each kind, and of the damaged ones among them.
    counts: BTreeMap<&'static str, (u64, u64)>,
    /// The blobs that rows name, each with its uses.
    uses: BTreeMap<Digest, BlobUses>,
    faults: Vec<StoreFault>,
}

/// What rows say about a blob.
#[derive(Default)]
struct BlobUses {
    kinds: BTreeSet<BlobKind>,
    subjects: BTreeSet<String>,
    /// Whether a row needs the blob, rather than only mentioning it.
    is_required: bool,
}

impl Checker<'_> {
    fn count(&mut self, kind: &'static str, count: u64, damaged: u64) {
        let total = self.counts.entry(kind).or_default();
        *total = (total.0.saturating_add(count), total.1.saturating_add(damaged));
    }

    fn report(&mut self, what: String, affects: Vec<String>, remedy: impl Into<String>) {
        self.faults.push(StoreFault { what, affects, remedy: remedy.into() });
    }

    /// Checks that journal and rows agree.
    fn check_journal(&mut self) {
        let records = match &self.examination.journal {
            JournalState::Read(contents) => contents.changes.len() as u64 + 1,
            JournalState::Missing | JournalState::Damaged { .. } => 0,
        };
        let plan = match RepairPlan::new(self.examination) {
            Ok(plan) => plan,
            Err(error) => {
                self.count("journal records", records, 1);
                return self.report(
                    error.to_string(),
                    vec!["everything".to_owned()],
                    "put a backup in place of the folder",
                );
            }
        };
        self.count("journal records", records, u64::from(plan.journal.is_some()));
        let RepairPlan { rows, journal, format, loss, .. } = &plan;
        let remedy = loss.as_ref().map_or_else(
            || REPAIR.to_owned(),
            |loss| format!("put a backup in place of the folder, or {REPAIR} --accept-loss, which loses {loss}"),
        );
        for (name, cause) in [("rows", rows), ("journal", journal), ("format", format)] {
            if let Some(cause) = cause {
                self.report(format!("{name}: {cause}"), vec!["everything".to_owned()], remedy.clone());
            }
        }
    }

    /// Reads every row, or, if there are none that can be read, every row in the journal.
    fn check_rows(&mut self) {
        let rows = match (&self.examination.rows, &self.examination.journal) {
            (ExaminedRows::Read { rows, position: _ }, _) => rows.clone(),
            (ExaminedRows::Missing | ExaminedRows::Damaged(_), JournalState::Read(contents)) => {
                contents.clone().into_rows()
            }
            (
                ExaminedRows::Missing | ExaminedRows::Damaged(_),
                JournalState::Missing | JournalState::Damaged { .. },
            ) => {
                return;
            }
        };
        self.check_definitions(&rows);
        for (key, value) in rows {
            let row = Row { key, value };
            let kind = row_kind(&row).map_or("unknown records", |kind| kind.name);
            match row_digests(&row) {
                Ok(digests) => {
                    self.count(kind, 1, 0);
                    self.add_uses(kind, &row, &digests);
                }
                Err(fault) => {
                    self.count(kind, 1, 1);
                    let what = format!("the record {:?} cannot be read: {}", fault.key, fault.cause);
                    self.report(what, vec![described_resource(kind, &row.key)], "put a backup in place of the folder");
                }
            }
        }
    }

    /// Reads every definition with all its entries, each of which has rows of its own.
    fn check_definitions(&mut self, rows: &RowMap) {
        let store = Arc::new(MemoryStore::with_rows(rows.clone()));
        let definitions = Definitions::new(store, Arc::new(SystemClock));
        let rows = rows.iter().map(|(key, value)| Row { key: key.clone(), value: value.clone() });
        let models: BTreeSet<ModelName> = rows.filter_map(|row| definitions::model_of(&row)).collect();
        for model in models {
            let subject = format!("definition of {model}");
            match definitions.get(&model) {
                Ok(definition) => {
                    for entry in definition.unreadable {
                        let (what, remedy) = damaged_entry(&entry, &subject);
                        self.report(what, vec![subject.clone()], remedy);
                    }
                }
                Err(error) => self.report(
                    format!("the {subject} cannot be read: {error}"),
                    vec![subject],
                    "put a backup in place of the folder",
                ),
            }
        }
    }

    fn add_uses(&mut self, row_kind: &'static str, row: &Row, digests: &[DigestReference]) {
        for (digest, kind) in digests.iter().zip(BlobKind::in_row(row_kind)) {
            let (digest, is_required) = match digest {
                DigestReference::Blob(digest) => (digest, true),
                DigestReference::OptionalBlob(digest) => (digest, false),
                DigestReference::Other(_) => continue,
            };
            let uses = self.uses.entry(*digest).or_default();
            uses.kinds.insert(*kind);
            uses.is_required |= is_required;
            if is_required {
                uses.subjects.insert(described_resource(row_kind, &row.key));
            }
        }
    }

    /// Reads every blob, and finds those that are missing.
    fn check_blobs(&mut self) -> Result<(), StoreError> {
        let mut uses = std::mem::take(&mut self.uses);
        for file in self.examination.blob_files()? {
            let found = uses.remove(&file.digest);
            let bytes = match self.examination.blob(&file.digest) {
                Err(error @ (StoreError::BlobCorrupt { .. } | StoreError::BlobMissing { .. })) => {
                    self.report_blob(&file.digest, found, &error_text(&error));
                    continue;
                }
                read => read?,
            };
            match found {
                None => self.count(BlobKind::Unused.name(), 1, 0),
                Some(found) => match found.kinds.iter().find_map(|kind| kind.check(&bytes).err()) {
                    Some(cause) => self.report_blob(&file.digest, Some(found), &cause),
                    None => found.kinds.iter().for_each(|kind| self.count(kind.name(), 1, 0)),
                },
            }
        }
        for (digest, missing) in uses.into_iter().filter(|(_, uses)| uses.is_required) {
            self.report_blob(&digest, Some(missing), "it is missing");
        }
        Ok(())
    }

    fn report_blob(&mut self, digest: &Digest, uses: Option<BlobUses>, cause: &str) {
        let BlobUses { kinds, subjects, is_required: _ } = uses.unwrap_or_default();
        let kind = kinds.first().copied().unwrap_or(BlobKind::Unused);
        self.count(kind.name(), 1, 1);
        let what = format!("blob {digest} ({}): {cause}", kind.singular());
        self.report(what, subjects.into_iter().collect(), kind.remedy());
    }
}

/// What is wrong with a part of a definition, and what to do.
fn damaged_entry(entry: &EntryPath, definition: &str) -> (String, &'static str) {
    if entry.collection == Collection::State {
        let what = format!("the state of the {definition} cannot be read: its approval and its review date are lost");
        return (what, "put a backup in place of the folder, or set the review date with sweetspot definition set");
    }
    if entry.collection == Collection::Committee {
        let what = format!("the committee of the {definition} cannot be read: its approvers and approvals are lost");
        return (what, "put a backup in place of the folder, or set the approvers with sweetspot definition set");
    }
    let what = format!("the entry {entry} of the {definition} cannot be read");
    (what, "put a backup in place of the folder, or replace or delete the entry")
}

/// What is wrong with a blob, without the folder and the remedy.
fn error_text(error: &StoreError) -> String {
    let is_missing = matches!(error, StoreError::BlobMissing { .. });
    if is_missing { "it is missing".to_owned() } else { "its bytes have a different SHA-256".to_owned() }
}
