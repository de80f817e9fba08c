//! Segments over gRPC: in a version, in every score, as a filter, and as a document.

use sweetspot_proto::v1::column::Data;
use sweetspot_proto::v1::report_service_client::ReportServiceClient;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self, OutcomeKind};
use tonic::Code;

use crate::support::server::TestServer;
use crate::support::{DATASET, MODEL, assert_refused, fields};

const ROWS: usize = 800;

/// Small logistics companies and large hospitals buy; others rarely do.
fn table() -> v1::AccountTable {
    let sizes = (0..ROWS).map(|row| (row * 7 % 90 + if row / 4 % 2 == 1 { 1000 } else { 10 }) as f64).collect();
    let dictionary = ["logistics", "health", "mining", "retail"].map(str::to_owned).into();
    let sectors = v1::DictionaryColumn { dictionary, codes: (0..ROWS as u32).map(|row| row % 4).collect() };
    let column = |name: &str, data| v1::Column { name: name.to_owned(), data: Some(data), ..v1::Column::default() };
    v1::AccountTable {
        account_ids: (0..ROWS).map(|row| format!("a-{row}")).collect(),
        columns: vec![
            column("employees", Data::Numbers(v1::DoubleColumn { values: sizes })),
            column("sector", Data::Texts(sectors)),
        ],
    }
}

fn is_won(row: usize) -> bool {
    let (sector, large, odd) = (row % 4, row / 4 % 2 == 1, (row / 8).is_multiple_of(10));
    (sector == 0 && !large || sector == 1 && large) != odd
}

/// A server with a version of these customers, with or without their values.
async fn server(values: bool) -> TestServer {
    let server = TestServer::empty().await;
    let outcome = |row: usize| v1::Outcome {
        outcome_id: format!("o-{row}"),
        account_id: format!("a-{row}"),
        kind: if is_won(row) { OutcomeKind::Won } else { OutcomeKind::Lost }.into(),
        value: (values && is_won(row)).then_some(if row % 4 == 1 { 9000.0 } else { 1000.0 }),
        currency_code: if values && is_won(row) { "EUR".to_owned() } else { String::new() },
        ..v1::Outcome::default()
    };
    let message = v1::ImportAccountsRequest {
        dataset: DATASET.to_owned(),
        accounts: Some(table()),
        outcomes: (0..ROWS).map(outcome).collect(),
        ..v1::ImportAccountsRequest::default()
    };
    server.dataset().import_accounts(tokio_stream::iter([message])).await.unwrap();
    train(&server, v1::TrainingConfig::default()).await;
    server
}

/// Trains a version by won and lost, and returns the run.
async fn train(server: &TestServer, config: v1::TrainingConfig) -> v1::TrainingRun {
    let label_policy = Some(v1::LabelPolicy { preset: v1::LabelPreset::Won.into(), ..Default::default() });
    let config = Some(v1::TrainingConfig { label_policy, ..config });
    let request =
        v1::TrainModelRequest { model: MODEL.to_owned(), dataset: DATASET.to_owned(), config, ..Default::default() };
    let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
    let run = server.wait(&run).await;
    assert!(!run.model_version.is_empty(), "{run:?}");
    run
}

fn name() -> String {
    format!("{MODEL}/versions/1")
}

fn request(filter: v1::TargetFilter) -> v1::ScoreAccountsRequest {
    let config = v1::ScoreConfig { version: name(), filter: Some(filter), ..v1::ScoreConfig::default() };
    v1::ScoreAccountsRequest { config: Some(config), accounts: Some(Accounts::Table(table())) }
}

async fn scores(server: &TestServer, filter: v1::TargetFilter) -> Vec<v1::FitScore> {
    server.scoring().score_accounts(request(filter)).await.unwrap().into_inner().scores
}

