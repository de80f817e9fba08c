//! A change that is killed, or whose disk fails, at each of its system calls: it is made in full or not at all.

use crate::process::starts::{CALLS, LIST, MAX_CALLS, add, can_trace, run_tampered};
use crate::process::support::Bench;

const CHANGE: &str = "hypothesis add revenue --attribute revenue --at-least 5 --odds 2 --worth 10 --by Ann";

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
    for calls in CALLS {
        for number in 1.. {
            assert!(number < MAX_CALLS, "{calls} never ends");
            let bench = store.copy();
            let is_acknowledged = run_tampered(&bench, CHANGE, calls, "signal=KILL", number).code == Some(0);
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
    for calls in ["write", "pwrite64", "fsync", "ftruncate"] {
        for what in ["error=ENOSPC", "error=EIO"] {
            for number in 1..30 {
                let bench = store.copy();
                let run = run_tampered(&bench, CHANGE, calls, what, number);
                let state = format!("{what} at {calls} {number}: {}", run.stderr);
                assert!(!run.stderr.contains("panicked"), "{state}");
                let is_made = expected.is_made(&bench, &state);
                // The answer itself goes through `write`: after a change that was made, printing it may fail.
                let is_printed = calls != "write";
                assert!(is_made || run.code != Some(0), "{state}");
                assert!(!is_made || run.code == Some(0) || !is_printed, "{state}");
                refused += usize::from(!is_made);
            }
        }
    }
    assert!(refused > 4, "only {refused} changes were refused");
}
