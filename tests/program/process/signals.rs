//! Shutdown: running calls are answered, the process ends cleanly, the store is released.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use sweetspot_ingest::synth;
use sweetspot_proto::v1;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::process::support::data::{import, promote, score, send_import, train, wait};
use crate::process::support::server::{Clients, Server};
use crate::process::support::{Bench, signal};

const CALLER_COUNT: usize = 4;

async fn make_live(to: &Clients) {
    send_import(to, 1).await.unwrap();
    let run = train(to).await.unwrap();
    let version = wait(to, &run.name).await.unwrap().model_version;
    promote(to, &version).await.unwrap();
}

/// Scores until the server is gone; reports every response.
async fn keep_scoring(to: Clients, golden: (String, u64), answered: mpsc::Sender<()>) -> Status {
    loop {
        match score(&to, "").await {
            Ok(answer) => assert_eq!(answer, golden),
            Err(status) => return status,
        }
        // Later responses are not counted.
        let _nobody_listens = answered.try_send(());
    }
}

/// Whether an unanswered call ended with an expected status.
///
/// The server adds details to every status, and returns UNAVAILABLE during shutdown. The client's library adds no
/// details, and has statuses of its own for a connection that ends: INTERNAL if a call starts just as the GOAWAY
/// arrives.
fn is_rejection(status: &Status) -> bool {
    let bare = status.details().is_empty();
    let goodbye = status.code() == Code::Internal && is_goaway(status);
    let broken = matches!(status.code(), Code::Unknown | Code::Cancelled);
    status.code() == Code::Unavailable || (bare && (broken || goodbye))
}

/// Whether a status is caused by a GOAWAY without an error.
fn is_goaway(status: &Status) -> bool {
    let causes = std::iter::successors(std::error::Error::source(status), |error| error.source());
    let mut errors = causes.filter_map(|error| error.downcast_ref::<h2::Error>());
    errors.any(|error| error.is_go_away() && error.is_remote() && error.reason() == Some(h2::Reason::NO_ERROR))
}

async fn stop_under_load(name: &str) {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    make_live(&to).await;
    let golden = score(&to, "").await.unwrap();
    let (answered, mut answers) = mpsc::channel(1);
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..CALLER_COUNT {
        callers.spawn(keep_scoring(server.clients().await, golden.clone(), answered.clone()));
    }
    for _ in 0..40 {
        answers.recv().await.unwrap();
    }
    server.signal(name);
    while let Some(status) = callers.join_next().await {
        let status = status.unwrap();
        assert!(is_rejection(&status), "{status:?}");
    }
    drop(to);
    let end = server.wait();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
    assert!(!end.stderr.contains("panicked"), "{}", end.stderr);
    let server = Server::start(&bench);
    assert_eq!(score(&server.clients().await, "").await.unwrap(), golden);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_ends_cleanly() {
    stop_under_load("-TERM").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigint_under_load_ends_cleanly() {
    stop_under_load("-INT").await;
}

#[tokio::test]
async fn other_signals_do_not_end_the_server() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    make_live(&to).await;
    let golden = score(&to, "").await.unwrap();
    for name in ["-HUP", "-QUIT", "-USR1", "-USR2"] {
        server.signal(name);
        assert_eq!(score(&to, "").await.unwrap(), golden, "{name}");
    }
    drop(to);
    server.signal("-TERM");
    let end = server.wait();
    assert_eq!(end.code, Some(0), "{}", end.stderr);
}

#[tokio::test]
async fn a_running_import_completes_during_shutdown() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let channel = server.channel().await;
    let to = Clients::from_channel(&channel);
    let mut health = HealthClient::new(channel);
    let mut watch = health.watch(HealthCheckRequest { service: String::new() }).await.unwrap().into_inner();
    let status = |answer: Option<tonic_health::pb::HealthCheckResponse>| answer.unwrap().status();
    assert_eq!(status(watch.message().await.unwrap()), ServingStatus::Serving);
    let (messages, stream) = mpsc::channel(1);
    let mut datasets = to.datasets.clone();
    let call = tokio::spawn(async move { datasets.import_accounts(ReceiverStream::new(stream)).await });
    let mut accounts = import(2);
    let outcomes = std::mem::take(&mut accounts.outcomes);
    messages.send(accounts).await.unwrap();
    // The slot is free once the call has taken the first message, and later messages on this connection are read later.
    drop(messages.reserve().await.unwrap());
    assert_eq!(score(&to, "").await.unwrap_err().code(), Code::FailedPrecondition);
    server.signal("-TERM");
    assert_eq!(status(watch.message().await.unwrap()), ServingStatus::NotServing);
    assert_eq!(watch.message().await.unwrap(), None);
    messages.send(v1::ImportAccountsRequest { outcomes, ..Default::default() }).await.unwrap();
    drop(messages);
    let answer = call.await.unwrap().unwrap().into_inner();
    assert_eq!(answer.accounts, answer.outcomes);
    drop((to, health));
    assert_eq!(server.wait().code, Some(0));
    let server = Server::start(&bench);
    assert_eq!(send_import(&server.clients().await, 2).await.unwrap(), answer.data_sha256);
}

#[tokio::test]
async fn an_endless_import_is_cut_off_at_shutdown() {
    let bench = Bench::empty();
    bench.write("sweetspot.toml", "[server]\ndrain_timeout = \"1s\"\n");
    let server = Server::start(&bench);
    let to = server.clients().await;
    let (messages, stream) = mpsc::channel(1);
    let mut datasets = to.datasets.clone();
    let call = tokio::spawn(async move { datasets.import_accounts(ReceiverStream::new(stream)).await });
    messages.send(import(2)).await.unwrap();
    drop(messages.reserve().await.unwrap());
    assert_eq!(score(&to, "").await.unwrap_err().code(), Code::FailedPrecondition);
    server.signal("-TERM");
    assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
    assert_eq!(server.wait().code, Some(0));
    let server = Server::start(&bench);
    let train = train(&server.clients().await).await.unwrap_err();
    assert_eq!(train.code(), Code::NotFound, "a partial import must not be stored: {train}");
}

#[test]
fn an_interrupted_training_leaves_a_store_that_opens() {
    for name in ["-INT", "-TERM", "-KILL"] {
        let bench = Bench::with_models();
        let before = bench.ok("score prospects.csv --json").stdout;
        bench.write("many.csv", &synth::customers(17, 3_000));
        let mut command = bench.command("train many.csv --mapping mapping.toml");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        // The import is reported once it is stored; then the training starts.
        while !said.contains("default") {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
        signal(child.id(), name);
        stderr.read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        let expected = if name == "-INT" { Some(130) } else { None };
        assert!(code == expected || code == Some(0), "{name}: {code:?} {said}");
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(bench.ok("score prospects.csv --json").stdout, before, "{name}");
        bench.ok("train --mapping mapping.toml");
    }
}
