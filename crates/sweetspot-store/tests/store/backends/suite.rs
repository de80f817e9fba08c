//! Tests that every backend passes.

use std::thread;

use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError as _};
use sweetspot_store::store::{Commit, MAX_ROW_BYTES, Store, StoreError};

use crate::backends::set_row;

fn keys(store: &dyn Store, prefix: &str, after: Option<&str>, limit: usize) -> Vec<String> {
    store.scan(prefix, after, limit).unwrap().into_iter().map(|row| row.key).collect()
}

pub(crate) fn a_row_is_written_read_replaced_and_removed(store: &dyn Store) {
    assert_eq!(store.get("a").unwrap(), None);
    store.commit(&Commit::default().create("a", b"1".to_vec())).unwrap();
    assert_eq!(store.get("a").unwrap(), Some(b"1".to_vec()));
    store.commit(&Commit::default().replace("a", Some(b"1".to_vec()), b"2".to_vec())).unwrap();
    assert_eq!(store.get("a").unwrap(), Some(b"2".to_vec()));
    store.commit(&Commit { expectations: vec![], writes: vec![("a".into(), None), ("never".into(), None)] }).unwrap();
    assert_eq!(store.get("a").unwrap(), None);
}

pub(crate) fn an_empty_value_is_not_a_missing_row(store: &dyn Store) {
    store.commit(&Commit::default().create("a", Vec::new())).unwrap();
    assert_eq!(store.get("a").unwrap(), Some(Vec::new()));
    assert!(matches!(store.commit(&Commit::default().create("a", Vec::new())), Err(StoreError::Conflict { .. })));
}

pub(crate) fn a_commit_writes_all_of_its_rows(store: &dyn Store) {
    let first = Commit::default().create("a", b"1".to_vec());
    let second = Commit::default().create("b", b"2".to_vec());
    store.commit(&first.merge(second)).unwrap();
    assert_eq!(store.get("a").unwrap(), Some(b"1".to_vec()));
    assert_eq!(store.get("b").unwrap(), Some(b"2".to_vec()));
    store.commit(&set_row("c", b"1").merge(set_row("c", b"2"))).unwrap();
    assert_eq!(store.get("c").unwrap(), Some(b"2".to_vec()), "the last write of a key wins");
    store.commit(&Commit::default()).unwrap();
}

pub(crate) fn a_conflict_leaves_nothing_written(store: &dyn Store) {
    store.commit(&set_row("b", b"old")).unwrap();
    let commit = set_row("a", b"1").merge(Commit::default().create("b", b"new".to_vec())).merge(set_row("c", b"1"));
    let error = store.commit(&commit).unwrap_err();
    assert!(matches!(&error, StoreError::Conflict { key } if key == "b"));
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Aborted, "CONFLICT"));
    assert_eq!(keys(store, "", None, 10), ["b"]);
    assert_eq!(store.get("b").unwrap(), Some(b"old".to_vec()));
}

pub(crate) fn every_kind_of_expectation_is_checked(store: &dyn Store) {
    store.commit(&set_row("there", b"1")).unwrap();
    for (key, expected, holds) in [
        ("there", Some("1"), true),
        ("there", Some("2"), false),
        ("there", Some(""), false),
        ("there", None, false),
        ("absent", None, true),
        ("absent", Some(""), false),
    ] {
        let expect = vec![(key.to_owned(), expected.map(|text| text.as_bytes().to_vec()))];
        let outcome = store.commit(&Commit { expectations: expect, writes: vec![] });
        assert_eq!(outcome.is_ok(), holds, "{key} {expected:?}: {outcome:?}");
    }
}

pub(crate) fn a_row_may_be_as_large_as_the_limit_and_no_larger(store: &dyn Store) {
    let largest = vec![7; MAX_ROW_BYTES];
    store.commit(&set_row("a", &largest)).unwrap();
    assert_eq!(store.get("a").unwrap(), Some(largest));
    let error = store.commit(&set_row("b", b"small").merge(set_row("c", &vec![7; MAX_ROW_BYTES + 1]))).unwrap_err();
    assert!(matches!(&error, StoreError::RowTooLarge { key, bytes } if key == "c" && *bytes == MAX_ROW_BYTES + 1));
    assert_eq!(keys(store, "", None, 10), ["a"]);
}

pub(crate) fn a_scan_pages_through_a_prefix_in_order(store: &dyn Store) {
    let everything = (0..1000).rev().fold(Commit::default(), |all, number| {
        let value = format!("{number}").into_bytes();
        all.merge(Commit::default().create(format!("p/{number:04}"), value))
    });
    store.commit(&everything.merge(set_row("o/9", b"before")).merge(set_row("p0", b"behind"))).unwrap();
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let page = store.scan("p/", after.as_deref(), 37).unwrap();
        assert!(page.len() <= 37);
        let Some(last) = page.last() else { break };
        after = Some(last.key.clone());
        seen.extend(page);
    }
    assert_eq!(seen.len(), 1000);
    for (number, row) in seen.iter().enumerate() {
        assert_eq!((row.key.clone(), row.value.clone()), (format!("p/{number:04}"), format!("{number}").into_bytes()));
    }
}

