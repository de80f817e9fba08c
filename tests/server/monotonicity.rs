//! Monotonicity constraints, from the request to the scores.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::training_run::State;
use sweetspot_proto::v1::{self, Direction};
use sweetspot_store::store::SledStore;
use tonic::Code;

use crate::support::server::TestServer;
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{MODEL, assert_refused, data, error_reason, fields};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn request(increasing: &[&str], decreasing: &[&str]) -> v1::TrainModelRequest {
    let config = v1::TrainingConfig {
        increasing_attributes: texts(increasing),
        decreasing_attributes: texts(decreasing),
        allowed_attributes: texts(&["founded"]),
        ..Default::default()
    };
    v1::TrainModelRequest { model: MODEL.to_owned(), config: Some(config), ..Default::default() }
}

async fn submit(server: &TestServer, request: v1::TrainModelRequest) -> v1::TrainingRun {
    server.model().train_model(request).await.unwrap().into_inner().run.unwrap()
}

async fn candidate(server: &TestServer) -> v1::ModelVersion {
    let request = v1::GetModelVersionRequest { name: format!("{MODEL}/versions/candidate") };
    server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap()
}

fn monotonicity_constraints(version: &v1::ModelVersion) -> Vec<(&str, Direction)> {
    version.attributes.iter().map(|one| (one.attribute.as_str(), one.direction())).collect()
}

/// The log-odds of accounts that differ in only one attribute.
async fn log_odds(server: &TestServer, attribute: &str, values: Vec<Kind>) -> Vec<f64> {
    let rows = values.into_iter().enumerate().map(|(index, value)| {
        let others = ("industry", Kind::Text("retail".into()));
        data::with_attributes(&format!("a-{index}"), [others, (attribute, value)])
    });
    let request = v1::ScoreAccountsRequest {
        config: Some(v1::ScoreConfig { version: format!("{MODEL}/versions/candidate"), ..Default::default() }),
        accounts: Some(v1::score_accounts_request::Accounts::Rows(v1::AccountRows { rows: rows.collect() })),
    };
    let answer = server.scoring().score_accounts(request).await.unwrap().into_inner();
    assert_eq!(answer.errors, []);
    answer.scores.into_iter().map(|score| score.log_odds).collect()
}

/// Large accounts buy: the constraint on employees agrees with the data, and the one on the date contradicts it.
#[tokio::test]
async fn scores_obey_monotonicity_constraints_and_the_version_lists_them() {
    let server = TestServer::empty().await;
    server.import().await;
    let run = submit(&server, request(&["employees"], &["founded"])).await;
    let run = server.wait(&run).await;
    assert_eq!(run.state(), State::Succeeded, "{run:?}");
    let version = candidate(&server).await;
    let expected = [
        ("employees", Direction::Increasing),
        ("industry", Direction::Unspecified),
        ("b2b", Direction::Unspecified),
        ("stack", Direction::Unspecified),
        ("founded", Direction::Decreasing),
    ];
    assert_eq!(monotonicity_constraints(&version), expected);
    assert!(version.pairs.iter().all(|pair| expected[1..4].iter().any(|(name, _)| *name == pair.first)));
    let more = log_odds(&server, "employees", (0..450).map(|size| Kind::Number(f64::from(size))).collect()).await;
    assert!(more.is_sorted() && more[0] < more[449] - 0.5, "{more:?}");
    let days = (0..800).map(|step| sweetspot_core::Date { days: step * 11 });
    let later = log_odds(&server, "founded", days.map(|day| Kind::Text(day.to_string())).collect()).await;
    assert!(later.iter().rev().is_sorted(), "{later:?}");
    let export = v1::ExportModelVersionRequest { name: version.name, format: 1, ..Default::default() };
    let export = server.model().export_model_version(export).await.unwrap().into_inner();
    let card: serde_json::Value = serde_json::from_slice(&export.content).unwrap();
    let told: Vec<_> = card["attributes"].as_array().unwrap().iter().map(|one| one["direction"].as_str()).collect();
    assert_eq!(told, [Some("increasing"), None, None, None, Some("decreasing")]);
}

