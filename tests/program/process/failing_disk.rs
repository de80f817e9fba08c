//! A disk that reports errors: writes or syncs of a running server fail for a while.
#![expect(clippy::print_stderr, reason = "the output must show that no call failed")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use tokio::time::timeout;
use tonic::Code;

use crate::process::full_disk::{StoreHealth, make_live, reason};
use crate::process::support::data::{score, send_import};
use crate::process::support::server::{Clients, Server};
use crate::process::support::{Bench, files_in, signal};

const STRACE: &str = "/usr/bin/strace";
const STORE: &str = "sweetspot-data";

/// A tracer that makes system calls of a server fail until it is stopped.
struct FailingCalls {
    tracer: Child,
    /// Read until the tracer has ended, so that it can always write.
    stderr: BufReader<ChildStderr>,
}

impl FailingCalls {
    /// Makes a system call fail: for one file, or for all. `when` selects the calls of each thread, such as `1`. Returns
    /// `None` if processes cannot be traced.
    fn start(server: &Server, call: &str, file: Option<&Path>, when: &str) -> Option<Self> {
        let mut trace = Command::new(STRACE);
        trace.args(["-f", "-o", "/dev/null", "-e", &format!("trace={call}")]);
        trace.args(["-e", &format!("inject={call}:error=EIO:when={when}"), "-p", &server.child.id().to_string()]);
        if let Some(file) = file {
            trace.arg("-P").arg(file.canonicalize().unwrap());
        }
        let mut tracer = trace.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
        let (mut stderr, mut text) = (BufReader::new(tracer.stderr.take().unwrap()), String::new());
        while !text.contains(" attached") {
            if stderr.read_line(&mut text).unwrap() == 0 {
                eprintln!("no call failed: processes cannot be traced here: {text}");
                tracer.wait().unwrap();
                return None;
            }
        }
        Some(Self { tracer, stderr })
    }

    /// Lets calls succeed again.
    fn stop(mut self) {
        signal(self.tracer.id(), "-TERM");
        std::io::copy(&mut self.stderr, &mut std::io::sink()).unwrap();
        self.tracer.wait().unwrap();
    }
}

/// Returns the list of dataset versions.
fn versions(bench: &Bench, server: &Server) -> String {
    bench.ok(&format!("data versions --json --server {}", server.url)).stdout
}

/// Starts a server with a live model. Returns its clients, the score of an account, and its health.
async fn serve_model(bench: &Bench) -> (Server, Clients, (String, u64), StoreHealth) {
    let server = Server::start(bench);
    let to = server.clients().await;
    make_live(&to).await;
    let golden = score(&to, "").await.unwrap();
    let mut health = StoreHealth::watch(&server).await;
    assert!(health.is_writable().await);
    (server, to, golden, health)
}

#[tokio::test]
async fn changes_are_refused_while_rows_cannot_be_synced() {
    let bench = Bench::empty();
    let (server, to, golden, mut health) = serve_model(&bench).await;
    let Some(failing) = FailingCalls::start(&server, "fsync", Some(&bench.path(STORE).join("rows/db")), "1+") else {
        return;
    };
    assert_eq!(reason(&send_import(&to, 2).await.unwrap_err()), (Code::Internal, "STORE_FAILED".to_owned()));
    for _ in 0..2 {
        assert_eq!(reason(&send_import(&to, 2).await.unwrap_err()), (Code::Unavailable, "STORE_READ_ONLY".to_owned()));
    }
    assert_eq!(score(&to, "").await.unwrap(), golden);
    let found = versions(&bench, &server);
    assert!(!health.is_writable().await);
    failing.stop();
    assert!(health.is_writable().await);
    assert_eq!(versions(&bench, &server), found, "what is on disk is found");
    let digest = send_import(&to, 3).await.unwrap();
    let found = versions(&bench, &server);
    server.kill();
    let server = Server::start(&bench);
    assert_eq!(versions(&bench, &server), found);
    let to = server.clients().await;
    assert_eq!((score(&to, "").await.unwrap(), send_import(&to, 3).await.unwrap()), (golden, digest));
}

