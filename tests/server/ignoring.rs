//! Values that cannot be used, and that the score does not need: left out and told with their paths, by every call that takes rows.

use prost::Message as _;
use sweetspot_proto::v1::attribute_value::Kind;
use sweetspot_proto::v1::{self, AttributeStatus};
use tonic::Code;

use crate::support::bytes::{call, field};
use crate::support::data::with_attributes;
use crate::support::server::Server;
use crate::support::{MODEL, fields, refused};

const VERSION: &str = "workspaces/default/models/default/versions/1";

/// A server with two versions of one model, whose customers are still there.
async fn trained() -> Server {
    let server = Server::empty().await;
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

/// Three accounts: one has an attribute twice, one a note that is too long, and one has nothing of either.
fn rows() -> Vec<Vec<u8>> {
    let twice = with_attributes("twice", [employees(9.0), text("industry", "fintech")]).encode_to_vec();
    // A message behind another one is merged with it: so the map has the attribute twice.
    let again = with_attributes("twice", [employees(390.0)]).encode_to_vec();
    let long = with_attributes("long", [employees(200.0), text("notes", &"n".repeat(1_025))]);
    let plain = with_attributes("plain", [employees(200.0)]);
    vec![[twice, again].concat(), long.encode_to_vec(), plain.encode_to_vec()]
}

/// The same without what cannot be used.
fn clean() -> Vec<Vec<u8>> {
    let twice = with_attributes("twice", [text("industry", "fintech")]);
    let long = with_attributes("long", [employees(200.0)]);
    let plain = with_attributes("plain", [employees(200.0)]);
    [twice, long, plain].iter().map(v1::Account::encode_to_vec).collect()
}

/// A row whose industry, which the model reads, is too long.
fn unusable() -> Vec<u8> {
    with_attributes("unusable", [text("industry", &"n".repeat(1_025))]).encode_to_vec()
}

/// Accounts as field `number` of a request, in an `AccountRows`.
fn listed(number: u32, rows: &[Vec<u8>]) -> Vec<u8> {
    field(number, &rows.iter().flat_map(|row| field(1, row)).collect::<Vec<_>>())
}

/// The values that were left out: of whom, where, and why.
fn left_out(account: &str, issues: &[v1::AttributeIssue]) -> Vec<(String, String, String)> {
    let ignored = issues.iter().filter(|issue| issue.status() == AttributeStatus::Ignored);
    ignored.map(|issue| (account.to_owned(), issue.field.clone(), issue.reason.clone())).collect()
}

fn expected(path: &str) -> Vec<(String, String, String)> {
    [("long", 1, "notes", "TEXT_TOO_LONG"), ("twice", 0, "employees", "DUPLICATE_ATTRIBUTE")]
        .map(|(id, row, name, reason)| {
            (id.to_owned(), format!("{path}[{row}].attributes[\"{name}\"]"), reason.to_owned())
        })
        .to_vec()
}

fn of_scores<'a>(scores: impl Iterator<Item = &'a v1::FitScore>) -> Vec<(String, String, String)> {
    let mut all: Vec<_> = scores.flat_map(|score| left_out(&score.account_id, &score.issues)).collect();
    all.sort();
    all
}

/// Ids and log-odds, by id.
fn bits<'a>(scores: impl Iterator<Item = &'a v1::FitScore>) -> Vec<(&'a str, u64)> {
    let mut all: Vec<_> = scores.map(|score| (score.account_id.as_str(), score.log_odds.to_bits())).collect();
    all.sort_unstable();
    all
}

fn score(rows: &[Vec<u8>]) -> Vec<u8> {
    let config = v1::ScoreConfig { version: VERSION.to_owned(), ..Default::default() };
    [field(1, &config.encode_to_vec()), listed(2, rows)].concat()
}

fn rank(rows: &[Vec<u8>]) -> Vec<u8> {
    [field(1, VERSION.as_bytes()), listed(2, rows)].concat()
}

