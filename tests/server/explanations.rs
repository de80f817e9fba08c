//! Explanations are complete, exact, and match the score.

use sweetspot_proto::v1;
use sweetspot_proto::v1::attribute_value::Kind;
use tonic::Code;

use crate::scoring::request;
use crate::support::data::{account, with_attributes};
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused};

async fn explain(server: &TestServer, accounts: Vec<v1::Account>) -> v1::ExplainAccountsResponse {
    let request = v1::ExplainAccountsRequest { version: String::new(), accounts, ..Default::default() };
    server.scoring().explain_accounts(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn the_reasons_add_up_bit_for_bit_in_every_order() {
    let server = TestServer::trained().await;
    let mut accounts: Vec<_> = (0..99).map(account).collect();
    accounts.push(with_attributes("bare", []));
    for score in explain(&server, accounts).await.scores {
        let mut parts: Vec<f64> = score.reasons.iter().map(|reason| reason.log_odds).collect();
        parts.push(score.base_log_odds);
        for turn in 0..parts.len() {
            parts.rotate_left(1);
            assert_eq!(parts.iter().sum::<f64>().to_bits(), score.log_odds.to_bits(), "{} {turn}", score.account_id);
        }
        parts.sort_by(f64::total_cmp);
        assert_eq!(parts.iter().sum::<f64>().to_bits(), score.log_odds.to_bits());
        parts.reverse();
        assert_eq!(parts.iter().sum::<f64>().to_bits(), score.log_odds.to_bits());
    }
}

#[tokio::test]
async fn an_explanation_has_the_score_of_scoring() {
    let server = TestServer::trained().await;
    let accounts: Vec<_> = (0..100).map(account).collect();
    let scored = request(accounts.clone(), v1::ScoreConfig::default());
    let scored = server.scoring().score_accounts(scored).await.unwrap().into_inner();
    let explained = explain(&server, accounts).await;
    assert_eq!(explained.resolved_version, format!("{MODEL}/versions/1"));
    for (mut explained, scored) in explained.scores.into_iter().zip(scored.scores) {
        assert!(!explained.reasons.is_empty());
        explained.reasons.clear();
        assert_eq!(explained, scored);
    }
}

#[tokio::test]
async fn reasons_keep_the_order_of_the_model() {
    let server = TestServer::trained().await;
    let scores = explain(&server, (0..20).map(account).collect()).await.scores;
    let order = |score: &v1::FitScore| score.reasons.iter().map(|reason| reason.attribute.clone()).collect::<Vec<_>>();
    assert!(scores.iter().all(|score| order(score) == order(&scores[0])));
}

#[tokio::test]
async fn accounts_that_cannot_be_explained_are_reported() {
    let server = TestServer::trained().await;
    let mut client = server.scoring();
    let ask = |accounts: Vec<v1::Account>, version: &str| v1::ExplainAccountsRequest {
        version: version.into(),
        accounts,
        ..Default::default()
    };
    assert_refused(client.explain_accounts(ask(Vec::new(), "")).await, Code::InvalidArgument, "EMPTY_REQUEST");
    let many = (0..101).map(account).collect();
    assert_refused(client.explain_accounts(ask(many, "")).await, Code::InvalidArgument, "TOO_MANY_ACCOUNTS");
    assert_refused(client.explain_accounts(ask(vec![account(0)], "x")).await, Code::InvalidArgument, "INVALID_NAME");
    let other = format!("{MODEL}/versions/7");
    assert_refused(client.explain_accounts(ask(vec![account(0)], &other)).await, Code::NotFound, "VERSION_NOT_FOUND");
    let nan = with_attributes("nan", [("x", Kind::Number(f64::NAN))]);
    let response = explain(&server, vec![nan, account(0)]).await;
    assert_eq!((response.scores.len(), response.errors[0].field.as_str()), (1, r#"accounts[0].attributes["x"]"#));
}
