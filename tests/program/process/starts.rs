//! A start that is killed, or finds no disk space, at each of its system calls: the next start has all data.
#![expect(clippy::print_stderr, reason = "the output must show which starts were not interrupted")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::support::small_disk::SmallDisk;
use crate::process::support::{Bench, Run};

const STRACE: &str = "/usr/bin/strace";
const STORE: &str = "sweetspot-data";
pub(super) const LIST: &str = "hypothesis list --json";

/// System calls that change a folder, or make a change durable. Some machines lack some of them.
pub(super) const CALLS: [&str; 9] = [
    "openat",
    "mkdir,?mkdirat",
    "write",
    "pwrite64",
    "fsync",
    "rename,?renameat",
    "unlink,?unlinkat",
    "ftruncate",
    "rmdir",
];
/// The calls that fail on a full disk. A `write` may go to a pipe or to the runtime, where there is no disk.
const WRITES: [&str; 4] = ["mkdir,?mkdirat", "pwrite64", "fsync", "rename,?renameat"];

/// More system calls of one kind than any start makes.
pub(super) const MAX_CALLS: usize = 500;

pub(super) fn can_trace() -> bool {
    let traceable = || Command::new(STRACE).args(["-f", "true"]).output().is_ok_and(|ran| ran.status.success());
    let can = Path::new(STRACE).exists() && traceable();
    if !can {
        eprintln!("no start was cut off: processes cannot be traced here");
    }
    can
}

/// Runs a command; `what` happens at the `number`-th of these calls in a thread.
pub(super) fn run_tampered(bench: &Bench, line: &str, calls: &str, what: &str, number: usize) -> Run {
    run_tampered_at(bench, line, None, calls, what, number)
}

/// The same for calls that concern one file of the store, if it is given.
pub(super) fn run_tampered_at(
    bench: &Bench,
    line: &str,
    file: Option<&str>,
    calls: &str,
    what: &str,
    number: usize,
) -> Run {
    let command = bench.command(line);
    let mut traced = Command::new(STRACE);
    traced.args(file.iter().flat_map(|file| ["-P".to_owned(), format!("{STORE}/{file}")]));
    traced.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace=?{calls}")]);
    traced.args(["-e", &format!("inject=?{calls}:{what}:when={number}")]).arg(command.get_program());
    traced.args(command.get_args()).current_dir(command.get_current_dir().unwrap()).env_clear().stdin(Stdio::null());
    Run::from_output(&traced.output().unwrap())
}

pub(super) fn add(bench: &Bench, attribute: &str) {
    bench.ok(&format!("hypothesis add {attribute} --attribute {attribute} --at-least 5 --odds 2 --worth 10 --by Ann"));
}

/// Stores that a start may find: a new folder, one without a snapshot of its rows, and one with an older snapshot.
fn stores() -> Vec<Bench> {
    let new = Bench::empty();
    fs::create_dir(new.path(STORE)).unwrap();
    let written = Bench::empty();
    add(&written, "employees");
    let restarted = written.copy();
    add(&restarted, "revenue");
    vec![new, written, restarted]
}

/// Asserts that a start after an interrupted one finds all data, and so does the start after it.
fn assert_intact(bench: &Bench, expected: &str, state: &str) {
    for _ in 0..2 {
        let listed = bench.run(LIST);
        assert_eq!((listed.code, listed.stdout.as_str()), (Some(0), expected), "{state}: {}", listed.stderr);
    }
    let rows = bench.path(STORE).join("rows");
    let names = fs::read_dir(rows).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.ends_with(".generating")), "{state}");
}

#[test]
fn a_start_killed_at_any_system_call_leaves_a_store_that_opens() {
    if !can_trace() {
        return;
    }
    let mut kills = 0;
    for store in stores() {
        let expected = store.copy().ok(LIST).stdout;
        for calls in CALLS {
            for number in 1.. {
                assert!(number < MAX_CALLS, "{calls} never ends");
                let bench = store.copy();
                if run_tampered(&bench, LIST, calls, "signal=KILL", number).code == Some(0) {
                    break;
                }
                kills += 1;
                assert_intact(&bench, &expected, &format!("killed at {calls} {number}"));
            }
        }
    }
    assert!(kills > 60, "only {kills} starts were killed");
}

#[test]
fn a_start_without_disk_space_serves_what_there_is_and_leaves_a_store_that_opens() {
    if !can_trace() {
        return;
    }
    let (mut refused, mut served) = (0, 0);
    for store in stores() {
        let is_new = !store.path(STORE).join("rows").exists();
        let expected = store.copy().ok(LIST).stdout;
        for calls in WRITES {
            for number in 1..20 {
                let bench = store.copy();
                let run = run_tampered(&bench, LIST, calls, "error=ENOSPC", number);
                if run.code == Some(0) {
                    served += 1;
                    assert_eq!(run.stdout, expected);
                } else {
                    refused += 1;
                    assert!(is_new, "no space at {calls} {number}: {}", run.stderr);
                    run.assert_stderr("error: ")
                        .assert_stderr(STORE)
                        .assert_stderr("no space left")
                        .assert_stderr("free some");
                    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
                }
                assert_intact(&bench, &expected, &format!("no space at {calls} {number}"));
            }
        }
    }
    assert!(refused > 0 && served > 0, "{refused} starts were refused and {served} served");
}

#[test]
fn a_store_on_a_full_disk_can_be_read() {
    for store in stores().into_iter().skip(1) {
        let expected = store.copy().ok(LIST).stdout;
        for pages in 0..4 {
            let bench = store.copy();
            let small = bench.path("small");
            fs::create_dir(&small).unwrap();
            let Some(disk) = SmallDisk::mount(&small, "1m") else { return };
            let copied = Command::new("cp").arg("-r").arg(bench.path(STORE)).arg(&small).status().unwrap();
            assert!(copied.success());
            disk.fill(pages * 4096);
            let line = format!("{LIST} --store small/{STORE}");
            assert_eq!(bench.ok(&line).stdout, expected, "{pages} pages were free");
            disk.free();
            for _ in 0..2 {
                assert_eq!(bench.ok(&line).stdout, expected, "{pages} pages were free");
            }
        }
    }
}
