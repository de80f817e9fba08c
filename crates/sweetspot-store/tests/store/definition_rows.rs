//! The rows of definitions: what a change writes, its bounds, and what is left of a damaged definition.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use proptest::prelude::*;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{
    Comment, Condition, Definition, Digest, ExclusionRule, Finding, Hypothesis, HypothesisEntry, IcpCategory,
    ModelName, PondMapSectionKind, Severity, Test,
};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::definitions::{
    ApproveRequest, DefinitionError, DefinitionSettings, Definitions, EditRequest, EntryPath, MAX_DEFINITION_BYTES,
};
use sweetspot_store::registry::RequestKey;
use sweetspot_store::store::{
    Commit, LeaseAccess, MAX_ROW_BYTES, MaintenanceAccess, MemoryStore, Row, Store, StoreError,
};

pub(super) const ENTRIES: &str = "definition-entry/workspaces/w/models/m/";

pub(super) fn definitions(store: &Arc<impl Store + 'static>) -> Definitions {
    Definitions::new(Arc::clone(store) as Arc<dyn Store>, Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
}

pub(super) fn model() -> ModelName {
    "workspaces/w/models/m".parse().unwrap()
}

pub(super) fn request() -> EditRequest {
    let request = RequestKey { id: String::new(), body: Digest::new(b"") };
    EditRequest { model: model(), method: "test", etag: String::new(), request }
}

pub(super) fn finding(id: &str, bytes: usize) -> Finding {
    Finding { id: id.to_owned(), text: "t".repeat(bytes), ..Finding::default() }
}

fn condition() -> Condition {
    Condition { attribute: "employees".to_owned(), test: Test::Range { gte: Some(5.0), lt: None } }
}

pub(super) fn settings(attributes: &[&str]) -> DefinitionSettings {
    let of = |name: &&str| ((*name).to_owned(), IcpCategory::BusinessProblem);
    let sections = [("pain".to_owned(), PondMapSectionKind::Beliefs)].into();
    DefinitionSettings { categories: attributes.iter().map(of).collect(), sections, ..DefinitionSettings::default() }
}

/// Adds an entry of each kind. The finding, whose id contains a slash, takes three rows.
pub(super) fn fill(definitions: &Definitions) {
    let hypothesis = Hypothesis {
        id: "h".to_owned(),
        statement: String::new(),
        when: condition(),
        odds_ratio: 2.0,
        confidence_customers: 10.0,
        author: String::new(),
        expires: None,
    };
    let entry = HypothesisEntry { hypothesis, stated_at: Timestamp::UNIX_EPOCH, reason: "seen".to_owned() };
    definitions.add(&request(), entry).unwrap();
    let rule = ExclusionRule {
        id: "r".to_owned(),
        statement: String::new(),
        when: condition(),
        severity: Severity::Out,
        section: PondMapSectionKind::Needs,
        attribution: sweetspot_core::Attribution::default(),
    };
    definitions.add(&request(), rule).unwrap();
    definitions.add(&request(), finding("long/0000", 2 * MAX_ROW_BYTES)).unwrap();
    definitions.add(&request(), finding("short", 10)).unwrap();
    definitions.comment(&request(), Comment { text: "yes".to_owned(), ..Comment::default() }).unwrap();
    definitions.configure(&request(), settings(&["industry", "pain"])).unwrap();
}

/// Approves further states, each with one more finding, until there are this number of them.
pub(super) fn approve(definitions: &Definitions, number: u64) {
    if definitions.get(&model()).unwrap().approved_versions == 0 {
        fill(definitions);
    }
    while definitions.get(&model()).unwrap().approved_versions < number {
        definitions.add(&request(), finding(&definitions.get(&model()).unwrap().etag, 1)).unwrap();
        let etag = definitions.submit(&request(), "Ben").unwrap().snapshot.etag;
        let edit_request = EditRequest { etag, ..request() };
        definitions.approve(&ApproveRequest { edit_request, actor: "Ann".to_owned(), version: 1 }).unwrap();
    }
}

fn rows(store: &dyn Store) -> Vec<Row> {
    store.scan(ENTRIES, None, 10_000).unwrap()
}

pub(super) fn write(store: &dyn Store, key: &str, value: Option<Vec<u8>>) {
    store.commit(&Commit { lease: None, expectations: Vec::new(), writes: vec![(key.to_owned(), value)] }).unwrap();
}

/// The path of an entry, from the key of one of its rows.
fn path(key: &str) -> String {
    key.strip_prefix(ENTRIES).unwrap().rsplit_once('/').unwrap().0.to_owned()
}

#[test]
fn a_damaged_row_makes_one_entry_unreadable() {
    let store = Arc::new(MemoryStore::new());
    fill(&definitions(&store));
    let whole = definitions(&store).get(&model()).unwrap().definition;
    let intact = rows(store.as_ref());
    assert_eq!(intact.len(), 9);
    for row in &intact {
        let in_several = intact.iter().filter(|other| path(&other.key) == path(&row.key)).count() > 1;
        let damages = [Some(b"\xFFdamage".to_vec()), Some(Vec::new()), Some(row.value[1..].to_vec())];
        for damage in damages.into_iter().chain(in_several.then_some(None)) {
            write(store.as_ref(), &row.key, damage.clone());
            let snapshot = definitions(&store).get(&model()).unwrap();
            let unreadable: Vec<String> = snapshot.unreadable.iter().map(EntryPath::to_string).collect();
            assert_eq!(unreadable, [path(&row.key)], "{damage:?}");
            assert_eq!(count(&snapshot.definition) + 1, count(&whole), "the other entries are served");
        }
        write(store.as_ref(), &row.key, Some(row.value.clone()));
        assert_eq!(definitions(&store).get(&model()).unwrap().definition, whole);
    }
}

pub(super) fn count(definition: &Definition) -> usize {
    let attributes = definition.categories.keys().chain(definition.sections.keys());
    let attributes = attributes.collect::<std::collections::BTreeSet<_>>().len();
    let Definition { hypotheses, exclusion_rules, findings, comments, .. } = definition;
    hypotheses.len() + exclusion_rules.len() + findings.len() + comments.len() + attributes
}

#[test]
fn an_unreadable_entry_can_be_replaced_or_deleted_and_must_be_before_an_approval() {
    for delete in [true, false] {
        let store = Arc::new(MemoryStore::new());
        fill(&definitions(&store));
        write(store.as_ref(), &format!("{ENTRIES}findings/long/0000/0001"), Some(b"damage".to_vec()));
        let definitions = definitions(&store);
        let exists = definitions.add(&request(), finding("long/0000", 5)).unwrap_err();
        assert_eq!(exists.reason(), "ENTRY_EXISTS");
        let refused = definitions.submit(&request(), "Ann").unwrap_err();
        assert_eq!((refused.kind(), refused.reason()), (ErrorKind::FailedPrecondition, "UNREADABLE_ENTRIES"));
        assert!(refused.to_string().contains("findings/long/0000"), "{refused}");
        if delete {
            definitions.remove::<Finding>(&request(), "long/0000").unwrap();
        } else {
            definitions.replace(&request(), finding("long/0000", 5)).unwrap();
        }
        let snapshot = definitions.get(&model()).unwrap();
        assert!(snapshot.unreadable.is_empty());
        assert_eq!(snapshot.definition.findings.len(), if delete { 1 } else { 2 });
        let left: Vec<Row> = rows(store.as_ref()).into_iter().filter(|row| row.key.contains("/long/")).collect();
        assert_eq!(left.len(), usize::from(!delete), "rows of the damaged entry are left");
        definitions.submit(&request(), "Ann").unwrap();
    }
}

#[test]
fn a_training_does_not_ignore_an_unreadable_rule() {
    let store = Arc::new(MemoryStore::new());
    fill(&definitions(&store));
    write(store.as_ref(), &format!("{ENTRIES}findings/short/0000"), Some(b"damage".to_vec()));
    assert_eq!(definitions(&store).for_training(&model()).unwrap().exclusion_rules.len(), 1);
    write(store.as_ref(), &format!("{ENTRIES}exclusionRules/r/0000"), Some(b"damage".to_vec()));
    let refused = definitions(&store).for_training(&model()).unwrap_err();
    assert!(matches!(refused, DefinitionError::UnreadableEntries { count: 1, .. }), "{refused}");
}

#[test]
fn setting_the_attributes_replaces_unreadable_ones() {
    let store = Arc::new(MemoryStore::new());
    fill(&definitions(&store));
    write(store.as_ref(), &format!("{ENTRIES}attributes/industry/0000"), Some(b"damage".to_vec()));
    let definitions = definitions(&store);
    let before = definitions.get(&model()).unwrap();
    assert_eq!(before.unreadable.len(), 1);
    let after = definitions.configure(&request(), settings(&["industry", "pain"])).unwrap().snapshot;
    assert!(after.unreadable.is_empty());
    assert_eq!(after.definition.categories.len(), 2);
}

#[test]
fn a_damaged_approved_version_is_data_loss_for_itself_only() {
    let store = Arc::new(MemoryStore::new());
    let definitions = definitions(&store);
    approve(&definitions, 3);
    let key = |number: u64| format!("profile/{}/{number:020}", model());
    for damage in [Some(b"\xFFdamage".to_vec()), Some(Vec::new())] {
        write(store.as_ref(), &key(2), damage);
        let error = definitions.version(&model(), 2).unwrap_err();
        assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "DEFINITION_CORRUPT"));
        assert!(error.to_string().contains("approved version 2"), "{error}");
    }
    let listed = definitions.versions(&model(), None, 2).unwrap();
    let numbers: Vec<u64> = listed.versions.iter().map(|version| version.number).collect();
    assert_eq!((numbers, listed.unreadable), (vec![3, 1], vec![2]));
    assert_eq!(definitions.version(&model(), 3).unwrap().1.findings.len(), 5);
    assert_eq!(definitions.get(&model()).unwrap().approved_versions, 3);
}

