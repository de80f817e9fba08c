//! Repairs of damaged rows and journals, each from the other.

use std::fs;
use std::path::Path;

use sweetspot_store::store::{Examination, RepairPlan, StoreError, journal};

use crate::backends::history::{ChangeHistory, four_rows, open};

fn plan(folder: &Path) -> RepairPlan {
    RepairPlan::new(&Examination::new(folder).unwrap()).unwrap()
}

/// Repairs a store, and returns what was lost. Then nothing is wrong.
fn repair(folder: &Path) -> Option<String> {
    let refused = open(folder);
    let examination = Examination::new(folder).unwrap();
    let plan = RepairPlan::new(&examination).unwrap();
    assert_eq!(plan.is_empty(), refused.is_ok(), "{refused:?}, {plan:?}");
    let replaced = plan.apply(&examination).unwrap();
    drop(examination);
    for path in replaced {
        assert!(path.to_string_lossy().contains(".damaged-"), "{}", path.display());
        assert!(path.exists());
    }
    let after = self::plan(folder);
    assert!(after.is_empty(), "{after:?}");
    plan.loss
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn rows_that_are_behind_missing_or_damaged_are_rebuilt_from_the_journal() {
    type Damage = fn(&ChangeHistory) -> tempfile::TempDir;
    let cases: [Damage; 5] = [
        |history| history.mixed(1, 4),
        |history| history.mixed(0, 4),
        |history| {
            let folder = history.mixed(4, 4);
            fs::remove_dir_all(folder.path().join("rows")).unwrap();
            folder
        },
        |history| {
            let folder = history.mixed(4, 4);
            let path = folder.path().join("rows/db");
            let bytes = fs::read(&path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 3]).unwrap();
            folder
        },
        |history| {
            let folder = history.mixed(4, 4);
            fs::write(folder.path().join("rows/conf"), b"segment_size: 1\nversion: 0.1\n1234").unwrap();
            folder
        },
    ];
    let history = four_rows();
    for damage in cases {
        let folder = damage(&history);
        assert_eq!(repair(folder.path()), None);
        assert_eq!(open(folder.path()).as_ref(), Ok(&history.contents[4]));
    }
}

#[test]
fn a_damaged_or_missing_journal_is_created_again_from_the_rows() {
    let history = four_rows();
    let whole = history.journal(4);
    for place in (0..whole.len()).step_by(53) {
        let folder = history.mixed(4, 4);
        flip(&folder.path().join("journal"), place);
        assert_eq!(repair(folder.path()), None, "byte {place}");
        assert_eq!(open(folder.path()).as_ref(), Ok(&history.contents[4]), "byte {place}");
    }
    let folder = history.mixed(4, 2);
    assert_eq!(repair(folder.path()), None);
    assert_eq!(open(folder.path()).as_ref(), Ok(&history.contents[4]));
    fs::remove_file(folder.path().join("journal")).unwrap();
    assert_eq!(repair(folder.path()), None);
    assert_eq!(open(folder.path()).as_ref(), Ok(&history.contents[4]));
}

#[test]
fn if_both_are_damaged_the_verified_part_stays_and_the_loss_is_reported() {
    let history = four_rows();
    let third = history.journal(2).len();
    let folder = history.mixed(4, 4);
    flip(&folder.path().join("journal"), third + 60);
    fs::remove_file(folder.path().join("rows/db")).unwrap();
    let loss = repair(folder.path()).unwrap();
    assert!(loss.contains("the changes after number 2, at least 2 changes"), "{loss}");
    assert_eq!(open(folder.path()).as_ref(), Ok(&history.contents[2]));
    // Rows that are older than the journal, which is damaged, are newer than its verified part.
    let folder = history.mixed(3, 4);
    flip(&folder.path().join("journal"), third + 60);
    let loss = repair(folder.path()).unwrap();
    assert!(loss.contains("the changes after number 3, at least 1 change"), "{loss}");
    assert_eq!(open(folder.path()).as_ref(), Ok(&history.contents[3]));
}

#[test]
fn a_store_without_rows_and_journal_cannot_be_repaired() {
    let folder = four_rows().mixed(4, 4);
    fs::remove_dir_all(folder.path().join("rows")).unwrap();
    fs::write(folder.path().join("journal"), b"").unwrap();
    let refused = RepairPlan::new(&Examination::new(folder.path()).unwrap());
    assert!(matches!(refused, Err(StoreError::Damaged { .. })), "{refused:?}");
}

#[test]
fn an_intact_store_has_nothing_to_repair_and_an_examination_changes_no_file() {
    let history = four_rows();
    for (rows, journal) in [(4, 4), (3, 4), (0, 0)] {
        let folder = history.mixed(rows, journal);
        let modified = |name: &str| fs::metadata(folder.path().join(name)).unwrap().modified().unwrap();
        let before = ["rows", "rows/db", "journal", "format"].map(modified);
        assert!(plan(folder.path()).is_empty(), "rows {rows}, journal {journal}");
        assert_eq!(["rows", "rows/db", "journal", "format"].map(modified), before);
    }
}

#[test]
fn a_damaged_format_is_written_again() {
    let history = four_rows();
    let folder = history.mixed(4, 4);
    flip(&folder.path().join("format"), 3);
    assert_eq!(repair(folder.path()), None);
    assert_eq!(open(folder.path()).as_ref(), Ok(&history.contents[4]));
    fs::write(folder.path().join("format"), "sweetspot store 9\n").unwrap();
    let refused = Examination::new(folder.path());
    assert!(matches!(refused, Err(StoreError::NewerFormat { found: 9, .. })), "{refused:?}");
}

#[test]
fn a_journal_of_another_store_is_reported_as_a_loss() {
    let history = four_rows();
    let other = ChangeHistory::new(&[1, 2, 3, 4].map(|number| crate::backends::set_row("other", &[number])));
    let folder = history.mixed(4, 4);
    fs::write(folder.path().join("journal"), other.journal(4)).unwrap();
    assert_eq!(repair(folder.path()).unwrap(), "what only the rows contain");
    let read = journal::read(&folder.path().join("journal")).unwrap();
    assert_eq!(read.into_rows(), other.contents[4]);
}
