//! Only one process can open a store.

use crate::process::support::Bench;
use crate::process::support::data::{promote, score, send_import, train, wait};
use crate::process::support::server::Server;

#[test]
fn a_second_server_is_refused_and_the_first_keeps_running() {
    let bench = Bench::empty();
    let first = Server::start(&bench);
    let refused = Server::try_start(&bench).unwrap_err();
    assert_eq!(refused.code, Some(1));
    refused.assert_stderr("in use by another process").assert_stderr("sweetspot-data").assert_stderr("--server");
    bench.ok(&format!("healthcheck --server {}", first.url));
    assert_eq!(first.stop("-TERM").code, Some(0));
    assert_eq!(Server::start(&bench).stop("-TERM").code, Some(0));
}

#[test]
fn commands_on_the_store_of_a_server_are_refused() {
    let bench = Bench::with_files();
    let server = Server::start(&bench);
    for line in ["model list", "train customers.csv --mapping mapping.toml", "score prospects.csv", "model promote 1"] {
        bench.exits_with(line, 1).assert_stderr("in use by another process");
    }
    assert_eq!(server.stop("-INT").code, Some(0));
}

#[test]
fn a_killed_server_leaves_no_lock() {
    let bench = Bench::with_files();
    for _ in 0..3 {
        Server::start(&bench).kill();
    }
    bench.ok("import customers.csv --mapping mapping.toml");
    assert!(bench.path("sweetspot-data/lock").exists(), "the file stays; what counts is who holds it");
}

#[tokio::test]
async fn a_refused_process_changes_nothing() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    send_import(&to, 1).await.unwrap();
    let run = train(&to).await.unwrap();
    let version = wait(&to, &run.name).await.unwrap().model_version;
    promote(&to, &version).await.unwrap();
    let before = score(&to, "").await.unwrap();
    for _ in 0..3 {
        assert_eq!(Server::try_start(&bench).unwrap_err().code, Some(1));
    }
    assert_eq!(score(&to, "").await.unwrap(), before);
    server.kill();
    let server = Server::start(&bench);
    assert_eq!(score(&server.clients().await, "").await.unwrap(), before);
}
