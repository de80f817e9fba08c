//! The committee of a definition with both backends: several approvals, their rows, and what a damaged row leaves; and
//! comments that are resolved or record a removal.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::reportable_error::ReportableError as _;
use sweetspot_core::{
    Approval, ApprovalCommittee, Comment, Digest, Finding, MAX_APPROVERS, MAX_REQUIRED_APPROVALS, PersonApproval,
    ReviewRound,
};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::definitions::{
    ApproveRequest, DefinitionError, DefinitionSettings, Definitions, EditRequest, EditResult, EntryPath,
};
use sweetspot_store::integrity::check;
use sweetspot_store::registry::RequestKey;
use sweetspot_store::store::{Examination, MAX_ROW_BYTES, MemoryStore, SledStore, Store};

use crate::definition_rows::{ENTRIES, definitions, fill, finding, model, request, settings, write};

const COMMITTEE: &str = "definition-entry/workspaces/w/models/m/committee/0000";

fn committee(approvers: &[&str], required: u64) -> DefinitionSettings {
    let approvers = approvers.iter().map(|name| (*name).to_owned()).collect();
    DefinitionSettings { committee: ApprovalCommittee::new(approvers, required), ..DefinitionSettings::default() }
}

/// Approves the current state for a model version, with a request id of its own.
fn approve(definitions: &Definitions, person: &str, version: u64) -> Result<EditResult, DefinitionError> {
    definitions.approve(&approval_of(&definitions.get(&model()).unwrap().etag, person, version))
}

fn approval_of(etag: &str, person: &str, version: u64) -> ApproveRequest {
    let request = RequestKey { id: format!("by {person}"), body: Digest::new(b"") };
    let edit_request = EditRequest { etag: etag.to_owned(), request, ..request_of("approve") };
    ApproveRequest { edit_request, actor: person.to_owned(), version }
}

fn request_of(method: &'static str) -> EditRequest {
    EditRequest { method, ..request() }
}

fn names(approvals: &[PersonApproval]) -> Vec<&str> {
    approvals.iter().map(|approval| approval.actor.as_str()).collect()
}

fn on_each_store(check: impl Fn(Arc<dyn Store>)) {
    check(Arc::new(MemoryStore::new()));
    let folder = tempfile::tempdir().unwrap();
    check(Arc::new(SledStore::open(folder.path()).unwrap()));
}

