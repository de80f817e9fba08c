//! A start that is killed, or refused room, at each of its system calls: the next start has everything.
#![expect(clippy::print_stderr, reason = "a reader of the output must know which starts were not cut off")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::support::{Bench, Run};

const STRACE: &str = "/usr/bin/strace";
const STORE: &str = "sweetspot-data";
const LIST: &str = "hypothesis list --json";

/// System calls that change a folder, or make a change last. Some machines lack some of them.
const CALLS: [&str; 9] = [
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
/// Those that a full disk refuses. A `write` may go to a pipe or to the runtime, where there is no disk.
const WRITES: [&str; 4] = ["mkdir,?mkdirat", "pwrite64", "fsync", "rename,?renameat"];

/// More system calls of one sort than any start makes.
const MOST_CALLS: usize = 500;

fn can_trace() -> bool {
    let traceable = || Command::new(STRACE).args(["-f", "true"]).output().is_ok_and(|ran| ran.status.success());
    let can = Path::new(STRACE).exists() && traceable();
    if !can {
        eprintln!("no start was cut off: processes cannot be traced here");
    }
    can
}

/// Lists hypotheses; `what` happens at the `number`-th call of these in a thread.
fn tampered(bench: &Bench, calls: &str, what: &str, number: usize) -> Run {
    let command = bench.command(LIST);
    let mut traced = Command::new(STRACE);
    traced.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace=?{calls}")]);
    traced.args(["-e", &format!("inject=?{calls}:{what}:when={number}")]).arg(command.get_program());
    traced.args(command.get_args()).current_dir(command.get_current_dir().unwrap()).env_clear().stdin(Stdio::null());
    Run::of(&traced.output().unwrap())
}

fn add(bench: &Bench, attribute: &str) {
    bench.ok(&format!("hypothesis add {attribute} --attribute {attribute} --at-least 5 --odds 2 --worth 10 --by Ann"));
}

/// Stores as a start may find them: a new folder, one without a snapshot of its rows, and one with an older snapshot.
fn stores() -> Vec<Bench> {
    let new = Bench::empty();
    fs::create_dir(new.path(STORE)).unwrap();
    let written = Bench::empty();
    add(&written, "employees");
    let restarted = written.copy();
    add(&restarted, "revenue");
    vec![new, written, restarted]
}

/// A start after one that was cut off finds everything, and so does the one after it.
fn is_whole(bench: &Bench, expected: &str, state: &str) {
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
                assert!(number < MOST_CALLS, "{calls} never ends");
                let bench = store.copy();
                if tampered(&bench, calls, "signal=KILL", number).code == Some(0) {
                    break;
                }
                kills += 1;
                is_whole(&bench, &expected, &format!("killed at {calls} {number}"));
            }
        }
    }
    assert!(kills > 60, "only {kills} starts were killed");
}

#[test]
fn a_start_that_is_refused_room_says_so_and_leaves_a_store_that_opens() {
    if !can_trace() {
        return;
    }
    let mut refused = 0;
    for store in stores() {
        let expected = store.copy().ok(LIST).stdout;
        for calls in WRITES {
            for number in 1..20 {
                let bench = store.copy();
                let run = tampered(&bench, calls, "error=ENOSPC", number);
                if run.code != Some(0) {
                    refused += 1;
                    run.says("error: ").says(STORE).says("no space left").says("free some");
                    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
                }
                is_whole(&bench, &expected, &format!("no space at {calls} {number}"));
            }
        }
    }
    assert!(refused > 10, "only {refused} starts were refused room");
}

/// A file system of a mebibyte; unmounted at the end.
struct Small<'a>(&'a Path);

impl<'a> Small<'a> {
    /// Where this user may mount one.
    fn mount(folder: &'a Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        if !mounted {
            eprintln!("no disk was filled: this user cannot mount one");
        }
        mounted.then_some(Self(folder))
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(self.0).status();
    }
}

/// Fills the disk but for so many bytes.
fn fill(file: &Path, free: usize) {
    use std::io::Write as _;
    let mut filler = fs::File::create(file).unwrap();
    let mut written = 0;
    while filler.write_all(&[1; 4096]).is_ok() {
        written += 4096;
    }
    filler.set_len(written - free as u64).unwrap();
}

#[test]
fn a_store_on_a_full_disk_opens_once_there_is_room() {
    for store in stores().into_iter().skip(1) {
        let expected = store.copy().ok(LIST).stdout;
        for pages in 0..4 {
            let bench = store.copy();
            let small = bench.path("small");
            fs::create_dir(&small).unwrap();
            let Some(_mounted) = Small::mount(&small) else { return };
            let copied = Command::new("cp").arg("-r").arg(bench.path(STORE)).arg(&small).status().unwrap();
            assert!(copied.success());
            let filler = small.join("filler");
            fill(&filler, pages * 4096);
            let line = format!("{LIST} --store small/{STORE}");
            let full = bench.run(&line);
            if full.code != Some(0) {
                full.says("small/sweetspot-data").says("no space left").says("free some");
            }
            assert!(pages > 0 || full.code == Some(1), "{}", full.stderr);
            fs::remove_file(filler).unwrap();
            for _ in 0..2 {
                assert_eq!(bench.ok(&line).stdout, expected, "{pages} pages were free");
            }
        }
    }
}
