//! Training requests: parameters, validation and failures.

use std::collections::HashMap;

use prost_types::Duration;
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{self, LabelPreset, OutcomeKind};
use tonic::{Code, Status};

use crate::support::data::{self, outcome};
use crate::support::server::TestServer;
use crate::support::{DATASET, assert_refused, error_reason, fields};

async fn train(server: &TestServer, request: v1::TrainModelRequest) -> Result<v1::TrainingRun, Status> {
    Ok(server.model().train_model(request).await?.into_inner().run.unwrap())
}

fn config(config: v1::TrainingConfig) -> v1::TrainModelRequest {
    v1::TrainModelRequest { config: Some(config), ..Default::default() }
}

fn request_with_policy(policy: v1::LabelPolicy) -> v1::TrainModelRequest {
    config(v1::TrainingConfig { label_policy: Some(policy), ..Default::default() })
}

/// The code and the reason of a failed run's error.
fn error_code_and_reason(run: &v1::TrainingRun) -> (Code, String) {
    assert_eq!(run.state(), State::Failed, "{run:?}");
    let error = run.error.as_ref().unwrap();
    assert!(error.message.len() > 10);
    let info = error_reason(error);
    (Code::from(error.code), info)
}

#[tokio::test]
async fn validate_only_starts_no_run() {
    let server = TestServer::empty().await;
    let check = v1::TrainModelRequest { validate_only: true, ..Default::default() };
    assert_refused(train(&server, check.clone()).await, Code::NotFound, "DATASET_NOT_FOUND");
    server.import().await;
    let run = train(&server, check).await.unwrap();
    assert_eq!((run.name.as_str(), run.dataset.as_str(), run.state()), ("", DATASET, State::Unspecified));
    let list = server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap().into_inner();
    assert!(list.runs.is_empty());
}

#[tokio::test]
async fn every_violation_of_a_training_request_is_reported_at_once() {
    let server = TestServer::empty().await;
    let seconds = |seconds| Some(Duration { seconds, nanos: 0 });
    let label_policy = v1::LabelPolicy {
        preset: LabelPreset::Won.into(),
        top_share: Some(1.0),
        weights: HashMap::from([("best".to_owned(), 1.0)]),
        maturity: seconds(5),
        ..Default::default()
    };
    let request = v1::TrainModelRequest {
        model: "m".into(),
        dataset: "d".into(),
        request_id: "1".into(),
        config: Some(v1::TrainingConfig {
            label_policy: Some(label_policy),
            time_limit: seconds(0),
            excluded_attributes: vec!["a".into(), String::new()],
            allowed_attributes: vec![String::new()],
            ..Default::default()
        }),
        ..Default::default()
    };
    let details = assert_refused(train(&server, request).await, Code::InvalidArgument, "INVALID_NAME");
    assert_eq!(
        fields(&details),
        [
            "model",
            "dataset",
            "config.label_policy.weights",
            "config.label_policy.weights",
            "config.label_policy.maturity",
            "config.label_policy",
            "config.excluded_attributes[1]",
            "config.allowed_attributes[0]",
            "config.time_limit",
            "request_id",
        ]
    );
}

#[tokio::test]
async fn wrong_policies_are_refused() {
    let server = TestServer::empty().await;
    let custom = |weights| v1::LabelPolicy { preset: LabelPreset::Custom.into(), weights, ..Default::default() };
    for (request, reason) in [
        (request_with_policy(v1::LabelPolicy { preset: 99, ..Default::default() }), "UNKNOWN_ENUM_VALUE"),
        (request_with_policy(custom(HashMap::new())), "INVALID_LABEL_POLICY"),
        (request_with_policy(custom(HashMap::from([("won".to_owned(), f64::NAN)]))), "INVALID_LABEL_POLICY"),
        (
            request_with_policy(v1::LabelPolicy { value_at_least: Some(f64::INFINITY), ..Default::default() }),
            "INVALID_LABEL_POLICY",
        ),
        (request_with_policy(v1::LabelPolicy { base_rate: Some(1.0), ..Default::default() }), "INVALID_LABEL_POLICY"),
        (
            request_with_policy(v1::LabelPolicy { base_rate: Some(f64::NAN), ..Default::default() }),
            "INVALID_LABEL_POLICY",
        ),
        (
            config(v1::TrainingConfig { excluded_attributes: vec!["x".into(); 513], ..Default::default() }),
            "TOO_MANY_ATTRIBUTES",
        ),
        (
            config(v1::TrainingConfig {
                time_limit: Some(Duration { seconds: 90_000, nanos: 0 }),
                ..Default::default()
            }),
            "INVALID_TIME_LIMIT",
        ),
    ] {
        assert_refused(train(&server, request).await, Code::InvalidArgument, reason);
    }
}

