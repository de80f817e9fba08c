//! Acknowledged changes are on disk: counts the sync calls of each change.
#![expect(clippy::print_stderr, reason = "the output must show that nothing was counted")]

use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::support::Bench;
use crate::process::support::data::{promote, score, send_import, train, wait};
use crate::process::support::server::{SERVE, Server};

const STRACE: &str = "/usr/bin/strace";

/// Starts a server with all its syncs traced, if processes can be traced.
fn start_traced(bench: &Bench) -> Option<Server> {
    let traceable = || Command::new(STRACE).args(["-f", "true"]).output().is_ok_and(|ran| ran.status.success());
    if !Path::new(STRACE).exists() || !traceable() {
        eprintln!("nothing counted: processes cannot be traced here");
        return None;
    }
    let command = bench.command(SERVE);
    let mut traced = Command::new(STRACE);
    // The tracer is a separate process, so that the child is the server itself.
    traced.args(["-D", "-f", "-e", "trace=fsync,fdatasync", "-o", "trace"]).arg(command.get_program());
    traced.args(command.get_args()).current_dir(command.get_current_dir().unwrap()).env_clear().stdin(Stdio::null());
    Some(Server::start_with(traced).unwrap())
}

/// Returns the number of syncs that have started.
fn sync_count(bench: &Bench) -> usize {
    let trace = std::fs::read_to_string(bench.path("trace")).unwrap();
    trace.lines().filter(|line| line.contains(" fsync(") || line.contains(" fdatasync(")).count()
}

#[tokio::test]
async fn every_change_is_synced_before_it_is_acknowledged() {
    let bench = Bench::empty();
    let Some(server) = start_traced(&bench) else { return };
    let to = server.clients().await;
    let mut before = sync_count(&bench);
    let mut grew = |what: &str, by: usize| {
        let now = sync_count(&bench);
        assert!(now >= before + by, "{what}: {} syncs, not {by}", now - before);
        before = now;
    };
    // The blob, its name, the record in the journal, and the row.
    send_import(&to, 1).await.unwrap();
    grew("import", 4);
    let run = train(&to).await.unwrap();
    grew("submit", 2);
    let version = wait(&to, &run.name).await.unwrap().model_version;
    grew("publish", 4);
    promote(&to, &version).await.unwrap();
    grew("promote", 2);
    let synced = sync_count(&bench);
    score(&to, "").await.unwrap();
    assert_eq!(sync_count(&bench), synced, "a score writes nothing");
}
