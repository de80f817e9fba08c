//! Definitions with both backends: atomic changes, idempotent requests, and immutable approved versions.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{Approval, Comment, DefinitionChangeError, Digest, Finding, ModelName};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::definitions::{
    ApproveRequest, DefinitionError, DefinitionSnapshot, Definitions, EditRequest, EditResult,
};
use sweetspot_store::store::{
    Commit, LeaseAccess, MaintenanceAccess, MemoryStore, RequestKey, Row, SledStore, Store, StoreError,
};

fn definitions(store: Arc<dyn Store>) -> Definitions {
    Definitions::new(store, Arc::new(FixedClock(Timestamp::UNIX_EPOCH)))
}

fn model(id: &str) -> ModelName {
    format!("workspaces/w/models/{id}").parse().unwrap()
}

fn edit_request(etag: &str, id: &str, body: &str) -> EditRequest {
    let request = RequestKey { id: id.to_owned(), body: Digest::new(body.as_bytes()) };
    EditRequest { model: model("m"), method: "test", etag: etag.to_owned(), request }
}

fn finding(id: &str) -> Finding {
    Finding { id: id.to_owned(), text: "They need it by May.".to_owned(), ..Finding::default() }
}

fn add(definitions: &Definitions, request: &EditRequest, id: &str) -> Result<DefinitionSnapshot, DefinitionError> {
    Ok(definitions.add(request, finding(id))?.snapshot)
}

fn ids(snapshot: &DefinitionSnapshot) -> Vec<&str> {
    snapshot.definition.findings.iter().map(|finding| finding.id.as_str()).collect()
}

/// Submits and approves with the current etag.
fn approve(definitions: &Definitions) -> Result<EditResult, DefinitionError> {
    let submitted = definitions.submit(&edit_request("", "", ""), "Ben")?.snapshot;
    definitions.approve(&ApproveRequest {
        edit_request: edit_request(&submitted.etag, "", ""),
        actor: "Ann".to_owned(),
        version: 7,
    })
}

fn on_each_store(check: impl Fn(Arc<dyn Store>)) {
    check(Arc::new(MemoryStore::new()));
    let folder = tempfile::tempdir().unwrap();
    check(Arc::new(SledStore::open(folder.path()).unwrap()));
}

#[test]
fn changes_are_read_back_after_a_restart() {
    on_each_store(|store| {
        let first = definitions(Arc::clone(&store));
        let empty = first.get(&model("m")).unwrap();
        assert!(empty.definition.findings.is_empty() && empty.approved_versions == 0);
        let held = add(&first, &edit_request(&empty.etag, "", ""), "a").unwrap();
        assert_ne!(held.etag, empty.etag);
        let again = definitions(store);
        assert_eq!(again.get(&model("m")).unwrap(), held);
        assert!(again.get(&model("other")).unwrap().definition.findings.is_empty());
        let stale = add(&again, &edit_request(&empty.etag, "", ""), "b").unwrap_err();
        assert_eq!((stale.kind(), stale.reason()), (ErrorKind::Aborted, "STALE_ETAG"));
        assert_eq!(ids(&add(&again, &edit_request("", "", ""), "b").unwrap()), ["a", "b"]);
    });
}

#[test]
fn a_repeated_edit_has_no_further_effect_and_returns_the_current_state() {
    on_each_store(|store| {
        let definitions = definitions(store);
        add(&definitions, &edit_request("", "id", "one"), "a").unwrap();
        let comment = Comment { text: "one".to_owned(), ..Comment::default() };
        let first = definitions.comment(&edit_request("", "comment", "one"), comment.clone()).unwrap();
        let second = add(&definitions, &edit_request("", "", ""), "b").unwrap();
        assert_eq!(add(&definitions, &edit_request("", "id", "one"), "a").unwrap(), second);
        let repeated = definitions.comment(&edit_request("", "comment", "one"), comment).unwrap();
        assert_eq!((&repeated.comment_id, &repeated.snapshot), (&first.comment_id, &second));
        let reused = add(&definitions, &edit_request("", "id", "two"), "c").unwrap_err();
        assert_eq!(reused.reason(), "REQUEST_ID_REUSED");
        assert_eq!(definitions.get(&model("m")).unwrap(), second);
        assert_eq!(ids(&second), ["a", "b"]);
    });
}

