//! Rows and journal that do not agree: opening finds the newest acknowledged state, or refuses by name.

use std::fs;

use proptest::prelude::*;
use sweetspot_store::store::{Commit, SledStore, Store as _, journal};

use crate::backends::history::{ChangeHistory, Contents, contents, four_rows, open};
use crate::backends::set_row;

#[test]
fn rows_may_lack_the_last_change_of_the_journal_and_nothing_else() {
    let history = four_rows();
    for rows in 0..=4_usize {
        for journal in 0..=4_usize {
            let folder = history.mixed(rows, journal);
            let expected = match journal.checked_sub(rows) {
                Some(0 | 1) => Ok(history.contents[journal].clone()),
                Some(_) => Err("ROWS_BEHIND"),
                None => Err("JOURNAL_DAMAGED"),
            };
            assert_eq!(open(folder.path()), expected, "rows {rows}, journal {journal}");
        }
    }
}

#[test]
fn rows_that_lack_a_change_of_the_checkpoint_are_behind() {
    let history = four_rows();
    for (rows, expected) in [(4, Ok(history.contents[4].clone())), (3, Err("ROWS_BEHIND")), (0, Err("ROWS_BEHIND"))] {
        let folder = history.mixed(rows, 4);
        let path = folder.path().join("journal");
        let read = journal::read(&path).unwrap();
        let position = read.position();
        journal::write_checkpoint(&path, &read.into_rows(), position).unwrap();
        assert_eq!(open(folder.path()), expected, "rows {rows}");
    }
}

#[test]
fn an_incomplete_last_record_is_removed_if_the_rows_do_not_contain_it() {
    let history = four_rows();
    let (shorter, longer) = (history.journal(3), history.journal(4));
    for end in (shorter.len() + 1..longer.len()).step_by(11) {
        for rows in [2, 3, 4] {
            let folder = history.mixed(rows, 3);
            fs::write(folder.path().join("journal"), &longer[..end]).unwrap();
            let expected = match rows {
                2 => Err("ROWS_BEHIND"),
                3 => Ok(history.contents[3].clone()),
                _ => Err("JOURNAL_DAMAGED"),
            };
            assert_eq!(open(folder.path()), expected, "{end} bytes, rows {rows}");
            if rows == 3 {
                assert_eq!(fs::read(folder.path().join("journal")).unwrap(), shorter);
            }
        }
    }
}

#[test]
fn a_flipped_bit_in_the_journal_is_refused() {
    let history = four_rows();
    let whole = history.journal(4);
    for place in (0..whole.len()).step_by(5) {
        let folder = history.mixed(4, 4);
        let mut damaged = whole.clone();
        damaged[place] ^= 1 << (place % 8);
        fs::write(folder.path().join("journal"), damaged).unwrap();
        assert_eq!(open(folder.path()), Err("JOURNAL_DAMAGED"), "byte {place}");
    }
}

#[test]
fn a_journal_of_another_store_is_refused() {
    let history = four_rows();
    let other = ChangeHistory::new(&[1, 2, 3, 4].map(|number| set_row("other", &[number])));
    for (rows, journal) in [(4, 4), (3, 4), (1, 1)] {
        let folder = history.mixed(rows, journal);
        fs::write(folder.path().join("journal"), other.journal(journal)).unwrap();
        assert_eq!(open(folder.path()), Err("JOURNAL_DAMAGED"), "rows {rows}, journal {journal}");
    }
}

#[test]
fn rows_that_differ_from_the_journal_at_the_same_position_are_refused() {
    let history = four_rows();
    let folder = history.mixed(4, 4);
    let mut read = journal::read(&folder.path().join("journal")).unwrap();
    let position = read.position();
    read.rows.insert("row/9".to_owned(), b"never written".to_vec());
    journal::write_checkpoint(&folder.path().join("journal"), &read.into_rows(), position).unwrap();
    assert_eq!(open(folder.path()), Err("STORE_DAMAGED"));
}

#[test]
fn a_missing_journal_is_refused_beside_rows_that_had_one() {
    for (has_format, expected) in [(true, 4), (false, 4), (true, 0)] {
        let folder = four_rows().mixed(expected, expected);
        fs::remove_file(folder.path().join("journal")).unwrap();
        if !has_format {
            fs::remove_file(folder.path().join("format")).unwrap();
        }
        assert_eq!(open(folder.path()), Err("JOURNAL_DAMAGED"));
    }
}

