//! Clients without a credential: how many connections one of them may have, and for how long they count.

use std::path::PathBuf;
use std::sync::Arc;

use sweetspot::config::{AuthSettings, ServerSettings, Settings};
use sweetspot_proto::v1;
use sweetspot_proto::v1::model_service_client::ModelServiceClient;
use sweetspot_store::store::MemoryStore;
use tempfile::TempDir;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::support::raw_http2::RawConnection;
use crate::support::server::TestServer;

/// The share of one client in 64 connections.
const SHARE: usize = 16;

async fn guarded_server(folder: &TempDir) -> (TestServer, PathBuf) {
    let key_file = folder.path().join("owner-key");
    let auth = AuthSettings { required: true, owner_key_file: Some(key_file.clone()), ..AuthSettings::default() };
    let server = ServerSettings { max_connections: 64, ..ServerSettings::default() };
    let settings = Settings { auth, server, ..Settings::default() };
    (TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await, key_file)
}

async fn connect(server: &TestServer) -> Channel {
    Endpoint::try_from(format!("http://{}", server.address)).unwrap().connect().await.unwrap()
}

/// Whether the server serves one more connection.
async fn serves_one_more(server: &TestServer) -> bool {
    RawConnection::handshake(server.address).await.next_frame().await.is_some()
}

#[tokio::test]
async fn watches_of_the_health_service_keep_no_client_with_a_credential_out() {
    let folder = tempfile::tempdir().unwrap();
    let (server, key_file) = guarded_server(&folder).await;
    // The channel of the test server is one of the connections, and has made no call.
    let mut watches = Vec::new();
    for _ in 1..SHARE {
        let channel = connect(&server).await;
        let watch = HealthClient::new(channel.clone()).watch(HealthCheckRequest::default()).await.unwrap().into_inner();
        watches.push((channel, watch));
    }
    assert!(!serves_one_more(&server).await);
    // A refused credential changes nothing.
    let call = async |secret: &str| {
        let mut request = Request::new(v1::ListWorkspacesRequest::default());
        request.metadata_mut().insert("authorization", format!("Bearer {secret}").parse().unwrap());
        ModelServiceClient::new(watches[0].0.clone()).list_workspaces(request).await
    };
    let unknown = format!("swt_{}_{}", "0".repeat(12), "0".repeat(64));
    assert_eq!(call(&unknown).await.unwrap_err().code(), tonic::Code::Unauthenticated);
    assert!(!serves_one_more(&server).await);
    call(std::fs::read_to_string(key_file).unwrap().trim()).await.unwrap();
    assert!(serves_one_more(&server).await);
}

#[tokio::test]
async fn without_authentication_any_call_makes_a_client_known() {
    let server = ServerSettings { max_connections: 64, ..ServerSettings::default() };
    let settings = Settings { server, ..Settings::default() };
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    let mut channels = Vec::new();
    for _ in 0..2 * SHARE {
        let channel = connect(&server).await;
        HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await.unwrap();
        channels.push(channel);
    }
    assert!(serves_one_more(&server).await);
}
