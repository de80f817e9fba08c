//! Documents as an HTML page, as Markdown or as JSON.

use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::{Definition, Digest};
use sweetspot_proto::json;
use sweetspot_proto::v1::{self, ReportFormat};
use sweetspot_report::overview::Overview;
use sweetspot_report::pond::PondMap;
use sweetspot_report::review::AccountReview;
use sweetspot_report::segments::SegmentProfiles;
use sweetspot_report::summary::Summary;
use sweetspot_report::value::{BadFitCustomers, ValueReport};
use sweetspot_report::version_comparison::VersionComparison;
use sweetspot_report::{Document, Proof, Report, ReportInput, ReportTable, html, markdown};
use tonic::Status;

use super::ReportApi;
use super::render_request::ReportRequest;
use super::targets::{ParsedProspects, ReportProspects, TargetRanker};
use crate::api::convert::entry::entry_messages;
use crate::api::convert::evaluation_report::evaluation_report;
use crate::api::convert::{self, value_report};
use crate::api::limits::{DEFAULT_MOVERS, MAX_REPORT_BAD_FITS};
use crate::api::model_comparison::{ComparedAccounts, ComparisonRequest, compare_versions};
use crate::api::violations::Violations;
use crate::api::wire::received;

impl ReportApi {
    /// Returns the evaluation report of a version.
    pub(super) async fn get_evaluation_report(
        &self,
        request: v1::GetEvaluationReportRequest,
    ) -> Result<v1::GetEvaluationReportResponse, Status> {
        let v1::GetEvaluationReportRequest { version } = request;
        let report = self.build_document(&version, |input| evaluation_report(Proof::new(input))).await?;
        Ok(v1::GetEvaluationReportResponse { report: Some(report) })
    }

    /// Renders the documents of a version.
    pub(super) async fn render_report(
        &self,
        request: received::RenderReportRequest,
    ) -> Result<v1::RenderReportResponse, Status> {
        let mut report_request = ReportRequest::parse(request)?;
        let ranking = match &report_request.prospects {
            Some(_) => Some(self.target_ranker(&report_request.version, report_request.settings).await?),
            None => None,
        };
        if let Some((prospects, ranking)) = report_request.prospects.as_ref().zip(ranking.as_ref()) {
            prospects.check_order(ranking)?;
        }
        let input = match &ranking {
            Some(ranking) => Arc::clone(&ranking.input),
            None => self.report_input(&report_request.version, report_request.settings).await?,
        };
        let (part, max_bytes) = (report_request.part, self.max_response_bytes);
        let comparison = self.compare_with_champion(&report_request, &input).await?;
        let prospects = report_request.prospects.take();
        let rendering = move |_: &_| {
            let read = |(prospects, ranking): (ReportProspects, TargetRanker)| {
                Ok::<_, Status>((prospects.read_accounts(&ranking)?, ranking))
            };
            let targets = prospects.zip(ranking).map(read).transpose()?;
            Ok::<_, Status>(build_render_response(&report_request, &input, targets, comparison))
        };
        let mut rendered = self.pool.compute(rendering).await??;
        rendered.content = part.slice(rendered.content, max_bytes);
        Ok(rendered)
    }
}

impl ReportApi {
    /// Compares the version of a report with the champion of the request.
    async fn compare_with_champion(
        &self,
        report_request: &ReportRequest,
        input: &ReportInput,
    ) -> Result<Option<VersionComparison>, Status> {
        let Some(champion) = report_request.champion.clone() else { return Ok(None) };
        let mut problems = Violations::default();
        let challenger = problems.parse_name("version", &input.version);
        let challenger = problems.finish(challenger)?;
        let (accounts, movers) = (ComparedAccounts::ChallengerCustomers, DEFAULT_MOVERS as usize);
        let request = ComparisonRequest { champion, challenger, accounts, keep_tiers: false, mover_count: movers };
        let state = self.state.clone();
        self.pool.run_store(move || compare_versions(&state, &request).map(Some)).await
    }
}

