//! Scoring of accounts in row form.

use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::score_accounts_request::Accounts;
use sweetspot_proto::v1::{self, FitTier, ScoreView};
use tonic::Code;

use crate::support::data::{account, with_attributes};
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, fields};

pub(crate) fn request(rows: Vec<v1::Account>, config: v1::ScoreConfig) -> v1::ScoreAccountsRequest {
    v1::ScoreAccountsRequest { config: Some(config), accounts: Some(Accounts::Rows(v1::AccountRows { rows })) }
}

async fn score(server: &TestServer, rows: Vec<v1::Account>, config: v1::ScoreConfig) -> v1::ScoreAccountsResponse {
    server.scoring().score_accounts(request(rows, config)).await.unwrap().into_inner()
}

fn config_with_filter(filter: v1::TargetFilter) -> v1::ScoreConfig {
    v1::ScoreConfig { filter: Some(filter), ..Default::default() }
}

#[tokio::test]
async fn scores_come_in_the_order_of_the_request_and_name_their_version() {
    let server = TestServer::trained().await;
    let rows: Vec<_> = (0..200).rev().map(account).collect();
    let response = score(&server, rows.clone(), v1::ScoreConfig::default()).await;
    let ids: Vec<_> = response.scores.iter().map(|score| &score.account_id).collect();
    assert_eq!(ids, rows.iter().map(|row| &row.account_id).collect::<Vec<_>>());
    let summary = response.summary.unwrap();
    assert_eq!(summary.resolved_version, format!("{MODEL}/versions/1"));
    assert_eq!((summary.received, summary.scored, summary.filtered_out, summary.failed), (200, 200, 0, 0));
    for score in &response.scores {
        assert!(score.probability > 0.0 && score.probability < 1.0 && (1..=99).contains(&score.score));
        assert!(score.reasons.is_empty() && score.tier() != FitTier::Unspecified);
    }
    // One at a time or all at once, inline or on another thread: the scores are identical.
    let alone = score_one(&server, rows[7].clone()).await;
    assert_eq!(alone, response.scores[7]);
}

async fn score_one(server: &TestServer, row: v1::Account) -> v1::FitScore {
    score(server, vec![row], v1::ScoreConfig::default()).await.scores.pop().unwrap()
}

#[tokio::test]
async fn every_form_of_a_version_name_is_resolved() {
    let server = TestServer::trained().await;
    for version in
        ["", &format!("{MODEL}/versions/live"), &format!("{MODEL}/versions/1"), &format!("{MODEL}/versions/candidate")]
    {
        let config = v1::ScoreConfig { version: version.to_owned(), ..Default::default() };
        let response = score(&server, vec![account(0)], config).await;
        assert_eq!(response.summary.unwrap().resolved_version, format!("{MODEL}/versions/1"), "{version}");
    }
}

#[tokio::test]
async fn a_better_account_scores_higher_and_has_reasons() {
    let server = TestServer::trained().await;
    let config = v1::ScoreConfig { view: ScoreView::TopReasons.into(), reason_count: 2, ..Default::default() };
    let good =
        with_attributes("good", [("industry", Kind::Text("fintech".into())), ("employees", Kind::Number(200.0))]);
    let bad = with_attributes("bad", [("industry", Kind::Text("farming".into())), ("employees", Kind::Number(200.0))]);
    let scores = score(&server, vec![good, bad], config).await.scores;
    assert!(scores[0].probability > scores[1].probability);
    for score in &scores {
        assert_eq!(score.reasons.len(), 2);
        assert!(score.reasons[0].log_odds.abs() >= score.reasons[1].log_odds.abs());
        assert_eq!(score.reasons[0].kind(), v1::ReasonKind::Attribute);
    }
    assert_eq!(scores[0].reasons[0].attribute, "industry");
    assert!(
        scores[0].issues.iter().any(|issue| issue.status() == v1::AttributeStatus::Missing && issue.attribute == "b2b")
    );
}

#[tokio::test]
async fn the_number_of_reasons_has_a_default_and_a_limit() {
    let server = TestServer::trained().await;
    let config =
        |reason_count| v1::ScoreConfig { view: ScoreView::TopReasons.into(), reason_count, ..Default::default() };
    assert_eq!(score(&server, vec![account(0)], config(0)).await.scores[0].reasons.len(), 3);
    assert_eq!(score(&server, vec![account(0)], config(1)).await.scores[0].reasons.len(), 1);
    let result = server.scoring().score_accounts(request(vec![account(0)], config(101))).await;
    assert_refused(result, Code::InvalidArgument, "TOO_MANY_REASONS");
}

#[tokio::test]
async fn a_top_k_request_returns_the_best_accounts_first() {
    let server = TestServer::trained().await;
    let rows: Vec<_> = (0..100).map(account).collect();
    let mut all = score(&server, rows.clone(), v1::ScoreConfig::default()).await.scores;
    let best = score(&server, rows, v1::ScoreConfig { top_k: 10, ..Default::default() }).await;
    all.sort_by(|a, b| b.log_odds.total_cmp(&a.log_odds));
    assert_eq!(best.scores, all[..10]);
    assert_eq!(best.summary.unwrap().scored, 100);
}

