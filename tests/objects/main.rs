//! Server processes on one database, with the files of models and datasets in an object store.
#![cfg(all(unix, feature = "object-store"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]

#[path = "../program/bench.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod bench;
#[path = "../program/process/support/data.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod data;
#[path = "../support/postgres.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod postgres;
#[path = "../program/process/support/server.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod server;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use bench::{Bench, Run, SERVE, Server, signal};
use data::{promote, score, send_import, train, wait};
use postgres::PostgresServer;
use server::Clients;
use tokio::task::spawn_blocking;

/// The variable with the address of a bucket in which tests may write.
const S3_VARIABLE: &str = "SWEETSPOT_TEST_S3";

/// The time after which a test gives up.
const LIMIT: Duration = Duration::from_secs(60);

/// A database and the address of the files.
struct Place {
    bench: Bench,
    database: String,
    blobs: String,
}

impl Place {
    fn new(database: String, blobs: String) -> Self {
        Self { bench: Bench::empty(), database, blobs }
    }

    /// Returns the program with this store. Credentials for a bucket come from the environment.
    fn command(&self, line: &str) -> Command {
        let mut command = self.bench.command(line);
        command.envs(std::env::vars().filter(|(name, _)| name.starts_with("AWS_")));
        command.env("SWEETSPOT__STORE", &self.database).env("SWEETSPOT__OBJECTS__URL", &self.blobs);
        command
    }

    async fn start(&self) -> (Server, Clients) {
        let command = self.command(SERVE);
        let server = spawn_blocking(move || Server::start_with(command)).await.unwrap().unwrap();
        let clients = server.clients().await;
        (server, clients)
    }

    async fn start_with_cache(&self, cache: &Path, variables: &[(&str, &str)]) -> (Server, Clients) {
        let mut command = self.command(SERVE);
        command.env("SWEETSPOT__SERVER__MODEL_CACHE", cache).envs(variables.iter().copied());
        let server = spawn_blocking(move || Server::start_with(command)).await.unwrap().unwrap();
        let clients = server.clients().await;
        (server, clients)
    }

    fn run(&self, line: &str) -> Run {
        Run::from_output(&self.command(line).output().unwrap())
    }
}

/// Imports, trains and promotes. Returns the version.
async fn train_live(to: &Clients, salt: usize) -> String {
    send_import(to, salt).await.unwrap();
    let run = train(to).await.unwrap();
    let version = wait(to, &run.name).await.unwrap().model_version;
    promote(to, &version).await.unwrap();
    version
}

/// The files below a folder, without the one that names the store.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !path.file_name().unwrap().to_str().unwrap().starts_with("store-") {
            found.push(path);
        }
    }
    found
}

