//! An embedded server: it has the same services, and releases the store when it ends.

use std::sync::Arc;

use sweetspot::config::Settings;
use sweetspot_proto::v1;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use sweetspot_store::store::{MemoryStore, SledStore};
use tonic::Code;

use crate::scoring::request;
use crate::support::assert_refused;
use crate::support::data::account;
use crate::support::server::{TestServer, promote, publish, world};

#[tokio::test]
async fn an_embedded_server_answers_as_a_remote_one() {
    let settings = Settings::default();
    let store = Arc::new(MemoryStore::new());
    let first = world(store.clone(), &settings);
    publish(&first, "r-1");
    promote(&first, 1);
    let embedded = first.embed(&settings).await.unwrap();
    let ask = || request((0..300).map(account).collect(), v1::ScoreConfig::default());
    let mut client = ScoringServiceClient::new(embedded.channel.clone());
    let near = client.score_accounts(ask()).await.unwrap().into_inner();
    assert_refused(
        client.explain_accounts(v1::ExplainAccountsRequest::default()).await,
        Code::InvalidArgument,
        "EMPTY_REQUEST",
    );
    drop(client);
    embedded.close().await;
    let server = TestServer::serve_store(store, &settings).await;
    assert_eq!(server.scoring().score_accounts(ask()).await.unwrap().into_inner(), near);
}

#[tokio::test]
async fn a_closed_embedded_server_leaves_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { store: folder.path().to_owned().into(), ..Settings::default() };
    for _ in 0..20 {
        let embedded =
            world(Arc::new(SledStore::open(folder.path()).unwrap()), &settings).embed(&settings).await.unwrap();
        let mut client = ScoringServiceClient::new(embedded.channel.clone());
        client.score_accounts(v1::ScoreAccountsRequest::default()).await.unwrap_err();
        drop(client);
        embedded.close().await;
    }
}