#[tokio::test]
async fn filters_select_matching_accounts() {
    let server = TestServer::trained().await;
    let rows: Vec<_> = (0..100).map(account).collect();
    let condition = |attribute: &str, test| v1::Condition { attribute: attribute.into(), test: Some(test) };
    let any_of = v1::condition::Test::AnyOf(v1::TextList { values: vec!["fintech".into()] });
    let range = v1::condition::Test::Range(v1::Range { gte: Some(100.0), lt: None });
    for (filter, passed) in [
        (v1::TargetFilter { must: vec![condition("industry", any_of.clone())], ..Default::default() }, 25),
        (v1::TargetFilter { must_not: vec![condition("industry", any_of)], ..Default::default() }, 75),
        (
            v1::TargetFilter {
                exclude_account_ids: vec!["a-3".into(), "a-4".into(), "x".into()],
                ..Default::default()
            },
            98,
        ),
        (
            v1::TargetFilter {
                must: vec![condition("city", v1::condition::Test::Present(true))],
                ..Default::default()
            },
            0,
        ),
        (v1::TargetFilter { min_coverage: Some(0.0), min_probability: Some(0.0), ..Default::default() }, 100),
    ] {
        let response = score(&server, rows.clone(), config_with_filter(filter)).await;
        let summary = response.summary.unwrap();
        assert_eq!((response.scores.len(), summary.filtered_out), (passed, 100 - passed as u64));
    }
    let must = vec![condition("employees", range)];
    let response =
        score(&server, rows.clone(), config_with_filter(v1::TargetFilter { must, ..Default::default() })).await;
    assert!(!response.scores.is_empty() && response.scores.len() < 100);
    let least = v1::TargetFilter { min_probability: Some(0.5), ..Default::default() };
    assert!(
        score(&server, rows.clone(), config_with_filter(least))
            .await
            .scores
            .iter()
            .all(|score| score.probability >= 0.5)
    );
    let tiers = v1::TargetFilter { tiers: vec![FitTier::A.into()], ..Default::default() };
    assert!(
        score(&server, rows, config_with_filter(tiers)).await.scores.iter().all(|score| score.tier() == FitTier::A)
    );
}

