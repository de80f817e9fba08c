//! A change that is killed, or whose disk fails, at each of its system calls: it is made in full or not at all.

use crate::process::starts::{CALLS, LIST, MAX_CALLS, add, can_trace, run_tampered_at};
use crate::process::support::Bench;

const CHANGE: &str = "hypothesis add revenue --attribute revenue --at-least 5 --odds 2 --worth 10 --by Ann";

/// The files that a change writes.
const JOURNAL: Option<&str> = Some("journal");
const ROWS: Option<&str> = Some("rows/db");

/// The answers to the list before and after the change.
struct Expected {
    before: String,
    after: String,
}

impl Expected {
    /// Whether the change was made. A second start agrees with the first.
    fn is_made(&self, bench: &Bench, state: &str) -> bool {
        let listed = bench.run(LIST);
        assert_eq!(listed.code, Some(0), "{state}: {}", listed.stderr);
        assert_eq!(bench.ok(LIST).stdout, listed.stdout, "{state}");
        let ids = |text: &str| text.matches("\"id\"").count();
        assert!([&self.before, &self.after].iter().any(|text| ids(text) == ids(&listed.stdout)), "{state}");
        ids(&listed.stdout) == ids(&self.after)
    }
}

fn store() -> (Bench, Expected) {
    let bench = Bench::empty();
    add(&bench, "employees");
    let before = bench.ok(LIST).stdout;
    let changed = bench.copy();
    changed.ok(CHANGE);
    let after = changed.ok(LIST).stdout;
    (bench, Expected { before, after })
}

#[test]
fn a_change_killed_at_any_system_call_is_made_in_full_or_not_at_all() {
    if !can_trace() {
        return;
    }
    let (store, expected) = store();
    let (mut made, mut unmade) = (0, 0);
    let calls = CALLS.map(|calls| (None, calls)).into_iter().chain(["write", "fsync"].map(|call| (JOURNAL, call)));
    for (file, calls) in calls {
        for number in 1.. {
            assert!(number < MAX_CALLS, "{calls} never ends");
            let bench = store.copy();
            let run = run_tampered_at(&bench, CHANGE, file, calls, "signal=KILL", number);
            let is_acknowledged = run.code == Some(0);
            let is_made = expected.is_made(&bench, &format!("killed at {calls} {number}"));
            assert!(is_made || !is_acknowledged, "{calls} {number}: an acknowledged change is lost");
            if is_acknowledged {
                break;
            }
            if is_made { made += 1 } else { unmade += 1 }
        }
    }
    assert!(made > 0 && unmade > 20, "{made} changes were made, and {unmade} were not");
}

#[test]
fn a_change_whose_write_or_sync_fails_is_not_made_unless_it_is_acknowledged() {
    if !can_trace() {
        return;
    }
    let (store, expected) = store();
    let mut refused = 0;
    for (file, calls) in [(JOURNAL, "write"), (JOURNAL, "fsync"), (ROWS, "pwrite64"), (ROWS, "fsync")] {
        for what in ["error=ENOSPC", "error=EIO"] {
            for number in 1..6 {
                let bench = store.copy();
                let run = run_tampered_at(&bench, CHANGE, file, calls, what, number);
                let state = format!("{what} at {calls} {number}: {}", run.stderr);
                // A panic of sled is caught, and becomes an error of the store.
                assert!(run.code.is_some_and(|code| code != 101), "{state}");
                let is_made = expected.is_made(&bench, &state);
                assert!(is_made || run.code != Some(0), "{state}: an acknowledged change is lost");
                // After an error of the disk in the rows, the disk decides.
                let may_be_made = file == ROWS && run.stderr.contains("STORE_FAILED");
                assert!(!is_made || run.code == Some(0) || may_be_made, "{state}");
                refused += usize::from(!is_made);
            }
        }
    }
    assert!(refused > 4, "only {refused} changes were refused");
}
