//! The entries of a definition as rows: as many for each entry as its bytes need, and a change writes only those that
//! differ.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::{
    ApprovalCommittee, Comment, Definition, ExclusionRule, Finding, HypothesisEntry, IcpCategory, ModelName,
    PondMapSectionKind, ReviewRound,
};

use super::DefinitionError;
use super::entry_path::{Collection, EntryPath};
use crate::store::{MAX_ROW_BYTES, Row, Store};
use crate::stored::definition_entry::Entry as StoredEntry;
use crate::stored::{
    AttributePlacement, CommitteeState, DefinitionEntry, FieldError, ReadError, StoredField as _, VersionedMessage as _,
};

/// The prefix of the rows of entries.
pub(super) const ENTRY_PREFIX: &str = "definition-entry/";
/// The number of rows that are read at a time.
const PAGE_ROWS: usize = 512;

/// A write of a row, or its removal.
pub(super) type RowWrite = (String, Option<Vec<u8>>);

/// The rows of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RowExtent {
    /// The number of rows, counted to the last one that exists.
    rows: usize,
    /// Their total size.
    bytes: usize,
}

/// The entries of a definition as its rows contain them.
#[derive(Clone, Debug, Default)]
pub(super) struct StoredEntries {
    /// The entries that can be decoded, and the placements of attributes.
    pub(super) definition: Definition,
    /// The entries that cannot be decoded.
    pub(super) unreadable: BTreeSet<EntryPath>,
    extents: BTreeMap<EntryPath, RowExtent>,
}

