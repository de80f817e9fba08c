//! Streams: chunk order, a single version, no lost accounts, and all errors.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use sweetspot::config::{ServerSettings, Settings};
use sweetspot_proto::v1::stream_scores_request::Message;
use sweetspot_proto::v1::{self, ScoreConfig, StreamScoresRequest, StreamScoresResponse, score_chunk};
use sweetspot_store::store::MemoryStore;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status, Streaming};

use crate::scoring::request;
use crate::support::data::{account, table, with_attributes};
use crate::support::server::{TestServer, promote, publish, world};
use crate::support::{MODEL, assert_refused, fields};

fn message(message: Message) -> StreamScoresRequest {
    StreamScoresRequest { message: Some(message) }
}

fn config(config: ScoreConfig) -> StreamScoresRequest {
    message(Message::Config(config))
}

fn rows(sequence: u64, rows: Vec<v1::Account>) -> StreamScoresRequest {
    let accounts = Some(score_chunk::Accounts::Rows(v1::AccountRows { rows }));
    message(Message::Chunk(v1::ScoreChunk { sequence, accounts }))
}

fn exclude(ids: impl Iterator<Item = usize>) -> StreamScoresRequest {
    message(Message::Exclude(v1::ExcludedIds { account_ids: ids.map(|id| format!("a-{id}")).collect() }))
}

/// Sends all messages and reads all responses.
async fn collect_responses(
    server: &TestServer,
    messages: Vec<StreamScoresRequest>,
) -> Result<Vec<StreamScoresResponse>, Status> {
    let mut stream = server.scoring().stream_scores(tokio_stream::iter(messages)).await?.into_inner();
    let mut answers = Vec::new();
    while let Some(answer) = stream.message().await? {
        answers.push(answer);
    }
    Ok(answers)
}

/// Opens a stream into which messages are sent one by one.
async fn open_stream(
    server: &TestServer,
    first: ScoreConfig,
) -> Result<(mpsc::Sender<StreamScoresRequest>, Streaming<StreamScoresResponse>), Status> {
    let (sender, receiver) = mpsc::channel(1);
    sender.send(config(first)).await.unwrap();
    Ok((sender, server.scoring().stream_scores(ReceiverStream::new(receiver)).await?.into_inner()))
}

async fn score_unary(server: &TestServer, count: usize, config: ScoreConfig) -> Vec<v1::FitScore> {
    let rows = (0..count).map(account).collect();
    server.scoring().score_accounts(request(rows, config)).await.unwrap().into_inner().scores
}

