//! The limit of open files of a server.

#![cfg(target_os = "linux")]

use std::fs;
use std::process::Command;

use crate::bench::SERVE;
use crate::process::support::Bench;
use crate::process::support::server::Server;

/// Starts a server under the limits of `ulimit`, and returns its soft limit of open files and its messages.
fn start_under(ulimit: &str) -> (u64, String) {
    let bench = Bench::empty();
    let server = bench.command(SERVE);
    let mut command = Command::new("sh");
    command.env_clear().args(["-c", &format!("{ulimit} && exec \"$0\" \"$@\"")]);
    command.arg(server.get_program()).args(server.get_args()).current_dir(bench.folder.path());
    let server = Server::start_with(command).unwrap();
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.child.id())).unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    (line.split_whitespace().nth(3).unwrap().parse().unwrap(), server.stop("-TERM").stderr)
}

#[test]
fn a_soft_limit_of_open_files_is_raised() {
    let (limit, messages) = start_under("ulimit -Sn 256");
    assert_eq!(limit, 1224, "{messages}");
    assert!(!messages.contains("open files"), "{messages}");
}

#[test]
fn a_hard_limit_of_open_files_that_is_too_low_is_a_warning() {
    let (limit, messages) = start_under("ulimit -n 256");
    assert_eq!(limit, 256);
    assert!(messages.contains("too few open files for server.max_connections"), "{messages}");
}
