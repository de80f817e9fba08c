//! API keys while the database does not answer.

use std::time::{Duration, Instant};

use sweetspot_proto::v1;
use sweetspot_proto::v1::scoring_service_client::ScoringServiceClient;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use crate::ALONE;
use crate::bench::Bench;
use crate::cluster::{Cluster, LIMIT, start};
use crate::data::account;

async fn score_with(channel: &Channel, secret: &str) -> Result<(), Status> {
    let rows = v1::AccountRows { rows: vec![account()] };
    let accounts = Some(v1::score_accounts_request::Accounts::Rows(rows));
    let mut request = Request::new(v1::ScoreAccountsRequest { config: Some(v1::ScoreConfig::default()), accounts });
    let value: MetadataValue<_> = format!("Bearer {secret}").parse().unwrap();
    request.metadata_mut().insert("authorization", value);
    ScoringServiceClient::new(channel.clone()).score_accounts(request).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_work_after_a_start_without_the_database_and_revoked_ones_do_not() {
    let _alone = ALONE.lock().await;
    let Some(cluster) = Cluster::start(1).await else { return };
    cluster.train_two().await;
    let mut access = cluster.members[0].access.clone();
    let mut secrets = Vec::new();
    for principal in ["one", "two"] {
        let roles = vec!["owner".to_owned()];
        let request = v1::CreateApiKeyRequest { principal: principal.to_owned(), roles, ..Default::default() };
        secrets.push(access.create_api_key(request).await.unwrap().into_inner());
    }
    let (bench, cache) = (Bench::empty(), tempfile::tempdir().unwrap());
    let (url, settings) = (cluster.members[0].url(), [("SWEETSPOT__AUTH__REQUIRED", "true")]);
    let server = start(&bench, &cache, url, &settings).await;
    let to = server.channel().await;
    for created in &secrets {
        score_with(&to, &created.secret).await.unwrap();
    }
    let id = secrets[1].key.as_ref().unwrap().id.clone();
    access.revoke_api_key(v1::RevokeApiKeyRequest { id, ..Default::default() }).await.unwrap();
    let revoked = Instant::now();
    while score_with(&to, &secrets[1].secret).await.is_ok() {
        assert!(revoked.elapsed() < Duration::from_secs(1));
    }
    let rows = cache.path().join("cached-rows");
    let is_cached =
        |text: &[u8]| std::fs::read(&rows).is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text));
    while !is_cached(b"version/") || !is_cached(b"revoked\":\"2") {
        assert!(revoked.elapsed() < LIMIT);
    }
    cluster.database.kill();
    drop(server);
    let server = start(&bench, &cache, url, &settings).await;
    let to = server.channel().await;
    score_with(&to, &secrets[0].secret).await.unwrap();
    assert_eq!(score_with(&to, &secrets[1].secret).await.unwrap_err().code(), Code::Unauthenticated);
    assert_eq!(score_with(&to, "swt_000000000000_00").await.unwrap_err().code(), Code::Unauthenticated);
}
