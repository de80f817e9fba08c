//! The state of a definition in its head row: what is left if that is damaged, and how it is repaired.

use std::sync::Arc;

use jiff::Timestamp;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_core::{Approval, Comment, Finding};
use sweetspot_store::clock::FixedClock;
use sweetspot_store::definitions::{Definitions, EditRequest, EntryPath};
use sweetspot_store::integrity::check;
use sweetspot_store::store::{Examination, MemoryStore, RepairPlan, SledStore};

use crate::definition_rows::{ENTRIES, approve, count, definitions, fill, finding, model, request, settings, write};

const HEAD: &str = "definition/workspaces/w/models/m";

#[test]
fn an_older_format_of_the_state_is_refused_by_name() {
    let store = Arc::new(MemoryStore::new());
    fill(&definitions(&store));
    write(store.as_ref(), HEAD, Some(vec![8, 1, 16, 3]));
    let error = definitions(&store).get(&model()).unwrap_err();
    assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "STORED_FORMAT_UNKNOWN"), "{error}");
}

#[test]
fn a_damaged_state_is_named_and_everything_else_is_served() {
    for damage in [Some(b"\xFFdamage".to_vec()), Some(Vec::new()), None] {
        let store = Arc::new(MemoryStore::new());
        approve(&definitions(&store), 2);
        let whole = definitions(&store).get(&model()).unwrap();
        write(store.as_ref(), HEAD, damage.clone());
        let clock = Arc::new(FixedClock(Timestamp::from_second(1_800_000_000).unwrap()));
        let definitions = Definitions::new(store.clone(), clock);
        let damaged = definitions.get(&model()).unwrap();
        assert_eq!(damaged.unreadable.iter().map(EntryPath::to_string).collect::<Vec<_>>(), ["state"], "{damage:?}");
        assert_eq!(count(&damaged.definition), count(&whole.definition));
        assert_eq!((damaged.approved_versions, &damaged.definition.approval), (2, &Approval::Draft));
        assert_ne!(damaged.etag, whole.etag);
        assert_eq!(definitions.versions(&model(), None, 9).unwrap().versions.len(), 2);
        definitions.for_training(&model()).unwrap();
        let refused = definitions.submit(&request(), "Ann").unwrap_err();
        assert!(refused.reason() == "UNREADABLE_ENTRIES" && refused.to_string().contains("state"), "{refused}");
        // An entry changes, and the loss stays named.
        let stale = EditRequest { etag: whole.etag.clone(), ..request() };
        assert_eq!(definitions.add(&stale, finding("more", 5)).unwrap_err().reason(), "STALE_ETAG");
        let current = EditRequest { etag: damaged.etag.clone(), ..request() };
        let changed = definitions.add(&current, finding("more", 5)).unwrap().snapshot;
        assert_eq!((changed.unreadable, changed.approved_versions), (damaged.unreadable, 2));
        assert_eq!(definitions.add(&current, finding("other", 5)).unwrap_err().reason(), "STALE_ETAG");
        let commented = definitions.comment(&request(), Comment { text: "yes".to_owned(), ..Comment::default() });
        assert_eq!(commented.unwrap().comment_id, "c-1800000000001");
        definitions.remove::<Finding>(&request(), "more").unwrap();
        // Setting the review date replaces the state.
        let repaired = definitions.configure(&request(), settings(&["industry", "pain"])).unwrap().snapshot;
        assert!(repaired.unreadable.is_empty());
        approve(&definitions, 3);
    }
}

#[test]
fn a_damaged_state_on_the_disk_is_rebuilt_from_the_journal_and_reported_if_that_has_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(SledStore::open(folder.path()).unwrap());
    approve(&definitions(&open()), 1);
    let whole = definitions(&open()).get(&model()).unwrap();
    let rows = sled::open(folder.path().join("rows")).unwrap();
    rows.insert(HEAD, b"damage".as_slice()).unwrap();
    drop(rows);
    assert_eq!(SledStore::open(folder.path()).unwrap_err().reason(), "STORE_DAMAGED");
    let examination = Examination::new(folder.path()).unwrap();
    let plan = RepairPlan::new(&examination).unwrap();
    assert!(plan.loss.is_none());
    plan.apply(&examination).unwrap();
    drop(examination);
    assert_eq!(definitions(&open()).get(&model()).unwrap(), whole);
    write(&*open(), HEAD, Some(b"\xFFdamage".to_vec()));
    write(&*open(), &format!("{ENTRIES}findings/short/0000"), Some(b"damage".to_vec()));
    let faults = check(&Examination::new(folder.path()).unwrap()).unwrap().faults;
    let found: Vec<&str> = faults.iter().map(|fault| fault.what.as_str()).collect();
    assert!(
        found.len() == 2 && found[0].contains("entry findings/short") && found[1].contains("the state"),
        "{found:?}"
    );
    assert!(faults.iter().all(|fault| fault.affects == ["definition of workspaces/w/models/m"]), "{faults:?}");
    assert_eq!(definitions(&open()).get(&model()).unwrap().unreadable.len(), 2);
}
