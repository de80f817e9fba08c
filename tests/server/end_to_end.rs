//! The life cycle of a model, from import to scores, with one client.

use sweetspot_proto::v1;
use sweetspot_proto::v1::training_run::State;

use crate::scoring::request;
use crate::support::data::account;
use crate::support::server::TestServer;

#[tokio::test]
async fn import_train_promote_score_explain() {
    let server = TestServer::empty().await;
    let imported = server.import().await;
    let run = server.train("").await;
    let run = server.wait(&run).await;
    assert_eq!((run.state(), run.dataset.as_str()), (State::Succeeded, imported.dataset.as_str()));
    let get = v1::GetModelVersionRequest { name: run.model_version.clone() };
    let version = server.model().get_model_version(get).await.unwrap().into_inner().version.unwrap();
    assert_eq!((version.data_sha256, version.training_run), (imported.data_sha256, run.name));
    let wish =
        v1::PromoteModelVersionRequest { name: run.model_version.clone(), etag: version.etag, ..Default::default() };
    server.model().promote_model_version(wish).await.unwrap();
    let scored = request(vec![account(0), account(3)], v1::ScoreConfig::default());
    let scored = server.scoring().score_accounts(scored).await.unwrap().into_inner();
    assert_eq!(scored.summary.unwrap().resolved_version, run.model_version);
    let ask =
        v1::ExplainAccountsRequest { version: run.model_version, accounts: vec![account(0)], ..Default::default() };
    let explained = server.scoring().explain_accounts(ask).await.unwrap().into_inner();
    assert_eq!(explained.scores[0].log_odds.to_bits(), scored.scores[0].log_odds.to_bits());
    let attributes: Vec<_> = explained.scores[0].reasons.iter().map(|reason| reason.attribute.as_str()).collect();
    assert!(["employees", "industry"].iter().all(|name| attributes.contains(name)), "{attributes:?}");
}