fn opened(store: &Arc<dyn Store>) -> Definitions {
    Definitions::new(Arc::clone(store), Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
}

#[test]
fn approvals_are_kept_until_the_last_one_and_then_belong_to_the_approved_version() {
    on_each_store(|store| {
        let first = opened(&store);
        first.configure(&request(), committee(&["Ann", "Ben", "Cem"], 2)).unwrap();
        let submitted = first.submit(&request(), "Dan").unwrap().snapshot;
        let request = approval_of(&submitted.etag, "Ann", 7);
        let partial = first.approve(&request).unwrap();
        assert!(partial.is_partial_approval && partial.approved_versions == 0);
        assert_ne!(partial.snapshot.etag, submitted.etag);
        assert_eq!(first.versions(&model(), None, 9).unwrap().versions, []);
        // After a restart, from the rows.
        let second = opened(&store);
        let read = second.get(&model()).unwrap();
        assert_eq!(read, partial.snapshot);
        assert_eq!((read.definition.round.version, names(&read.definition.round.approvals)), (7, vec!["Ann"]));
        let repeated = second.approve(&request).unwrap();
        assert!(repeated.is_partial_approval, "a repeat has no further effect");
        assert_eq!(repeated.snapshot, partial.snapshot);
        for (person, version, reason) in
            [("ann", 7, "ALREADY_APPROVED"), ("Eve", 7, "NOT_APPROVER"), ("Ben", 8, "OTHER_MODEL_VERSION")]
        {
            assert_eq!(approve(&second, person, version).unwrap_err().reason(), reason);
        }
        let approved = approve(&second, "Ben", 7).unwrap();
        assert!(!approved.is_partial_approval && approved.approved_versions == 1);
        assert!(second.approve(&request).unwrap().is_partial_approval, "the answer to the first request stays");
        let (version, content) = opened(&store).version(&model(), 1).unwrap();
        assert_eq!((version.version, version.actor.as_str()), (7, "Ben"));
        assert_eq!(names(&version.approvals), ["Ann", "Ben"]);
        assert_eq!(content.committee.approvers, ["Ann", "Ben", "Cem"]);
        assert_eq!(content.round.approvals, version.approvals);
    });
}

#[test]
fn a_change_of_a_setting_or_an_entry_ends_the_review_and_removes_its_approvals() {
    type Change = fn(&Definitions) -> Result<EditResult, DefinitionError>;
    let changes: [Change; 4] = [
        |definitions| definitions.configure(&request(), committee(&["Ann", "Ben"], 1)),
        |definitions| definitions.configure(&request(), committee(&[], 2)),
        |definitions| definitions.add(&request(), finding("f", 1)),
        |definitions| definitions.return_to_draft(&request(), "Ben", "No."),
    ];
    for change in changes {
        let store = Arc::new(MemoryStore::new());
        let definitions = definitions(&store);
        definitions.configure(&request(), committee(&["Ann", "Ben"], 2)).unwrap();
        definitions.submit(&request(), "Dan").unwrap();
        approve(&definitions, "Ann", 1).unwrap();
        let same = definitions.configure(&request(), committee(&["Ben", "Ann"], 2)).unwrap().snapshot.definition;
        assert_eq!(same.round.approvals.len(), 1, "the same approvers in another order are no change");
        change(&definitions).unwrap();
        for read in [definitions, self::definitions(&store)] {
            let definition = read.get(&model()).unwrap().definition;
            assert_eq!((definition.approval, definition.round), (Approval::Draft, ReviewRound::default()));
        }
    }
}

#[test]
fn the_longest_committee_fits_into_its_rows() {
    on_each_store(|store| {
        let clock = Arc::new(FixedClock(Timestamp::MAX));
        let definitions = Definitions::new(Arc::clone(&store), clock);
        let people: Vec<String> =
            (10..10 + MAX_APPROVERS).map(|number| format!("{number}{}", "x".repeat(126))).collect();
        let names: Vec<&str> = people.iter().map(String::as_str).collect();
        definitions.configure(&request(), committee(&names, MAX_REQUIRED_APPROVALS)).unwrap();
        definitions.submit(&request(), &"y".repeat(128)).unwrap();
        for name in names.iter().take(10) {
            approve(&definitions, name, u64::MAX).unwrap();
        }
        assert_eq!(definitions.version(&model(), 1).unwrap().0.approvals.len(), 10);
        let rows = store.scan("", None, usize::MAX).unwrap();
        let of_committee: Vec<_> =
            rows.iter().filter(|row| row.key.starts_with(&COMMITTEE[..COMMITTEE.len() - 4])).collect();
        assert_eq!(of_committee.len(), 3);
        assert!(rows.iter().all(|row| row.value.len() <= MAX_ROW_BYTES));
        assert_eq!(opened(&store).get(&model()).unwrap(), definitions.get(&model()).unwrap());
    });
}

#[test]
fn a_damaged_committee_is_named_and_setting_the_approvers_replaces_it() {
    let store = Arc::new(MemoryStore::new());
    fill(&definitions(&store));
    let wanted =
        DefinitionSettings { committee: ApprovalCommittee::new(vec!["Ann".into()], 1), ..settings(&["industry"]) };
    definitions(&store).configure(&request(), wanted.clone()).unwrap();
    definitions(&store).submit(&request(), "Dan").unwrap();
    write(store.as_ref(), COMMITTEE, Some(b"\xFFdamage".to_vec()));
    let definitions = definitions(&store);
    let damaged = definitions.get(&model()).unwrap();
    assert_eq!(damaged.unreadable.iter().map(EntryPath::to_string).collect::<Vec<_>>(), ["committee"]);
    assert_eq!(damaged.definition.findings.len(), 2, "the entries are served");
    definitions.for_training(&model()).unwrap();
    let refused = approve(&definitions, "Eve", 1).unwrap_err();
    assert!(refused.reason() == "UNREADABLE_ENTRIES" && refused.to_string().contains("committee"), "{refused}");
    definitions.add(&request(), finding("more", 5)).unwrap();
    assert_eq!(definitions.get(&model()).unwrap().unreadable, damaged.unreadable, "the loss stays named");
    assert_eq!(definitions.submit(&request(), "Dan").unwrap_err().reason(), "UNREADABLE_ENTRIES");
    let repaired = definitions.configure(&request(), wanted).unwrap().snapshot;
    assert!(repaired.unreadable.is_empty());
    definitions.submit(&request(), "Dan").unwrap();
    assert_eq!(approve(&definitions, "Ann", 1).unwrap().approved_versions, 1);
}

#[test]
fn a_damaged_committee_on_the_disk_is_reported_by_a_check() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(SledStore::open(folder.path()).unwrap());
    definitions(&open()).configure(&request(), committee(&["Ann"], 1)).unwrap();
    write(&*open(), COMMITTEE, Some(b"\xFFdamage".to_vec()));
    let faults = check(&Examination::new(folder.path()).unwrap()).unwrap().faults;
    assert!(faults.len() == 1 && faults[0].what.contains("the committee of the definition"), "{faults:?}");
}

