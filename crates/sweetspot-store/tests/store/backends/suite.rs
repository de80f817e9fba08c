//! Tests that every backend passes.

use std::io::Read as _;
use std::thread;
use std::time::Duration;

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
    store
        .commit(&Commit { lease: None, expectations: vec![], writes: vec![("a".into(), None), ("never".into(), None)] })
        .unwrap();
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
        let outcome = store.commit(&Commit { lease: None, expectations: expect, writes: vec![] });
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
        store.commit(&Commit { lease: None, expectations: vec![], writes: rows }).unwrap();
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

/// Bytes of several parts of a database, whose digest begins with any byte.
fn large_bytes() -> Vec<u8> {
    (0..3_500_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

pub(crate) fn a_blob_of_several_parts_is_read_in_parts(store: &dyn Store) {
    for bytes in [large_bytes(), vec![7; 1 << 20], Vec::new()] {
        let digest = store.put_blob(&bytes).unwrap();
        assert_eq!(store.put_blob(&bytes).unwrap(), digest);
        let mut read = Vec::new();
        let mut opened = store.maintenance().open_blob(&digest).unwrap();
        assert_eq!(opened.bytes, bytes.len() as u64);
        opened.content.read_to_end(&mut read).unwrap();
        assert!(read == bytes && store.blob(&digest).unwrap() == bytes, "{} bytes", bytes.len());
    }
    let missing = store.maintenance().open_blob(&Digest::new(b"missing")).unwrap_err();
    assert!(matches!(missing, StoreError::BlobMissing { .. }));
}

pub(crate) fn blobs_are_listed_by_their_first_byte(store: &dyn Store) {
    let mut expected: Vec<Digest> = (0..300_u32).map(|n| store.put_blob(&n.to_le_bytes()).unwrap()).collect();
    expected.sort_unstable();
    let mut found = Vec::new();
    for first_byte in u8::MIN..=u8::MAX {
        let listed = store.maintenance().list_blobs(first_byte).unwrap();
        assert!(listed.iter().all(|blob| blob.digest.first_byte() == first_byte && blob.bytes == 4));
        found.extend(listed.into_iter().map(|blob| blob.digest));
    }
    assert_eq!(found, expected);
}

pub(crate) fn removals_wait_for_the_end_of_a_hold(store: &dyn Store) {
    let [first, second, third] = ["a", "b", "c"].map(|text| store.put_blob(text.as_bytes()).unwrap());
    let maintenance = store.maintenance();
    maintenance.hold_blobs();
    maintenance.hold_blobs();
    for digest in [first, second] {
        store.remove_blob(&digest).unwrap();
        assert!(store.blob(&digest).is_ok());
    }
    store.put_blob(b"b").unwrap();
    maintenance.release_blobs();
    assert!(store.blob(&first).is_ok());
    maintenance.release_blobs();
    assert!(matches!(store.blob(&first), Err(StoreError::BlobMissing { .. })));
    assert!(store.blob(&second).is_ok() && store.blob(&third).is_ok());
    store.remove_blob(&third).unwrap();
    assert!(store.blob(&third).is_err());
}

pub(crate) fn a_blob_that_was_just_stored_is_not_an_old_one(store: &dyn Store) {
    let stored = store.put_blob(b"a").unwrap();
    assert_eq!(store.maintenance().remove_old_blobs(&[stored]).unwrap(), []);
    assert!(store.blob(&stored).is_ok());
}

pub(crate) fn a_lease_has_one_holder(store: &dyn Store) {
    let (leases, hour) = (store.leases(), Duration::from_secs(3600));
    let first = leases.acquire("work", hour).unwrap().unwrap();
    assert_eq!(leases.acquire("work", hour).unwrap(), None);
    let other = leases.acquire("other work", hour).unwrap().unwrap();
    assert!(leases.extend(&first, hour).unwrap() && leases.extend(&other, hour).unwrap());
    leases.release(&first).unwrap();
    assert!(!leases.extend(&first, hour).unwrap(), "it was released");
    let second = leases.acquire("work", Duration::ZERO).unwrap().unwrap();
    assert!(second.number > first.number);
    assert!(leases.extend(&second, Duration::ZERO).unwrap(), "it ran out, and has no other holder");
    let third = leases.acquire("work", hour).unwrap().unwrap();
    assert!(third.number > second.number && !leases.extend(&second, hour).unwrap());
    leases.release(&second).unwrap();
    assert_eq!(leases.acquire("work", hour).unwrap(), None, "only its holder releases it");
}

pub(crate) fn a_commit_under_a_lost_lease_writes_nothing(store: &dyn Store) {
    let leases = store.leases();
    let lost = leases.acquire("work", Duration::ZERO).unwrap().unwrap();
    store.commit(&set_row("a", b"1").under(&lost)).unwrap();
    let held = leases.acquire("work", Duration::from_secs(3600)).unwrap().unwrap();
    let merged = set_row("b", b"1").merge(set_row("a", b"2").under(&lost));
    let error = store.commit(&merged).unwrap_err();
    assert!(matches!(&error, StoreError::LeaseLost { name } if name == "work"), "{error}");
    assert_eq!((error.kind(), error.reason()), (ErrorKind::Aborted, "LEASE_LOST"));
    assert_eq!(keys(store, "", None, 10), ["a"]);
    store.commit(&set_row("a", b"3").under(&held)).unwrap();
    leases.release(&held).unwrap();
    assert!(store.commit(&set_row("a", b"4").under(&held)).is_err());
    assert_eq!(store.get("a").unwrap(), Some(b"3".to_vec()));
}

pub(crate) fn discarding_removed_rows_leaves_the_others(store: &dyn Store) {
    store.commit(&set_row("a", b"1").merge(set_row("b", b"1"))).unwrap();
    store.commit(&Commit { writes: vec![("a".into(), None)], ..Commit::default() }).unwrap();
    store.discard_removed_rows().unwrap();
    assert_eq!(keys(store, "", None, 10), ["b"]);
    store.commit(&set_row("c", b"1")).unwrap();
    store.check_writable().unwrap();
}