#[tokio::test]
async fn scores_name_their_segment_and_a_filter_selects_segments() {
    let server = server(true).await;
    let version = server.model().get_model_version(v1::GetModelVersionRequest { name: name() }).await.unwrap();
    let version = version.into_inner().version.unwrap();
    assert!(version.segments.len() >= 2, "{:?}", version.segments);
    let values = version.values.unwrap();
    assert_eq!((values.currency_code.as_str(), values.value_if_not), ("EUR", 0.0));
    let all = scores(&server, v1::TargetFilter::default()).await;
    for segment in &version.segments {
        let inside: Vec<_> = all.iter().filter(|score| score.segment_id == segment.id).cloned().collect();
        assert_eq!(inside.len() as u64, segment.customers);
        let filter = v1::TargetFilter { segments: vec![segment.id.clone()], ..Default::default() };
        assert_eq!(scores(&server, filter).await, inside);
        for score in inside {
            let (p, ideal) = (score.probability, segment.value_if_ideal.unwrap());
            assert_eq!(score.expected_value, Some(p * ideal + (1.0 - p) * 0.0));
            assert_eq!(score.currency_code, "EUR");
        }
    }
    let filter = v1::TargetFilter { min_expected_value: Some(500.0), ..Default::default() };
    let worth: Vec<_> = all.iter().filter(|score| score.expected_value.unwrap() >= 500.0).cloned().collect();
    assert!(!worth.is_empty() && worth.len() < all.len());
    assert_eq!(scores(&server, filter).await, worth);
}

#[tokio::test]
async fn a_filter_by_an_unknown_segment_or_value_is_refused() {
    let server = server(false).await;
    let filter = v1::TargetFilter {
        segments: vec!["segment-1".to_owned(), "segment-77".to_owned()],
        min_expected_value: Some(1.0),
        ..Default::default()
    };
    let answer = server.scoring().score_accounts(request(filter)).await;
    let details = assert_refused(answer, Code::InvalidArgument, "INVALID_FILTER");
    assert_eq!(fields(&details), ["config.filter.segments[1]", "config.filter.min_expected_value"]);
    let filter = v1::TargetFilter { min_expected_value: Some(f64::NAN), ..Default::default() };
    assert_refused(server.scoring().score_accounts(request(filter)).await, Code::InvalidArgument, "INVALID_FILTER");
    let score = scores(&server, v1::TargetFilter::default()).await.remove(0);
    assert_eq!((score.expected_value, score.currency_code.as_str()), (None, ""));
}

#[tokio::test]
async fn segments_are_listed_as_a_document() {
    let server = server(true).await;
    let mut profile = ReportServiceClient::new(server.channel.clone());
    let ask = |version: &str| v1::ListSegmentsRequest { version: version.to_owned() };
    let told = profile.list_segments(ask(&name())).await.unwrap().into_inner().segments.unwrap();
    assert_eq!((told.version.as_str(), told.currency_code.as_str()), (name().as_str(), "EUR"));
    assert!(told.segments.len() >= 2, "{told:?}");
    let inside: u64 = told.segments.iter().map(|segment| segment.customers).sum();
    assert_eq!(inside + told.outside_customers, ROWS as u64);
    for segment in &told.segments {
        let rate = segment.ideal_rate.unwrap();
        assert!(segment.ideal_rate_low <= rate && rate <= segment.ideal_rate_high);
        assert_eq!((segment.examples.len(), segment.spiced.len()), (3, 5));
        assert!(!segment.rule.is_empty() && segment.how_to_spot_one.contains(&segment.rule[0]));
        assert!(segment.spiced.iter().all(|line| line.quotes.is_empty()), "there are no interviews");
    }
    let unknown = profile.list_segments(ask(&format!("{MODEL}/versions/9"))).await;
    assert_refused(unknown, Code::NotFound, "VERSION_NOT_FOUND");
    assert_refused(profile.list_segments(ask("version one")).await, Code::InvalidArgument, "INVALID_NAME");
}

/// The segments of a version, as its document.
async fn document(server: &TestServer, number: u64) -> v1::Segments {
    let request = v1::ListSegmentsRequest { version: format!("{MODEL}/versions/{number}") };
    server.report().list_segments(request).await.unwrap().into_inner().segments.unwrap()
}

/// The config of a run, as the server keeps it.
async fn config_of(server: &TestServer, run: &v1::TrainingRun) -> v1::TrainingConfig {
    let request = v1::GetTrainingRunRequest { name: run.name.clone() };
    server.model().get_training_run(request).await.unwrap().into_inner().run.unwrap().config.unwrap()
}

async fn add_finding(server: &TestServer, id: &str, segment_id: &str) {
    let finding = v1::Finding {
        id: id.to_owned(),
        text: format!("learned {id}"),
        segment_id: segment_id.to_owned(),
        spiced: v1::SpicedPart::Pain.into(),
        ..v1::Finding::default()
    };
    let request = v1::CreateFindingRequest { finding: Some(finding), ..v1::CreateFindingRequest::default() };
    server.definition().create_finding(request).await.unwrap();
}