fn build_render_response(
    request: &ReportRequest,
    input: &ReportInput,
    targets: Option<(ParsedProspects, TargetRanker)>,
    comparison: Option<VersionComparison>,
) -> v1::RenderReportResponse {
    let report = || {
        let targets = targets.as_ref().map(|(prospects, ranking)| prospects.document(ranking, &request.target_names));
        let report = Report::new(&request.title, request.documents(), input, targets.as_ref());
        match &comparison {
            Some(view) => report.with_comparison(view),
            None => report,
        }
    };
    let (content, media_type) = match request.format {
        ReportFormat::Unspecified | ReportFormat::Html => (html::page(&report()), "text/html; charset=utf-8"),
        ReportFormat::Markdown => (markdown::text(&report()), "text/markdown; charset=utf-8"),
        ReportFormat::Tables => (tables_json(sweetspot_report::tables(&report())), "application/json"),
        ReportFormat::Json => {
            let comparison = comparison.map(convert::comparison::comparison);
            (report_json(&v1::Report { comparison, ..wire_report(request, input, targets) }), "application/json")
        }
    };
    let content = content.into_bytes();
    v1::RenderReportResponse {
        content_sha256: Digest::new(&content).to_string(),
        total_bytes: content.len() as u64,
        content,
        media_type: media_type.to_owned(),
        resolved_version: input.version.clone(),
    }
}

/// Converts the documents to a message; every kind of document is added here.
fn wire_report(
    report_request: &ReportRequest,
    input: &ReportInput,
    targets: Option<(ParsedProspects, TargetRanker)>,
) -> v1::Report {
    let documents = report_request.documents().to_vec();
    let is_requested = |document| documents.contains(&document);
    let mut report = v1::Report {
        title: Report::new(&report_request.title, &[], input, None).title,
        version: input.version.clone(),
        as_of: input.as_of.to_string(),
        summary: is_requested(Document::Summary).then(|| super::icp_summary::icp_summary(Summary::new(input))),
        segments: is_requested(Document::Segments).then(|| super::segments::segments(SegmentProfiles::new(input))),
        pond_map: is_requested(Document::PondMap).then(|| super::pond_map::pond_map(PondMap::new(input))),
        review: is_requested(Document::Review)
            .then(|| convert::account_review::account_review(AccountReview::new(input))),
        proof: is_requested(Document::Proof).then(|| evaluation_report(Proof::new(input))),
        overview: is_requested(Document::Overview).then(|| {
            let targets =
                targets.as_ref().map(|(prospects, ranking)| prospects.document(ranking, &report_request.target_names));
            super::overview::overview(Overview::new(input, targets.as_ref()))
        }),
        targets: targets.map(|(prospects, ranking)| prospects.into_wire(&ranking)),
        ..v1::Report::default()
    };
    if is_requested(Document::Value) {
        let BadFitCustomers { accounts, .. } = BadFitCustomers::new(input, &input.value_options.assumptions);
        report.value = Some(value_report::value_report(ValueReport::new(input, &input.value_options)));
        let shown = accounts.into_iter().take(MAX_REPORT_BAD_FITS);
        report.bad_fits = shown.map(|account| value_report::bad_fit_account(account, input.currency())).collect();
    }
    if is_requested(Document::Definition) {
        add_definition(&mut report, input);
    }
    report
}

fn add_definition(report: &mut v1::Report, input: &ReportInput) {
    let Definition { hypotheses, exclusion_rules, findings, comments, .. } = input.definition.clone();
    // The name of a version begins with that of its model.
    let model = input.version.split("/versions/").next().unwrap_or_default();
    report.hypotheses = entry_messages(model, hypotheses);
    report.verdicts = input.model.hypotheses().into_iter().map(convert::hypothesis::summary).collect();
    report.exclusion_rules = entry_messages(model, exclusion_rules);
    report.findings = entry_messages(model, findings);
    report.comments = entry_messages(model, comments);
}

/// Serializes tables as protobuf JSON.
fn tables_json(tables: Vec<ReportTable>) -> String {
    let tables =
        tables.into_iter().map(|ReportTable { document, section, caption, columns, rows }| json::ReportTable {
            document,
            section,
            caption,
            columns,
            rows: rows.into_iter().map(|cells| json::ReportTableRow { cells }).collect(),
        });
    let tables = json::ReportTables { tables: tables.collect() };
    let mut text = serde_json::to_string_pretty(&tables).unwrap_or_default();
    text.push('\n');
    text
}

/// Serializes a report as protobuf JSON.
fn report_json(report: &v1::Report) -> String {
    // Decodes the encoded message as another type of the same message: neither step can fail.
    let json_report = json::Report::decode(&*report.encode_to_vec()).unwrap_or_default();
    let mut text = serde_json::to_string_pretty(&json_report).unwrap_or_default();
    text.push('\n');
    text
}
