//! Reports over HTTP: the response is the page itself, without a message around it.

use std::sync::Arc;

use serde_json::json;
use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_proto::v1::dataset_service_client::DatasetServiceClient;
use sweetspot_store::store::MemoryStore;

use super::server::{DualServer, FIRST_VERSION_PATH};
use crate::support::data;
use crate::support::server::world;

pub(super) async fn trained() -> DualServer {
    let settings = Settings::default();
    let server = DualServer::serve(world(Arc::new(MemoryStore::new()), &settings), &settings).await;
    let messages = tokio_stream::iter(vec![data::import_request(400)]);
    DatasetServiceClient::new(server.channel.clone()).import_accounts(messages).await.unwrap();
    let run = server.model().train_model(v1::TrainModelRequest::default()).await.unwrap().into_inner().run.unwrap();
    let wait = v1::WaitTrainingRunRequest { name: run.name, timeout: None };
    server.model().wait_training_run(wait).await.unwrap();
    server
}

#[tokio::test]
async fn a_report_has_the_media_type_of_its_format() {
    let server = trained().await;
    let mut client = server.client().await;
    for (query, media_type, begins) in [
        ("", "text/html; charset=utf-8", "<!DOCTYPE html>"),
        ("?format=html", "text/html; charset=utf-8", "<!DOCTYPE html>"),
        ("?format=md", "text/markdown; charset=utf-8", "# "),
        ("?format=json", "application/json", "{"),
    ] {
        let answer = client.get(&format!("{FIRST_VERSION_PATH}:renderReport{query}")).await;
        assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, media_type), "{query}");
        assert!(answer.text.starts_with(begins), "{query}");
    }
    let body = json!({
        "format": "REPORT_FORMAT_MARKDOWN",
        "documents": ["REPORT_DOCUMENT_TARGETS"],
        "targets": { "rows": { "rows": [{ "accountId": "acme", "attributes": { "employees": { "number": 320 } } }] } },
    });
    let answer = client.post(&format!("{FIRST_VERSION_PATH}:renderReport"), &body.to_string()).await;
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "text/markdown; charset=utf-8"));
    assert!(answer.text.contains("1\\. acme"), "{}", answer.text);
    let body = json!({ "version": "workspaces/default/models/default/versions/2" });
    let answer = client.post(&format!("{FIRST_VERSION_PATH}:renderReport"), &body.to_string()).await;
    assert_eq!(answer.error(), ("INVALID_ARGUMENT".to_owned(), "PATH_MISMATCH".to_owned()));
    let answer = client.get(&format!("{FIRST_VERSION_PATH}:renderReport?format=pdf")).await;
    assert_eq!(answer.error(), ("INVALID_ARGUMENT".to_owned(), "MALFORMED_REQUEST".to_owned()));
    let answer = client.get("/v1/workspaces/default/models/default/versions/9:renderReport").await;
    assert_eq!(answer.error(), ("NOT_FOUND".to_owned(), "VERSION_NOT_FOUND".to_owned()));
}