#[tokio::test]
async fn findings_follow_their_segment_to_the_next_version() {
    let server = server(true).await;
    let first = document(&server, 1).await;
    let (kept, lost) = (&first.segments[1], "segment-77");
    add_finding(&server, "kept", &kept.id).await;
    add_finding(&server, "lost", lost).await;
    // A smaller table: the order and the bounds of the rules may change, and the segments stay.
    let mut table = table();
    let keep = 700;
    table.account_ids.truncate(keep);
    for column in &mut table.columns {
        match &mut column.data {
            Some(Data::Numbers(numbers)) => numbers.values.truncate(keep),
            Some(Data::Texts(texts)) => texts.codes.truncate(keep),
            other => unreachable!("{other:?}"),
        }
    }
    let outcome = |row: usize| v1::Outcome {
        outcome_id: format!("o-{row}"),
        account_id: format!("a-{row}"),
        kind: if is_won(row) { OutcomeKind::Won } else { OutcomeKind::Lost }.into(),
        ..v1::Outcome::default()
    };
    let message = v1::ImportAccountsRequest {
        dataset: DATASET.to_owned(),
        accounts: Some(table),
        outcomes: (0..keep).map(outcome).collect(),
        ..v1::ImportAccountsRequest::default()
    };
    server.dataset().import_accounts(tokio_stream::iter([message])).await.unwrap();
    let run = train(&server, v1::TrainingConfig::default()).await;
    let second = document(&server, 2).await;
    let same = second.segments.iter().find(|segment| segment.id == kept.id).unwrap();
    let sector = |segment: &v1::Segment| segment.rule.iter().find(|text| text.starts_with("sector ")).cloned();
    assert_eq!(sector(same), sector(kept));
    let pain = same.spiced.iter().find(|answers| answers.part() == v1::SpicedPart::Pain).unwrap();
    assert_eq!(pain.findings, ["learned kept"]);
    assert_eq!(second.findings_without_segment, ["learned lost (its segment \"segment-77\" is not in version 2)"]);
    assert_eq!(config_of(&server, &run).await.segments_from.as_deref(), Some(name().as_str()));
}

#[tokio::test]
async fn the_config_of_a_run_trains_the_same_segments_again() {
    let server = server(true).await;
    let version = |number: u64| format!("{MODEL}/versions/{number}");
    let get = |name: String| {
        let server = &server;
        async move {
            let request = v1::GetModelVersionRequest { name };
            server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap()
        }
    };
    let first = get(version(1)).await;
    let config = config_of(&server, &v1::TrainingRun { name: first.training_run.clone(), ..Default::default() }).await;
    assert_eq!(config.segments_from.as_deref(), Some(""), "there was no version before");
    train(&server, config).await;
    assert_eq!(get(version(2)).await.artifact_sha256, first.artifact_sha256);
    for (segments_from, reason) in
        [("version one", "INVALID_NAME"), ("workspaces/default/models/other/versions/1", "INVALID_NAME")]
    {
        let config = v1::TrainingConfig { segments_from: Some(segments_from.to_owned()), ..Default::default() };
        let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
        let details = assert_refused(server.model().train_model(request).await, Code::InvalidArgument, reason);
        assert_eq!(fields(&details), ["config.segments_from"]);
    }
    let config = v1::TrainingConfig { segments_from: Some(version(9)), ..Default::default() };
    let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
    assert_refused(server.model().train_model(request).await, Code::NotFound, "VERSION_NOT_FOUND");
}

#[tokio::test]
async fn customers_that_a_rule_puts_out_count_in_no_segment() {
    let server = server(true).await;
    let texts = vec!["health".to_owned()];
    let any_of = v1::condition::Test::AnyOf(v1::TextList { values: texts });
    let rule = v1::ExclusionRule {
        id: "no-hospitals".to_owned(),
        when: Some(v1::Condition { attribute: "sector".to_owned(), test: Some(any_of) }),
        severity: v1::ExclusionSeverity::Out.into(),
        ..v1::ExclusionRule::default()
    };
    train(&server, v1::TrainingConfig { exclusion_rules: vec![rule], ..Default::default() }).await;
    let document = document(&server, 2).await;
    let inside: u64 = document.segments.iter().map(|segment| segment.customers).sum();
    assert_eq!(document.put_out_customers, ROWS as u64 / 4);
    assert_eq!(inside + document.outside_customers + document.put_out_customers, ROWS as u64);
    assert!(document.segments.len() >= 3 || !document.note.is_empty(), "{document:?}");
}
