//! A value has the same meaning in every format: over both sockets, in rows, columns and JSON.

use prost::Message as _;
use serde_json::{Value, json};
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::condition::Test;
use sweetspot_proto::v1::{self, AttributeStatus};
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;

use super::server::{DualServer, SCORE_PATH};
use crate::every_method::VecCodec;
use crate::scoring::request;
use crate::support::data::{account, table, with_attributes};

fn text(text: &str) -> Kind {
    Kind::Text(text.to_owned())
}

fn status(score: &v1::FitScore, attribute: &str) -> Vec<AttributeStatus> {
    let own = score.issues.iter().filter(|issue| issue.attribute == attribute);
    own.map(v1::AttributeIssue::status).collect()
}

async fn score_grpc(server: &DualServer, rows: Vec<v1::Account>, config: v1::ScoreConfig) -> v1::ScoreAccountsResponse {
    server.scoring().score_accounts(request(rows, config)).await.unwrap().into_inner()
}

async fn score_http(server: &DualServer, attributes: &str) -> Value {
    let body = format!("{{\"rows\":{{\"rows\":[{{\"accountId\":\"a\",\"attributes\":{attributes}}}]}}}}");
    let answer = server.client().await.post(SCORE_PATH, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The log-odds over HTTP.
async fn log_odds(server: &DualServer, attributes: &str) -> u64 {
    score_http(server, attributes).await["scores"][0]["logOdds"].as_f64().unwrap().to_bits()
}

#[tokio::test]
async fn rows_columns_texts_and_json_of_one_account_have_one_score() {
    let server = DualServer::trained().await;
    let rows: Vec<_> = (0..40).map(account).collect();
    let by_row = score_grpc(&server, rows.clone(), v1::ScoreConfig::default()).await.scores;
    let accounts = v1::score_accounts_request::Accounts::Table(table(40));
    let wire = v1::ScoreAccountsRequest { config: None, accounts: Some(accounts) };
    let by_column = server.scoring().score_accounts(wire).await.unwrap().into_inner().scores;
    assert_eq!(by_row, by_column);
    for (row, expected) in rows.iter().zip(&by_row) {
        let cell = |kind: &Kind| match kind {
            Kind::Number(number) => json!(number.to_string()),
            Kind::Text(text) => json!(format!("  {} ", text.to_uppercase())),
            Kind::Flag(flag) => json!(if *flag { "Ja" } else { "NO" }),
            Kind::Texts(list) => json!(if list.values.is_empty() { ";".to_owned() } else { list.values.join("; ") }),
        };
        let bare = |kind: &Kind| match kind {
            Kind::Number(number) => json!(number),
            Kind::Text(text) => json!(text),
            Kind::Flag(flag) => json!(flag),
            Kind::Texts(list) => json!(list.values),
        };
        let attributes = |value: &dyn Fn(&Kind) -> Value| {
            let known = row.attributes.iter().map(|(name, one)| (name.clone(), value(one.kind.as_ref().unwrap())));
            Value::Object(known.collect()).to_string()
        };
        for attributes in [attributes(&cell), attributes(&bare)] {
            assert_eq!(log_odds(&server, &attributes).await, expected.log_odds.to_bits(), "{attributes}");
        }
    }
}

#[tokio::test]
async fn a_blank_text_and_null_are_missing() {
    let server = DualServer::trained().await;
    let missing = log_odds(&server, r#"{"employees":90}"#).await;
    for attributes in [
        r#"{"employees":90,"industry":null,"b2b":null,"stack":null}"#,
        r#"{"employees":90,"industry":"","b2b":" ","stack":""}"#,
        r#"{"employees":{"number":90},"industry":{"text":""},"stack":{"texts":null}}"#,
    ] {
        assert_eq!(log_odds(&server, attributes).await, missing, "{attributes}");
    }
    let blank = with_attributes("a", [("employees", text("")), ("industry", text("\u{a0}"))]);
    let bare = with_attributes("b", []);
    let scores = score_grpc(&server, vec![blank, bare], v1::ScoreConfig::default()).await.scores;
    assert_eq!(scores[0].log_odds.to_bits(), scores[1].log_odds.to_bits());
    assert_eq!((scores[0].coverage, &scores[0].issues), (0.0, &scores[1].issues));
}

#[tokio::test]
async fn an_ambiguous_text_is_reported_with_its_reading() {
    let server = DualServer::trained().await;
    let rows = vec![
        with_attributes("a", [("employees", text("1.200"))]),
        with_attributes("b", [("employees", text("1,200"))]),
    ];
    let scores = score_grpc(&server, rows, v1::ScoreConfig::default()).await.scores;
    for (score, taken) in scores.iter().zip(["1.2", "1200"]) {
        let issue = score.issues.iter().find(|issue| issue.status() == AttributeStatus::Ambiguous).unwrap();
        assert_eq!((issue.attribute.as_str(), issue.reading.as_str()), ("employees", taken));
    }
    let told = score_http(&server, r#"{"employees":"1.200"}"#).await;
    let issues = told["scores"][0]["issues"].as_array().unwrap();
    let expected = json!({ "attribute": "employees", "status": "ATTRIBUTE_STATUS_AMBIGUOUS", "reading": "1.2" });
    assert!(issues.contains(&expected), "{issues:?}");
    for plain in ["1200", "1 200", "1.200,5", "12.5"] {
        let row = with_attributes("a", [("employees", text(plain))]);
        let score = score_grpc(&server, vec![row], v1::ScoreConfig::default()).await.scores.remove(0);
        assert!(!status(&score, "employees").contains(&AttributeStatus::Ambiguous), "{plain}");
    }
}

/// Scores with a message encoded by hand.
async fn score_raw(server: &DualServer, bytes: Vec<u8>) -> v1::ScoreAccountsResponse {
    let mut client = Grpc::new(server.channel.clone());
    client.ready().await.unwrap();
    let path = PathAndQuery::from_static("/sweetspot.v1.ScoringService/ScoreAccounts");
    let answer = client.unary(tonic::Request::new(bytes), path, VecCodec).await.unwrap().into_inner();
    v1::ScoreAccountsResponse::decode(answer).unwrap()
}

/// Encodes an account whose attributes may repeat.
fn account_bytes(id: &str, attributes: &[(&str, f64)]) -> Vec<u8> {
    let one = |(name, number): &(&str, f64)| with_attributes("", [(*name, Kind::Number(*number))]).encode_to_vec();
    let id = v1::Account { account_id: id.to_owned(), ..v1::Account::default() }.encode_to_vec();
    attributes.iter().map(one).fold(id, |all, one| [all, one].concat())
}

#[tokio::test]
async fn a_duplicate_attribute_is_ignored_and_reported() {
    let server = DualServer::trained().await;
    let mut rows = Vec::new();
    for account in [
        account_bytes("a", &[("employees", 90.0), ("unheard", 1.0), ("employees", 5.0)]),
        account_bytes("b", &[("unheard", 1.0), ("unheard", 1.0)]),
        account_bytes("c", &[("unheard", 1.0)]),
    ] {
        prost::encoding::bytes::encode(1, &account, &mut rows);
    }
    let mut bytes = Vec::new();
    prost::encoding::bytes::encode(2, &rows, &mut bytes);
    let answer = score_raw(&server, bytes).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    for (score, field) in
        answer.scores.iter().zip(["rows[0].attributes[\"employees\"]", "rows[1].attributes[\"unheard\"]"])
    {
        let issue = score.issues.iter().find(|issue| issue.status() == AttributeStatus::Ignored).unwrap();
        assert_eq!((issue.field.as_str(), issue.reason.as_str()), (field, "DUPLICATE_ATTRIBUTE"));
        assert_eq!(score.log_odds.to_bits(), answer.scores[2].log_odds.to_bits(), "same as an account without it");
    }
    let told = score_http(&server, r#"{"employees":90,"employees":5}"#).await;
    let issues = told["scores"][0]["issues"].as_array().unwrap();
    let expected = json!({
        "attribute": "employees",
        "status": "ATTRIBUTE_STATUS_IGNORED",
        "field": "rows[0].attributes[\"employees\"]",
        "reason": "DUPLICATE_ATTRIBUTE",
    });
    assert!(issues.contains(&expected), "{issues:?}");
}

#[tokio::test]
async fn a_long_text_that_the_model_does_not_read_is_ignored() {
    let server = DualServer::trained().await;
    let long = "x".repeat(1025);
    let row = with_attributes("a", [("employees", Kind::Number(90.0)), ("notes", text(&long))]);
    let without = with_attributes("b", [("employees", Kind::Number(90.0))]);
    let answer = score_grpc(&server, vec![row.clone(), without], v1::ScoreConfig::default()).await;
    let issue = answer.scores[0].issues.iter().find(|issue| issue.attribute == "notes").unwrap();
    assert_eq!(issue.status(), AttributeStatus::Ignored);
    assert_eq!((issue.field.as_str(), issue.reason.as_str()), ("rows[0].attributes[\"notes\"]", "TEXT_TOO_LONG"));
    assert_eq!(answer.scores[0].log_odds.to_bits(), answer.scores[1].log_odds.to_bits());
    let known = with_attributes("k", [("industry", text(&long))]);
    let errors = score_grpc(&server, vec![row.clone(), known], v1::ScoreConfig::default()).await.errors;
    assert_eq!(errors.iter().map(|error| error.reason.as_str()).collect::<Vec<_>>(), ["TEXT_TOO_LONG"]);
    let condition = v1::Condition { attribute: "notes".to_owned(), test: Some(Test::Present(true)) };
    let filter = v1::TargetFilter { must: vec![condition], ..v1::TargetFilter::default() };
    let config = v1::ScoreConfig { filter: Some(filter), ..v1::ScoreConfig::default() };
    let asked = score_grpc(&server, vec![row, account(1)], config).await;
    assert_eq!(asked.errors.len(), 1, "the filter uses it: {asked:?}");
}

fn any_of_condition(attribute: &str, texts: &[&str]) -> v1::Condition {
    let values = texts.iter().map(|text| (*text).to_owned()).collect();
    v1::Condition { attribute: attribute.to_owned(), test: Some(Test::AnyOf(v1::TextList { values })) }
}

fn config_with_condition(condition: v1::Condition) -> v1::ScoreConfig {
    let filter = v1::TargetFilter { must: vec![condition], ..v1::TargetFilter::default() };
    v1::ScoreConfig { filter: Some(filter), ..v1::ScoreConfig::default() }
}

#[tokio::test]
async fn a_filter_compares_texts_like_the_model_and_warns_about_unknown_ones() {
    let server = DualServer::trained().await;
    let rows: Vec<_> = (0..40).map(account).collect();
    let plain = score_grpc(&server, rows.clone(), config_with_condition(any_of_condition("industry", &["fintech"])))
        .await
        .summary
        .unwrap();
    assert!(plain.scored > 0 && plain.warnings.is_empty(), "{plain:?}");
    let spelt = score_grpc(&server, rows.clone(), config_with_condition(any_of_condition("industry", &[" FinTech "])))
        .await
        .summary
        .unwrap();
    assert_eq!(spelt, plain);
    let number = score_grpc(&server, rows.clone(), config_with_condition(any_of_condition("employees", &["42.0"])))
        .await
        .summary
        .unwrap();
    assert!(number.scored > 0 && number.warnings.is_empty(), "{number:?}");
    for (condition, words) in [
        (
            any_of_condition("industri", &["fintech"]),
            "refers to attribute \"industri\", which neither the version nor any account has (did you mean \"industry\"?)",
        ),
        (
            any_of_condition("industry", &["fintec"]),
            "refers to \"fintec\" in attribute \"industry\", which neither the version nor any account has (did you mean \"fintech\"?)",
        ),
        (
            any_of_condition("employees", &["many"]),
            "refers to \"many\" in attribute \"employees\", which cannot be read as a number",
        ),
    ] {
        let summary = score_grpc(&server, rows.clone(), config_with_condition(condition)).await.summary.unwrap();
        assert_eq!(summary.scored, 0);
        assert_eq!(summary.warnings, [format!("config.filter.must[0] {words}")]);
    }
    // An attribute or a level that an account has counts as known, even if the model does not have it.
    let other = with_attributes("other", [("colour", text("red")), ("industry", text("mining"))]);
    for condition in [any_of_condition("colour", &["red"]), any_of_condition("industry", &["MINING"])] {
        let summary = score_grpc(&server, vec![other.clone()], config_with_condition(condition)).await.summary.unwrap();
        assert_eq!((summary.scored, summary.warnings.len()), (1, 0));
    }
}

#[tokio::test]
async fn a_stream_warns_about_what_no_chunk_contains() {
    use v1::stream_scores_request::Message;
    let server = DualServer::trained().await;
    let chunk = |sequence, rows| {
        let accounts = Some(v1::score_chunk::Accounts::Rows(v1::AccountRows { rows }));
        v1::StreamScoresRequest { message: Some(Message::Chunk(v1::ScoreChunk { sequence, accounts })) }
    };
    let config = config_with_condition(any_of_condition("colour", &["red"]));
    let red = with_attributes("r", [("colour", text("Red"))]);
    let messages = vec![
        v1::StreamScoresRequest { message: Some(Message::Config(config)) },
        chunk(0, vec![account(1)]),
        chunk(1, vec![red]),
        chunk(2, vec![account(2)]),
    ];
    let mut stream = server.scoring().stream_scores(tokio_stream::iter(messages)).await.unwrap().into_inner();
    let mut told = Vec::new();
    while let Some(answer) = stream.message().await.unwrap() {
        told.push(answer.running.unwrap().warnings.len());
    }
    assert_eq!(told, [1, 0, 0]);
}
