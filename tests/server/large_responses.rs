//! Responses that exceed one message: read in parts, or in pages that end before a message becomes too large.

use std::sync::Arc;

use prost::Message as _;
use sweetspot::config::{ByteSize, Settings};
use sweetspot_core::Digest;
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;
use tonic::Code;

use crate::definition_entries::{exclusion_rule, finding, hypothesis_entry};
use crate::support::assert_refused;
use crate::support::server::{TestServer, promote, publish, world};

/// Maximum size of a message in bytes.
const MAX_RESPONSE_BYTES: usize = 4096;

/// A server with a live version and a small response limit.
async fn small_response_server() -> TestServer {
    let mut settings = Settings::default();
    settings.server.max_response_size = ByteSize(MAX_RESPONSE_BYTES as u64);
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    TestServer::serve(world, &settings).await
}

#[tokio::test]
async fn a_scorecard_is_exported_in_parts() {
    let server = small_response_server().await;
    let export = |offset, part_bytes| v1::ExportModelVersionRequest { offset, part_bytes, ..Default::default() };
    let whole = server.model().export_model_version(export(0, 0)).await;
    assert_refused(whole, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
    for part_bytes in [1000, 1 << 20] {
        let mut content = Vec::new();
        loop {
            let part = server.model().export_model_version(export(content.len() as u64, part_bytes)).await.unwrap();
            let part = part.into_inner();
            assert!(part.content.len() as u64 <= part_bytes && part.encoded_len() <= MAX_RESPONSE_BYTES);
            content.extend(part.content);
            if content.len() as u64 >= part.total_bytes {
                assert_eq!(part.content_sha256, Digest::new(&content).to_string());
                break;
            }
        }
        assert!(content.len() > MAX_RESPONSE_BYTES);
        let card: serde_json::Value = serde_json::from_slice(&content).unwrap();
        assert!(card.is_object());
    }
    let beyond = server.model().export_model_version(export(u64::MAX, 9)).await.unwrap().into_inner();
    assert!(beyond.content.is_empty());
}

#[tokio::test]
async fn an_approved_definition_larger_than_a_message_is_read_in_pages() {
    let server = small_response_server().await;
    let mut client = server.definition();
    let long = "x".repeat(400);
    for number in 0..30 {
        let hypothesis = hypothesis_entry(&format!("h{number:02}"), &format!("attribute {number}"));
        let create = v1::CreateHypothesisRequest { hypothesis: Some(hypothesis), ..Default::default() };
        client.create_hypothesis(create).await.unwrap();
        let finding = v1::Finding { text: long.clone(), ..finding(&format!("f{number:02}")) };
        client.create_finding(v1::CreateFindingRequest { finding: Some(finding), ..Default::default() }).await.unwrap();
    }
    let create = v1::CreateExclusionRuleRequest { exclusion_rule: Some(exclusion_rule("small")), ..Default::default() };
    client.create_exclusion_rule(create).await.unwrap();
    client.submit_definition(v1::SubmitDefinitionRequest { author: "Ben".into(), ..Default::default() }).await.unwrap();
    let definition = client.get_definition(v1::GetDefinitionRequest::default()).await.unwrap().into_inner();
    let etag = definition.definition.unwrap().etag;
    let approve = v1::ApproveDefinitionRequest { approver: "Ann".into(), etag, ..Default::default() };
    client.approve_definition(approve).await.unwrap();
    // The draft changes; approved versions do not.
    let (author, reason) = ("Ann".to_owned(), "Old.".to_owned());
    let delete = v1::DeleteFindingRequest { id: "f07".into(), author, reason, ..Default::default() };
    client.delete_finding(delete).await.unwrap();

    let get = v1::GetDefinitionVersionRequest { number: 1, ..Default::default() };
    let version = client.get_definition_version(get).await.unwrap().into_inner().version.unwrap();
    assert!(version.entries_left_out && version.findings.is_empty() && version.hypotheses.is_empty());
    assert_eq!((version.number, version.definition.unwrap().findings), (1, 30));
    for (definition_version, expected) in [(1, 30), (0, 29)] {
        let (mut found, mut page_token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let list = v1::ListFindingsRequest { page_size: 500, page_token, definition_version, ..Default::default() };
            let page = client.list_findings(list).await.unwrap().into_inner();
            assert!(page.encoded_len() <= MAX_RESPONSE_BYTES);
            found.extend(page.findings.into_iter().map(|finding| finding.id));
            (page_token, pages) = (page.next_page_token, pages + 1);
            if page_token.is_empty() {
                break;
            }
        }
        let whole: Vec<String> =
            (0..30).filter(|number| expected == 30 || *number != 7).map(|number| format!("f{number:02}")).collect();
        assert_eq!(found, whole, "version {definition_version}");
        assert!(pages > 3, "{pages}");
    }
    let list = v1::ListHypothesesRequest { definition_version: 1, page_size: 3, ..Default::default() };
    let first = client.list_hypotheses(list.clone()).await.unwrap().into_inner();
    assert_eq!(first.hypotheses.len(), 3);
    let draft = v1::ListHypothesesRequest { page_token: first.next_page_token, definition_version: 0, ..list };
    assert_refused(client.list_hypotheses(draft).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    let missing = v1::ListExclusionRulesRequest { definition_version: 9, ..Default::default() };
    assert_refused(client.list_exclusion_rules(missing).await, Code::NotFound, "DEFINITION_VERSION_NOT_FOUND");
}

#[tokio::test]
async fn a_small_approved_definition_is_returned_in_full() {
    let server = TestServer::trained().await;
    let mut client = server.definition();
    client
        .create_exclusion_rule(v1::CreateExclusionRuleRequest {
            exclusion_rule: Some(exclusion_rule("small")),
            ..Default::default()
        })
        .await
        .unwrap();
    client.submit_definition(v1::SubmitDefinitionRequest { author: "Ben".into(), ..Default::default() }).await.unwrap();
    let definition = client.get_definition(v1::GetDefinitionRequest::default()).await.unwrap().into_inner();
    let etag = definition.definition.unwrap().etag;
    let approve = v1::ApproveDefinitionRequest { approver: "Ann".into(), etag, ..Default::default() };
    client.approve_definition(approve).await.unwrap();
    let get = v1::GetDefinitionVersionRequest { number: 1, ..Default::default() };
    let version = client.get_definition_version(get).await.unwrap().into_inner().version.unwrap();
    assert_eq!((version.entries_left_out, version.exclusion_rules.len()), (false, 1));
}

#[tokio::test]
async fn a_report_and_its_table_are_read_in_parts_and_pages() {
    let mut settings = Settings::default();
    settings.server.max_response_size = ByteSize(MAX_RESPONSE_BYTES as u64);
    let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
    server.import().await;
    let run = server.train("").await;
    let version = server.wait(&run).await.model_version;
    let mut content = Vec::new();
    loop {
        let (version, offset) = (version.clone(), content.len() as u64);
        let request = v1::RenderReportRequest { version, offset, part_bytes: 1 << 20, ..Default::default() };
        let part = server.report().render_report(request).await.unwrap().into_inner();
        assert!(part.encoded_len() <= MAX_RESPONSE_BYTES);
        content.extend(part.content);
        if content.len() as u64 >= part.total_bytes {
            assert_eq!(part.content_sha256, Digest::new(&content).to_string());
            break;
        }
    }
    assert!(String::from_utf8(content).unwrap().trim_end().ends_with("</html>"), "the end of a page");
    let (mut rows, mut page_token) = (0, String::new());
    loop {
        let version = version.clone();
        let request = v1::ListReviewRowsRequest { version, page_size: 500, page_token, all_columns: false };
        let page = server.report().list_review_rows(request).await.unwrap().into_inner();
        assert!(page.encoded_len() <= MAX_RESPONSE_BYTES && !page.rows.is_empty());
        rows += page.rows.len();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(rows, 400);
}

#[tokio::test]
async fn a_version_omits_rules_that_do_not_fit_and_its_export_contains_them() {
    for (most, left_out) in [(32 << 10, true), (1 << 20, false)] {
        let mut settings = Settings::default();
        settings.server.max_response_size = ByteSize(most as u64);
        let server = TestServer::serve_store(Arc::new(MemoryStore::new()), &settings).await;
        server.import().await;
        let exclusion_rules = (0..100)
            .map(|number| v1::ExclusionRule { statement: "x".repeat(500), ..exclusion_rule(&format!("g{number:03}")) });
        let config = v1::TrainingConfig {
            exclusion_rules: exclusion_rules.collect(),
            hypotheses: hypothesis_entry("large", "employees").hypothesis.into_iter().collect(),
            ..Default::default()
        };
        let request = v1::TrainModelRequest { config: Some(config), ..Default::default() };
        let run = server.model().train_model(request).await.unwrap().into_inner().run.unwrap();
        let name = server.wait(&run).await.model_version;
        let get = v1::GetModelVersionRequest { name: name.clone() };
        let answer = server.model().get_model_version(get).await.unwrap().into_inner();
        assert!(answer.encoded_len() <= most);
        let version = answer.version.unwrap();
        assert_eq!(version.entries_left_out, left_out);
        let expected = if left_out { (0, 0) } else { (100, 1) };
        assert_eq!((version.exclusion_rules.len(), version.hypotheses.len()), expected);
        let (mut content, mut total) = (Vec::new(), u64::MAX);
        while (content.len() as u64) < total {
            let export = v1::ExportModelVersionRequest {
                name: name.clone(),
                offset: content.len() as u64,
                part_bytes: 1 << 20,
                ..Default::default()
            };
            let part = server.model().export_model_version(export).await.unwrap().into_inner();
            total = part.total_bytes;
            content.extend(part.content);
        }
        let card: serde_json::Value = serde_json::from_slice(&content).unwrap();
        let count = |list: &str| card[list].as_array().unwrap().len();
        assert_eq!((count("exclusion_rules"), count("hypotheses")), (100, 1));
    }
}

/// An exclusion rule whose condition has 39 long texts.
fn large_exclusion_rule(number: usize) -> v1::ExclusionRule {
    let values = (0..39).map(|text| format!("{number} {text} {}", "x".repeat(1_000))).collect();
    let test = Some(v1::condition::Test::AnyOf(v1::TextList { values }));
    let when = v1::Condition { attribute: "industry".to_owned(), test };
    v1::ExclusionRule { when: Some(when), ..exclusion_rule(&format!("g{number:03}")) }
}

/// Renders the document as JSON and reads it in parts.
async fn render_in_parts(server: &TestServer, document: v1::ReportDocument, most: usize) -> Vec<u8> {
    let (mut content, mut total) = (Vec::new(), u64::MAX);
    while (content.len() as u64) < total {
        let request = v1::RenderReportRequest {
            version: VERSION.to_owned(),
            format: v1::ReportFormat::Json.into(),
            documents: vec![document.into()],
            offset: content.len() as u64,
            part_bytes: u64::MAX,
            ..Default::default()
        };
        let part = server.report().render_report(request).await.unwrap().into_inner();
        assert!(part.encoded_len() <= most);
        total = part.total_bytes;
        content.extend(part.content);
    }
    content
}

const VERSION: &str = "workspaces/default/models/default/versions/2";

/// A definition of nearly 4 MiB, the maximum, with responses of at most 3 MiB.
#[expect(clippy::too_many_lines, reason = "one definition is used for every call")]
#[tokio::test]
async fn every_response_about_the_largest_definition_can_be_read() {
    let most = Settings::default().server.max_response_size.as_usize();
    let server = TestServer::empty().await;
    let mut client = server.definition();
    server.import().await;
    server.wait(&server.train("").await).await;
    client.submit_definition(v1::SubmitDefinitionRequest { author: "Ben".into(), ..Default::default() }).await.unwrap();
    let definition = client.get_definition(v1::GetDefinitionRequest::default()).await.unwrap().into_inner();
    let etag = definition.definition.unwrap().etag;
    let approve = v1::ApproveDefinitionRequest { approver: "Ann".into(), etag, ..Default::default() };
    client.approve_definition(approve).await.unwrap();
    for number in 0..100 {
        let create =
            v1::CreateExclusionRuleRequest { exclusion_rule: Some(large_exclusion_rule(number)), ..Default::default() };
        assert!(client.create_exclusion_rule(create).await.unwrap().into_inner().encoded_len() <= most);
    }
    let run = server.wait(&server.train("").await).await;
    assert_eq!(run.model_version, VERSION);

    let (mut exclusion_rules, mut bytes, mut page_token) = (0, 0, String::new());
    loop {
        let list = v1::ListExclusionRulesRequest { page_size: 500, page_token, ..Default::default() };
        let page = client.list_exclusion_rules(list).await.unwrap().into_inner();
        assert!(page.encoded_len() <= most);
        (exclusion_rules, bytes, page_token) =
            (exclusion_rules + page.exclusion_rules.len(), bytes + page.encoded_len(), page.next_page_token);
        if page_token.is_empty() {
            break;
        }
    }
    assert!(exclusion_rules == 100 && bytes > most, "{exclusion_rules} exclusion rules of {bytes} bytes");
    let (mut changes, mut page_token) = (0, String::new());
    loop {
        let diff = v1::DiffDefinitionsRequest { from: 1, page_token, ..Default::default() };
        let page = client.diff_definitions(diff).await.unwrap().into_inner();
        assert!(page.encoded_len() <= most && !page.changes.is_empty());
        changes += page.changes.iter().filter(|change| change.subject == "exclusion rule").count();
        assert_eq!(page.more == 0, page.next_page_token.is_empty());
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(changes, 100);
    let get = v1::GetModelVersionRequest { name: VERSION.to_owned() };
    let version = server.model().get_model_version(get).await.unwrap().into_inner().version.unwrap();
    assert!(version.entries_left_out && version.exclusion_rules.is_empty() && !version.attributes.is_empty());

    let version = || VERSION.to_owned();
    let mut reports = server.report();
    let pond_map =
        reports.get_pond_map(v1::GetPondMapRequest { version: version(), ..Default::default() }).await.map(drop);
    let summary =
        reports.get_icp_summary(v1::GetIcpSummaryRequest { version: version(), ..Default::default() }).await.map(drop);
    let proof = reports.get_evaluation_report(v1::GetEvaluationReportRequest { version: version() }).await.map(drop);
    let review = reports
        .get_account_review(v1::GetAccountReviewRequest { version: version(), ..Default::default() })
        .await
        .map(drop);
    let segments = reports.list_segments(v1::ListSegmentsRequest { version: version() }).await.map(drop);
    let value = v1::GetValueCurveRequest { version: version(), ..Default::default() };
    let value = reports.get_value_curve(value).await.map(drop);
    for (document, answer, fits) in [
        (v1::ReportDocument::PondMap, pond_map, false),
        (v1::ReportDocument::Summary, summary, false),
        (v1::ReportDocument::Proof, proof, false),
        (v1::ReportDocument::Review, review, true),
        (v1::ReportDocument::Segments, segments, true),
        (v1::ReportDocument::Value, value, true),
    ] {
        if fits {
            answer.unwrap();
        } else {
            assert_refused(answer, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
            let content = render_in_parts(&server, document, most).await;
            let report: serde_json::Value = serde_json::from_slice(&content).unwrap();
            assert!(content.len() > most && report.is_object(), "{document:?}");
        }
    }
}
