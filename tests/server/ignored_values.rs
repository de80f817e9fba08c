//! Invalid values that the score does not need: ignored, and reported with their paths, by every call that takes rows.

use prost::Message as _;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::{self, AttributeStatus};
use tonic::Code;

use crate::support::bytes::{call, field};
use crate::support::data::with_attributes;
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, fields};

const VERSION: &str = "workspaces/default/models/default/versions/1";

/// A server with two versions of a model, whose customers are still stored.
async fn trained() -> TestServer {
    let server = TestServer::empty().await;
    server.import().await;
    for _ in 0..2 {
        let run = server.train(MODEL).await;
        assert!(!server.wait(&run).await.model_version.is_empty());
    }
    server
}

fn employees(number: f64) -> (&'static str, Kind) {
    ("employees", Kind::Number(number))
}

fn text(name: &'static str, text: &str) -> (&'static str, Kind) {
    (name, Kind::Text(text.to_owned()))
}

/// Three accounts: one has a repeated attribute, one has a note that is too long, and one has neither.
fn rows() -> Vec<Vec<u8>> {
    let twice = with_attributes("twice", [employees(9.0), text("industry", "fintech")]).encode_to_vec();
    // Concatenated messages are merged, so that the map contains the attribute twice.
    let again = with_attributes("twice", [employees(390.0)]).encode_to_vec();
    let long = with_attributes("long", [employees(200.0), text("notes", &"n".repeat(1_025))]);
    let plain = with_attributes("plain", [employees(200.0)]);
    vec![[twice, again].concat(), long.encode_to_vec(), plain.encode_to_vec()]
}

/// The same accounts without the invalid values.
fn usable_rows() -> Vec<Vec<u8>> {
    let twice = with_attributes("twice", [text("industry", "fintech")]);
    let long = with_attributes("long", [employees(200.0)]);
    let plain = with_attributes("plain", [employees(200.0)]);
    [twice, long, plain].iter().map(v1::Account::encode_to_vec).collect()
}

/// A row with an industry that is too long. The model uses this attribute.
fn unusable_row() -> Vec<u8> {
    with_attributes("unusable", [text("industry", &"n".repeat(1_025))]).encode_to_vec()
}

/// Encodes accounts as an `AccountRows` in field `number` of a request.
fn rows_field(number: u32, rows: &[Vec<u8>]) -> Vec<u8> {
    field(number, &rows.iter().flat_map(|row| field(1, row)).collect::<Vec<_>>())
}

/// The ignored values: account, field path and reason.
fn ignored_values(account: &str, issues: &[v1::AttributeIssue]) -> Vec<(String, String, String)> {
    let ignored = issues.iter().filter(|issue| issue.status() == AttributeStatus::Ignored);
    ignored.map(|issue| (account.to_owned(), issue.field.clone(), issue.reason.clone())).collect()
}

fn expected_ignored_values(path: &str) -> Vec<(String, String, String)> {
    [("long", 1, "notes", "TEXT_TOO_LONG"), ("twice", 0, "employees", "DUPLICATE_ATTRIBUTE")]
        .map(|(id, row, name, reason)| {
            (id.to_owned(), format!("{path}[{row}].attributes[\"{name}\"]"), reason.to_owned())
        })
        .to_vec()
}

fn ignored_in_scores<'a>(scores: impl Iterator<Item = &'a v1::FitScore>) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = scores.flat_map(|score| ignored_values(&score.account_id, &score.issues)).collect();
    all.sort();
    all
}

/// Ids and log-odds, sorted by id.
fn log_odds_by_id<'a>(scores: impl Iterator<Item = &'a v1::FitScore>) -> Vec<(&'a str, u64)> {
    let mut all: Vec<_> = scores.map(|score| (score.account_id.as_str(), score.log_odds.to_bits())).collect();
    all.sort_unstable();
    all
}

fn score_request(rows: &[Vec<u8>]) -> Vec<u8> {
    let config = v1::ScoreConfig { version: VERSION.to_owned(), ..Default::default() };
    [field(1, &config.encode_to_vec()), rows_field(2, rows)].concat()
}

fn rank_request(rows: &[Vec<u8>]) -> Vec<u8> {
    [field(1, VERSION.as_bytes()), rows_field(2, rows)].concat()
}