#[test]
fn an_approved_version_never_changes() {
    on_each_store(|store| {
        let definitions = definitions(store);
        add(&definitions, &edit_request("", "", ""), "a").unwrap();
        approve(&definitions).unwrap();
        add(&definitions, &edit_request("", "", ""), "b").unwrap();
        assert_eq!(definitions.get(&model("m")).unwrap().definition.approval, Approval::Draft);
        approve(&definitions).unwrap();
        let (version, content) = definitions.version(&model("m"), 1).unwrap();
        assert_eq!((version.number, version.version, version.actor.as_str()), (1, 7, "Ann"));
        assert_eq!(content.findings.len(), 1);
        assert!(matches!(content.approval, Approval::Approved { number: 1, .. }));
        let numbers = |before, limit| -> Vec<u64> {
            let versions = definitions.versions(&model("m"), before, limit).unwrap();
            versions.versions.into_iter().map(|version| version.number).collect()
        };
        assert_eq!((numbers(None, 9), numbers(Some(2), 9), numbers(None, 1)), (vec![2, 1], vec![1], vec![2]));
        let missing = definitions.version(&model("m"), 3).unwrap_err();
        assert_eq!((missing.kind(), missing.reason()), (ErrorKind::NotFound, "DEFINITION_VERSION_NOT_FOUND"));
    });
}

#[test]
fn comments_are_numbered_and_a_return_records_its_reason() {
    on_each_store(|store| {
        let definitions = definitions(store);
        let say = |text: &str| Comment { text: text.to_owned(), author: "Cem".to_owned(), ..Comment::default() };
        definitions.comment(&edit_request("", "", ""), say("one")).unwrap();
        definitions.submit(&edit_request("", "", ""), "Ben").unwrap();
        let returned = definitions.return_to_draft(&edit_request("", "", ""), "Ann", "Too short.").unwrap().snapshot;
        let texts: Vec<_> = returned.definition.comments.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts, ["one", "Too short."]);
        assert!(returned.definition.comments.is_sorted_by(|one, other| one.id < other.id));
        let draft = definitions.return_to_draft(&edit_request("", "", ""), "Ann", "Again.").unwrap_err();
        assert!(matches!(draft, DefinitionError::Edit(DefinitionChangeError::NotInReview)));
    });
}

/// A store in memory that fails after a number of commits, before or after their effect.
#[derive(Debug)]
struct Failing {
    inner: Arc<MemoryStore>,
    commits_left: std::sync::atomic::AtomicUsize,
    after_the_effect: bool,
}

impl Failing {
    fn fault() -> StoreError {
        StoreError::Backend { action: "write", source: "no".into() }
    }
}

impl Store for Failing {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.inner.get(key)
    }

    fn scan(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.inner.scan(prefix, after, limit)
    }

    fn commit(&self, commit: &Commit) -> Result<(), StoreError> {
        use std::sync::atomic::Ordering::Relaxed;
        let fails = self.commits_left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_err();
        if fails && !self.after_the_effect {
            return Err(Self::fault());
        }
        self.inner.commit(commit)?;
        if fails { Err(Self::fault()) } else { Ok(()) }
    }

    fn put_blob(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
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
fn an_approval_is_atomic_and_happens_once() {
    for after_the_effect in [false, true] {
        let inner = Arc::new(MemoryStore::new());
        let sound = definitions(Arc::clone(&inner) as _);
        let submitted = sound.submit(&edit_request("", "", ""), "Ben").unwrap().snapshot;
        let failing = Failing { inner: Arc::clone(&inner), commits_left: 0.into(), after_the_effect };
        let wanted = ApproveRequest {
            edit_request: edit_request(&submitted.etag, "id", "body"),
            actor: "Ann".to_owned(),
            version: 1,
        };
        assert!(definitions(Arc::new(failing)).approve(&wanted).is_err());
        let reopened = definitions(inner);
        let there = reopened.versions(&model("m"), None, 9).unwrap().versions.len();
        assert_eq!(there, usize::from(after_the_effect));
        let approved = matches!(reopened.get(&model("m")).unwrap().definition.approval, Approval::Approved { .. });
        assert_eq!(approved, after_the_effect, "state and number disagree");
        assert_eq!(reopened.approve(&wanted).unwrap().approved_versions, 1);
        assert_eq!(reopened.versions(&model("m"), None, 9).unwrap().versions.len(), 1, "the repeat took effect twice");
    }
}