/// The bytes of rows and a blob from before there were committees.
#[test]
fn what_was_stored_before_committees_is_read_and_changed() {
    let store = Arc::new(MemoryStore::new());
    let approval = b"\x0a\x03Ann\x12\x00\x18\x01";
    let blob = store.put_blob(&[b"\x08\x01\x42\x09", approval.as_slice()].concat()).unwrap().to_string();
    let version = [b"\x08\x01\x10\x01\x18\x05\x22\x03Ann\x2a\x00\x32\x40", blob.as_bytes()].concat();
    let head = [b"\x08\x02\x10\x03\x18\x01\x2a\x09", approval.as_slice()].concat();
    let comment = b"\x08\x01\x2a\x1a\x0a\x0bc-000000001\x1a\x04Why?\x22\x03Cem\x2a\x00".to_vec();
    write(store.as_ref(), "profile/workspaces/w/models/m/00000000000000000001", Some(version));
    write(store.as_ref(), "definition/workspaces/w/models/m", Some(head));
    write(store.as_ref(), &format!("{ENTRIES}comments/c-000000001/0000"), Some(comment));
    let definitions = definitions(&store);
    let ann = PersonApproval { actor: "Ann".to_owned(), time: Timestamp::UNIX_EPOCH };
    let (version, content) = definitions.version(&model(), 1).unwrap();
    assert_eq!((version.version, version.approvals), (5, vec![ann]));
    assert_eq!((content.committee, content.round), (ApprovalCommittee::default(), ReviewRound::default()));
    let current = definitions.get(&model()).unwrap();
    assert!(current.unreadable.is_empty());
    assert_eq!((current.definition.open_comments(), current.definition.approver_names()), (1, vec!["Ann".to_owned()]));
    definitions.resolve_comment(&request(), "c-000000001", "Ben", "").unwrap();
    definitions.submit(&request(), "Ben").unwrap();
    assert_eq!(approve(&definitions, "Cem", 6).unwrap().approved_versions, 2);
    assert_eq!(names(&definitions.version(&model(), 2).unwrap().0.approvals), ["Cem"]);
}

#[test]
fn a_comment_is_resolved_without_ending_a_review() {
    on_each_store(|store| {
        let definitions = opened(&store);
        let comment = Comment { text: "Why?".to_owned(), author: "Cem".to_owned(), ..Comment::default() };
        let id = definitions.comment(&request(), comment).unwrap().comment_id;
        definitions.submit(&request(), "Ben").unwrap();
        let request_id = RequestKey { id: "id".to_owned(), body: Digest::new(b"") };
        let once = EditRequest { request: request_id, ..request() };
        let resolved = definitions.resolve_comment(&once, &id, "Ann", "Asked.").unwrap().snapshot;
        assert!(matches!(resolved.definition.approval, Approval::InReview { .. }));
        assert_eq!(definitions.resolve_comment(&once, &id, "Ann", "Asked.").unwrap().snapshot, resolved, "a repeat");
        let read = opened(&store).get(&model()).unwrap().definition;
        let resolution = read.comments[0].resolution.clone().unwrap();
        assert_eq!((resolution.author.as_str(), resolution.reason.as_str()), ("Ann", "Asked."));
        let refused = definitions.resolve_comment(&request(), &id, "Ann", "").unwrap_err();
        assert_eq!(refused.reason(), "COMMENT_NOT_OPEN");
        assert_eq!(definitions.resolve_comment(&request(), "c-9", "Ann", "").unwrap_err().reason(), "ENTRY_NOT_FOUND");
    });
}

#[test]
fn a_removal_is_recorded_with_the_entry_also_if_that_is_damaged() {
    let store = Arc::new(MemoryStore::new());
    fill(&definitions(&store));
    write(store.as_ref(), &format!("{ENTRIES}findings/short/0000"), Some(b"damage".to_vec()));
    let definitions = definitions(&store);
    for id in ["short", "long/0000"] {
        definitions.remove_for_reason::<Finding>(&request(), id, "Ann", "Old.").unwrap();
    }
    let missing = definitions.remove_for_reason::<Finding>(&request(), "short", "Ann", "Old.").unwrap_err();
    assert_eq!(missing.reason(), "ENTRY_NOT_FOUND");
    let definition = self::definitions(&store).get(&model()).unwrap().definition;
    assert_eq!((definition.findings.len(), definition.open_comments()), (0, 1));
    let records = definition.comments.iter().filter(|comment| comment.is_removal);
    let records: Vec<_> = records.map(|one| (one.about.as_str(), one.author.as_str(), one.text.as_str())).collect();
    let record = |about| (about, "Ann", "Old.");
    assert_eq!(records, [record("removed finding short"), record("removed finding long/0000")]);
    let ids: BTreeSet<&str> = definition.comments.iter().map(|comment| comment.id.as_str()).collect();
    assert_eq!(ids.len(), 3, "each comment has an id of its own");
}
