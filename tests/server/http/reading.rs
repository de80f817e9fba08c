//! HTTP responses match those over gRPC, bit for bit.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use sweetspot_proto::v1;
use tokio::runtime::Runtime;
use tonic_types::StatusExt as _;

use super::client::HttpResponse;
use super::json;
use super::server::{DualServer, EXPLAIN_PATH, FIRST_VERSION_PATH, SCORE_PATH};
use crate::scoring::request;
use crate::support::data::account;
use crate::support::{MODEL, arbitrary};

/// One server for all cases.
struct HttpFixture {
    runtime: Runtime,
    server: DualServer,
}

static FIXTURE: LazyLock<HttpFixture> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(DualServer::trained());
    HttpFixture { runtime, server }
});

fn rows(accounts: &[v1::Account], camel: bool) -> Value {
    accounts.iter().map(|account| json::account(account, camel)).collect()
}

/// Checks that the HTTP response matches the gRPC result.
fn assert_same<T>(answer: &HttpResponse, grpc: Result<tonic::Response<T>, tonic::Status>, told: impl Fn(&T) -> Value) {
    match grpc {
        Ok(response) => assert_eq!((answer.status, answer.json()), (200, told(response.get_ref()))),
        Err(status) => {
            let info = status.get_details_error_info().unwrap();
            assert_eq!(answer.error(), (name(status.code()), info.reason));
            assert_eq!(answer.json()["error"]["message"], status.message());
            let violations = status.get_details_bad_request().map(|request| request.field_violations);
            let fields: Vec<_> = violations.into_iter().flatten().map(|violation| violation.field).collect();
            assert_eq!(answer.fields(), fields);
        }
    }
}

/// Converts a name such as `InvalidArgument` to `INVALID_ARGUMENT`.
fn name(code: tonic::Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_account_scores_as_over_grpc(accounts in vec(arbitrary::account(), 0..6), camel in any::<bool>(), view in 0..3_i32) {
        let views = ["SCORE_VIEW_UNSPECIFIED", "SCORE_VIEW_SCORE", "SCORE_VIEW_TOP_REASONS"];
        let body = json!({ "config": { "view": views[view as usize] }, "rows": { "rows": rows(&accounts, camel) } });
        FIXTURE.runtime.block_on(async {
            let answer = FIXTURE.server.client().await.post(SCORE_PATH, &body.to_string()).await;
            let version = format!("{MODEL}/versions/live");
            let config = v1::ScoreConfig { view, version, ..Default::default() };
            let grpc = FIXTURE.server.scoring().score_accounts(request(accounts, config)).await;
            assert_same(&answer, grpc, json::scored);
        });
    }

    #[test]
    fn any_account_is_explained_as_over_grpc(accounts in vec(arbitrary::account(), 0..4), camel in any::<bool>()) {
        let body = json!({ "accounts": rows(&accounts, camel) });
        FIXTURE.runtime.block_on(async {
            let answer = FIXTURE.server.client().await.post(EXPLAIN_PATH, &body.to_string()).await;
            let call = v1::ExplainAccountsRequest { version: format!("{MODEL}/versions/live"), accounts, ..Default::default() };
            assert_same(&answer, FIXTURE.server.scoring().explain_accounts(call).await, json::explained);
        });
    }
}

#[tokio::test]
async fn a_score_and_its_explanation_in_full() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    let account = json::account(&account(0), true);
    let body =
        json!({ "config": { "view": "SCORE_VIEW_TOP_REASONS", "reasonCount": 1 }, "rows": { "rows": [account] } });
    insta::assert_json_snapshot!(client.post(SCORE_PATH, &body.to_string()).await.json());
    let body = json!({ "accounts": [account] });
    insta::assert_json_snapshot!(client.post(EXPLAIN_PATH, &body.to_string()).await.json());
}