#[tokio::test]
async fn every_call_scores_a_row_without_what_it_has_twice_or_too_long_and_says_so() {
    let server = trained().await;
    let channel = &server.channel;
    let clean: v1::ScoreAccountsResponse =
        call(channel, "ScoringService/ScoreAccounts", score(&clean())).await.unwrap();
    let clean = bits(clean.scores.iter());

    let answer: v1::ScoreAccountsResponse =
        call(channel, "ScoringService/ScoreAccounts", score(&rows())).await.unwrap();
    assert_eq!((bits(answer.scores.iter()), of_scores(answer.scores.iter())), (clean.clone(), expected("rows")));

    let explain = [field(1, VERSION.as_bytes()), rows().iter().flat_map(|row| field(2, row)).collect()].concat();
    let answer: v1::ExplainAccountsResponse = call(channel, "ScoringService/ExplainAccounts", explain).await.unwrap();
    assert_eq!((bits(answer.scores.iter()), of_scores(answer.scores.iter())), (clean.clone(), expected("accounts")));

    let answer: v1::RankTargetsResponse = call(channel, "ProfileService/RankTargets", rank(&rows())).await.unwrap();
    let scores = || answer.targets.iter().filter_map(|target| target.score.as_ref());
    assert_eq!((bits(scores()), of_scores(scores())), (clean.clone(), expected("rows")));
    assert_eq!(answer.errors, []);

    let compare =
        [field(1, VERSION.as_bytes()), field(2, format!("{MODEL}/versions/2").as_bytes()), listed(4, &rows())];
    let answer: v1::CompareModelVersionsResponse =
        call(channel, "ModelService/CompareModelVersions", compare.concat()).await.unwrap();
    let mut found: Vec<_> = answer.issues.iter().map(|issue| (issue.field.clone(), issue.reason.clone())).collect();
    found.sort();
    let mut told: Vec<_> = expected("rows").into_iter().map(|(_, field, reason)| (field, reason)).collect();
    told.sort();
    assert_eq!((found, answer.issue_count), (told, 2));
    assert_eq!(answer.comparison.unwrap().accounts, 3);

    let list = listed(2, &rows());
    for (format, part) in [
        (v1::ReportFormat::Json, "rows[0].attributes[\\\"employees\\\"]"),
        (v1::ReportFormat::Markdown, "2 values of attributes are not used"),
    ] {
        let report =
            v1::RenderReportRequest { version: VERSION.to_owned(), format: format.into(), ..Default::default() };
        let message = [report.encode_to_vec(), field(5, &list)].concat();
        let answer: v1::RenderReportResponse = call(channel, "ProfileService/RenderReport", message).await.unwrap();
        let content = String::from_utf8(answer.content).unwrap();
        assert!(content.contains(part), "{part:?} is not in:\n{content}");
    }
}

#[tokio::test]
async fn what_the_score_needs_still_costs_the_row_and_bytes_that_are_no_account_are_a_fault_of_the_row() {
    let server = trained().await;
    let channel = &server.channel;
    let with = |row: Vec<u8>| [rows(), vec![row]].concat();
    // An id, and a field that ends too early.
    let broken = [field(1, b"broken"), vec![0x12, 0x05, 0x0a]].concat();
    for (row, reason, path) in
        [(unusable(), "TEXT_TOO_LONG", "rows[3].attributes[\"industry\"]"), (broken, "MALFORMED_ACCOUNT", "rows[3]")]
    {
        let scored: v1::ScoreAccountsResponse =
            call(channel, "ScoringService/ScoreAccounts", score(&with(row.clone()))).await.unwrap();
        let ranked: v1::RankTargetsResponse =
            call(channel, "ProfileService/RankTargets", rank(&with(row.clone()))).await.unwrap();
        assert_eq!(scored.errors, ranked.errors);
        let [error] = scored.errors.as_slice() else { panic!("{:?}", scored.errors) };
        assert_eq!((error.reason.as_str(), error.field.as_str(), error.row_index), (reason, path, 3));
        assert_eq!(ranked.targets.len(), 3);
        let compare = [
            field(1, VERSION.as_bytes()),
            field(2, format!("{MODEL}/versions/2").as_bytes()),
            listed(4, &with(row.clone())),
        ];
        let answer =
            call::<v1::CompareModelVersionsResponse>(channel, "ModelService/CompareModelVersions", compare.concat());
        assert_eq!(fields(&refused(answer.await, Code::InvalidArgument, reason)), [path]);
        let report = [field(1, VERSION.as_bytes()), field(5, &listed(2, &[row]))].concat();
        let answer = call::<v1::RenderReportResponse>(channel, "ProfileService/RenderReport", report).await;
        assert_eq!(
            fields(&refused(answer, Code::InvalidArgument, reason)),
            [format!("targets.{}", path.replace('3', "0"))]
        );
    }
}

#[tokio::test]
async fn changeable_attributes_that_a_version_does_not_have_are_told_with_the_nearest_name() {
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
    let answer = server.profile().rank_targets(rank).await.unwrap().into_inner();
    assert_eq!(answer.summary.unwrap().warnings, warnings);
    let report = v1::RenderReportRequest {
        version: VERSION.to_owned(),
        format: v1::ReportFormat::Markdown.into(),
        targets: Some(list),
        ..Default::default()
    };
    let answer = server.profile().render_report(report).await.unwrap().into_inner();
    let content = String::from_utf8(answer.content).unwrap();
    assert!(content.contains("refers to attribute \"zzz\", which the version does not have."), "{content}");
}
