//! Behavior common to all calls: ids, sizes, compression, reflection and addresses.

use std::sync::Arc;

use sweetspot::app::AppError;
use sweetspot::config::{ByteSize, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_store::store::MemoryStore;
use tokio::net::TcpListener;
use tonic::codec::CompressionEncoding;
use tonic::{Code, Request};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::scoring::request;
use crate::support::data::account;
use crate::support::server::{TestServer, world};
use crate::support::store_barrier::{BlobAccess, StoreBarrier};
use crate::support::{MODEL, assert_refused};

/// The client sets no timeout of its own, so that the server ends the call.
#[tokio::test]
async fn the_server_reports_an_exceeded_deadline() {
    let barrier = StoreBarrier::new(Arc::new(MemoryStore::new()));
    let server = TestServer::serve_store(Arc::new(barrier.clone()), &Settings::default()).await;
    server.import().await;
    barrier.set_access(BlobAccess::Blocked);
    let run = server.train(MODEL).await;
    let http =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).http2_only(true).build_http();
    let mut client = ModelServiceClient::with_origin(http, format!("http://{}", server.address).parse().unwrap());
    for timeout in ["1n", "1m", "20m"] {
        let mut call = Request::new(v1::WaitTrainingRunRequest { name: run.name.clone(), timeout: None });
        call.metadata_mut().insert("grpc-timeout", timeout.parse().unwrap());
        assert_refused(client.wait_training_run(call).await, Code::DeadlineExceeded, "DEADLINE_EXCEEDED");
    }
    barrier.set_access(BlobAccess::Open);
}

async fn list_services(server: &TestServer) -> Result<Vec<String>, tonic::Status> {
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(server.channel.clone());
    let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await?.into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) = answers.message().await?.unwrap().message_response else {
        panic!("no list");
    };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn reflection_lists_every_service_on_loopback_and_can_be_switched_off() {
    let server = TestServer::empty().await;
    assert_eq!(
        list_services(&server).await.unwrap(),
        [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "sweetspot.v1.AccessService",
            "sweetspot.v1.DatasetService",
            "sweetspot.v1.DefinitionService",
            "sweetspot.v1.ModelService",
            "sweetspot.v1.ReportService",
            "sweetspot.v1.ScoringService",
            "sweetspot.v1.StoreService",
        ]
    );
    let mut settings = Settings::default();
    settings.server.reflection = Some(false);
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    assert_eq!(list_services(&server).await.unwrap_err().code(), Code::Unimplemented);
}

#[tokio::test]
async fn an_unknown_method_is_refused_with_a_reason() {
    let server = TestServer::empty().await;
    let result = list_services_by_public_address(&server).await;
    assert_refused(result, Code::Unimplemented, "UNIMPLEMENTED");
}

async fn list_services_by_public_address(server: &TestServer) -> Result<(), tonic::Status> {
    let mut client = tonic::client::Grpc::new(server.channel.clone());
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<v1::ScoreAccountsRequest, v1::ScoreAccountsResponse>::default();
    let path = "/sweetspot.v1.ScoringService/Nothing".parse().unwrap();
    client.unary(Request::new(v1::ScoreAccountsRequest::default()), path, codec).await.map(drop)
}

#[tokio::test]
async fn a_call_has_the_id_of_its_client_or_a_new_one() {
    let server = TestServer::trained().await;
    let id = async |sent: Option<&'static str>| {
        let mut call = Request::new(request(vec![account(0)], v1::ScoreConfig::default()));
        if let Some(sent) = sent {
            call.metadata_mut().insert("x-request-id", sent.parse().unwrap());
        }
        let response = server.scoring().score_accounts(call).await.unwrap();
        response.metadata().get("x-request-id").unwrap().to_str().unwrap().to_owned()
    };
    assert_eq!(id(Some("abc-1")).await, "abc-1");
    let made = id(None).await;
    assert_eq!((made.len(), id(None).await == made), (36, false));
    assert_eq!(id(Some("two words")).await.len(), 36);
}

#[tokio::test]
async fn oversize_messages_are_refused() {
    let mut settings = Settings::default();
    settings.server.max_request_size = ByteSize(2000);
    settings.server.max_response_size = ByteSize(1500);
    let server = TestServer::trained_with(&settings).await;
    let ask = |count| request((0..count).map(account).collect(), v1::ScoreConfig::default());
    assert!(server.scoring().score_accounts(ask(3)).await.is_ok());
    let result = server.scoring().score_accounts(ask(100)).await;
    assert_refused(result, Code::ResourceExhausted, "MESSAGE_TOO_LARGE");
    let explain = v1::ExplainAccountsRequest {
        version: String::new(),
        accounts: (0..10).map(account).collect(),
        ..Default::default()
    };
    assert_refused(server.scoring().explain_accounts(explain).await, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
}

#[tokio::test]
async fn compressed_calls_have_the_same_responses() {
    let server = TestServer::trained().await;
    let ask = || request((0..200).map(account).collect(), v1::ScoreConfig::default());
    let plain = server.scoring().score_accounts(ask()).await.unwrap().into_inner();
    for encoding in [CompressionEncoding::Gzip, CompressionEncoding::Zstd] {
        let client = ScoringServiceClient::new(server.channel.clone());
        let mut client = client.send_compressed(encoding).accept_compressed(encoding);
        let response = client.score_accounts(ask()).await.unwrap();
        assert!(response.metadata().get("grpc-encoding").is_some());
        assert_eq!(response.into_inner(), plain);
    }
}

#[tokio::test]
async fn a_public_address_requires_explicit_consent() {
    let settings = Settings::default();
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let world = world(Arc::new(MemoryStore::new()), &settings);
    let error = world.serve(listener, settings, std::future::pending()).await.unwrap_err();
    assert!(matches!(error, AppError::Remote { .. }) && error.to_string().contains("server.allow_remote"), "{error}");
}
