//! A version of one server becomes a version of another.

use sweetspot::config::Settings;
use sweetspot_core::Digest;
use sweetspot_model::ModelArtifact;
use sweetspot_proto::v1;
use tonic::Code;

use crate::scoring::request;
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, data, fields};

/// The size of the SHA-256 at the end of an export, in bytes.
const DIGEST_BYTES: usize = 32;
const REQUEST_ID: &str = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4";

async fn exported(server: &TestServer) -> v1::ExportModelVersionResponse {
    let export = v1::ExportModelVersionRequest { format: v1::ExportFormat::Artifact.into(), ..Default::default() };
    server.model().export_model_version(export).await.unwrap().into_inner()
}

/// Appends the SHA-256, as in an export.
fn with_digest(mut artifact: Vec<u8>) -> Vec<u8> {
    artifact.extend(Digest::new(&artifact).as_bytes());
    artifact
}

fn import(model: &str, content: Vec<u8>) -> v1::ImportModelVersionRequest {
    v1::ImportModelVersionRequest {
        model: model.to_owned(),
        content_sha256: Digest::new(&content).to_string(),
        content,
        ..Default::default()
    }
}

async fn score(server: &TestServer, version: &str) -> v1::ScoreAccountsResponse {
    let config = v1::ScoreConfig { version: version.to_owned(), ..Default::default() };
    let accounts = (0..20).map(data::account).collect();
    server.scoring().score_accounts(request(accounts, config)).await.unwrap().into_inner()
}

#[tokio::test]
async fn an_imported_version_scores_like_the_exported_one_and_can_be_promoted() {
    let (staging, production) = (TestServer::trained().await, TestServer::empty().await);
    let export = exported(&staging).await;
    let request = v1::ImportModelVersionRequest {
        labels: [("from".to_owned(), "staging".to_owned())].into(),
        owner: "sales operations".into(),
        ..import("", export.content.clone())
    };
    let version = production.model().import_model_version(request).await.unwrap().into_inner().version.unwrap();
    assert_eq!((version.name.as_str(), &version.aliases), (&*format!("{MODEL}/versions/1"), &vec!["candidate".into()]));
    let artifact = export.content.split_last_chunk::<DIGEST_BYTES>().unwrap().0;
    assert_eq!(version.artifact_sha256, Digest::new(artifact).to_string());
    assert_eq!((version.training_run.as_str(), version.dataset_version.as_str()), ("", ""));
    assert_eq!((version.labels["from"].as_str(), version.owner.as_str()), ("staging", "sales operations"));
    let promote =
        v1::PromoteModelVersionRequest { name: version.name.clone(), etag: version.etag, ..Default::default() };
    production.model().promote_model_version(promote).await.unwrap();
    assert_eq!(score(&production, "").await, score(&staging, "").await);
    let get = v1::GetModelVersionRequest { name: version.name };
    let details = production.model().get_model_version(get).await.unwrap().into_inner();
    assert!(details.config.is_none() && details.version.unwrap().label_card.is_some());
    assert_eq!(exported(&production).await.content, export.content);
}

#[tokio::test]
async fn a_repeated_import_adds_one_version() {
    let (staging, production) = (TestServer::trained().await, TestServer::empty().await);
    let content = exported(&staging).await.content;
    let request = v1::ImportModelVersionRequest { request_id: REQUEST_ID.into(), ..import("", content) };
    let first = production.model().import_model_version(request.clone()).await.unwrap().into_inner();
    let second = production.model().import_model_version(request.clone()).await.unwrap().into_inner();
    assert_eq!(first, second);
    let other = v1::ImportModelVersionRequest { owner: "other".into(), ..request };
    assert_refused(production.model().import_model_version(other).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn content_that_is_not_an_intact_version_is_refused() {
    let server = TestServer::trained().await;
    let good = exported(&server).await.content;
    let artifact = good[..good.len() - DIGEST_BYTES].to_vec();
    let other_tiers = ModelArtifact::from_bytes(&artifact).unwrap().with_tier_cuts([0.1, 0.2, 0.3]).to_bytes();
    // The digest of the training data, as text.
    let data = artifact.windows(2).position(|bytes| bytes == [0x22, 64]).unwrap() + 2;
    let mut other_data = artifact.clone();
    other_data[data] = b'z';
    let mut contents = vec![
        ("no digest of the training data", with_digest(other_data)),
        ("empty", Vec::new()),
        ("text", b"{\"format\": 1}".to_vec()),
        ("a text with its digest", with_digest(b"{\"format\": 1}".to_vec())),
        ("truncated", good[..good.len() / 2].to_vec()),
        ("half an artifact with its digest", with_digest(artifact[..artifact.len() / 2].to_vec())),
        ("without a digest", artifact),
        ("tiers in the wrong order", with_digest(other_tiers)),
        // Field 1, empty, two bytes each.
        ("elements", with_digest([0x0a, 0x00].repeat(1_100_000))),
    ];
    for position in (0..good.len()).step_by(good.len() / 40) {
        let mut changed = good.clone();
        changed[position] ^= 1 << (position % 8);
        contents.push(("a bit", changed));
    }
    for (name, content) in contents {
        let refused = server.model().import_model_version(import("", content)).await;
        let details = assert_refused(refused, Code::InvalidArgument, "INVALID_ARTIFACT");
        assert_eq!(fields(&details), ["content"], "{name}");
    }
    let other_digest = v1::ImportModelVersionRequest { content_sha256: "0".repeat(64), ..import("", good) };
    let refused = server.model().import_model_version(other_digest).await;
    assert_refused(refused, Code::InvalidArgument, "CONTENT_DIGEST_MISMATCH");
    let list = v1::ListModelVersionsRequest::default();
    let versions = server.model().list_model_versions(list).await.unwrap().into_inner().versions;
    assert_eq!(versions.len(), 1, "nothing was added");
}

#[tokio::test]
async fn an_import_counts_against_the_limits_of_its_workspace() {
    let mut settings = Settings::default();
    settings.workspace.max_models = 1;
    let server = TestServer::trained_with(&settings).await;
    let content = exported(&server).await.content;
    server.model().import_model_version(import(MODEL, content.clone())).await.unwrap();
    let another = import("workspaces/default/models/second", content);
    assert_refused(server.model().import_model_version(another).await, Code::ResourceExhausted, "TOO_MANY_MODELS");
}
