//! Documents: as data, as pages, as text.

use sweetspot::config::Settings;
use sweetspot::domain::Digest;
use sweetspot::generated::v1::{self, ReportDocument, ReportFormat};
use tonic::Code;

use crate::support::server::Server;
use crate::support::{MODEL, fields, refused};

async fn trained() -> Server {
    let server = Server::empty().await;
    server.import().await;
    let run = server.train("").await;
    server.wait(&run).await;
    server
}

fn version() -> String {
    format!("{MODEL}/versions/1")
}

fn asked(format: ReportFormat) -> v1::RenderReportRequest {
    v1::RenderReportRequest { version: version(), format: format.into(), ..Default::default() }
}

#[tokio::test]
async fn a_report_comes_in_three_forms_with_its_digest() {
    let server = trained().await;
    for (format, media_type, begins) in [
        (ReportFormat::Unspecified, "text/html; charset=utf-8", "<!DOCTYPE html>"),
        (ReportFormat::Html, "text/html; charset=utf-8", "<!DOCTYPE html>"),
        (ReportFormat::Markdown, "text/markdown; charset=utf-8", "# Ideal customer report"),
        (ReportFormat::Json, "application/json", "{"),
    ] {
        let report = server.profile().render_report(asked(format)).await.unwrap().into_inner();
        assert_eq!((report.media_type.as_str(), &report.resolved_version), (media_type, &version()));
        assert_eq!(report.content_sha256, Digest::of(&report.content).to_string());
        let text = String::from_utf8(report.content).unwrap();
        assert!(text.starts_with(begins), "{}", text.get(..80).unwrap_or(&text));
        let again = server.profile().render_report(asked(format)).await.unwrap().into_inner();
        assert_eq!(again.content_sha256, report.content_sha256);
    }
}

#[tokio::test]
async fn the_data_of_a_report_are_those_of_its_documents() {
    let server = trained().await;
    let request = v1::RenderReportRequest {
        documents: vec![ReportDocument::Proof.into()],
        title: " Ours ".to_owned(),
        ..asked(ReportFormat::Json)
    };
    let report = server.profile().render_report(request).await.unwrap().into_inner();
    let json: serde_json::Value = serde_json::from_slice(&report.content).unwrap();
    let request = v1::GetEvaluationReportRequest { version: version() };
    let proof = server.profile().get_evaluation_report(request).await.unwrap().into_inner().report.unwrap();
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
    assert_eq!(evaluation.tenths.last().map(|tenth| tenth.found), Some(1.0));
    for tenth in &evaluation.tenths {
        assert_eq!(tenth.found_low.is_some(), tenth.found_high.is_some());
        assert!(tenth.found_low.is_none_or(|low| low <= tenth.found), "{tenth:?}");
        assert!(tenth.found_high.is_none_or(|high| tenth.found <= high), "{tenth:?}");
    }
}

/// The texts of a value, wherever they are in it.
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
async fn what_the_data_say_the_text_says_too() {
    let server = trained().await;
    let render = async |format| {
        let report = server.profile().render_report(asked(format)).await.unwrap().into_inner();
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
        assert!(page.contains(&text), "the text lacks {text:?}");
    }
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_told_at_once() {
    let server = trained().await;
    let wrong = v1::RenderReportRequest {
        version: "no version".to_owned(),
        format: 9,
        documents: vec![ReportDocument::Proof.into(), 0, 99],
        title: "t".repeat(201),
    };
    let details = refused(server.profile().render_report(wrong).await, Code::InvalidArgument, "INVALID_NAME");
    assert_eq!(fields(&details), ["version", "format", "documents[1]", "documents[2]", "title"]);
    let many = v1::RenderReportRequest { documents: vec![7; 33], ..asked(ReportFormat::Html) };
    let details = refused(server.profile().render_report(many).await, Code::InvalidArgument, "LIST_TOO_LONG");
    assert_eq!(fields(&details), ["documents"]);
    let other = format!("{MODEL}/versions/9");
    let missing = v1::RenderReportRequest { version: other.clone(), ..asked(ReportFormat::Html) };
    refused(server.profile().render_report(missing).await, Code::NotFound, "VERSION_NOT_FOUND");
    let missing = v1::GetEvaluationReportRequest { version: other };
    refused(server.profile().get_evaluation_report(missing).await, Code::NotFound, "VERSION_NOT_FOUND");
    let none = v1::GetEvaluationReportRequest::default();
    refused(server.profile().get_evaluation_report(none).await, Code::FailedPrecondition, "NO_LIVE_VERSION");
}

#[tokio::test]
async fn a_report_that_is_too_large_is_not_sent() {
    let mut settings = Settings::default();
    settings.server.max_response_bytes = 4096;
    let server = Server::over(std::sync::Arc::new(sweetspot::store::MemoryStore::new()), &settings).await;
    server.import().await;
    let run = server.train("").await;
    server.wait(&run).await;
    refused(
        server.profile().render_report(asked(ReportFormat::Html)).await,
        Code::ResourceExhausted,
        "RESPONSE_TOO_LARGE",
    );
}
