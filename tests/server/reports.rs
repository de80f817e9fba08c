//! Documents as JSON, HTML and Markdown.

use sweetspot::config::{ByteSize, Settings};
use sweetspot_core::Digest;
use sweetspot_proto::v1::rank_targets_request::{Accounts, Tiering};
use sweetspot_proto::v1::{self, ReportDocument, ReportFormat};
use tonic::Code;

use crate::definition_entries::{exclusion_rule, hypothesis_entry};
use crate::support::data::{self, account};
use crate::support::server::TestServer;
use crate::support::{MODEL, assert_refused, fields};

async fn trained() -> TestServer {
    let server = TestServer::empty().await;
    server.import().await;
    let run = server.train("").await;
    server.wait(&run).await;
    server
}

fn version() -> String {
    format!("{MODEL}/versions/1")
}

fn render_request(format: ReportFormat) -> v1::RenderReportRequest {
    v1::RenderReportRequest { version: version(), format: format.into(), ..Default::default() }
}

#[tokio::test]
async fn a_report_comes_in_each_format_with_its_digest() {
    let server = trained().await;
    for (format, media_type, begins) in [
        (ReportFormat::Unspecified, "text/html; charset=utf-8", "<!DOCTYPE html>"),
        (ReportFormat::Html, "text/html; charset=utf-8", "<!DOCTYPE html>"),
        (ReportFormat::Markdown, "text/markdown; charset=utf-8", "# Ideal customer report"),
        (ReportFormat::Json, "application/json", "{"),
        (ReportFormat::Tables, "application/json", "{\n  \"tables\": [\n    {\n      \"document\": \"At a glance\""),
    ] {
        let report = server.report().render_report(render_request(format)).await.unwrap().into_inner();
        assert_eq!((report.media_type.as_str(), &report.resolved_version), (media_type, &version()));
        assert_eq!(report.content_sha256, Digest::new(&report.content).to_string());
        let text = String::from_utf8(report.content).unwrap();
        assert!(text.starts_with(begins), "{}", text.get(..80).unwrap_or(&text));
        let again = server.report().render_report(render_request(format)).await.unwrap().into_inner();
        assert_eq!(again.content_sha256, report.content_sha256);
    }
}

#[tokio::test]
async fn a_report_as_json_has_the_figures_of_its_documents() {
    let server = trained().await;
    let request = v1::RenderReportRequest {
        documents: vec![ReportDocument::Proof.into()],
        title: " Ours ".to_owned(),
        ..render_request(ReportFormat::Json)
    };
    let report = server.report().render_report(request).await.unwrap().into_inner();
    let json: serde_json::Value = serde_json::from_slice(&report.content).unwrap();
    let request = v1::GetEvaluationReportRequest { version: version() };
    let proof = server.report().get_evaluation_report(request).await.unwrap().into_inner().report.unwrap();
    assert_eq!((json["title"].as_str(), json["version"].as_str()), (Some("Ours"), Some(version().as_str())));
    let evaluation = proof.evaluation.unwrap();
    assert_eq!(json["proof"]["evaluation"]["auc"].as_f64(), Some(evaluation.auc));
    assert_eq!(evaluation.tiers.len(), 4);
    assert_eq!(proof.acceptance.len(), 3);
    assert!(proof.acceptance.iter().all(|one| one.found.is_some() && one.low <= one.found && one.found <= one.high));
    let scored: u64 = proof.scores.iter().flat_map(|scores| &scores.bins).sum();
    assert_eq!(scored, evaluation.rows);
    assert!(!proof.cautions.is_empty() && !proof.influence.is_empty());
    assert!(proof.tier_cuts.is_sorted_by(|a, b| a >= b) && proof.tier_cuts.len() == 3, "{:?}", proof.tier_cuts);
    assert!(proof.effects.is_sorted_by(|a, b| a.odds_ratio >= b.odds_ratio) && !proof.effects.is_empty());
    assert_eq!(evaluation.deciles.last().map(|decile| decile.found), Some(1.0));
    for decile in &evaluation.deciles {
        assert_eq!(decile.found_low.is_some(), decile.found_high.is_some());
        assert!(decile.found_low.is_none_or(|low| low <= decile.found), "{decile:?}");
        assert!(decile.found_high.is_none_or(|high| decile.found <= high), "{decile:?}");
    }
}

