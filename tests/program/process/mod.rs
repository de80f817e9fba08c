//! The program as a process: killed, stopped, started twice, started on damaged files.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod backups;

mod documented_responses;
mod encrypted;
mod failing_disk;
mod file_limit;
mod full_disk;
mod interrupted_changes;
mod interrupted_erasures;
mod kills;
mod leftover_runs;
mod locks;
mod logs;
mod readiness;
mod refusals;
mod signals;
mod starts;
mod support;
mod syncs;
mod unread_log;