/// A store in memory that records its commits and counts its blobs.
#[derive(Debug, Default)]
struct RecordingStore {
    inner: MemoryStore,
    commits: Mutex<Vec<Commit>>,
    blobs: Mutex<usize>,
}

impl Store for RecordingStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        self.commits.lock().unwrap().push(commit.clone());
        self.inner.commit(commit)
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        *self.blobs.lock().unwrap() += 1;
        self.inner.put_blob(bytes)
    }

    fn blob(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.inner.blob(digest)
    }

    fn remove_blob(&self, digest: &Digest) -> Result<(), StoreError> {
        self.inner.remove_blob(digest)
    }

    fn maintenance(&self) -> &dyn MaintenanceAccess {
        self.inner.maintenance()
    }

    fn leases(&self) -> &dyn LeaseAccess {
        self.inner.leases()
    }
}

#[test]
fn a_change_writes_only_what_changed() {
    let store = Arc::new(RecordingStore::default());
    let definitions = definitions(&store);
    for _ in 0..50 {
        let comment = Comment { text: "c".repeat(1500), author: "Ann".to_owned(), ..Comment::default() };
        definitions.comment(&request(), comment).unwrap();
    }
    definitions.add(&request(), finding("f", 3000)).unwrap();
    definitions.replace(&request(), finding("f", 10)).unwrap();
    let written: Vec<usize> = store.commits.lock().unwrap().iter().map(|commit| commit.writes.len()).collect();
    let mut expected = vec![2; 50]; // the state, and the row of the comment
    expected.extend([3, 3]); // the finding in two rows, and then in one while the other is removed
    assert_eq!(written, expected);
    assert_eq!(*store.blobs.lock().unwrap(), 0);
}

