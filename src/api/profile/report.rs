//! The documents as one page, as Markdown or as data.

use prost::Message as _;
use tonic::Status;

use super::Profile;
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::convert::proof::evaluation_report;
use crate::api::convert::spoken::Spoken;
use crate::api::convert::{self, value_report};
use crate::api::limits::{BAD_FITS, REPORT_DOCUMENTS, TITLE_BYTES};
use crate::api::problems::Problems;
use crate::api::status::status;
use crate::domain::{Definition, Digest, VersionRef};
use crate::generated::v1::{self, ReportDocument, ReportFormat};
use crate::json;
use crate::report::pond::PondMap;
use crate::report::review::AccountReview;
use crate::report::segments::Segments;
use crate::report::summary::Summary;
use crate::report::value::{BadFits, Stated, ValueQuestion, ValueReport};
use crate::report::{Document, Evidence, Proof, Report, html, markdown};

/// What is asked for, once it is known to be right.
#[derive(Debug)]
struct Asked {
    version: String,
    format: ReportFormat,
    documents: Vec<Document>,
    title: String,
}

impl Profile {
    /// How good a version is.
    pub(super) async fn evaluation_report(
        &self,
        request: v1::GetEvaluationReportRequest,
    ) -> Result<v1::GetEvaluationReportResponse, Status> {
        let v1::GetEvaluationReportRequest { version } = request;
        let report = self.document(&version, |evidence| evaluation_report(Proof::new(evidence))).await?;
        Ok(v1::GetEvaluationReportResponse { report: Some(report) })
    }

    /// The documents of a version, rendered.
    pub(super) async fn render(&self, request: v1::RenderReportRequest) -> Result<v1::RenderReportResponse, Status> {
        let asked = asked(request)?;
        let version = asked.version.clone();
        self.document(&version, move |evidence| rendered(&asked, evidence)).await
    }
}

fn asked(request: v1::RenderReportRequest) -> Result<Asked, Status> {
    let v1::RenderReportRequest { version, format, documents, title } = request;
    let mut problems = Problems::default();
    let name: Option<VersionRef> = problems.name_or("version", &version, DEFAULT_VERSION);
    let format = problems.known("format", format);
    if documents.len() > REPORT_DOCUMENTS {
        problems.add(
            "LIST_TOO_LONG",
            "documents",
            format!("a report is asked for at most {REPORT_DOCUMENTS} documents"),
        );
    }
    let documents = documents
        .iter()
        .take(REPORT_DOCUMENTS)
        .enumerate()
        .filter_map(|(index, number)| document(&mut problems, &format!("documents[{index}]"), *number))
        .collect();
    if title.len() > TITLE_BYTES {
        problems.add("TEXT_TOO_LONG", "title", format!("a title has at most {TITLE_BYTES} bytes"));
    }
    let asked = name.zip(format).map(|(_, format)| Asked { version, format, documents, title });
    problems.check(asked).map_err(|fault| status(&fault))
}

fn document(problems: &mut Problems, field: &str, number: i32) -> Option<Document> {
    match problems.known(field, number)? {
        ReportDocument::Unspecified => {
            problems.add("UNKNOWN_ENUM_VALUE", field, "name a document, or leave the list empty for all of them");
            None
        }
        ReportDocument::Summary => Some(Document::Summary),
        ReportDocument::Segments => Some(Document::Segments),
        ReportDocument::PondMap => Some(Document::PondMap),
        ReportDocument::Value => Some(Document::Value),
        ReportDocument::Review => Some(Document::Review),
        ReportDocument::Definition => Some(Document::Definition),
        ReportDocument::Proof => Some(Document::Proof),
    }
}

fn rendered(asked: &Asked, evidence: &Evidence) -> v1::RenderReportResponse {
    let documents: &[Document] = if asked.documents.is_empty() { &Document::ALL } else { &asked.documents };
    let report = || Report::new(&asked.title, documents, evidence);
    let (content, media_type) = match asked.format {
        ReportFormat::Unspecified | ReportFormat::Html => (html::page(&report()), "text/html; charset=utf-8"),
        ReportFormat::Markdown => (markdown::text(&report()), "text/markdown; charset=utf-8"),
        ReportFormat::Json => (data(&wire(asked, documents, evidence)), "application/json"),
    };
    let content = content.into_bytes();
    v1::RenderReportResponse {
        content_sha256: Digest::of(&content).to_string(),
        content,
        media_type: media_type.to_owned(),
        resolved_version: evidence.version.clone(),
    }
}

/// The documents as data: each is plugged in here.
fn wire(asked: &Asked, documents: &[Document], evidence: &Evidence) -> v1::Report {
    let wanted = |document| documents.contains(&document);
    let mut report = v1::Report {
        title: Report::new(&asked.title, &[], evidence).title,
        version: evidence.version.clone(),
        as_of: evidence.as_of.to_string(),
        summary: wanted(Document::Summary).then(|| super::icp::profile(Summary::new(evidence))),
        segments: wanted(Document::Segments).then(|| super::segments::segments(Segments::of(evidence))),
        pond_map: wanted(Document::PondMap).then(|| super::pond::pond_map(PondMap::new(evidence))),
        review: wanted(Document::Review).then(|| convert::review::wire(AccountReview::of(evidence))),
        proof: wanted(Document::Proof).then(|| evaluation_report(Proof::new(evidence))),
        ..v1::Report::default()
    };
    if wanted(Document::Value) {
        let BadFits { accounts, .. } = BadFits::of(evidence, &Stated::default());
        report.value = Some(value_report::report(ValueReport::of(evidence, &ValueQuestion::default())));
        let told = accounts.into_iter().take(BAD_FITS);
        report.bad_fits = told.map(|account| value_report::account(account, evidence.currency())).collect();
    }
    if wanted(Document::Definition) {
        add_definition(&mut report, evidence);
    }
    report
}

fn add_definition(report: &mut v1::Report, evidence: &Evidence) {
    let Definition { hypotheses, gates, findings, comments, .. } = evidence.definition.clone();
    report.hypotheses = hypotheses.into_iter().map(Spoken::told).collect();
    report.verdicts = evidence.model.hypotheses().into_iter().map(convert::hypothesis::summary).collect();
    report.gates = gates.into_iter().map(Spoken::told).collect();
    report.findings = findings.into_iter().map(Spoken::told).collect();
    report.comments = comments.into_iter().map(Spoken::told).collect();
}

/// A report as the JSON of protobuf.
fn data(report: &v1::Report) -> String {
    // The same bytes as another type of the same message: neither step can fail.
    let spoken = json::Report::decode(&*report.encode_to_vec()).unwrap_or_default();
    let mut text = serde_json::to_string_pretty(&spoken).unwrap_or_default();
    text.push('\n');
    text
}