#[tokio::test]
async fn every_call_ignores_and_reports_duplicate_and_too_long_values() {
    let server = trained().await;
    let channel = &server.channel;
    let clean: v1::ScoreAccountsResponse =
        call(channel, "ScoringService/ScoreAccounts", score_request(&usable_rows())).await.unwrap();
    let clean = log_odds_by_id(clean.scores.iter());

    let answer: v1::ScoreAccountsResponse =
        call(channel, "ScoringService/ScoreAccounts", score_request(&rows())).await.unwrap();
    assert_eq!(
        (log_odds_by_id(answer.scores.iter()), ignored_in_scores(answer.scores.iter())),
        (clean.clone(), expected_ignored_values("rows"))
    );

    let explain = [field(1, VERSION.as_bytes()), rows().iter().flat_map(|row| field(2, row)).collect()].concat();
    let answer: v1::ExplainAccountsResponse = call(channel, "ScoringService/ExplainAccounts", explain).await.unwrap();
    assert_eq!(
        (log_odds_by_id(answer.scores.iter()), ignored_in_scores(answer.scores.iter())),
        (clean.clone(), expected_ignored_values("accounts"))
    );

    let answer: v1::RankTargetsResponse =
        call(channel, "ReportService/RankTargets", rank_request(&rows())).await.unwrap();
    let scores = || answer.targets.iter().filter_map(|target| target.score.as_ref());
    assert_eq!(
        (log_odds_by_id(scores()), ignored_in_scores(scores())),
        (clean.clone(), expected_ignored_values("rows"))
    );
    assert_eq!(answer.errors, []);

    let compare =
        [field(1, VERSION.as_bytes()), field(2, format!("{MODEL}/versions/2").as_bytes()), rows_field(4, &rows())];
    let answer: v1::CompareModelVersionsResponse =
        call(channel, "ModelService/CompareModelVersions", compare.concat()).await.unwrap();
    let mut found: Vec<_> = answer.issues.iter().map(|issue| (issue.field.clone(), issue.reason.clone())).collect();
    found.sort();
    let mut told: Vec<_> =
        expected_ignored_values("rows").into_iter().map(|(_, field, reason)| (field, reason)).collect();
    told.sort();
    assert_eq!((found, answer.issue_count), (told, 2));
    assert_eq!(answer.comparison.unwrap().accounts, 3);

    let list = rows_field(2, &rows());
    for (format, part) in [
        (v1::ReportFormat::Json, "rows[0].attributes[\\\"employees\\\"]"),
        (v1::ReportFormat::Markdown, "2 values of attributes are not used"),
    ] {
        let report =
            v1::RenderReportRequest { version: VERSION.to_owned(), format: format.into(), ..Default::default() };
        let message = [report.encode_to_vec(), field(5, &list)].concat();
        let answer: v1::RenderReportResponse = call(channel, "ReportService/RenderReport", message).await.unwrap();
        let content = String::from_utf8(answer.content).unwrap();
        assert!(content.contains(part), "{part:?} is not in:\n{content}");
    }
}

#[tokio::test]
async fn unusable_values_of_model_attributes_and_malformed_accounts_are_row_errors() {
    let server = trained().await;
    let channel = &server.channel;
    let with = |row: Vec<u8>| [rows(), vec![row]].concat();
    // An id, followed by a truncated field.
    let broken = [field(1, b"broken"), vec![0x12, 0x05, 0x0a]].concat();
    for (row, reason, path) in [
        (unusable_row(), "TEXT_TOO_LONG", "rows[3].attributes[\"industry\"]"),
        (broken, "MALFORMED_ACCOUNT", "rows[3]"),
    ] {
        let scored: v1::ScoreAccountsResponse =
            call(channel, "ScoringService/ScoreAccounts", score_request(&with(row.clone()))).await.unwrap();
        let ranked: v1::RankTargetsResponse =
            call(channel, "ReportService/RankTargets", rank_request(&with(row.clone()))).await.unwrap();
        assert_eq!(scored.errors, ranked.errors);
        let [error] = scored.errors.as_slice() else { panic!("{:?}", scored.errors) };
        assert_eq!((error.reason.as_str(), error.field.as_str(), error.row_index), (reason, path, 3));
        assert_eq!(ranked.targets.len(), 3);
        let compare = [
            field(1, VERSION.as_bytes()),
            field(2, format!("{MODEL}/versions/2").as_bytes()),
            rows_field(4, &with(row.clone())),
        ];
        let answer =
            call::<v1::CompareModelVersionsResponse>(channel, "ModelService/CompareModelVersions", compare.concat());
        assert_eq!(fields(&assert_refused(answer.await, Code::InvalidArgument, reason)), [path]);
        let report = [field(1, VERSION.as_bytes()), field(5, &rows_field(2, &[row]))].concat();
        let answer = call::<v1::RenderReportResponse>(channel, "ReportService/RenderReport", report).await;
        assert_eq!(
            fields(&assert_refused(answer, Code::InvalidArgument, reason)),
            [format!("targets.{}", path.replace('3', "0"))]
        );
    }
}

#[tokio::test]
async fn unknown_changeable_attributes_are_reported_with_the_nearest_name() {
    let server = trained().await;
    let changeable_attributes = ["employees", "employes", "zzz"].map(str::to_owned).to_vec();
    let warnings = [
        "changeable_attributes[1] refers to attribute \"employes\", which the version does not have (did you mean \
         \"employees\"?)",
        "changeable_attributes[2] refers to attribute \"zzz\", which the version does not have",
    ];
    let account = with_attributes("a", [employees(200.0)]);
    let explain = v1::ExplainAccountsRequest {
        version: VERSION.to_owned(),
        accounts: vec![account.clone()],
        include_counterfactuals: true,
        changeable_attributes: changeable_attributes.clone(),
    };
    let answer = server.scoring().explain_accounts(explain).await.unwrap().into_inner();
    assert_eq!(answer.warnings, warnings);
    let accounts = v1::rank_targets_request::Accounts::Rows(v1::AccountRows { rows: vec![account] });
    let list = v1::RankTargetsRequest { accounts: Some(accounts), changeable_attributes, ..Default::default() };
    let rank = v1::RankTargetsRequest { version: VERSION.to_owned(), ..list.clone() };
    let answer = server.report().rank_targets(rank).await.unwrap().into_inner();
    assert_eq!(answer.summary.unwrap().warnings, warnings);
    let report = v1::RenderReportRequest {
        version: VERSION.to_owned(),
        format: v1::ReportFormat::Markdown.into(),
        targets: Some(list),
        ..Default::default()
    };
    let answer = server.report().render_report(report).await.unwrap().into_inner();
    let content = String::from_utf8(answer.content).unwrap();
    assert!(content.contains("refers to attribute \"zzz\", which the version does not have."), "{content}");
}