#[tokio::test]
async fn chunks_are_answered_in_their_order_with_the_scores_of_a_call() {
    let server = TestServer::trained().await;
    let with_reasons = ScoreConfig { view: v1::ScoreView::TopReasons.into(), ..ScoreConfig::default() };
    let expected = score_unary(&server, 300, with_reasons.clone()).await;
    let chunk = |number: usize| rows(number as u64 + 7, (number * 30..(number + 1) * 30).map(account).collect());
    let messages = std::iter::once(config(with_reasons)).chain((0..10).map(chunk)).collect();
    let answers = collect_responses(&server, messages).await.unwrap();
    assert_eq!(answers.iter().map(|answer| answer.sequence).collect::<Vec<_>>(), (7..17).collect::<Vec<_>>());
    for (number, answer) in answers.iter().enumerate() {
        let running = answer.running.as_ref().unwrap();
        let so_far = (number as u64 + 1) * 30;
        assert_eq!(running.resolved_version, format!("{MODEL}/versions/1"));
        assert_eq!((running.received, running.scored, running.filtered_out, running.failed), (so_far, so_far, 0, 0));
    }
    assert_eq!(answers.into_iter().flat_map(|answer| answer.scores).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn chunks_of_columns_score_like_chunks_of_rows() {
    let server = TestServer::trained().await;
    let columns = Some(score_chunk::Accounts::Table(table(150)));
    let chunk = message(Message::Chunk(v1::ScoreChunk { sequence: 0, accounts: columns }));
    let answers = collect_responses(&server, vec![config(ScoreConfig::default()), chunk]).await.unwrap();
    assert_eq!(answers[0].scores, score_unary(&server, 150, ScoreConfig::default()).await);
}

#[tokio::test]
async fn a_stream_uses_the_version_that_was_live_at_its_start() {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    publish(&world, "r-2");
    promote(&world, 1);
    let registry = Arc::clone(world.registry());
    let server = TestServer::serve(world, &settings).await;
    let (sender, mut answers) = open_stream(&server, ScoreConfig::default()).await.unwrap();
    let mut versions = Vec::new();
    for sequence in 0..4 {
        if sequence == 2 {
            crate::support::server::promote_in(&registry, 2);
        }
        sender.send(rows(sequence, vec![account(0)])).await.unwrap();
        versions.push(answers.message().await.unwrap().unwrap().running.unwrap().resolved_version);
    }
    assert_eq!(versions, vec![format!("{MODEL}/versions/1"); 4]);
    let (sender, mut answers) = open_stream(&server, ScoreConfig::default()).await.unwrap();
    sender.send(rows(4, vec![account(0)])).await.unwrap();
    let resumed = answers.message().await.unwrap().unwrap();
    assert_eq!((resumed.sequence, resumed.running.unwrap().resolved_version), (4, format!("{MODEL}/versions/2")));
}

#[tokio::test]
async fn invalid_rows_do_not_end_a_stream() {
    let server = TestServer::trained().await;
    let bad = || with_attributes("", [("a", v1::attribute_value::Kind::Number(f64::NAN))]);
    let messages = vec![
        config(ScoreConfig::default()),
        rows(0, vec![account(1), bad(), account(1)]),
        rows(1, vec![bad(), bad()]),
        rows(2, vec![account(1)]),
    ];
    let answers = collect_responses(&server, messages).await.unwrap();
    let told: Vec<Vec<_>> =
        answers.iter().map(|a| a.errors.iter().map(|e| (e.row_index, e.field.as_str())).collect()).collect();
    let field = r#"chunk.rows[0].attributes["a"]"#;
    let second = r#"chunk.rows[1].attributes["a"]"#;
    assert_eq!(told, [vec![(1, second), (2, "chunk.rows[2].account_id")], vec![(0, field), (1, second)], vec![]]);
    let running = answers[2].running.as_ref().unwrap();
    assert_eq!((running.received, running.scored, running.failed), (6, 2, 4));
}

#[tokio::test]
async fn a_stream_with_top_k_returns_the_best_at_its_end_and_keeps_the_order_of_ties() {
    let server = TestServer::trained().await;
    let mut expected = score_unary(&server, 400, ScoreConfig::default()).await;
    expected.sort_by(|a, b| b.log_odds.total_cmp(&a.log_odds));
    let best = ScoreConfig { top_k: 25, ..ScoreConfig::default() };
    let chunk = |number: usize| rows(number as u64, (number * 100..(number + 1) * 100).map(account).collect());
    let answers =
        collect_responses(&server, std::iter::once(config(best)).chain((0..4).map(chunk)).collect()).await.unwrap();
    assert_eq!(answers.len(), 5);
    assert!(answers[..4].iter().all(|answer| answer.scores.is_empty()));
    assert_eq!((answers[4].sequence, answers[4].running.as_ref().unwrap().scored), (3, 400));
    assert_eq!(answers[4].scores, expected[..25]);
}

#[tokio::test]
async fn a_large_top_k_is_split_into_messages_of_bounded_size() {
    let server = TestServer::trained().await;
    let best = ScoreConfig { top_k: 10_000, view: v1::ScoreView::TopReasons.into(), ..ScoreConfig::default() };
    let chunk = |number: usize| rows(number as u64, (number * 4_000..(number + 1) * 4_000).map(account).collect());
    let answers =
        collect_responses(&server, std::iter::once(config(best)).chain((0..3).map(chunk)).collect()).await.unwrap();
    let sizes: Vec<_> = answers[3..].iter().map(StreamScoresResponse::encoded_len).collect();
    assert!(sizes.len() > 2 && sizes.iter().all(|size| *size < (1 << 20) + 256), "{sizes:?}");
    let scores: Vec<_> = answers.iter().flat_map(|answer| &answer.scores).map(|score| score.log_odds).collect();
    assert_eq!(scores.len(), 10_000);
    assert!(scores.is_sorted_by(|a, b| a >= b));
}

#[tokio::test]
async fn a_stream_accepts_excluded_ids_in_several_messages_before_the_first_chunk() {
    let server = TestServer::trained().await;
    let filter = v1::TargetFilter { exclude_account_ids: vec!["a-0".to_owned()], ..v1::TargetFilter::default() };
    let first = ScoreConfig { filter: Some(filter), ..ScoreConfig::default() };
    let messages = vec![
        config(first),
        exclude(10..20),
        exclude(15..30),
        exclude(0..0),
        rows(0, (0..50).map(account).collect()),
        rows(1, (0..50).map(account).collect()),
    ];
    let answers = collect_responses(&server, messages).await.unwrap();
    for answer in &answers {
        let ids: Vec<_> = answer.scores.iter().map(|score| score.account_id.as_str()).collect();
        let expected: Vec<_> = (1..10).chain(30..50).map(|id| format!("a-{id}")).collect();
        assert_eq!(ids, expected);
    }
    assert_eq!(answers[1].running.as_ref().unwrap().filtered_out, 42);
}

#[tokio::test]
async fn a_message_out_of_order_ends_the_stream_with_a_reason() {
    let server = TestServer::trained().await;
    let one = |sequence| rows(sequence, vec![account(0)]);
    let start = || config(ScoreConfig::default());
    let wide = with_attributes("w", [("x", v1::attribute_value::Kind::Text("x".repeat((2 << 20) + 1)))]);
    for (messages, reason) in [
        (vec![], "CONFIG_MISSING"),
        (vec![one(0)], "CONFIG_MISSING"),
        (vec![StreamScoresRequest { message: None }], "EMPTY_MESSAGE"),
        (vec![start(), StreamScoresRequest { message: None }], "EMPTY_MESSAGE"),
        (vec![start(), one(0), start()], "CONFIG_REPEATED"),
        (vec![start(), one(0), exclude(0..1)], "EXCLUDED_TOO_LATE"),
        (vec![start(), one(3), one(5)], "SEQUENCE_BROKEN"),
        (vec![start(), one(3), one(3)], "SEQUENCE_BROKEN"),
        (vec![start(), rows(0, vec![wide])], "CHUNK_TOO_LARGE"),
        (vec![start(), rows(0, vec![])], "EMPTY_REQUEST"),
        (vec![start(), message(Message::Chunk(v1::ScoreChunk::default()))], "EMPTY_REQUEST"),
        (vec![start(), rows(0, (0..10_001).map(account).collect())], "TOO_MANY_ACCOUNTS"),
        (vec![config(ScoreConfig { top_k: 10_001, ..ScoreConfig::default() })], "TOO_MANY_ACCOUNTS"),
    ] {
        assert_refused(collect_responses(&server, messages).await, Code::InvalidArgument, reason);
    }
    let wrong = ScoreConfig { version: "x".to_owned(), view: 9, ..ScoreConfig::default() };
    let details =
        assert_refused(collect_responses(&server, vec![config(wrong)]).await, Code::InvalidArgument, "INVALID_NAME");
    assert_eq!(fields(&details), ["config.version", "config.view"]);
}

#[tokio::test]
async fn responses_before_an_invalid_chunk_are_delivered() {
    let server = TestServer::trained().await;
    let messages = vec![config(ScoreConfig::default()), rows(0, vec![account(0)]), rows(2, vec![account(1)])];
    let mut stream = server.scoring().stream_scores(tokio_stream::iter(messages)).await.unwrap().into_inner();
    assert_eq!(stream.message().await.unwrap().unwrap().sequence, 0);
    assert_refused(stream.message().await, Code::InvalidArgument, "SEQUENCE_BROKEN");
}

#[tokio::test]
async fn a_stream_without_a_model_is_refused() {
    let server = TestServer::empty().await;
    assert_refused(open_stream(&server, ScoreConfig::default()).await, Code::FailedPrecondition, "NO_LIVE_VERSION");
}

#[tokio::test]
async fn a_stream_beyond_the_maximum_is_refused_until_another_ends() {
    let server = ServerSettings { max_score_streams: 1, ..ServerSettings::default() };
    let server = TestServer::trained_with(&Settings { server, ..Settings::default() }).await;
    let (sender, mut answers) = open_stream(&server, ScoreConfig::default()).await.unwrap();
    assert_refused(open_stream(&server, ScoreConfig::default()).await, Code::Unavailable, "OVERLOADED");
    drop(sender);
    assert_eq!(answers.message().await.unwrap(), None);
    assert!(open_stream(&server, ScoreConfig::default()).await.is_ok());
}

#[tokio::test]
async fn a_shutdown_ends_a_stream_and_names_the_chunk_to_resume_at() {
    let server = TestServer::trained().await;
    let (sender, mut answers) = open_stream(&server, ScoreConfig::default()).await.unwrap();
    sender.send(rows(41, vec![account(0)])).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap().sequence, 41);
    let stopped = server.begin_stop();
    let told = answers.message().await;
    assert!(told.as_ref().unwrap_err().message().contains("chunk 41 is the last one answered"), "{told:?}");
    assert_refused(told, Code::Unavailable, "DRAINING");
    drop(sender);
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_stream_whose_client_is_idle_is_ended() {
    let server = ServerSettings { body_timeout: Duration::from_secs(1), ..ServerSettings::default() };
    let server = TestServer::trained_with(&Settings { server, ..Settings::default() }).await;
    let (sender, mut answers) = open_stream(&server, ScoreConfig::default()).await.unwrap();
    sender.send(rows(0, vec![account(0)])).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap().sequence, 0);
    assert_refused(answers.message().await, Code::DeadlineExceeded, "STREAM_IDLE");
}

/// A server whose responses have at most 4 KiB.
async fn small_response_server() -> TestServer {
    let mut settings = Settings::default();
    settings.server.max_response_size = sweetspot::config::ByteSize(4096);
    TestServer::trained_with(&settings).await
}

#[tokio::test]
async fn an_answer_that_does_not_fit_into_a_message_continues_in_the_next_ones() {
    let with_reasons = ScoreConfig { view: v1::ScoreView::TopReasons.into(), ..ScoreConfig::default() };
    let expected = score_unary(&TestServer::trained().await, 600, with_reasons.clone()).await;
    let server = small_response_server().await;
    let in_rows = |sequence, accounts: std::ops::Range<usize>| rows(sequence, accounts.map(account).collect());
    let in_columns = message(Message::Chunk(v1::ScoreChunk {
        sequence: 1,
        accounts: Some(score_chunk::Accounts::Table(table(600))),
    }));
    for (chunks, numbers) in [
        (vec![in_rows(1, 0..300), in_rows(2, 300..301), in_rows(3, 301..600)], vec![1, 2, 3]),
        (vec![in_columns], vec![1]),
    ] {
        let messages = std::iter::once(config(with_reasons.clone())).chain(chunks).collect();
        let answers = collect_responses(&server, messages).await.unwrap();
        assert!(answers.iter().all(|answer| answer.encoded_len() <= 4096));
        let ends: Vec<u64> = answers.iter().filter(|answer| !answer.continues).map(|answer| answer.sequence).collect();
        assert_eq!(ends, numbers, "each answer ends once");
        assert!(answers.is_sorted_by_key(|answer| answer.sequence) && answers.len() > 30);
        let running = answers.last().unwrap().running.clone().unwrap();
        assert_eq!((running.received, running.scored, running.failed), (600, 600, 0));
        assert_eq!(answers.into_iter().flat_map(|answer| answer.scores).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn a_repeated_id_is_an_error_in_any_message_of_an_answer() {
    let server = small_response_server().await;
    let mut accounts: Vec<v1::Account> = (0..200).map(account).collect();
    accounts[199].account_id = accounts[0].account_id.clone();
    let answers = collect_responses(&server, vec![config(ScoreConfig::default()), rows(1, accounts)]).await.unwrap();
    assert!(answers.len() > 1);
    let errors: Vec<_> = answers.iter().flat_map(|answer| &answer.errors).collect();
    assert_eq!(
        errors.iter().map(|error| (error.row_index, &*error.reason)).collect::<Vec<_>>(),
        [(199, "DUPLICATE_ACCOUNT_ID")]
    );
    assert_eq!(answers.iter().map(|answer| answer.scores.len()).sum::<usize>(), 199);
}

#[tokio::test]
async fn one_score_that_fits_into_no_message_ends_the_stream() {
    let mut settings = Settings::default();
    settings.server.max_response_size = sweetspot::config::ByteSize(1024);
    let server = TestServer::trained_with(&settings).await;
    let mut large = account(1);
    let flag = || v1::AttributeValue { kind: Some(v1::attribute_value::Kind::Flag(true)) };
    large.attributes.extend((0..40).map(|number| (format!("unknown attribute {number}"), flag())));
    let answers = collect_responses(&server, vec![config(ScoreConfig::default()), rows(1, vec![large])]).await;
    assert_refused(answers, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
}

#[tokio::test]
async fn issues_of_missing_attributes_can_be_left_out() {
    let server = TestServer::trained().await;
    let sparse: Vec<v1::Account> = (0..3).map(|number| with_attributes(&format!("s-{number}"), [])).collect();
    let with_unknown = with_attributes("unknown", [("no such attribute", v1::attribute_value::Kind::Flag(true))]);
    let accounts: Vec<v1::Account> = sparse.into_iter().chain([account(1), with_unknown]).collect();
    let score = async |omit_missing_issues| {
        let config = ScoreConfig { omit_missing_issues, ..ScoreConfig::default() };
        server.scoring().score_accounts(request(accounts.clone(), config)).await.unwrap().into_inner().scores
    };
    let (complete, short) = (score(false).await, score(true).await);
    assert!(complete[0].issues.len() > 2);
    for (complete, short) in complete.into_iter().zip(short) {
        let missing = |issue: &v1::AttributeIssue| issue.status() == v1::AttributeStatus::Missing;
        let others = complete.issues.iter().filter(|issue| !missing(issue)).cloned().collect();
        assert_eq!(short, v1::FitScore { issues: others, ..complete });
    }
}

#[tokio::test]
async fn without_issues_of_missing_attributes_more_accounts_fit_into_a_response() {
    let accounts: Vec<v1::Account> = (0..10_000).map(|number| with_attributes(&format!("s-{number}"), [])).collect();
    let score = async |server: &TestServer, omit_missing_issues| {
        let config = ScoreConfig { omit_missing_issues, ..ScoreConfig::default() };
        let response = server.scoring().score_accounts(request(accounts.clone(), config)).await;
        response.map(|response| response.into_inner().encoded_len())
    };
    let bytes = score(&TestServer::trained().await, true).await.unwrap();
    assert!(bytes < 3 << 20, "the default maximum");
    let mut settings = Settings::default();
    settings.server.max_response_size = sweetspot::config::ByteSize(bytes as u64);
    let server = TestServer::trained_with(&settings).await;
    assert_eq!(score(&server, true).await.unwrap(), bytes);
    assert_refused(score(&server, false).await, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
}
