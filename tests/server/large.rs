//! Answers that are larger than one message: read in parts, or in pages that end where a message would be too large.

use std::sync::Arc;

use prost::Message as _;
use sweetspot::config::Settings;
use sweetspot_core::Digest;
use sweetspot_proto::v1;
use sweetspot_store::store::MemoryStore;
use tonic::Code;

use crate::defining::{belief, finding, gate};
use crate::support::refused;
use crate::support::server::{Server, promote, publish, world};

/// Bytes of the largest message.
const MOST: usize = 4096;

/// A server with a live version that sends small messages.
async fn small() -> Server {
    let mut settings = Settings::default();
    settings.server.max_response_bytes = MOST;
    let world = world(Arc::new(MemoryStore::new()), &settings);
    publish(&world, "r-1");
    promote(&world, 1);
    Server::serve(world, &settings).await
}

#[tokio::test]
async fn a_scorecard_is_exported_in_parts() {
    let server = small().await;
    let export = |offset, part_bytes| v1::ExportModelVersionRequest { offset, part_bytes, ..Default::default() };
    let whole = server.model().export_model_version(export(0, 0)).await;
    refused(whole, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
    for part_bytes in [1000, 1 << 20] {
        let mut content = Vec::new();
        loop {
            let part = server.model().export_model_version(export(content.len() as u64, part_bytes)).await.unwrap();
            let part = part.into_inner();
            assert!(part.content.len() as u64 <= part_bytes && part.encoded_len() <= MOST);
            content.extend(part.content);
            if content.len() as u64 >= part.total_bytes {
                assert_eq!(part.content_sha256, Digest::of(&content).to_string());
                break;
            }
        }
        assert!(content.len() > MOST);
        let card: serde_json::Value = serde_json::from_slice(&content).unwrap();
        assert!(card.is_object());
    }
    let beyond = server.model().export_model_version(export(u64::MAX, 9)).await.unwrap().into_inner();
    assert!(beyond.content.is_empty());
}

#[tokio::test]
async fn an_approved_definition_that_one_message_does_not_hold_is_read_in_pages() {
    let server = small().await;
    let mut client = server.profile();
    let long = "x".repeat(400);
    for number in 0..30 {
        let hypothesis = belief(&format!("h{number:02}"), &format!("attribute {number}"));
        let create = v1::CreateHypothesisRequest { hypothesis: Some(hypothesis), ..Default::default() };
        client.create_hypothesis(create).await.unwrap();
        let finding = v1::Finding { text: long.clone(), ..finding(&format!("f{number:02}")) };
        client.create_finding(v1::CreateFindingRequest { finding: Some(finding), ..Default::default() }).await.unwrap();
    }
    let create = v1::CreateGateRequest { gate: Some(gate("small")), ..Default::default() };
    client.create_gate(create).await.unwrap();
    client.submit_profile(v1::SubmitProfileRequest { author: "Ben".into(), ..Default::default() }).await.unwrap();
    let definition = client.get_definition(v1::GetDefinitionRequest::default()).await.unwrap().into_inner();
    let etag = definition.definition.unwrap().etag;
    let approve = v1::ApproveProfileRequest { approver: "Ann".into(), etag, ..Default::default() };
    client.approve_profile(approve).await.unwrap();
    // The draft goes on; what was approved stays.
    let delete = v1::DeleteFindingRequest { id: "f07".into(), ..Default::default() };
    client.delete_finding(delete).await.unwrap();

    let get = v1::GetProfileVersionRequest { number: 1, ..Default::default() };
    let profile = client.get_profile_version(get).await.unwrap().into_inner().profile.unwrap();
    assert!(profile.entries_left_out && profile.findings.is_empty() && profile.hypotheses.is_empty());
    assert_eq!((profile.number, profile.definition.unwrap().findings), (1, 30));
    for (profile_version, expected) in [(1, 30), (0, 29)] {
        let (mut found, mut page_token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let list = v1::ListFindingsRequest { page_size: 500, page_token, profile_version, ..Default::default() };
            let page = client.list_findings(list).await.unwrap().into_inner();
            assert!(page.encoded_len() <= MOST);
            found.extend(page.findings.into_iter().map(|finding| finding.id));
            (page_token, pages) = (page.next_page_token, pages + 1);
            if page_token.is_empty() {
                break;
            }
        }
        let whole: Vec<String> =
            (0..30).filter(|number| expected == 30 || *number != 7).map(|number| format!("f{number:02}")).collect();
        assert_eq!(found, whole, "profile version {profile_version}");
        assert!(pages > 3, "{pages}");
    }
    let list = v1::ListHypothesesRequest { profile_version: 1, page_size: 3, ..Default::default() };
    let first = client.list_hypotheses(list.clone()).await.unwrap().into_inner();
    assert_eq!(first.hypotheses.len(), 3);
    let draft = v1::ListHypothesesRequest { page_token: first.next_page_token, profile_version: 0, ..list };
    refused(client.list_hypotheses(draft).await, Code::InvalidArgument, "BAD_PAGE_TOKEN");
    let missing = v1::ListGatesRequest { profile_version: 9, ..Default::default() };
    refused(client.list_gates(missing).await, Code::NotFound, "PROFILE_VERSION_NOT_FOUND");
}

#[tokio::test]
async fn a_small_approved_definition_comes_whole() {
    let server = Server::trained().await;
    let mut client = server.profile();
    client.create_gate(v1::CreateGateRequest { gate: Some(gate("small")), ..Default::default() }).await.unwrap();
    client.submit_profile(v1::SubmitProfileRequest { author: "Ben".into(), ..Default::default() }).await.unwrap();
    let definition = client.get_definition(v1::GetDefinitionRequest::default()).await.unwrap().into_inner();
    let etag = definition.definition.unwrap().etag;
    let approve = v1::ApproveProfileRequest { approver: "Ann".into(), etag, ..Default::default() };
    client.approve_profile(approve).await.unwrap();
    let get = v1::GetProfileVersionRequest { number: 1, ..Default::default() };
    let profile = client.get_profile_version(get).await.unwrap().into_inner().profile.unwrap();
    assert_eq!((profile.entries_left_out, profile.gates.len()), (false, 1));
}

#[tokio::test]
async fn a_report_and_its_table_are_read_in_parts_and_pages() {
    let mut settings = Settings::default();
    settings.server.max_response_bytes = MOST;
    let server = Server::over(Arc::new(MemoryStore::new()), &settings).await;
    server.import().await;
    let run = server.train("").await;
    let version = server.wait(&run).await.model_version;
    let mut content = Vec::new();
    loop {
        let (version, offset) = (version.clone(), content.len() as u64);
        let request = v1::RenderReportRequest { version, offset, part_bytes: 1 << 20, ..Default::default() };
        let part = server.profile().render_report(request).await.unwrap().into_inner();
        assert!(part.encoded_len() <= MOST);
        content.extend(part.content);
        if content.len() as u64 >= part.total_bytes {
            assert_eq!(part.content_sha256, Digest::of(&content).to_string());
            break;
        }
    }
    assert!(String::from_utf8(content).unwrap().trim_end().ends_with("</html>"), "the end of a page");
    let (mut rows, mut page_token) = (0, String::new());
    loop {
        let version = version.clone();
        let request = v1::ListReviewRowsRequest { version, page_size: 500, page_token };
        let page = server.profile().list_review_rows(request).await.unwrap().into_inner();
        assert!(page.encoded_len() <= MOST && !page.rows.is_empty());
        rows += page.rows.len();
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(rows, 400);
}

#[tokio::test]
async fn a_version_whose_rules_do_not_fit_says_so_and_the_export_has_them() {
    for (most, left_out) in [(32 << 10, true), (1 << 20, false)] {
        let mut settings = Settings::default();
        settings.server.max_response_bytes = most;
        let server = Server::over(Arc::new(MemoryStore::new()), &settings).await;
        server.import().await;
        let gates = (0..100).map(|number| v1::Gate { statement: "x".repeat(500), ..gate(&format!("g{number:03}")) });
        let config = v1::TrainingConfig {
            gates: gates.collect(),
            hypotheses: belief("large", "employees").hypothesis.into_iter().collect(),
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
        assert_eq!((version.gates.len(), version.hypotheses.len()), expected);
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
        assert_eq!((count("gates"), count("hypotheses")), (100, 1));
    }
}

/// A gate whose condition names 39 long texts.
fn large_gate(number: usize) -> v1::Gate {
    let values = (0..39).map(|text| format!("{number} {text} {}", "x".repeat(1_000))).collect();
    let test = Some(v1::condition::Test::AnyOf(v1::TextList { values }));
    let when = v1::Condition { attribute: "industry".to_owned(), test };
    v1::Gate { when: Some(when), ..gate(&format!("g{number:03}")) }
}

/// The document as JSON, read in parts.
async fn in_parts(server: &Server, document: v1::ReportDocument, most: usize) -> Vec<u8> {
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
        let part = server.profile().render_report(request).await.unwrap().into_inner();
        assert!(part.encoded_len() <= most);
        total = part.total_bytes;
        content.extend(part.content);
    }
    content
}

const VERSION: &str = "workspaces/default/models/default/versions/2";

/// A definition of nearly 4 MiB, which is as large as it can be, against answers of 3 MiB.
#[expect(clippy::too_many_lines, reason = "one definition, and every call about it")]
#[tokio::test]
async fn everything_that_the_largest_definition_leads_to_can_be_fetched() {
    let most = Settings::default().server.max_response_bytes;
    let server = Server::empty().await;
    let mut client = server.profile();
    server.import().await;
    server.wait(&server.train("").await).await;
    client.submit_profile(v1::SubmitProfileRequest { author: "Ben".into(), ..Default::default() }).await.unwrap();
    let definition = client.get_definition(v1::GetDefinitionRequest::default()).await.unwrap().into_inner();
    let etag = definition.definition.unwrap().etag;
    let approve = v1::ApproveProfileRequest { approver: "Ann".into(), etag, ..Default::default() };
    client.approve_profile(approve).await.unwrap();
    for number in 0..100 {
        let create = v1::CreateGateRequest { gate: Some(large_gate(number)), ..Default::default() };
        assert!(client.create_gate(create).await.unwrap().into_inner().encoded_len() <= most);
    }
    let run = server.wait(&server.train("").await).await;
    assert_eq!(run.model_version, VERSION);

    let (mut gates, mut bytes, mut page_token) = (0, 0, String::new());
    loop {
        let list = v1::ListGatesRequest { page_size: 500, page_token, ..Default::default() };
        let page = client.list_gates(list).await.unwrap().into_inner();
        assert!(page.encoded_len() <= most);
        (gates, bytes, page_token) = (gates + page.gates.len(), bytes + page.encoded_len(), page.next_page_token);
        if page_token.is_empty() {
            break;
        }
    }
    assert!(gates == 100 && bytes > most, "{gates} gates of {bytes} bytes");
    let (mut changes, mut page_token) = (0, String::new());
    loop {
        let diff = v1::DiffProfilesRequest { from: 1, page_token, ..Default::default() };
        let page = client.diff_profiles(diff).await.unwrap().into_inner();
        assert!(page.encoded_len() <= most && !page.changes.is_empty());
        changes += page.changes.iter().filter(|change| change.subject == "gate").count();
        assert_eq!(page.more == 0, page.next_page_token.is_empty());
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(changes, 100);
    let get = v1::GetModelVersionRequest { name: VERSION.to_owned() };
    let version = server.model().get_model_version(get).await.unwrap().into_inner().version.unwrap();
    assert!(version.entries_left_out && version.gates.is_empty() && !version.attributes.is_empty());

    let version = || VERSION.to_owned();
    let pond_map = client.get_pond_map(v1::GetPondMapRequest { version: version() }).await.map(drop);
    let profile = client.get_profile(v1::GetProfileRequest { version: version() }).await.map(drop);
    let proof = client.get_evaluation_report(v1::GetEvaluationReportRequest { version: version() }).await.map(drop);
    let review = client.get_account_review(v1::GetAccountReviewRequest { version: version() }).await.map(drop);
    let segments = client.list_segments(v1::ListSegmentsRequest { version: version() }).await.map(drop);
    let value = v1::GetValueCurveRequest { version: version(), ..Default::default() };
    let value = client.get_value_curve(value).await.map(drop);
    for (document, answer, fits) in [
        (v1::ReportDocument::PondMap, pond_map, false),
        (v1::ReportDocument::Summary, profile, false),
        (v1::ReportDocument::Proof, proof, false),
        (v1::ReportDocument::Review, review, true),
        (v1::ReportDocument::Segments, segments, true),
        (v1::ReportDocument::Value, value, true),
    ] {
        if fits {
            answer.unwrap();
        } else {
            refused(answer, Code::ResourceExhausted, "RESPONSE_TOO_LARGE");
            let content = in_parts(&server, document, most).await;
            let report: serde_json::Value = serde_json::from_slice(&content).unwrap();
            assert!(content.len() > most && report.is_object(), "{document:?}");
        }
    }
}
