use super::*;
use crate::store::Commit;
use crate::store::journal::{JournalWriter, write_checkpoint};

fn commit(number: u8) -> Commit {
    let writes = vec![(format!("row/{number}"), Some(vec![number; 40])), ("removed".to_owned(), None)];
    Commit { lease: None, expectations: Vec::new(), writes }
}

/// A journal with a checkpoint of two rows and three changes, with the size of the file after each of them.
fn journal(path: &Path) -> (JournalWriter, Vec<usize>) {
    let rows = RowMap::from([("removed".to_owned(), vec![1]), ("stays".to_owned(), Vec::new())]);
    let mut writer = JournalWriter::create(path, &rows, ChangePosition::start()).unwrap();
    let mut sizes = vec![fs::read(path).unwrap().len()];
    for number in 1..=3 {
        writer.append(&commit(number), Timestamp::UNIX_EPOCH).unwrap();
        sizes.push(fs::read(path).unwrap().len());
    }
    (writer, sizes)
}

#[test]
fn a_journal_contains_the_rows_after_each_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (writer, sizes) = journal(&path);
    let contents = read(&path).unwrap();
    assert_eq!((contents.position(), contents.position().sequence), (writer.position(), 3));
    assert_eq!((contents.verified_bytes, contents.remainder), (sizes[3] as u64, Remainder::Nothing));
    let rows = contents.clone().into_rows();
    assert_eq!(rows.keys().collect::<Vec<_>>(), ["row/1", "row/2", "row/3", "stays"]);
    // A checkpoint continues the chain.
    write_checkpoint(&path, &rows, contents.position()).unwrap();
    let compacted = read(&path).unwrap();
    assert_eq!((compacted.position(), compacted.changes.len()), (contents.position(), 0));
    assert_eq!(compacted.into_rows(), rows);
}

#[test]
fn an_interrupted_append_leaves_an_incomplete_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (_, sizes) = journal(&path);
    let whole = fs::read(&path).unwrap();
    for end in sizes[0]..whole.len() {
        let zeros = vec![0; whole.len() - end];
        for bytes in [whole[..end].to_vec(), [&whole[..end], &zeros].concat()] {
            let contents = read_bytes(&bytes).unwrap();
            let changes = sizes.iter().filter(|size| **size <= end).count() - 1;
            assert_eq!((contents.changes.len(), contents.verified_bytes), (changes, sizes[changes] as u64));
            let is_end = bytes.len() == sizes[changes];
            assert_eq!(contents.remainder, if is_end { Remainder::Nothing } else { Remainder::Incomplete });
        }
    }
}

#[test]
fn every_flipped_bit_ends_the_verified_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (_, sizes) = journal(&path);
    let whole = fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 1 << (place % 8);
        let record = sizes.iter().filter(|size| **size <= place).count();
        let Ok(contents) = read_bytes(&damaged) else {
            assert_eq!(record, 0, "byte {place}");
            continue;
        };
        assert_eq!(contents.changes.len(), record - 1, "byte {place}");
        let is_last = record == 3;
        assert_eq!(matches!(contents.remainder, Remainder::Damaged { .. }), !is_last, "byte {place}");
        assert_eq!(contents.remainder == Remainder::Incomplete, is_last, "byte {place}");
    }
}

#[test]
fn a_record_that_is_left_out_repeated_or_of_another_journal_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (_, sizes) = journal(&path);
    let whole = fs::read(&path).unwrap();
    let [start, first, second, third] = sizes[..] else { panic!("four records") };
    let without_second = [&whole[..first], &whole[second..third]].concat();
    let repeated = [&whole[..first], &whole[start..first]].concat();
    write_checkpoint(&path, &RowMap::new(), ChangePosition { sequence: 1, ..ChangePosition::start() }).unwrap();
    let other = [&fs::read(&path).unwrap(), &whole[first..]].concat();
    for bytes in [without_second, repeated, other] {
        let contents = read_bytes(&bytes).unwrap();
        let Remainder::Damaged { cause, newest: _ } = contents.remainder else { panic!("not damaged") };
        assert_eq!(cause, "a record does not continue the one before it");
    }
}

#[test]
fn a_journal_without_a_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (_, sizes) = journal(&path);
    let whole = fs::read(&path).unwrap();
    for bytes in [&b""[..], &whole[..sizes[0] - 1], &[0; 99]] {
        assert!(matches!(read_bytes(bytes), Err(JournalError::Checkpoint(_))));
    }
    let newer = JournalCheckpoint { format_version: 2, ..JournalCheckpoint::default() };
    let refused = read_bytes(&frame::encode(&prost::Message::encode_to_vec(&newer)));
    assert!(matches!(refused, Err(JournalError::Message(ReadError::UnknownFormat { found: 2, .. }))));
    assert!(matches!(read_bytes(&whole[sizes[0]..]), Err(JournalError::Message(_))), "a change is not a checkpoint");
}