#[test]
fn a_definition_has_a_maximum_size_and_stays_as_it_was() {
    let store = Arc::new(MemoryStore::new());
    let definitions = definitions(&store);
    for id in ["a", "b", "c"] {
        definitions.add(&request(), finding(id, MAX_DEFINITION_BYTES / 4)).unwrap();
    }
    let before = definitions.get(&model()).unwrap();
    let error = definitions.add(&request(), finding("d", MAX_DEFINITION_BYTES / 4)).unwrap_err();
    assert!(matches!(error, DefinitionError::TooLarge { bytes } if bytes > MAX_DEFINITION_BYTES));
    assert_eq!(definitions.get(&model()).unwrap(), before);
    definitions.replace(&request(), finding("a", 1)).unwrap();
    definitions.add(&request(), finding("d", MAX_DEFINITION_BYTES / 4)).unwrap();
}

/// An edit of a definition in a property test. Sizes are in bytes.
#[derive(Clone, Debug)]
enum TestEdit {
    Put(u8, usize),
    Remove(u8),
    Place(Vec<u8>),
    Comment(usize),
}

fn edits() -> impl Strategy<Value = Vec<TestEdit>> {
    let edit = prop_oneof![
        (0..4_u8, 0..3 * MAX_ROW_BYTES).prop_map(|(id, bytes)| TestEdit::Put(id, bytes)),
        (0..4_u8).prop_map(TestEdit::Remove),
        prop::collection::vec(0..4_u8, 0..4).prop_map(TestEdit::Place),
        (0..2 * MAX_ROW_BYTES).prop_map(TestEdit::Comment),
    ];
    prop::collection::vec(edit, 1..20)
}