pub(crate) fn a_scan_starts_within_its_prefix(store: &dyn Store) {
    for key in ["a", "b", "b/1", "b/2", "b/\u{10ffff}", "c"] {
        store.commit(&set_row(key, b"x")).unwrap();
    }
    assert_eq!(keys(store, "b/", None, 9), ["b/1", "b/2", "b/\u{10ffff}"]);
    assert_eq!(keys(store, "b/", Some("a"), 9), ["b/1", "b/2", "b/\u{10ffff}"], "after a key before the prefix");
    assert_eq!(keys(store, "b/", Some("b/1"), 9), ["b/2", "b/\u{10ffff}"]);
    assert_eq!(keys(store, "b/", Some("b/11"), 9), ["b/2", "b/\u{10ffff}"], "after a key that does not exist");
    assert_eq!(keys(store, "b/", Some("c"), 9), [""; 0], "after the prefix");
    assert_eq!(keys(store, "b/", None, 0), [""; 0]);
    assert_eq!(keys(store, "", Some("b/2"), 9), ["b/\u{10ffff}", "c"]);
    assert_eq!(keys(store, "x", None, 9), [""; 0]);
}

pub(crate) fn one_of_many_racing_commits_wins(store: &dyn Store) {
    store.commit(&set_row("head", b"0")).unwrap();
    let outcomes: Vec<_> = thread::scope(|scope| {
        let racers: Vec<_> = (0..32)
            .map(|racer| {
                let own = Commit::default().create(format!("racer/{racer}"), b"x".to_vec());
                let commit = own.merge(Commit::default().replace("head", Some(b"0".to_vec()), vec![racer + 1]));
                scope.spawn(move || store.commit(&commit))
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    });
    let winners: Vec<_> = (0..32).filter(|racer| outcomes[*racer].is_ok()).collect();
    assert_eq!(winners.len(), 1);
    let lost =
        |outcome: &&Result<(), StoreError>| matches!(outcome, Err(StoreError::Conflict { key }) if key == "head");
    assert_eq!(outcomes.iter().filter(lost).count(), 31);
    assert_eq!(store.get("head").unwrap(), Some(vec![u8::try_from(winners[0] + 1).unwrap()]));
    assert_eq!(keys(store, "racer/", None, 99), [format!("racer/{}", winners[0])]);
}

pub(crate) fn counting_threads_lose_no_step(store: &dyn Store) {
    let step = || loop {
        let before = store.get("count").unwrap();
        let count = before.as_ref().map_or(0, |bytes| bytes[0]);
        match store.commit(&Commit::default().replace("count", before, vec![count + 1])) {
            Ok(()) => break,
            Err(StoreError::Conflict { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    };
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10).for_each(|_| step()));
        }
    });
    assert_eq!(store.get("count").unwrap(), Some(vec![40]));
}

pub(crate) fn a_list_never_shows_half_a_commit(store: &dyn Store) {
    let write = |round: u8| {
        let rows = (0..20).map(|row| (format!("row/{row:02}"), Some(vec![round]))).collect();
        store.commit(&Commit { expectations: vec![], writes: rows }).unwrap();
    };
    write(0);
    thread::scope(|scope| {
        let writer = scope.spawn(|| (1..=20).for_each(write));
        while !writer.is_finished() {
            let rows = store.scan("row/", None, 99).unwrap();
            assert!(rows.len() == 20 && rows.iter().all(|row| row.value == rows[0].value), "{rows:?}");
        }
    });
}

pub(crate) fn a_blob_comes_back_whole(store: &dyn Store) {
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    for bytes in [&b""[..], b"small", &large] {
        let digest = store.put_blob(bytes).unwrap();
        assert_eq!(digest, Digest::new(bytes));
        assert_eq!(store.blob(&digest).unwrap(), bytes);
        assert_eq!(store.put_blob(bytes).unwrap(), digest);
        assert_eq!(store.blob(&digest).unwrap(), bytes);
    }
    assert_eq!(keys(store, "", None, 9), [""; 0], "blobs are not rows");
}

pub(crate) fn a_blob_that_was_never_put_is_missing(store: &dyn Store) {
    let digest = Digest::new(b"never");
    let error = store.blob(&digest).unwrap_err();
    assert!(matches!(error, StoreError::BlobMissing { digest: missing, .. } if missing == digest));
    assert_eq!((error.kind(), error.reason()), (ErrorKind::DataLoss, "BLOB_MISSING"));
}

pub(crate) fn a_removed_blob_is_missing_until_it_is_put_again(store: &dyn Store) {
    let (digest, other) = (store.put_blob(b"bytes").unwrap(), store.put_blob(b"other").unwrap());
    for _ in 0..2 {
        store.remove_blob(&digest).unwrap();
        assert_eq!(store.blob(&digest).unwrap_err().reason(), "BLOB_MISSING");
    }
    assert_eq!(store.blob(&other).unwrap(), b"other");
    assert_eq!(store.put_blob(b"bytes").unwrap(), digest);
    assert_eq!(store.blob(&digest).unwrap(), b"bytes");
}

pub(crate) fn one_blob_put_by_many_threads_is_whole(store: &dyn Store) {
    let bytes = vec![42; 200_000];
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let digest = store.put_blob(&bytes).unwrap();
                assert_eq!(store.blob(&digest).unwrap(), bytes);
            });
        }
    });
}