/// Trains on one server; a second one and a restarted one give the same scores; a copy to a directory does, too.
async fn serve_from(database: &PostgresServer, blobs: String) {
    let place = Place::new(database.new_schema(), blobs);
    let (first, clients) = place.start().await;
    let version = train_live(&clients, 0).await;
    let expected = score(&clients, "").await.unwrap();
    assert_eq!(expected.0, version);
    let (_second, others) = place.start().await;
    assert_eq!(score(&others, "").await.unwrap(), expected);
    first.kill();
    let (restarted, clients) = place.start().await;
    assert_eq!(score(&clients, "").await.unwrap(), expected);
    let backup = place.bench.path("backup");
    let line = format!("store backup {} --server {}", backup.display(), restarted.url);
    let run = place.run(&line);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let run = place.bench.run(&format!("store restore {} --store restored", backup.display()));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    place.bench.ok("store check --store restored");
    let run = place.run(&format!("store copy --from {} --from-objects {} --to copied", place.database, place.blobs));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    place.bench.ok("store check --store copied");
    for folder in ["restored", "copied"] {
        let command = place.bench.command(&format!("{SERVE} --store {folder}"));
        let server = spawn_blocking(move || Server::start_with(command)).await.unwrap().unwrap();
        assert_eq!(score(&server.clients().await, "").await.unwrap(), expected);
    }
    assert_eq!(restarted.stop("-TERM").code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_trained_served_backed_up_and_copied_with_files_in_a_shared_folder() {
    let Some(database) = PostgresServer::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    serve_from(&database, format!("file://{}", folder.path().display())).await;
    assert!(files(folder.path()).len() > 2);
}

/// The address of a folder of a bucket; `None` if there is no bucket.
fn bucket_folder(name: &str) -> Option<String> {
    let Ok(bucket) = std::env::var(S3_VARIABLE) else {
        // The output must show that a test had no effect.
        let _written = writeln!(std::io::stderr(), "skipped: {S3_VARIABLE} is not set (see scripts/objects-check.sh)");
        return None;
    };
    Some(format!("{bucket}/{name}-{}", std::process::id()))
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_trained_served_backed_up_and_copied_with_files_in_s3() {
    let (Some(blobs), Some(database)) = (bucket_folder("served"), PostgresServer::shared()) else { return };
    serve_from(&database, blobs).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_from_its_copies_while_s3_does_not_answer() {
    let (Some(blobs), Some(database)) = (bucket_folder("cached"), PostgresServer::shared()) else { return };
    let (place, cache) = (Place::new(database.new_schema(), blobs), tempfile::tempdir().unwrap());
    let (server, clients) = place.start_with_cache(cache.path(), &[]).await;
    train_live(&clients, 0).await;
    let expected = score(&clients, "").await.unwrap();
    let (rows, started) = (cache.path().join("cached-rows"), Instant::now());
    while !fs::read(&rows).is_ok_and(|bytes| bytes.windows(8).any(|part| part == b"version/")) {
        assert!(started.elapsed() < LIMIT, "nothing is cached");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.kill();
    let (_server, clients) = place.start_with_cache(cache.path(), &[("AWS_ENDPOINT", "http://127.0.0.1:1")]).await;
    assert_eq!(score(&clients, "").await.unwrap(), expected);
    let refused = send_import(&clients, 1).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unavailable, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_keeps_scoring_while_its_files_are_gone() {
    let Some(database) = PostgresServer::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let objects = folder.path().join("objects");
    fs::create_dir(&objects).unwrap();
    let place = Place::new(database.new_schema(), format!("file://{}", objects.display()));
    let (server, clients) = place.start().await;
    train_live(&clients, 0).await;
    let expected = score(&clients, "").await.unwrap();
    let away = folder.path().join("away");
    fs::rename(&objects, &away).unwrap();
    assert_eq!(score(&clients, "").await.unwrap(), expected);
    let run = train(&clients).await.unwrap();
    let failed = wait(&clients, &run.name).await.unwrap();
    assert!(failed.error.is_some() && failed.model_version.is_empty(), "{failed:?}");
    assert_eq!(score(&clients, "").await.unwrap(), expected);
    if objects.exists() {
        fs::remove_dir_all(&objects).unwrap();
    }
    fs::rename(&away, &objects).unwrap();
    let run = train(&clients).await.unwrap();
    assert!(!wait(&clients, &run.name).await.unwrap().model_version.is_empty());
    assert_eq!(server.stop("-TERM").code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_addresses_are_refused_with_their_remedy() {
    let Some(database) = PostgresServer::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(database.new_schema(), format!("file://{}", folder.path().display()));
    let (server, clients) = place.start().await;
    train_live(&clients, 0).await;
    server.stop("-TERM");
    let other = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    for (store, blobs, part) in [
        (&*place.database, String::new(), "its files are in an object store"),
        (&*place.database, format!("file://{}", other.path().display()), "does not contain its files"),
        (&*place.database, format!("file://{}", missing.display()), "there is no such folder"),
        (&*place.database, "s3://key:secret@bucket".to_owned(), "s3://bucket/path"),
        ("directory", place.blobs.clone(), "the store is a directory"),
    ] {
        let mut command = place.bench.command(SERVE);
        command.env("SWEETSPOT__STORE", store);
        if !blobs.is_empty() {
            command.env("SWEETSPOT__OBJECTS__URL", &blobs);
        }
        let run = spawn_blocking(move || Server::start_with(command)).await.unwrap().unwrap_err();
        run.assert_stderr(part);
        assert_ne!(run.code, Some(0));
    }
}