proptest! {
    #[test]
    fn rows_contain_what_the_edits_left(edits in edits()) {
        let store = Arc::new(MemoryStore::new());
        let definitions = definitions(&store);
        let mut expected = Definition::default();
        let now = Timestamp::UNIX_EPOCH;
        for (index, edit) in edits.into_iter().enumerate() {
            match edit {
                TestEdit::Put(id, bytes) => {
                    let finding = finding(&format!("f/{id}"), bytes);
                    if expected.add(finding.clone(), now).is_ok() {
                        definitions.add(&request(), finding).unwrap();
                    } else {
                        expected.replace(finding.clone(), now).unwrap();
                        definitions.replace(&request(), finding).unwrap();
                    }
                }
                TestEdit::Remove(id) => {
                    let id = format!("f/{id}");
                    let removed = definitions.remove::<Finding>(&request(), &id);
                    prop_assert_eq!(removed.is_ok(), expected.remove::<Finding>(&id).is_ok());
                }
                TestEdit::Place(names) => {
                    let names: Vec<String> = names.iter().map(|name| format!("a{name}/0000")).collect();
                    let settings = settings(&names.iter().map(String::as_str).collect::<Vec<_>>());
                    (expected.categories, expected.sections) = (settings.categories.clone(), settings.sections.clone());
                    definitions.configure(&request(), settings).unwrap();
                }
                TestEdit::Comment(bytes) => {
                    let comment = Comment { text: "c".repeat(bytes), ..Comment::default() };
                    let added = definitions.comment(&request(), comment.clone()).unwrap();
                    expected.add(Comment { id: added.comment_id, ..comment }, now).unwrap();
                }
            }
            let cached = definitions.get(&model()).unwrap().definition;
            prop_assert_eq!(&cached, &expected, "after edit {}", index);
        }
        let read = self::definitions(&store).get(&model()).unwrap();
        prop_assert_eq!(&read.definition, &expected);
        prop_assert!(read.unreadable.is_empty());
        let sizes = rows(store.as_ref()).into_iter().map(|row| row.value.len());
        prop_assert!(sizes.clone().all(|bytes| bytes <= MAX_ROW_BYTES));
    }
}
