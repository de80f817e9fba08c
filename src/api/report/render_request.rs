//! Reads report requests.

use std::collections::BTreeMap;

use sweetspot_core::{DocumentSettings, ModelVersionRef};
use sweetspot_proto::v1::{AccountName, ReportDocument, ReportFormat};
use sweetspot_report::Document;
use tonic::Status;

use crate::api::convert::document_settings::parse_document_settings;
use crate::api::convert::score_plan::DEFAULT_VERSION;
use crate::api::limits::{MAX_ACCOUNT_NAME_BYTES, MAX_REPORT_DOCUMENTS, MAX_TARGET_NAMES, MAX_TITLE_BYTES};
use crate::api::report::targets::{ReportProspects, parse_prospects};
use crate::api::response::ContentRange;
use crate::api::violations::Violations;
use crate::api::wire::received::RenderReportRequest;

/// A validated report request.
#[derive(Debug)]
pub(super) struct ReportRequest {
    pub(super) version: String,
    pub(super) format: ReportFormat,
    /// The requested documents; empty means all.
    pub(super) documents: Vec<Document>,
    pub(super) title: String,
    pub(super) prospects: Option<ReportProspects>,
    /// The names of prospects, by id.
    pub(super) target_names: BTreeMap<String, String>,
    pub(super) part: ContentRange,
    /// The settings that the request states.
    pub(super) settings: DocumentSettings,
    /// The version to compare with, if any.
    pub(super) champion: Option<ModelVersionRef>,
}

impl ReportRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// All problems of the request.
    pub(super) fn parse(request: RenderReportRequest) -> Result<Self, Status> {
        let RenderReportRequest {
            version,
            format,
            documents,
            title,
            targets,
            offset,
            part_bytes,
            champion,
            target_names,
            settings,
        } = request;
        let part = ContentRange { offset, bytes: part_bytes };
        let mut problems = Violations::default();
        let name: Option<ModelVersionRef> = problems.parse_name_or("version", &version, DEFAULT_VERSION);
        let format = problems.parse_enum("format", format);
        let documents = self::parse_documents(&documents, &mut problems);
        if title.len() > MAX_TITLE_BYTES {
            problems.add("TEXT_TOO_LONG", "title", format!("a title must have at most {MAX_TITLE_BYTES} bytes"));
        }
        check_targets(&documents, targets.is_some(), &mut problems);
        let prospects = targets.and_then(|targets| parse_prospects(targets, &mut problems));
        let target_names = parse_names(target_names, &mut problems);
        let settings = parse_document_settings(settings, "settings.", &mut problems);
        let champion = parse_champion(&champion, name.as_ref(), &mut problems);
        let requested = name.zip(format).map(|(_, format)| Self {
            version,
            format,
            documents,
            title,
            prospects,
            target_names,
            part,
            settings,
            champion,
        });
        Ok(problems.finish(requested)?)
    }

    /// The requested documents.
    pub(super) fn documents(&self) -> &[Document] {
        if self.documents.is_empty() { &Document::ALL } else { &self.documents }
    }
}

/// Reads the names of prospects.
fn parse_names(names: Vec<AccountName>, problems: &mut Violations) -> BTreeMap<String, String> {
    if names.len() > MAX_TARGET_NAMES {
        let text = format!("at most {MAX_TARGET_NAMES} prospects can have a name");
        problems.add("LIST_TOO_LONG", "target_names", text);
    }
    for (index, AccountName { name, .. }) in names.iter().take(MAX_TARGET_NAMES).enumerate() {
        if name.len() > MAX_ACCOUNT_NAME_BYTES {
            let text = format!("a name must have at most {MAX_ACCOUNT_NAME_BYTES} bytes");
            problems.add("TEXT_TOO_LONG", format!("target_names[{index}].name"), text);
        }
    }
    let usable = names.into_iter().filter(|one| !one.name.trim().is_empty());
    usable.map(|AccountName { account_id, name }| (account_id, name.trim().to_owned())).collect()
}

/// Reads the version to compare with, which must belong to the same model.
fn parse_champion(text: &str, version: Option<&ModelVersionRef>, problems: &mut Violations) -> Option<ModelVersionRef> {
    if text.is_empty() {
        return None;
    }
    let champion: ModelVersionRef = problems.parse_name("champion", text)?;
    if version.is_some_and(|version| version.model() != champion.model()) {
        problems.add(
            "INVALID_NAME",
            "champion",
            "it is not a version of the report's model: name one of the same model",
        );
    }
    Some(champion)
}

fn parse_documents(numbers: &[i32], problems: &mut Violations) -> Vec<Document> {
    if numbers.len() > MAX_REPORT_DOCUMENTS {
        let text = format!("at most {MAX_REPORT_DOCUMENTS} documents can be requested");
        problems.add("LIST_TOO_LONG", "documents", text);
    }
    let numbers = numbers.iter().take(MAX_REPORT_DOCUMENTS).enumerate();
    numbers.filter_map(|(index, number)| parse_document(problems, &format!("documents[{index}]"), *number)).collect()
}

fn parse_document(problems: &mut Violations, field: &str, number: i32) -> Option<Document> {
    match problems.parse_enum(field, number)? {
        ReportDocument::Unspecified => {
            problems.add("UNKNOWN_ENUM_VALUE", field, "name a document, or leave the list empty for all of them");
            None
        }
        ReportDocument::Overview => Some(Document::Overview),
        ReportDocument::Summary => Some(Document::Summary),
        ReportDocument::Segments => Some(Document::Segments),
        ReportDocument::PondMap => Some(Document::PondMap),
        ReportDocument::Value => Some(Document::Value),
        ReportDocument::Review => Some(Document::Review),
        ReportDocument::Definition => Some(Document::Definition),
        ReportDocument::Proof => Some(Document::Proof),
        ReportDocument::Targets => Some(Document::Targets),
    }
}

/// Checks that prospects and the document of target accounts are requested together.
fn check_targets(documents: &[Document], has_targets: bool, problems: &mut Violations) {
    let is_ranking = documents.contains(&Document::Targets);
    let named = is_ranking || documents.contains(&Document::Overview);
    if is_ranking && !has_targets {
        problems.add(
            "INVALID_TARGETS",
            "targets",
            "the document of target accounts requires prospects: send them here",
        );
    }
    if has_targets && !named && !documents.is_empty() {
        let text =
            "prospects require the document of target accounts or the overview: add one, or leave the list empty";
        problems.add("INVALID_TARGETS", "documents", text);
    }
}
