//! Versions: get, list and export.

use sweetspot::config::Settings;
use sweetspot_core::Digest;
use sweetspot_proto::v1;
use tonic::Code;

use crate::support::server::{TestServer, promote, publish, world};
use crate::support::{MODEL, assert_refused};

async fn serve_with_versions(count: u64) -> TestServer {
    let settings = Settings::default();
    let world = world(std::sync::Arc::new(sweetspot_store::store::MemoryStore::new()), &settings);
    for number in 1..=count {
        publish(&world, &format!("r-{number}"));
    }
    promote(&world, 1);
    TestServer::serve(world, &settings).await
}

#[tokio::test]
async fn a_version_contains_its_metadata() {
    let server = serve_with_versions(2).await;
    let get = |name: &str| v1::GetModelVersionRequest { name: name.to_owned() };
    let version = server.model().get_model_version(get("")).await.unwrap().into_inner().version.unwrap();
    assert_eq!(version.name, format!("{MODEL}/versions/1"));
    assert_eq!(version.aliases, ["live"]);
    assert_eq!(version.state(), v1::model_version::State::Ready);
    assert_eq!(version.training_run, format!("{MODEL}/trainingRuns/r-1"));
    for digest in [&version.artifact_sha256, &version.schema_sha256, &version.data_sha256] {
        assert_eq!(digest.len(), 64);
    }
    assert!(version.artifact_bytes > 0 && !version.etag.is_empty() && version.create_time.is_some());
    let card = version.label_card.unwrap();
    assert_eq!((card.policy.as_str(), card.ideal + card.not_ideal + card.excluded), ("ideal", 400));
    let names: Vec<_> = version.attributes.iter().map(|attribute| attribute.attribute.as_str()).collect();
    assert!(names.contains(&"industry") && names.contains(&"employees"), "{names:?}");
    let evaluation = version.evaluation.unwrap();
    assert!(evaluation.auc > 0.7 && evaluation.rows == 400 && !evaluation.verdict.is_empty());
    let candidate = get(&format!("{MODEL}/versions/candidate"));
    let candidate = server.model().get_model_version(candidate).await.unwrap().into_inner().version.unwrap();
    assert_eq!(candidate.name, format!("{MODEL}/versions/2"));
}

#[tokio::test]
async fn versions_are_listed_newest_first_in_pages() {
    let server = serve_with_versions(5).await;
    let list = async |parent: &str, page_size, page_token: String| {
        let request =
            v1::ListModelVersionsRequest { parent: parent.into(), page_size, page_token, ..Default::default() };
        server.model().list_model_versions(request).await.map(tonic::Response::into_inner)
    };
    let (mut numbers, mut token) = (Vec::new(), String::new());
    loop {
        let page = list("", 2, token).await.unwrap();
        numbers.extend(page.versions.into_iter().map(|version| version.name.rsplit('/').next().unwrap().to_owned()));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(numbers, ["5", "4", "3", "2", "1"]);
    assert_refused(list(MODEL, 2, "x.y".into()).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    assert_refused(list("m", 2, String::new()).await, Code::InvalidArgument, "INVALID_NAME");
}

#[tokio::test]
async fn an_export_is_a_scorecard_with_its_digest() {
    let server = serve_with_versions(1).await;
    let export =
        |name: &str, format| v1::ExportModelVersionRequest { name: name.to_owned(), format, ..Default::default() };
    let response = server.model().export_model_version(export("", 0)).await.unwrap().into_inner();
    assert_eq!(response.media_type, "application/json");
    assert_eq!(response.resolved_version, format!("{MODEL}/versions/1"));
    assert_eq!(response.content_sha256, Digest::new(&response.content).to_string());
    let card: serde_json::Value = serde_json::from_slice(&response.content).unwrap();
    assert!(card.is_object());
    let json = v1::ExportFormat::Json.into();
    assert_eq!(server.model().export_model_version(export("", json)).await.unwrap().into_inner(), response);
    assert_refused(
        server.model().export_model_version(export("", 9)).await,
        Code::InvalidArgument,
        "UNKNOWN_ENUM_VALUE",
    );
    let other = format!("{MODEL}/versions/9");
    assert_refused(server.model().export_model_version(export(&other, 0)).await, Code::NotFound, "VERSION_NOT_FOUND");
}

#[tokio::test]
async fn unknown_versions_are_not_found() {
    let server = TestServer::empty().await;
    let get = |name: &str| v1::GetModelVersionRequest { name: name.to_owned() };
    let mut client = server.model();
    assert_refused(client.get_model_version(get("x")).await, Code::InvalidArgument, "INVALID_NAME");
    assert_refused(
        client.get_model_version(get(&format!("{MODEL}/versions/1"))).await,
        Code::NotFound,
        "MODEL_NOT_FOUND",
    );
}