#[tokio::test]
async fn every_violation_of_monotonicity_constraints_is_reported_at_once() {
    let server = TestServer::empty().await;
    let config = v1::TrainingConfig {
        excluded_attributes: texts(&["left out"]),
        increasing_attributes: texts(&["a", "b", "a", ""]),
        decreasing_attributes: texts(&["left out", "c", "b", "c"]),
        ..Default::default()
    };
    let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
    let details =
        assert_refused(server.model().train_model(request).await, Code::InvalidArgument, "INVALID_ATTRIBUTE_NAME");
    let expected = [
        "config.increasing_attributes[3]",
        "config.increasing_attributes[2]",
        "config.decreasing_attributes[0]",
        "config.decreasing_attributes[2]",
        "config.decreasing_attributes[3]",
    ];
    assert_eq!(fields(&details), expected);
    let told: Vec<&str> =
        details.bad_request().unwrap().field_violations.iter().map(|one| one.description.as_str()).collect();
    assert!(told[1].contains("\"a\" is listed twice") && told[4].contains("\"c\" is listed twice"), "{told:?}");
    assert!(told[2].contains("\"left out\" is in excluded_attributes"), "{told:?}");
    assert!(told[3].contains("\"b\" is also in increasing_attributes"), "{told:?}");
}

#[tokio::test]
async fn each_violation_of_a_monotonicity_constraint_has_its_own_reason() {
    let server = TestServer::empty().await;
    let ask = async |increasing: &[&str], decreasing: &[&str]| {
        server.model().train_model(request(increasing, decreasing)).await
    };
    assert_refused(ask(&["a"], &["a"]).await, Code::InvalidArgument, "INVALID_DIRECTION");
    assert_refused(ask(&["a", "a"], &[]).await, Code::InvalidArgument, "DUPLICATE_ATTRIBUTE");
    assert_refused(ask(&[], &["a", "b", "b"]).await, Code::InvalidArgument, "DUPLICATE_ATTRIBUTE");
    assert_refused(ask(&vec!["a"; 513], &[]).await, Code::InvalidArgument, "TOO_MANY_ATTRIBUTES");
}

#[tokio::test]
async fn a_constraint_that_the_data_cannot_meet_fails_the_run() {
    let server = TestServer::empty().await;
    server.import().await;
    for (increasing, reason, part) in [
        ("employes", "UNKNOWN_ATTRIBUTE", "did you mean \"employees\"?"),
        ("industry", "NO_DIRECTION", "\"industry\" cannot be increasing, because it is a category"),
        ("b2b", "NO_DIRECTION", "it is a flag"),
        ("stack", "NO_DIRECTION", "it is a list"),
    ] {
        let run = submit(&server, request(&["employees", increasing], &[])).await;
        let error = server.wait(&run).await.error.unwrap();
        assert_eq!((Code::from(error.code), error_reason(&error)), (Code::InvalidArgument, reason.to_owned()));
        assert!(error.message.contains(part), "{}", error.message);
    }
}

/// The run is queued while one process ends and the next one starts.
#[tokio::test]
async fn monotonicity_constraints_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let barrier = StoreBarrier::new(Arc::new(SledStore::open(folder.path()).unwrap()));
    let server = TestServer::serve_store(Arc::new(barrier.clone()), &Settings::default()).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    let other = server.train("workspaces/default/models/other").await;
    barrier.wait_for_reader().await;
    let waiting = submit(&server, request(&["employees"], &[])).await;
    barrier.set_failing(true);
    barrier.set_access(BlobAccess::Open);
    server.stop().await;
    drop(barrier);

    let server = TestServer::serve_store(Arc::new(SledStore::open(folder.path()).unwrap()), &Settings::default()).await;
    assert_eq!(server.wait(&waiting).await.state(), State::Succeeded);
    assert_eq!(server.wait(&other).await.state(), State::Failed);
    assert_eq!(monotonicity_constraints(&candidate(&server).await)[0], ("employees", Direction::Increasing));
    server.stop().await;
}
