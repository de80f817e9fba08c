//! The checks of the fuzz targets, on random changes from a fixed seed.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_stored::example;

use super::*;

/// The number of changes of a message.
const MESSAGE_CHANGES: usize = 10_000;
/// The number of changes of what takes longer to check: a model or a connection.
const LONG_CHANGES: usize = 500;

/// Checks `seed`, and random changes of it.
fn check_changes(seed: &[u8], changes: usize, check: impl Fn(&[u8])) {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    check(seed);
    for _ in 0..changes {
        check(&splice(seed, &random_edits(&mut random)));
    }
}

/// One to three edits. Half of them keep the length, and half of their bytes are small, as most field keys, lengths and
/// codes are.
fn random_edits(random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut edits = Vec::new();
    for _ in 0..random.random_range(1..4) {
        let inserted = random.random_range(0..3_u8);
        let removed = if random.random() { inserted } else { random.random_range(0..4) };
        edits.extend(random.random::<[u8; 2]>());
        edits.extend([removed, inserted]);
        for _ in 0..inserted {
            edits.push(if random.random() { random.random_range(0..8) } else { random.random() });
        }
    }
    edits
}

fn scorer() -> Scorer {
    Scorer::compile(&ModelArtifact::from_bytes(&example::complete().encode_to_vec()).unwrap()).unwrap()
}

#[test]
fn changed_requests_are_read_as_prost_reads_them() {
    let scorer = scorer();
    check_changes(&example_request(), MESSAGE_CHANGES, |bytes| check_score_request(&scorer, bytes));
}

#[test]
fn changed_tables_are_read_as_prost_reads_them() {
    let scorer = scorer();
    check_changes(&example_table(), MESSAGE_CHANGES, |bytes| check_account_table(&scorer, bytes));
}

#[test]
fn changed_artifacts_are_refused_or_score() {
    let golden = include_bytes!("../../crates/sweetspot-model/tests/golden/artifact-v1-rules.bin");
    for seed in [example::complete().encode_to_vec(), golden.to_vec()] {
        check_changes(&seed, LONG_CHANGES, check_artifact);
    }
}

#[test]
fn changed_backups_are_refused_or_whole() {
    let place = tempfile::tempdir().unwrap();
    let place = place.path().join("place");
    let seed = example_backup();
    check_changes(&seed, LONG_CHANGES, |bytes| check_backup(bytes, &place));
    check_changes(&seed, LONG_CHANGES, |bytes| {
        let mut repaired = bytes.to_vec();
        repair_tar_headers(&mut repaired);
        check_backup(&repaired, &place);
    });
}

#[test]
fn frames_in_pieces_are_charged_as_in_one() {
    // A few more pairs than the budget allows: some changes keep the connection within it.
    let reset = [0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8];
    let call = [0, 0, 0, 1, 4, 0, 0, 0, 1];
    let many = [&reset[..], &call].concat().repeat(1_002);
    for piece in [1, 64] {
        check_changes(&many, LONG_CHANGES, |bytes| check_frames(bytes, piece));
    }
}

#[test]
fn splicing_removes_and_inserts_at_a_place() {
    for (edits, expected) in [
        (&[][..], "abcdef"),
        (&[0, 0, 0], "abcdef"),
        (&[0, 1, 2, 0], "adef"),
        (&[0, 6, 9, 1, b'g'], "abcdefg"),
        (&[0, 7, 0, 9, b'x', b'y'], "xyabcdef"),
        (&[0, 2, 1, 1, b'C', 0, 0, 1, 0], "bCdef"),
    ] {
        assert_eq!(splice(b"abcdef", edits), expected.as_bytes(), "{edits:?}");
    }
}