#[tokio::test]
async fn every_preset_trains() {
    let server = TestServer::empty().await;
    server.import().await;
    let weights = HashMap::from([("won".to_owned(), 1.0), ("lost".to_owned(), -0.5)]);
    for policy_of in [
        v1::LabelPolicy { preset: LabelPreset::Won.into(), ..Default::default() },
        v1::LabelPolicy { preset: LabelPreset::Custom.into(), weights, ..Default::default() },
    ] {
        let run = train(&server, request_with_policy(policy_of)).await.unwrap();
        assert_eq!(server.wait(&run).await.state(), State::Succeeded);
    }
}

#[tokio::test]
async fn data_without_a_model_fails_the_run_with_a_reason() {
    let server = TestServer::empty().await;
    let import = async |outcomes: Vec<v1::Outcome>, rows| {
        let message = v1::ImportAccountsRequest { accounts: Some(data::table(rows)), outcomes, ..Default::default() };
        server.dataset().import_accounts(tokio_stream::iter(vec![message])).await.unwrap();
        let run = train(&server, v1::TrainModelRequest::default()).await.unwrap();
        error_code_and_reason(&server.wait(&run).await)
    };
    let of = |kind, rows: usize| (0..rows).map(|row| outcome(&format!("a-{row}"), kind)).collect::<Vec<_>>();
    assert_eq!(import(of(OutcomeKind::Won, 200), 200).await, (Code::FailedPrecondition, "ONE_CLASS".into()));
    let mut few = of(OutcomeKind::Lost, 12);
    few[0] = outcome("a-0", OutcomeKind::Won);
    assert_eq!(import(few, 12).await, (Code::FailedPrecondition, "TOO_FEW_CUSTOMERS".into()));
    let run = request_with_policy(v1::LabelPolicy { preset: LabelPreset::HighValue.into(), ..Default::default() });
    let run = train(&server, run).await.unwrap();
    assert_eq!(error_code_and_reason(&server.wait(&run).await), (Code::FailedPrecondition, "NO_VALUES".into()));
    let run = config(v1::TrainingConfig { excluded_attributes: vec!["industri".into()], ..Default::default() });
    server.import().await;
    let run = train(&server, run).await.unwrap();
    assert_eq!(error_code_and_reason(&server.wait(&run).await), (Code::InvalidArgument, "UNKNOWN_ATTRIBUTE".into()));
}

#[tokio::test]
async fn a_time_limit_ends_a_run() {
    let server = TestServer::empty().await;
    server.import().await;
    let time_limit = Some(Duration { seconds: 0, nanos: 1 });
    let run = train(&server, config(v1::TrainingConfig { time_limit, ..Default::default() })).await.unwrap();
    assert_eq!(error_code_and_reason(&server.wait(&run).await), (Code::DeadlineExceeded, "TIME_LIMIT".into()));
}

#[tokio::test]
async fn a_repeated_request_gets_its_run_and_a_changed_one_is_refused() {
    let server = TestServer::empty().await;
    server.import().await;
    let weights = ["won", "lost", "churned", "high_value", "negative_net"].map(|class| (class.to_owned(), 1.0));
    let request = |seed| {
        let weights = weights.iter().cloned().chain([("lost".to_owned(), -1.0)]).collect();
        let label_policy = Some(v1::LabelPolicy { preset: LabelPreset::Custom.into(), weights, ..Default::default() });
        let request_id = "0B9C1D2E-3F40-4A51-8B62-7C83940A5B61".to_owned();
        v1::TrainModelRequest { request_id, ..config(v1::TrainingConfig { seed, label_policy, ..Default::default() }) }
    };
    let first = train(&server, request(1)).await.unwrap();
    for _ in 0..20 {
        assert_eq!(train(&server, request(1)).await.unwrap().name, first.name);
    }
    assert_refused(train(&server, request(2)).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
    server.wait(&first).await;
    assert_eq!(train(&server, request(1)).await.unwrap().state(), State::Succeeded);
    let list = server.model().list_training_runs(v1::ListTrainingRunsRequest::default()).await.unwrap().into_inner();
    assert_eq!(list.runs.len(), 1);
}