#[tokio::test]
async fn a_change_is_acknowledged_if_it_can_be_synced_the_second_time() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    send_import(&to, 1).await.unwrap();
    let Some(failing) = FailingCalls::start(&server, "fsync", Some(&bench.path(STORE).join("rows/db")), "1") else {
        return;
    };
    send_import(&to, 2).await.unwrap();
    failing.stop();
    let found = versions(&bench, &server);
    server.kill();
    let server = Server::start(&bench);
    assert_eq!(versions(&bench, &server), found);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&found).unwrap().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_change_whose_record_cannot_be_synced_is_not_made() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    send_import(&to, 1).await.unwrap();
    let before = versions(&bench, &server);
    let Some(failing) = FailingCalls::start(&server, "fsync", Some(&bench.path(STORE).join("journal")), "1+") else {
        return;
    };
    for _ in 0..3 {
        assert_eq!(reason(&send_import(&to, 2).await.unwrap_err()), (Code::Internal, "STORE_FAILED".to_owned()));
        assert_eq!(versions(&bench, &server), before);
    }
    failing.stop();
    let digest = send_import(&to, 2).await.unwrap();
    let found = versions(&bench, &server);
    server.kill();
    let server = Server::start(&bench);
    assert_eq!(versions(&bench, &server), found);
    assert_eq!(send_import(&server.clients().await, 2).await.unwrap(), digest);
}

#[tokio::test]
async fn a_blob_that_cannot_be_synced_is_not_stored() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    send_import(&to, 1).await.unwrap();
    let (blobs, before) = (bench.path(STORE).join("blobs"), versions(&bench, &server));
    let files = files_in(&blobs);
    let Some(failing) = FailingCalls::start(&server, "fsync", None, "1+") else { return };
    assert_eq!(reason(&send_import(&to, 2).await.unwrap_err()), (Code::Internal, "STORE_FAILED".to_owned()));
    assert_eq!((files_in(&blobs), versions(&bench, &server)), (files, before));
    failing.stop();
    send_import(&to, 2).await.unwrap();
}

/// sled's threads are shared by all its databases, so every write after the first one of a thread fails.
#[tokio::test]
async fn changes_end_while_rows_cannot_be_written() {
    let bench = Bench::empty();
    let (server, to, golden, _) = serve_model(&bench).await;
    let rows = bench.path(STORE).join("rows/db");
    let Some(failing) = FailingCalls::start(&server, "pwrite64", Some(&rows), "2+") else { return };
    for salt in 2..12 {
        let ended = timeout(Duration::from_secs(60), send_import(&to, salt)).await;
        if let Err(refused) = ended.expect("the change ends") {
            assert!(matches!(reason(&refused).1.as_str(), "STORE_FAILED" | "STORE_READ_ONLY"), "{refused}");
        }
    }
    assert_eq!(score(&to, "").await.unwrap(), golden);
    failing.stop();
    send_import(&to, 12).await.unwrap();
}

#[tokio::test]
async fn a_store_deleted_under_a_server_takes_no_changes() {
    let bench = Bench::empty();
    let (_server, to, golden, mut health) = serve_model(&bench).await;
    fs::remove_dir_all(bench.path(STORE)).unwrap();
    let refused = send_import(&to, 2).await.unwrap_err();
    assert_eq!(reason(&refused), (Code::DataLoss, "STORE_GONE".to_owned()));
    assert!(refused.message().contains("backup") && refused.message().contains(STORE), "{refused}");
    assert!(!health.is_writable().await);
    assert_eq!(score(&to, "").await.unwrap(), golden);
    assert!(!bench.path(STORE).exists(), "nothing is written in its place");
}

#[test]
fn a_start_with_models_but_without_rows_is_refused() {
    let bench = Bench::with_models();
    fs::remove_dir_all(bench.path(STORE).join("rows")).unwrap();
    fs::create_dir(bench.path(STORE).join("rows")).unwrap();
    for _ in 0..2 {
        let refused = Server::try_start(&bench).unwrap_err();
        assert_eq!(refused.code, Some(1));
        refused
            .assert_stderr(STORE)
            .assert_stderr("has lost its rows")
            .assert_stderr("backup")
            .assert_stderr("sweetspot store repair");
    }
}
