//! Promotion and rollback.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::server::{TestServer, publish, world};
use crate::support::{MODEL, assert_refused, fields};

async fn serve_with_versions(count: u64) -> TestServer {
    let settings = Settings::default();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    for number in 1..=count {
        publish(&world, &format!("r-{number}"));
    }
    TestServer::serve(world, &settings).await
}

fn version(number: u64) -> String {
    format!("{MODEL}/versions/{number}")
}

async fn etag(server: &TestServer) -> String {
    let request = v1::GetModelVersionRequest { name: version(1) };
    server.model().get_model_version(request).await.unwrap().into_inner().version.unwrap().etag
}

async fn promote(server: &TestServer, request: v1::PromoteModelVersionRequest) -> Result<v1::Promotion, Status> {
    Ok(server.model().promote_model_version(request).await?.into_inner().promotion.unwrap())
}

async fn rollback(server: &TestServer, etag: String) -> Result<v1::Promotion, Status> {
    let request = v1::RollbackModelRequest { etag, reason: "worse".into(), ..Default::default() };
    Ok(server.model().rollback_model(request).await?.into_inner().promotion.unwrap())
}

fn promote_request(number: u64, etag: &str) -> v1::PromoteModelVersionRequest {
    v1::PromoteModelVersionRequest {
        name: version(number),
        etag: etag.into(),
        reason: "better".into(),
        ..Default::default()
    }
}

async fn health(server: &TestServer, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(server.channel.clone()).check(request).await.unwrap().into_inner().status()
}

#[tokio::test]
async fn scoring_is_healthy_only_after_a_promotion() {
    let server = serve_with_versions(1).await;
    assert_eq!(health(&server, "").await, ServingStatus::Serving);
    assert_eq!(health(&server, "sweetspot.v1.ScoringService").await, ServingStatus::NotServing);
    promote(&server, promote_request(1, &etag(&server).await)).await.unwrap();
    assert_eq!(health(&server, "sweetspot.v1.ScoringService").await, ServingStatus::Serving);
    let unknown = HealthCheckRequest { service: "x".to_owned() };
    let status = HealthClient::new(server.channel.clone()).check(unknown).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn versions_are_promoted_rolled_back_and_remembered() {
    let server = serve_with_versions(3).await;
    let first = promote(&server, promote_request(1, &etag(&server).await)).await.unwrap();
    assert_eq!((first.from_version.as_str(), first.to_version.as_str()), ("", version(1).as_str()));
    assert_eq!((first.alias.as_str(), first.actor.as_str(), first.reason.as_str()), ("live", "anonymous", "better"));
    let second = promote(&server, promote_request(2, &first.etag)).await.unwrap();
    let third = promote(&server, promote_request(3, &second.etag)).await.unwrap();
    assert_eq!(third.etag, etag(&server).await);
    let back = rollback(&server, third.etag).await.unwrap();
    assert_eq!((back.from_version, back.to_version), (version(3), version(2)));
    let further = rollback(&server, back.etag).await.unwrap();
    assert_eq!(further.to_version, version(1));
    assert_refused(rollback(&server, further.etag).await, Code::FailedPrecondition, "NOTHING_TO_ROLL_BACK");

    let (mut history, mut token) = (Vec::new(), String::new());
    loop {
        let request = v1::ListPromotionsRequest { parent: MODEL.into(), page_size: 2, page_token: token };
        let page = server.model().list_promotions(request).await.unwrap().into_inner();
        history.extend(page.promotions.into_iter().filter(|one| one.alias == "live").map(|one| one.to_version));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(history, [1, 2, 3, 2, 1].map(version));
    let bad = v1::ListPromotionsRequest { page_token: "x".into(), ..Default::default() };
    assert_refused(server.model().list_promotions(bad).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
}

#[tokio::test]
async fn a_promotion_requires_the_current_etag() {
    let server = serve_with_versions(2).await;
    let stale = etag(&server).await;
    assert_refused(promote(&server, promote_request(1, "")).await, Code::InvalidArgument, "ETAG_MISSING");
    promote(&server, promote_request(1, &stale)).await.unwrap();
    assert_refused(promote(&server, promote_request(2, &stale)).await, Code::Aborted, "STALE_ETAG");
    assert_refused(rollback(&server, stale).await, Code::Aborted, "STALE_ETAG");
    assert_refused(rollback(&server, String::new()).await, Code::InvalidArgument, "ETAG_MISSING");
}

#[tokio::test]
async fn of_concurrent_promotions_with_one_etag_one_succeeds() {
    let server = serve_with_versions(2).await;
    let etag = etag(&server).await;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..32 {
        let (mut client, wish) = (server.model(), promote_request(number % 2 + 1, &etag));
        calls.spawn(async move { client.promote_model_version(wish).await });
    }
    let results = calls.join_all().await;
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (1, 31));
    for result in bad {
        assert_refused(result, Code::Aborted, "STALE_ETAG");
    }
}

#[tokio::test]
async fn a_repeated_promotion_gets_its_answer_and_a_changed_one_is_refused() {
    let server = serve_with_versions(2).await;
    let request_id = "6f1d3c52-9a0e-4c3b-8d17-2f60a1b7c9e4".to_owned();
    let wish = v1::PromoteModelVersionRequest { request_id, ..promote_request(1, &etag(&server).await) };
    let first = promote(&server, wish.clone()).await.unwrap();
    assert_eq!(promote(&server, wish.clone()).await.unwrap(), first);
    let other = v1::PromoteModelVersionRequest { name: version(2), ..wish };
    assert_refused(promote(&server, other).await, Code::InvalidArgument, "REQUEST_ID_REUSED");
}

#[tokio::test]
async fn a_version_that_cannot_be_promoted_is_refused() {
    let server = serve_with_versions(1).await;
    let etag = etag(&server).await;
    let wish = promote_request(1, &etag);
    let named = |name: String| v1::PromoteModelVersionRequest { name, ..wish.clone() };
    assert_refused(promote(&server, named(version(9))).await, Code::NotFound, "VERSION_NOT_FOUND");
    let other = "workspaces/default/models/other/versions/1".to_owned();
    assert_refused(promote(&server, named(other)).await, Code::NotFound, "MODEL_NOT_FOUND");
    assert_refused(
        promote(&server, named(format!("{MODEL}/versions/candidate"))).await,
        Code::InvalidArgument,
        "INVALID_NAME",
    );
    let odd = v1::PromoteModelVersionRequest {
        name: "x".into(),
        alias: "best".into(),
        reason: "r".repeat(501),
        request_id: "7".into(),
        ..wish.clone()
    };
    let details = assert_refused(promote(&server, odd).await, Code::InvalidArgument, "INVALID_NAME");
    assert_eq!(fields(&details), ["name", "alias", "reason", "request_id"]);
    let overriding = |check: &str, reason: &str| v1::PromoteModelVersionRequest {
        overrides: vec![v1::CheckOverride { check: check.to_owned(), reason: String::new() }],
        reason: reason.to_owned(),
        ..wish.clone()
    };
    assert_refused(promote(&server, overriding("signal", "")).await, Code::InvalidArgument, "REASON_MISSING");
    assert_refused(promote(&server, overriding("rules", "because")).await, Code::InvalidArgument, "UNKNOWN_CHECK");
}