#[tokio::test]
async fn columns_score_as_rows_do() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    let body = json!({ "table": { "accountIds": ["a", "b"], "columns": [
        { "name": "employees", "validity": "AQ==", "numbers": { "values": [120, "7e1"] } },
        { "name": "industry", "texts": { "dictionary": ["fintech"], "codes": [0, 0] } },
        { "name": "founded", "dates": { "days": [2400, -1] } },
    ] } });
    let columns = client.post(SCORE_PATH, &body.to_string()).await;
    let body = json!({ "rows": { "rows": [
        { "accountId": "a", "attributes": {
            "employees": { "number": 120 }, "industry": { "text": "fintech" }, "founded": { "text": "1976-07-28" } } },
        { "accountId": "b", "attributes": {
            "industry": { "text": "fintech" }, "founded": { "text": "1969-12-31" } } },
    ] } });
    let rows = client.post(SCORE_PATH, &body.to_string()).await;
    assert_eq!((columns.status, columns.json()), (200, rows.json()));
}

#[tokio::test]
async fn versions_and_runs_are_read() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    let version = client.get(FIRST_VERSION_PATH).await.json();
    assert_eq!(version["version"]["name"], format!("{MODEL}/versions/1"));
    assert_eq!(version["version"]["createTime"], "2026-03-02T10:00:00.500Z");
    assert_eq!(version["version"]["state"], "STATE_READY");
    let get = v1::GetModelVersionRequest { name: format!("{MODEL}/versions/1") };
    let grpc = server.model().get_model_version(get).await.unwrap().into_inner().version.unwrap();
    assert_eq!(version["version"]["evaluation"]["auc"].as_f64(), Some(grpc.evaluation.unwrap().auc));
    assert_eq!(version["version"]["artifactBytes"], grpc.artifact_bytes.to_string());
    let live = client.get(&FIRST_VERSION_PATH.replace("versions/1", "versions/live")).await.json();
    assert_eq!(live, version);
    let listed = client.get(&FIRST_VERSION_PATH.replace("/1", "?pageSize=1")).await.json();
    assert_eq!(listed["versions"].as_array().unwrap().len(), 1);
    assert_eq!(listed.get("nextPageToken"), None);
    let run = client.get(&FIRST_VERSION_PATH.replace("versions/1", "trainingRuns/none")).await;
    assert_eq!((run.status, run.error().1.as_str()), (404, "TRAINING_RUN_NOT_FOUND"));
}

#[tokio::test]
async fn a_run_that_failed_says_why() {
    let server = DualServer::trained().await;
    // Two customers are too few, and both have the same label.
    let import = crate::support::data::import_request(2);
    let mut datasets = v1::dataset_service_client::DatasetServiceClient::new(server.channel.clone());
    datasets.import_accounts(tokio_stream::iter(vec![import])).await.unwrap();
    let run = server.model().train_model(v1::TrainModelRequest::default()).await.unwrap().into_inner().run.unwrap();
    let wait = v1::WaitTrainingRunRequest { name: run.name.clone(), timeout: None };
    server.model().wait_training_run(wait).await.unwrap();
    let json = server.client().await.get(&format!("/v1/{}", run.name)).await.json();
    assert_eq!(json["run"]["state"], "STATE_FAILED");
    assert_eq!(json["run"]["error"]["code"], 9, "{json}");
    assert_eq!(json["run"]["error"]["details"][0]["domain"], "sweetspot");
}

#[tokio::test]
async fn probes_are_reported_what_grpc_probes_are_reported() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    for path in ["/healthz", "/readyz", "/readyz?verbose"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "status": "SERVING" })));
    }
    let settings = sweetspot::config::Settings::default();
    let empty =
        crate::support::server::world(std::sync::Arc::new(sweetspot_store::store::MemoryStore::new()), &settings);
    let server = DualServer::serve(empty, &settings).await;
    let mut client = server.client().await;
    assert_eq!(client.get("/healthz").await.status, 200);
    let answer = client.get("/readyz").await;
    assert_eq!((answer.status, answer.json()), (503, json!({ "status": "NOT_SERVING" })));
}