/// Collects the texts under these keys, at any depth.
fn texts(value: &serde_json::Value, keys: &[&str], found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                if let (true, serde_json::Value::String(text)) = (keys.contains(&key.as_str()), value) {
                    found.push(text.clone());
                }
                texts(value, keys, found);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| texts(item, keys, found)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_text_of_the_json_report_is_in_the_rendered_report() {
    let server = trained().await;
    let render = async |format| {
        let report = server.report().render_report(render_request(format)).await.unwrap().into_inner();
        String::from_utf8(report.content).unwrap()
    };
    let data: serde_json::Value = serde_json::from_str(&render(ReportFormat::Json).await).unwrap();
    let page = render(ReportFormat::Markdown).await.replace('\\', "");
    let mut found = Vec::new();
    texts(&data, &["opening", "verdict", "text", "wanted", "howToSpotOne"], &mut found);
    found.retain(|text| !text.starts_with("VERDICT"));
    let cautions = data["proof"]["cautions"].as_array().unwrap();
    found.extend(cautions.iter().map(|caution| caution.as_str().unwrap().to_owned()));
    assert!(found.len() > 10, "{found:?}");
    for text in found {
        assert!(page.contains(&text), "the text does not contain {text:?}");
    }
}

#[tokio::test]
async fn every_violation_of_a_render_request_is_reported_at_once() {
    let server = trained().await;
    let wrong = v1::RenderReportRequest {
        version: "no version".to_owned(),
        format: 9,
        documents: vec![ReportDocument::Proof.into(), 0, 99],
        title: "t".repeat(201),
        targets: None,
        ..Default::default()
    };
    let details = assert_refused(server.report().render_report(wrong).await, Code::InvalidArgument, "INVALID_NAME");
    assert_eq!(fields(&details), ["version", "format", "documents[1]", "documents[2]", "title"]);
    let many = v1::RenderReportRequest { documents: vec![7; 33], ..render_request(ReportFormat::Html) };
    let details = assert_refused(server.report().render_report(many).await, Code::InvalidArgument, "LIST_TOO_LONG");
    assert_eq!(fields(&details), ["documents"]);
    let other = format!("{MODEL}/versions/9");
    let missing = v1::RenderReportRequest { version: other.clone(), ..render_request(ReportFormat::Html) };
    assert_refused(server.report().render_report(missing).await, Code::NotFound, "VERSION_NOT_FOUND");
    let missing = v1::GetEvaluationReportRequest { version: other };
    assert_refused(server.report().get_evaluation_report(missing).await, Code::NotFound, "VERSION_NOT_FOUND");
    let none = v1::GetEvaluationReportRequest::default();
    assert_refused(server.report().get_evaluation_report(none).await, Code::FailedPrecondition, "NO_LIVE_VERSION");
}

/// A request with this number of prospects.
fn rank_request(prospects: usize) -> v1::RankTargetsRequest {
    let named = |number: usize| v1::Account { account_id: format!("p-{number}"), ..account(number) };
    let rows = v1::AccountRows { rows: (0..prospects).map(named).collect() };
    v1::RankTargetsRequest { accounts: Some(Accounts::Rows(rows)), ..Default::default() }
}

async fn render(server: &TestServer, request: v1::RenderReportRequest) -> String {
    String::from_utf8(server.report().render_report(request).await.unwrap().into_inner().content).unwrap()
}

#[tokio::test]
async fn prospects_become_the_document_of_target_accounts() {
    let server = trained().await;
    let capacity = Tiering::Capacity(v1::TierCapacity { a: 3, b: 7, c: 11 });
    let asked_list = v1::RankTargetsRequest {
        tiering: Some(capacity),
        exclude_account_ids: vec!["p-7".to_owned()],
        ..rank_request(41)
    };
    let with = |format| v1::RenderReportRequest { targets: Some(asked_list.clone()), ..render_request(format) };
    let page = render(&server, with(ReportFormat::Html)).await;
    let (pond, targets, value) =
        (page.find(">Pond Map<"), page.find(">Target accounts<"), page.find(">What customers are worth<"));
    assert!(pond < targets && targets < value && pond.is_some(), "{pond:?} {targets:?} {value:?}");
    assert!(
        page.contains("40 accounts are ranked")
            && page.contains("And 15 more")
            && page.contains("1 account was left out")
    );
    assert_eq!(page.matches("How the score of").count(), 3 * 2, "each has a caption and a region name");
    let text = render(&server, with(ReportFormat::Markdown)).await;
    assert!(text.contains("## Target accounts") && text.contains("| average customer |"), "{text}");
    // As JSON, the list is the same as that of `RankTargets`.
    let json: serde_json::Value = serde_json::from_str(&render(&server, with(ReportFormat::Json)).await).unwrap();
    let alone = v1::RankTargetsRequest { version: version(), top_k: 25, ..asked_list };
    let alone = server.report().rank_targets(alone).await.unwrap().into_inner();
    let (found, summary) = (json["targets"]["targets"].as_array().unwrap(), alone.summary.unwrap());
    assert_eq!((found.len(), json["targets"]["summary"]["ranked"].as_str()), (25, Some("40")));
    assert_eq!((summary.ranked, summary.excluded), (40, 1));
    for (target, expected) in found.iter().zip(alone.targets) {
        let score = expected.score.unwrap();
        assert_eq!(target["score"]["accountId"].as_str(), Some(score.account_id.as_str()));
        assert_eq!(target["score"]["probability"].as_f64(), Some(score.probability));
    }
    for format in [ReportFormat::Html, ReportFormat::Json] {
        let without = render(&server, render_request(format)).await;
        assert!(!without.contains("Target accounts") && !without.contains("\"targets\""));
    }
}

#[tokio::test]
async fn prospects_with_a_name_are_shown_by_it() {
    let server = trained().await;
    let list = rank_request(40);
    let Some(Accounts::Rows(rows)) = &list.accounts else { panic!("rows") };
    let name = |id: &str| v1::AccountName { account_id: id.to_owned(), name: format!("Company {id}") };
    let names: Vec<_> = rows.rows.iter().map(|account| name(&account.account_id)).collect();
    let documents = vec![ReportDocument::Overview.into(), ReportDocument::Targets.into()];
    let report = v1::RenderReportRequest {
        targets: Some(list),
        documents,
        target_names: names.clone(),
        ..render_request(ReportFormat::Markdown)
    };
    let text = render(&server, report.clone()).await;
    assert!(text.contains("Company p-32 (p-32)") && text.contains("- **Company "), "{text}");
    let long = v1::AccountName { name: "n".repeat(201), ..names[0].clone() };
    let wrong = v1::RenderReportRequest { target_names: vec![names[0].clone(), long], ..report.clone() };
    let details = assert_refused(server.report().render_report(wrong).await, Code::InvalidArgument, "TEXT_TOO_LONG");
    assert_eq!(fields(&details), ["target_names[1].name"]);
    let many = v1::RenderReportRequest { target_names: vec![names[0].clone(); 513], ..report };
    let details = assert_refused(server.report().render_report(many).await, Code::InvalidArgument, "LIST_TOO_LONG");
    assert_eq!(fields(&details), ["target_names"]);
}

#[tokio::test]
async fn a_report_refuses_target_settings_that_it_sets_itself() {
    let server = trained().await;
    let wrong =
        v1::RankTargetsRequest { version: version(), skip: 1, top_k: 101, reason_count: 101, ..rank_request(0) };
    let wrong = v1::RenderReportRequest {
        targets: Some(wrong),
        documents: vec![ReportDocument::Proof.into()],
        ..render_request(ReportFormat::Html)
    };
    let details = assert_refused(server.report().render_report(wrong).await, Code::InvalidArgument, "INVALID_TARGETS");
    let named =
        ["documents", "targets.version", "targets.skip", "targets.top_k", "targets.reason_count", "targets.rows"];
    assert_eq!(fields(&details), named);
    let nobody = v1::RenderReportRequest {
        documents: vec![ReportDocument::Targets.into()],
        ..render_request(ReportFormat::Json)
    };
    let details = assert_refused(server.report().render_report(nobody).await, Code::InvalidArgument, "INVALID_TARGETS");
    assert_eq!(fields(&details), ["targets"]);
    let many = v1::RenderReportRequest { targets: Some(rank_request(10_001)), ..render_request(ReportFormat::Html) };
    let details = assert_refused(server.report().render_report(many).await, Code::InvalidArgument, "TOO_MANY_ACCOUNTS");
    assert_eq!(fields(&details), ["targets.rows"]);
    let mut bad = rank_request(1);
    if let Some(Accounts::Rows(rows)) = &mut bad.accounts {
        rows.rows[0].account_id.clear();
    }
    let bad = v1::RenderReportRequest { targets: Some(bad), ..render_request(ReportFormat::Html) };
    let details = assert_refused(server.report().render_report(bad).await, Code::InvalidArgument, "EMPTY_ACCOUNT_ID");
    assert_eq!(fields(&details), ["targets.rows[0].account_id"]);
}

#[tokio::test]
async fn a_report_larger_than_a_message_is_refused() {
    let mut settings = Settings::default();
    settings.server.max_response_size = ByteSize(4096);
    let server =
        TestServer::serve_store(std::sync::Arc::new(sweetspot_store::store::MemoryStore::new()), &settings).await;
    server.import().await;
    let run = server.train("").await;
    server.wait(&run).await;
    assert_refused(
        server.report().render_report(render_request(ReportFormat::Html)).await,
        Code::ResourceExhausted,
        "RESPONSE_TOO_LARGE",
    );
}

#[tokio::test]
async fn bounds_are_formatted_by_the_kind_of_their_attribute() {
    let server = TestServer::empty().await;
    let mut import = data::import_request(400);
    for column in &mut import.accounts.as_mut().unwrap().columns {
        column.name = match column.name.as_str() {
            "employees" => "created_at".to_owned(),
            "founded" => "seen".to_owned(),
            other => other.to_owned(),
        };
    }
    server.dataset().import_accounts(tokio_stream::iter([import])).await.unwrap();
    let below = |attribute: &str| {
        let test = v1::condition::Test::Range(v1::Range { gte: None, lt: Some(5_000.0) });
        Some(v1::Condition { attribute: attribute.to_owned(), test: Some(test) })
    };
    let mut definition = server.definition();
    for (id, attribute) in [("number", "created_at"), ("date", "seen")] {
        let exclusion_rule = v1::ExclusionRule { when: below(attribute), ..exclusion_rule(id) };
        definition
            .create_exclusion_rule(v1::CreateExclusionRuleRequest {
                exclusion_rule: Some(exclusion_rule),
                ..Default::default()
            })
            .await
            .unwrap();
        let held = hypothesis_entry(id, attribute);
        let hypothesis = v1::Hypothesis { when: below(attribute), ..held.hypothesis.clone().unwrap() };
        let hypothesis = Some(v1::HypothesisEntry { hypothesis: Some(hypothesis), ..held });
        definition.create_hypothesis(v1::CreateHypothesisRequest { hypothesis, ..Default::default() }).await.unwrap();
    }
    let config =
        v1::TrainingConfig { allowed_attributes: vec!["created_at".into(), "seen".into()], ..Default::default() };
    let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
    let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
    let version = server.wait(&run).await.model_version;
    let request = v1::RenderReportRequest {
        version: version.clone(),
        format: v1::ReportFormat::Markdown.into(),
        ..Default::default()
    };
    let report = server.report().render_report(request).await.unwrap().into_inner();
    let text = String::from_utf8(report.content).unwrap().replace('\\', "");
    for part in ["created at below 5,000", "seen before 1983-09-10"] {
        assert!(text.matches(part).count() >= 3, "{part:?} is not in three documents:\n{text}");
    }
    for part in ["created at before", "seen below"] {
        assert!(!text.contains(part), "{part:?} is in:\n{text}");
    }
    let row = v1::Account { account_id: "a".into(), ..data::account(2) };
    let attributes = row.attributes.into_iter().map(|(name, value)| match name.as_str() {
        "employees" => ("created_at".to_owned(), value),
        "founded" => ("seen".to_owned(), value),
        _ => (name, value),
    });
    let accounts = vec![v1::Account { account_id: "a".into(), attributes: attributes.collect() }];
    let explain = v1::ExplainAccountsRequest { version, accounts, ..Default::default() };
    let scores = server.scoring().explain_accounts(explain).await.unwrap().into_inner().scores;
    let believed = scores[0].reasons.iter().filter(|reason| reason.kind() == v1::ReasonKind::Hypothesis);
    let mut labels: Vec<&str> = believed.map(|reason| reason.value_label.as_str()).collect();
    labels.sort_unstable();
    assert_eq!(labels, ["before 1983-09-10", "below 5000"]);
}
