//! Liveness, readiness, and the version information of a server.

use std::collections::BTreeSet;

use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::process::support::Bench;
use crate::process::support::data::{promote, send_import, train, wait};
use crate::process::support::server::Server;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_ready_after_the_first_promotion() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let to = server.clients().await;
    let (alive, ready) =
        (format!("healthcheck --server {}", server.url), format!("healthcheck --ready --server {}", server.url));
    let not_ready = || {
        bench.ok(&alive);
        bench.exits_with(&ready, 1).assert_stderr("no live model").assert_stderr("sweetspot model promote");
    };
    not_ready();
    send_import(&to, 1).await.unwrap();
    not_ready();
    let run = train(&to).await.unwrap();
    let version = wait(&to, &run.name).await.unwrap().model_version;
    not_ready();
    promote(&to, &version).await.unwrap();
    bench.ok(&alive);
    bench.ok(&ready);
    server.kill();
    let server = Server::start(&bench);
    let health = bench.ok(&format!("healthcheck --ready --json --server {}", server.url)).json();
    assert_eq!(
        health,
        serde_json::json!({ "server": server.url, "alive": true, "ready": true, "liveVersionsAnswer": true })
    );
    let url = server.url.clone();
    assert_eq!(server.stop("-TERM").code, Some(0));
    bench.exits_with(&format!("healthcheck --server {url}"), 5).assert_stderr(&url);
}

#[test]
fn a_store_with_a_live_version_is_ready_as_soon_as_it_listens() {
    let bench = Bench::with_models();
    let server = Server::start(&bench);
    bench.ok(&format!("healthcheck --ready --server {}", server.url));
}

async fn list_services(server: &Server) -> Result<BTreeSet<String>, tonic::Status> {
    let mut client = ServerReflectionClient::new(server.channel().await);
    let list = MessageRequest::ListServices(String::new());
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await?.into_inner();
    match answers.message().await?.unwrap().message_response.unwrap() {
        MessageResponse::ListServicesResponse(list) => Ok(list.service.into_iter().map(|one| one.name).collect()),
        other @ (MessageResponse::FileDescriptorResponse(_)
        | MessageResponse::AllExtensionNumbersResponse(_)
        | MessageResponse::ErrorResponse(_)) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn reflection_lists_what_is_served() {
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let listed = list_services(&server).await.unwrap();
    for service in ["DatasetService", "ModelService", "ScoringService"] {
        assert!(listed.contains(&format!("sweetspot.v1.{service}")), "{listed:?}");
    }
    assert!(listed.contains("grpc.health.v1.Health"), "{listed:?}");
}

/// As clients of several years ago ask.
#[tokio::test]
async fn reflection_answers_in_its_older_version_too() {
    use tonic_reflection::pb::v1alpha::ServerReflectionRequest;
    use tonic_reflection::pb::v1alpha::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1alpha::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1alpha::server_reflection_response::MessageResponse;
    let bench = Bench::empty();
    let server = Server::start(&bench);
    let mut client = ServerReflectionClient::new(server.channel().await);
    let list = MessageRequest::ListServices(String::new());
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(list) };
    let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(list) = answer else { panic!("{answer:?}") };
    let listed: BTreeSet<String> = list.service.into_iter().map(|one| one.name).collect();
    assert!(listed.contains("sweetspot.v1.ScoringService"), "{listed:?}");
}

#[tokio::test]
async fn reflection_can_be_turned_off() {
    let bench = Bench::empty();
    bench.write("sweetspot.toml", "[server]\nreflection = false\n");
    let server = Server::start(&bench);
    assert_eq!(list_services(&server).await.unwrap_err().code(), tonic::Code::Unimplemented);
    bench.ok(&format!("healthcheck --server {}", server.url));
}
