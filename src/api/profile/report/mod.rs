//! The documents as one page, as Markdown or as data.

mod asked;

use std::sync::Arc;

use prost::Message as _;
use sweetspot_core::{Definition, Digest};
use sweetspot_proto::json;
use sweetspot_proto::v1::{self, ReportFormat};
use sweetspot_report::comparison::VersionComparison;
use sweetspot_report::pond::PondMap;
use sweetspot_report::review::AccountReview;
use sweetspot_report::segments::Segments;
use sweetspot_report::summary::Summary;
use sweetspot_report::value::{BadFits, Stated, ValueQuestion, ValueReport};
use sweetspot_report::{Document, Evidence, Proof, Report, html, markdown};
use tonic::Status;

use self::asked::Asked;
use super::Profile;
use super::targets::{Prospects, Ranking, ReadProspects};
use crate::api::comparing::{AccountsOf, Question, version_comparison};
use crate::api::convert::proof::evaluation_report;
use crate::api::convert::spoken::Spoken;
use crate::api::convert::{self, value_report};
use crate::api::limits::{BAD_FITS, DEFAULT_MOVERS};
use crate::api::problems::Problems;
use crate::api::status::status;
use crate::api::wire::received;

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
    pub(super) async fn render(
        &self,
        request: received::RenderReportRequest,
    ) -> Result<v1::RenderReportResponse, Status> {
        let mut asked = Asked::read(request)?;
        let ranking = match &asked.prospects {
            Some(_) => Some(self.ranking(&asked.version).await?),
            None => None,
        };
        if let Some((prospects, ranking)) = asked.prospects.as_ref().zip(ranking.as_ref()) {
            prospects.check(ranking)?;
        }
        let evidence = match &ranking {
            Some(ranking) => Arc::clone(&ranking.evidence),
            None => self.evidence(&asked.version).await?,
        };
        let (part, most) = (asked.part, self.most_out);
        let comparison = self.comparison(&asked, &evidence).await?;
        let prospects = asked.prospects.take();
        let rendering = move |_: &_| {
            let read =
                |(prospects, ranking): (Prospects, Ranking)| Ok::<_, Status>((prospects.read(&ranking)?, ranking));
            let targets = prospects.zip(ranking).map(read).transpose()?;
            Ok::<_, Status>(rendered(&asked, &evidence, targets, comparison))
        };
        let mut rendered = self.work.compute(rendering).await??;
        rendered.content = part.cut(rendered.content, most);
        Ok(rendered)
    }
}

impl Profile {
    /// The version of a report beside the one that it is compared with.
    async fn comparison(&self, asked: &Asked, evidence: &Evidence) -> Result<Option<VersionComparison>, Status> {
        let Some(champion) = asked.champion.clone() else { return Ok(None) };
        let mut problems = Problems::default();
        let challenger = problems.name("version", &evidence.version);
        let challenger = problems.check(challenger).map_err(|fault| status(&fault))?;
        let (accounts, movers) = (AccountsOf::Challenger, DEFAULT_MOVERS as usize);
        let question = Question { champion, challenger, accounts, keep_tiers: false, movers };
        let parts = self.parts.clone();
        self.work.keep(move || version_comparison(&parts, &question).map(Some)).await
    }
}

fn rendered(
    asked: &Asked,
    evidence: &Evidence,
    targets: Option<(ReadProspects, Ranking)>,
    comparison: Option<VersionComparison>,
) -> v1::RenderReportResponse {
    let report = || {
        let targets = targets.as_ref().map(|(prospects, ranking)| prospects.document(ranking));
        let report = Report::new(&asked.title, asked.documents(), evidence, targets.as_ref());
        match &comparison {
            Some(view) => report.with_comparison(view),
            None => report,
        }
    };
    let (content, media_type) = match asked.format {
        ReportFormat::Unspecified | ReportFormat::Html => (html::page(&report()), "text/html; charset=utf-8"),
        ReportFormat::Markdown => (markdown::text(&report()), "text/markdown; charset=utf-8"),
        ReportFormat::Json => {
            let comparison = comparison.map(convert::comparison::comparison);
            (data(&v1::Report { comparison, ..wire(asked, evidence, targets) }), "application/json")
        }
    };
    let content = content.into_bytes();
    v1::RenderReportResponse {
        content_sha256: Digest::of(&content).to_string(),
        total_bytes: content.len() as u64,
        content,
        media_type: media_type.to_owned(),
        resolved_version: evidence.version.clone(),
    }
}

/// The documents as data: each is plugged in here.
fn wire(asked: &Asked, evidence: &Evidence, targets: Option<(ReadProspects, Ranking)>) -> v1::Report {
    let documents = asked.documents().to_vec();
    let wanted = |document| documents.contains(&document);
    let mut report = v1::Report {
        title: Report::new(&asked.title, &[], evidence, None).title,
        version: evidence.version.clone(),
        as_of: evidence.as_of.to_string(),
        summary: wanted(Document::Summary).then(|| crate::api::profile::icp::profile(Summary::new(evidence))),
        segments: wanted(Document::Segments).then(|| crate::api::profile::segments::segments(Segments::of(evidence))),
        pond_map: wanted(Document::PondMap).then(|| crate::api::profile::pond::pond_map(PondMap::new(evidence))),
        review: wanted(Document::Review).then(|| convert::review::wire(AccountReview::of(evidence))),
        proof: wanted(Document::Proof).then(|| evaluation_report(Proof::new(evidence))),
        targets: targets.map(|(prospects, ranking)| prospects.into_wire(&ranking)),
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