#[tokio::test]
async fn an_invalid_row_is_reported_and_the_others_are_scored() {
    let server = TestServer::trained().await;
    let number = |value| [("employees", Kind::Number(value))];
    let mut nothing = with_attributes("nothing", number(1.0));
    nothing.attributes.insert("city".into(), v1::AttributeValue { kind: None });
    let mut many = with_attributes("many", []);
    many.attributes = (0..513).map(|index| (format!("x{index}"), account(0).attributes["b2b"].clone())).collect();
    let rows = vec![
        account(0),
        with_attributes("nan", number(f64::NAN)),
        with_attributes("", number(1.0)),
        with_attributes("long", [("industry", Kind::Text("x".repeat(1025)))]),
        account(0),
        nothing,
        many,
        with_attributes("list", [("industry", Kind::Texts(v1::TextList { values: vec!["x".into(); 257] }))]),
        with_attributes("name", [("", Kind::Flag(true))]),
        with_attributes(&"i".repeat(129), []),
        account(1),
    ];
    let response = score(&server, rows, v1::ScoreConfig::default()).await;
    let told: Vec<_> =
        response.errors.iter().map(|error| (error.row_index, error.reason.as_str(), error.field.as_str())).collect();
    assert_eq!(
        told,
        [
            (1, "NON_FINITE_NUMBER", r#"rows[1].attributes["employees"]"#),
            (2, "EMPTY_ACCOUNT_ID", "rows[2].account_id"),
            (3, "TEXT_TOO_LONG", r#"rows[3].attributes["industry"]"#),
            (4, "DUPLICATE_ACCOUNT_ID", "rows[4].account_id"),
            (5, "MISSING_VALUE_KIND", r#"rows[5].attributes["city"]"#),
            (6, "TOO_MANY_ATTRIBUTES", "rows[6].attributes"),
            (7, "LIST_TOO_LONG", r#"rows[7].attributes["industry"]"#),
            (8, "INVALID_ATTRIBUTE_NAME", r#"rows[8].attributes[""]"#),
            (9, "ACCOUNT_ID_TOO_LONG", "rows[9].account_id"),
        ]
    );
    assert!(response.errors.iter().all(|error| !error.description.is_empty()));
    let summary = response.summary.unwrap();
    assert_eq!((response.scores.len(), summary.received, summary.scored, summary.failed), (2, 11, 2, 9));
}

#[tokio::test]
async fn a_call_without_usable_rows_fails_with_every_violation() {
    let server = TestServer::trained().await;
    let bad = |id: &str| with_attributes(id, [("a", Kind::Number(f64::NAN)), ("b", Kind::Number(f64::INFINITY))]);
    let result = server.scoring().score_accounts(request(vec![bad("x"), bad("y")], v1::ScoreConfig::default())).await;
    let details = assert_refused(result, Code::InvalidArgument, "NON_FINITE_NUMBER");
    let expected = [
        r#"rows[0].attributes["a"]"#,
        r#"rows[0].attributes["b"]"#,
        r#"rows[1].attributes["a"]"#,
        r#"rows[1].attributes["b"]"#,
    ];
    assert_eq!(fields(&details), expected);
}

#[tokio::test]
async fn the_number_of_violations_in_a_response_has_a_maximum() {
    let server = TestServer::trained().await;
    let rows = (0..1000).map(|index| with_attributes(&format!("{index}"), [("a", Kind::Number(f64::NAN))])).collect();
    let result = server.scoring().score_accounts(request(rows, v1::ScoreConfig::default())).await;
    let details = assert_refused(result, Code::InvalidArgument, "NON_FINITE_NUMBER");
    assert!((10..=100).contains(&fields(&details).len()), "{details:?}");
}

#[tokio::test]
async fn empty_and_overlong_lists_are_refused() {
    let server = TestServer::trained().await;
    let mut client = server.scoring();
    let empty = client.score_accounts(v1::ScoreAccountsRequest::default()).await;
    assert_refused(empty, Code::InvalidArgument, "EMPTY_REQUEST");
    let empty = client.score_accounts(request(Vec::new(), v1::ScoreConfig::default())).await;
    assert_eq!(fields(&assert_refused(empty, Code::InvalidArgument, "EMPTY_REQUEST")), ["rows"]);
    let rows = (0..10_001).map(account).collect();
    assert_refused(
        client.score_accounts(request(rows, v1::ScoreConfig::default())).await,
        Code::InvalidArgument,
        "TOO_MANY_ACCOUNTS",
    );
}

#[tokio::test]
async fn every_violation_of_a_score_config_is_reported_at_once() {
    let server = TestServer::trained().await;
    let condition = |attribute: &str, test| v1::Condition { attribute: attribute.into(), test };
    let filter = v1::TargetFilter {
        min_probability: Some(f64::NAN),
        min_coverage: Some(1.5),
        tiers: vec![1, 9, 0],
        must: vec![
            condition("", Some(v1::condition::Test::Present(true))),
            condition("a", None),
            condition("a", Some(v1::condition::Test::Range(v1::Range { gte: Some(f64::NAN), lt: None }))),
        ],
        must_not: vec![condition("a", Some(v1::condition::Test::AnyOf(v1::TextList::default())))],
        exclude_account_ids: vec![String::new(); 10_001],
        ..Default::default()
    };
    let config = v1::ScoreConfig { version: "newest".into(), view: 7, filter: Some(filter), ..Default::default() };
    let details = assert_refused(
        server.scoring().score_accounts(request(Vec::new(), config)).await,
        Code::InvalidArgument,
        "INVALID_NAME",
    );
    assert_eq!(
        fields(&details),
        [
            "config.version",
            "config.view",
            "config.filter.min_probability",
            "config.filter.min_coverage",
            "config.filter.exclude_account_ids",
            "config.filter.tiers[1]",
            "config.filter.tiers[2]",
            "config.filter.must[0].attribute",
            "config.filter.must[1]",
            "config.filter.must[2]",
            "config.filter.must_not[0]",
            "rows",
        ]
    );
}

#[tokio::test]
async fn scoring_without_a_version_is_refused() {
    let server = TestServer::trained().await;
    let config = |version: &str| v1::ScoreConfig { version: version.to_owned(), ..Default::default() };
    let mut client = server.scoring();
    for (version, code, reason) in [
        (format!("{MODEL}/versions/99"), Code::NotFound, "VERSION_NOT_FOUND"),
        ("workspaces/default/models/other/versions/live".to_owned(), Code::FailedPrecondition, "NO_LIVE_VERSION"),
        ("workspaces/default/models/other/versions/1".to_owned(), Code::NotFound, "MODEL_NOT_FOUND"),
        (format!("{MODEL}/versions/0"), Code::InvalidArgument, "INVALID_NAME"),
        ("x".repeat(100_000), Code::InvalidArgument, "INVALID_NAME"),
    ] {
        assert_refused(client.score_accounts(request(vec![account(0)], config(&version))).await, code, reason);
    }
    let result =
        client.score_accounts(request(vec![account(0)], v1::ScoreConfig { view: 99, ..Default::default() })).await;
    assert_refused(result, Code::InvalidArgument, "UNKNOWN_ENUM_VALUE");
}

#[tokio::test]
async fn scoring_without_a_live_version_is_a_failed_precondition() {
    let server = TestServer::empty().await;
    let result = server.scoring().score_accounts(request(vec![account(0)], v1::ScoreConfig::default())).await;
    let details = assert_refused(result, Code::FailedPrecondition, "NO_LIVE_VERSION");
    assert_eq!(details.precondition_failure().unwrap().violations[0].r#type, "NO_LIVE_VERSION");
}
