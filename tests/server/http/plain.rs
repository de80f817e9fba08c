//! One account in plain JSON.

use serde_json::{Value, json};
use sweetspot::config::Settings;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::{self, ReasonKind};

use super::server::DualServer;
use crate::scoring::request;
use crate::support::data::account;

/// The attributes as a flat object.
fn plain(account: &v1::Account) -> Value {
    let mut object = json!({ "account_id": account.account_id });
    for (name, value) in &account.attributes {
        object[name] = match value.kind.as_ref().unwrap() {
            Kind::Number(number) => json!(number),
            Kind::Text(text) => json!(text),
            Kind::Flag(flag) => json!(flag),
            Kind::Texts(list) => json!(list.values),
        };
    }
    object
}

#[tokio::test]
async fn a_plain_account_gets_the_score_and_the_reasons_of_grpc() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    for index in 0..20 {
        let account = account(index);
        let config = v1::ScoreConfig { view: v1::ScoreView::TopReasons.into(), ..v1::ScoreConfig::default() };
        let response = server.scoring().score_accounts(request(vec![account.clone()], config)).await.unwrap();
        let expected = response.into_inner().scores.remove(0);
        let answer = client.post("/v1/score", &plain(&account).to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let found = answer.json();
        assert_eq!(found["log_odds"].as_f64().unwrap().to_bits(), expected.log_odds.to_bits());
        assert_eq!(found["probability"].as_f64().unwrap().to_bits(), expected.probability.to_bits());
        assert_eq!((&found["account_id"], &found["score"]), (&json!(expected.account_id), &json!(expected.score)));
        assert_eq!(found["model_version"], "workspaces/default/models/default/versions/1");
        let reasons = found["reasons"].as_array().unwrap();
        assert_eq!(reasons.len(), expected.reasons.len());
        for (found, expected) in reasons.iter().zip(&expected.reasons) {
            assert_eq!(found["log_odds"], json!(expected.log_odds));
            let sentence = found["sentence"].as_str().unwrap();
            let names_attributes = expected.attribute.split(" * ").all(|name| sentence.contains(name));
            assert!(expected.kind() == ReasonKind::Hypothesis || names_attributes, "{sentence}");
        }
    }
}

#[tokio::test]
async fn the_query_selects_the_version_and_the_view() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    let body = r#"{"account_id": 7, "emploees": 3}"#;
    let path = "/v1/score?view=SCORE_VIEW_SCORE&version=workspaces/default/models/default/versions/live";
    let found = client.post(path, body).await.json();
    assert_eq!((&found["account_id"], found.get("reasons")), (&json!("7"), None));
    assert_eq!(found["issues"][0]["issue"], "unknown_attribute");
    assert!(!found["missing"].as_array().unwrap().is_empty());
    let refused = client.post("/v1/score?unknownAttributes=UNKNOWN_ATTRIBUTES_REJECT", body).await;
    assert_eq!((refused.status, refused.error().1.as_str()), (400, "UNKNOWN_ATTRIBUTE"));
    assert_eq!(client.post("/v1/score?version=workspaces/a/models/b/versions/9", body).await.status, 404);
    assert_eq!(client.post("/v1/score?reasons=2", body).await.status, 400);
    assert_eq!(client.get("/v1/score").await.status, 405);
}

#[tokio::test]
async fn a_body_that_is_no_account_is_refused_with_its_place() {
    let server = DualServer::trained().await;
    let mut client = server.client().await;
    for (body, place) in
        [(r#"{"a": {"b": 1}}"#, "at a"), ("[1]", "at its top level"), (r#"{"a": 1, "a": 2}"#, "given twice")]
    {
        let answer = client.post("/v1/score", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["error"]["message"].as_str().unwrap().contains(place), "{answer:?}");
    }
}

#[tokio::test]
async fn the_description_of_the_api_needs_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::default();
    settings.auth.required = true;
    settings.auth.owner_key_file = Some(folder.path().join("owner-key"));
    let server = DualServer::trained_with(&settings).await;
    let mut client = server.client().await;
    assert_eq!(client.get("/v1/workspaces").await.status, 401);
    let answer = client.get("/v1/openapi.json").await;
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "application/json"));
    assert_eq!(answer.json()["openapi"], "3.1.0");
}