#[test]
fn the_rows_of_a_store_without_a_journal_get_one() {
    let folder = tempfile::tempdir().unwrap();
    let rows = sled::open(folder.path().join("rows")).unwrap();
    rows.insert("a", b"1").unwrap();
    rows.flush().unwrap();
    drop(rows);
    let before = Contents::from([("a".to_owned(), b"1".to_vec())]);
    assert_eq!(open(folder.path()), Ok(before.clone()));
    assert_eq!(fs::read(folder.path().join("format")).unwrap(), b"sweetspot store 1\n");
    let journal = journal::read(&folder.path().join("journal")).unwrap();
    assert_eq!((journal.position().sequence, journal.into_rows()), (0, before.clone()));
    // As if the start had been interrupted before its end.
    fs::remove_file(folder.path().join("format")).unwrap();
    fs::write(folder.path().join("journal.new"), b"half").unwrap();
    assert_eq!(open(folder.path()), Ok(before));
    assert!(folder.path().join("format").exists() && !folder.path().join("journal.new").exists());
    SledStore::open(folder.path()).unwrap().commit(&set_row("b", b"2")).unwrap();
    assert_eq!(open(folder.path()).unwrap().len(), 2);
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let folder = four_rows().mixed(4, 4);
    fs::write(folder.path().join("format"), "sweetspot store 2\n").unwrap();
    assert_eq!(open(folder.path()), Err("STORED_FORMAT_UNKNOWN"));
    fs::write(folder.path().join("format"), "sweetspot stone 1\n").unwrap();
    assert_eq!(open(folder.path()), Err("STORE_DAMAGED"));
}

#[test]
fn a_large_journal_becomes_a_checkpoint_while_the_store_is_open_and_when_it_opens() {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    let journal = folder.path().join("journal");
    let write = |number: usize| {
        let rows = (0..100).map(|row| (format!("row/{row:02}"), Some(vec![number as u8; 2000]))).collect();
        store.commit(&Commit { lease: None, expectations: Vec::new(), writes: rows }).unwrap();
        fs::metadata(&journal).unwrap().len()
    };
    let mut sizes: Vec<u64> = (0..50).map(write).collect();
    let before = contents(&store);
    assert!(sizes.iter().all(|size| *size < 9 << 20));
    assert!(sizes.windows(2).any(|pair| pair[1] < pair[0]), "it never became smaller: {sizes:?}");
    sizes.sort_unstable();
    drop(store);
    assert_eq!(open(folder.path()).unwrap(), before);
}

fn commits() -> impl Strategy<Value = Vec<Commit>> {
    let write = ("[ab]", prop::option::weighted(0.7, prop::collection::vec(any::<u8>(), 0..40)));
    let commit = prop::collection::vec(write, 1..4);
    prop::collection::vec(commit.prop_map(|writes| Commit { lease: None, expectations: Vec::new(), writes }), 2..7)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// A crash leaves the journal at most one record, or a part of one, ahead of the rows. The state after it is that
    /// of the last whole record, and further changes are made to it.
    #[test]
    fn every_crash_in_a_commit_leaves_the_state_before_or_after_it(
        commits in commits(),
        crash in any::<prop::sample::Index>(),
        part in any::<prop::sample::Index>(),
    ) {
        let history = ChangeHistory::new(&commits);
        let crashed = crash.index(commits.len());
        let (before, after) = (history.journal(crashed), history.journal(crashed + 1));
        let end = before.len() + part.index(after.len() - before.len() + 1);
        let folder = history.mixed(crashed, crashed);
        fs::write(folder.path().join("journal"), &after[..end]).unwrap();
        let expected = if end == after.len() { crashed + 1 } else { crashed };
        prop_assert_eq!(open(folder.path()), Ok(history.contents[expected].clone()));
        SledStore::open(folder.path()).unwrap().commit(&set_row("next", b"1")).unwrap();
        prop_assert_eq!(open(folder.path()).unwrap().len(), history.contents[expected].len() + 1);
    }

    /// A store with one damaged file is refused, or is in its newest state.
    #[test]
    fn a_damaged_file_never_makes_a_store_an_older_one(
        commits in commits(),
        file in prop::sample::select(vec!["journal", "format", "rows/db", "rows/conf"]),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
        is_cut in any::<bool>(),
    ) {
        let history = ChangeHistory::new(&commits);
        let folder = history.mixed(commits.len(), commits.len());
        let path = folder.path().join(file);
        let mut bytes = fs::read(&path).unwrap();
        // sled's file ends with unused space.
        let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        let place = place.index(used);
        if is_cut { bytes.truncate(place) } else { bytes[place] ^= 1 << bit }
        fs::write(path, bytes).unwrap();
        if let Ok(found) = open(folder.path()) {
            prop_assert_eq!(&found, history.contents.last().unwrap());
        }
    }
}