/// The content of an entry.
#[derive(PartialEq)]
enum EntryContent<'d> {
    Hypothesis(&'d HypothesisEntry),
    ExclusionRule(&'d ExclusionRule),
    Finding(&'d Finding),
    Comment(&'d Comment),
    Attribute(Option<IcpCategory>, Option<PondMapSectionKind>),
    Committee(&'d ApprovalCommittee, &'d ReviewRound),
}

impl StoredEntries {
    /// Reads the entries of a model. The caller makes sure that they do not change meanwhile.
    pub(super) fn read(store: &dyn Store, model: &ModelName) -> Result<Self, DefinitionError> {
        let prefix = entries_prefix(model);
        let mut rows = BTreeMap::<EntryPath, BTreeMap<usize, Vec<u8>>>::new();
        let mut after = None::<String>;
        loop {
            let page = store.scan(&prefix, after.as_deref(), PAGE_ROWS)?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for Row { key, value } in page {
                let parsed = key.strip_prefix(&prefix).and_then(parse_key);
                let (path, number) = parsed.ok_or_else(|| DefinitionError::Corrupt { model: model.clone() })?;
                rows.entry(path).or_default().insert(number, value);
            }
        }
        let mut entries = Self::default();
        for (path, rows) in rows {
            entries.add(model, path, &rows);
        }
        Ok(entries)
    }

    /// Whether there are no rows.
    pub(super) fn is_empty(&self) -> bool {
        self.extents.is_empty()
    }

    /// The total size of the rows in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.extents.values().map(|extent| extent.bytes).sum()
    }

    fn add(&mut self, model: &ModelName, path: EntryPath, rows: &BTreeMap<usize, Vec<u8>>) {
        let bytes = rows.values().flatten().copied().collect::<Vec<u8>>();
        let count = rows.last_key_value().map_or(0, |(last, _)| last + 1);
        let decoded = if count == rows.len() {
            decode(&path, &bytes, &mut self.definition)
        } else {
            Err(FieldError("complete entry").into())
        };
        self.extents.insert(path.clone(), RowExtent { rows: count, bytes: bytes.len() });
        if let Err(error) = decoded {
            tracing::error!(%model, entry = %path, %error, "an entry of a definition cannot be read: replace or delete it");
            self.unreadable.insert(path);
        }
    }

    /// Returns the entries after a change, and the writes that lead to them. Entries in `unreadable` stay as they are.
    pub(super) fn change(
        &self,
        model: &ModelName,
        definition: Definition,
        unreadable: BTreeSet<EntryPath>,
    ) -> (Self, Vec<RowWrite>) {
        let (mut extents, mut writes) = (self.extents.clone(), Vec::new());
        let (before, after) = (contents(&self.definition), contents(&definition));
        for (path, extent) in &self.extents {
            if !after.contains_key(&path.as_key()) && !unreadable.contains(path) {
                writes.extend((0..extent.rows).map(|number| (row_key(model, path, number), None)));
                extents.remove(path);
            }
        }
        for (key, content) in &after {
            if before.get(key) == Some(content) {
                continue;
            }
            let path = EntryPath::from(*key);
            let bytes = encode(&path.id, content);
            let rows = bytes.chunks(MAX_ROW_BYTES).map(|row| Some(row.to_vec()));
            let old_rows = self.extents.get(&path).map_or(0, |extent| extent.rows);
            let surplus = (rows.len()..old_rows).map(|_| None);
            let extent = RowExtent { rows: rows.len(), bytes: bytes.len() };
            let values = rows.chain(surplus).enumerate();
            writes.extend(values.map(|(number, value)| (row_key(model, &path, number), value)));
            extents.insert(path, extent);
        }
        (Self { definition, unreadable, extents }, writes)
    }
}

/// The entries of a definition by collection and id, the placements of its attributes, and its committee.
fn contents(definition: &Definition) -> BTreeMap<(Collection, &str), EntryContent<'_>> {
    let Definition {
        hypotheses,
        exclusion_rules,
        findings,
        comments,
        categories,
        sections,
        approval: _,
        review_date: _,
        allow_self_approval: _,
        committee,
        round,
    } = definition;
    let mut contents = BTreeMap::new();
    if *committee != ApprovalCommittee::default() || *round != ReviewRound::default() {
        contents.insert((Collection::Committee, ""), EntryContent::Committee(committee, round));
    }
    for entry in hypotheses {
        contents.insert((Collection::Hypotheses, entry.hypothesis.id.as_str()), EntryContent::Hypothesis(entry));
    }
    for rule in exclusion_rules {
        contents.insert((Collection::ExclusionRules, rule.id.as_str()), EntryContent::ExclusionRule(rule));
    }
    for finding in findings {
        contents.insert((Collection::Findings, finding.id.as_str()), EntryContent::Finding(finding));
    }
    for comment in comments {
        contents.insert((Collection::Comments, comment.id.as_str()), EntryContent::Comment(comment));
    }
    for attribute in categories.keys().chain(sections.keys()) {
        let (category, section) = (categories.get(attribute).copied(), sections.get(attribute).copied());
        contents.insert((Collection::Attributes, attribute.as_str()), EntryContent::Attribute(category, section));
    }
    contents
}

/// Encodes an entry. `id` is its id, or the name of the attribute; empty for the committee.
fn encode(id: &str, content: &EntryContent<'_>) -> Vec<u8> {
    let entry = match content {
        EntryContent::Hypothesis(entry) => StoredEntry::Hypothesis((*entry).clone().into()),
        EntryContent::ExclusionRule(rule) => StoredEntry::ExclusionRule((*rule).clone().into()),
        EntryContent::Finding(finding) => StoredEntry::Finding((*finding).clone().into()),
        EntryContent::Comment(comment) => StoredEntry::Comment((*comment).clone().into()),
        EntryContent::Attribute(category, section) => StoredEntry::Attribute(AttributePlacement {
            attribute: id.to_owned(),
            category: category.into_stored(),
            section: section.into_stored(),
        }),
        EntryContent::Committee(committee, round) => StoredEntry::Committee(CommitteeState {
            committee: (*committee).clone().into_stored(),
            round: (*round).clone().into_stored(),
        }),
    };
    DefinitionEntry { entry: Some(entry), ..DefinitionEntry::default() }.to_bytes()
}

/// Decodes the entry at `path`, and appends it to the definition.
fn decode(path: &EntryPath, bytes: &[u8], definition: &mut Definition) -> Result<(), ReadError> {
    let DefinitionEntry { format_version: _, entry } = DefinitionEntry::from_bytes(bytes)?;
    let EntryPath { collection, id } = path;
    let misplaced = || Err(FieldError("entry of this kind and id").into());
    match (collection, entry.ok_or(FieldError("entry"))?) {
        (Collection::Hypotheses, StoredEntry::Hypothesis(entry)) => {
            let entry = HypothesisEntry::try_from(entry)?;
            if entry.hypothesis.id != *id {
                return misplaced();
            }
            definition.hypotheses.push(entry);
        }
        (Collection::ExclusionRules, StoredEntry::ExclusionRule(rule)) if rule.id == *id => {
            definition.exclusion_rules.push(rule.try_into()?);
        }
        (Collection::Findings, StoredEntry::Finding(finding)) if finding.id == *id => {
            definition.findings.push(finding.try_into()?);
        }
        (Collection::Comments, StoredEntry::Comment(comment)) if comment.id == *id => {
            definition.comments.push(comment.try_into()?);
        }
        (Collection::Attributes, StoredEntry::Attribute(placement)) if placement.attribute == *id => {
            let AttributePlacement { attribute, category, section } = placement;
            let category = Option::<IcpCategory>::from_stored(category, "category")?;
            let section = Option::<PondMapSectionKind>::from_stored(section, "section")?;
            definition.categories.extend(category.map(|category| (attribute.clone(), category)));
            definition.sections.extend(section.map(|section| (attribute, section)));
        }
        (Collection::Committee, StoredEntry::Committee(CommitteeState { committee, round })) => {
            let committee = ApprovalCommittee::from_stored(committee, "committee")?;
            (definition.round, definition.committee) = (ReviewRound::from_stored(round, "approvals")?, committee);
        }
        (
            Collection::Hypotheses
            | Collection::ExclusionRules
            | Collection::Findings
            | Collection::Comments
            | Collection::Attributes
            | Collection::Committee
            | Collection::State,
            _,
        ) => return misplaced(),
    }
    Ok(())
}

fn entries_prefix(model: &ModelName) -> String {
    format!("{ENTRY_PREFIX}{model}/")
}

fn row_key(model: &ModelName, path: &EntryPath, number: usize) -> String {
    format!("{ENTRY_PREFIX}{model}/{path}/{number:04}")
}

/// Reads the part of a key after the model. The id of an entry may contain slashes.
fn parse_key(key: &str) -> Option<(EntryPath, usize)> {
    let (path, number) = key.rsplit_once('/')?;
    Some((EntryPath::parse(path)?, number.parse().ok()?))
}
