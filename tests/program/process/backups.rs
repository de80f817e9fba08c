//! Backups of a running server: of one moment, and never half a backup or half a store after a kill.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use sweetspot_proto::v1;
use sweetspot_proto::v1::store_service_client::StoreServiceClient;
use sweetspot_store::clock::{Clock as _, SystemClock};
use tonic::transport::Channel;

use crate::process::support::data::{MODEL, promote, score, send_import, train, wait};
use crate::process::support::server::{Clients, SERVE, Server};
use crate::process::support::{Bench, Run, files_in};

/// What a server answers about its model: the versions, the history, and the score of each version.
#[derive(Debug, PartialEq)]
struct Answers {
    versions: Vec<v1::ModelVersion>,
    promotions: Vec<v1::Promotion>,
    scores: Vec<(String, u64)>,
}

async fn answers(to: &Clients) -> Answers {
    let request = v1::ListModelVersionsRequest { parent: MODEL.to_owned(), ..Default::default() };
    let versions = to.models.clone().list_model_versions(request).await.unwrap().into_inner().versions;
    let request = v1::ListPromotionsRequest { parent: MODEL.to_owned(), ..Default::default() };
    let promotions = to.models.clone().list_promotions(request).await.unwrap().into_inner().promotions;
    let mut scores = vec![score(to, &format!("{MODEL}/versions/live")).await.unwrap()];
    for version in &versions {
        scores.push(score(to, &version.name).await.unwrap());
    }
    Answers { versions, promotions, scores }
}

/// Imports data, trains a version on it, and makes it live.
async fn make_version_live(to: &Clients, salt: usize) {
    send_import(to, salt).await.unwrap();
    let run = train(to).await.unwrap();
    let run = wait(to, &run.name).await.unwrap();
    promote(to, &run.model_version).await.unwrap();
}

fn store_client(channel: Channel) -> StoreServiceClient<Channel> {
    StoreServiceClient::new(channel)
}

/// Starts a server on another store of the folder.
fn serve(bench: &Bench, store: &str) -> Server {
    Server::start_with(bench.command(&format!("serve --listen 127.0.0.1:0 --quiet --store {store}"))).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_server_answers_as_at_the_moment_of_the_backup() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    for salt in 0..2 {
        make_version_live(&to, salt).await;
    }
    let at = format!("--server {}", server.url);
    bench.ok(&format!("finding add may --text They-need-it-by-May --spiced critical_event --by Ben {at}"));
    let definition = bench.ok(&format!("definition show --json {at}")).stdout;
    let expected = answers(&to).await;
    assert_eq!((expected.versions.len(), expected.promotions.len()), (2, 2));
    let mut client = store_client(server.channel().await);
    let mut parts = client.backup_store(v1::BackupStoreRequest::default()).await.unwrap().into_inner();
    let mut tar = parts.message().await.unwrap().unwrap().content;
    for salt in 2..4 {
        make_version_live(&to, salt).await;
    }
    while let Some(part) = parts.message().await.unwrap() {
        tar.extend(part.content);
    }
    fs::write(bench.path("backup.tar"), tar).unwrap();
    assert_eq!(answers(&to).await.versions.len(), 4);
    assert_eq!(server.stop("-TERM").code, Some(0));
    bench.ok("store restore backup.tar --store restored");
    assert_eq!(bench.ok("definition show --json --store restored").stdout, definition);
    let restored = serve(&bench, "restored");
    let to = restored.clients().await;
    assert_eq!(answers(&to).await, expected);
    make_version_live(&to, 2).await;
    assert_eq!(answers(&to).await.versions.len(), 3);
    assert_eq!(restored.stop("-TERM").code, Some(0));
}

/// Replaces a file by a pipe without a writer, so that opening it never ends. Returns the content of the file.
pub(super) fn block(path: &PathBuf) -> Vec<u8> {
    let content = fs::read(path).unwrap();
    fs::remove_file(path).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    content
}

/// Starts a backup to `one.tar`, and returns once the file is being written.
fn start_backup_to_file(bench: &Bench, server: &Server) -> Child {
    let is_temporary = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with(".one.tar.");
    loop {
        let mut command = bench.command(&format!("store backup --output one.tar --server {}", server.url));
        let mut backup = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It is refused until the server has noticed that the client before is gone.
        while backup.try_wait().unwrap().is_none() {
            if fs::read_dir(bench.folder.path()).unwrap().any(|entry| is_temporary(entry.unwrap())) {
                return backup;
            }
            thread::yield_now();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_backup_is_not_a_backup() {
    let bench = Bench::with_models();
    // In small parts, each file is sent before the next one is opened.
    let mut command = bench.command(SERVE);
    command.env("SWEETSPOT__SERVER__MAX_RESPONSE_SIZE", "1KiB");
    let server = Server::start_with(command).unwrap();
    // The last file of the backup.
    let last = files_in(&bench.path("sweetspot-data/blobs")).pop().unwrap();
    let content = block(&last);
    let mut backup = bench.command(&format!("store backup files --server {}", server.url)).spawn().unwrap();
    let blobs = bench.path("files/blobs");
    while !blobs.exists() || files_in(&blobs).len() < 2 {
        thread::yield_now();
    }
    backup.kill().unwrap();
    backup.wait().unwrap();
    bench.exits_with("store restore files --store restored", 3).assert_stderr("SHA256SUMS is missing");
    bench.exits_with(&format!("store backup files --server {}", server.url), 1).assert_stderr("incomplete backup");
    // A server that is killed in a backup has changed nothing.
    let backup = start_backup_to_file(&bench, &server);
    server.kill();
    let ended = Run::from_output(&backup.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert!(!bench.path("one.tar").exists());
    fs::remove_file(&last).unwrap();
    fs::write(&last, content).unwrap();
    fs::remove_dir_all(bench.path("files")).unwrap();
    bench.ok("store backup files");
    bench.ok("store restore files --store restored");
}

#[test]
fn a_killed_restore_is_not_a_store() {
    let bench = Bench::with_models();
    bench.ok("store backup --output backup.tar");
    let tar = fs::read(bench.path("backup.tar")).unwrap();
    let mut restore = bench.command("store restore - --store restored").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = restore.stdin.take().unwrap();
    stdin.write_all(&tar[..tar.len() / 2]).unwrap();
    stdin.flush().unwrap();
    let blobs = bench.path("restored/blobs");
    while !blobs.exists() {
        thread::yield_now();
    }
    restore.kill().unwrap();
    restore.wait().unwrap();
    let opened = bench.run("model list --store restored");
    assert_ne!(opened.code, Some(0));
    opened.assert_stderr("not complete").assert_stderr("delete the folder");
    let again = bench.run("store restore backup.tar --store restored");
    assert_ne!(again.code, Some(0));
    again.assert_stderr("not complete").assert_stderr("delete the folder");
    fs::remove_dir_all(bench.path("restored")).unwrap();
    bench.ok("store restore backup.tar --store restored");
    assert_eq!(bench.ok("model list --store restored --json").stdout, bench.ok("model list --json").stdout);
}

#[test]
fn a_server_removes_unused_files_at_its_start() {
    let bench = Bench::with_models();
    let unused = bench.path("sweetspot-data/blobs/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    fs::create_dir_all(unused.parent().unwrap()).unwrap();
    let file = fs::File::create(&unused).unwrap();
    file.set_modified(SystemTime::from(SystemClock.now()) - Duration::from_secs(7200)).unwrap();
    let server = Server::start(&bench);
    while unused.exists() {
        thread::yield_now();
    }
    assert_eq!(server.stop("-TERM").code, Some(0));
    bench.ok("model list");
}
