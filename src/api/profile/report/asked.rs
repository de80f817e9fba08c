//! What is asked of a report, read from its request.

use sweetspot_core::VersionRef;
use sweetspot_proto::v1::{ReportDocument, ReportFormat};
use sweetspot_report::Document;
use tonic::Status;

use crate::api::answer::Part;
use crate::api::convert::plan::DEFAULT_VERSION;
use crate::api::limits::{REPORT_DOCUMENTS, TITLE_BYTES};
use crate::api::problems::Problems;
use crate::api::profile::targets::{Prospects, reported};
use crate::api::status::status;
use crate::api::wire::received::RenderReportRequest;

/// What is asked for, once it is known to be right.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) version: String,
    pub(super) format: ReportFormat,
    /// All where none is named.
    pub(super) documents: Vec<Document>,
    pub(super) title: String,
    pub(super) prospects: Option<Prospects>,
    pub(super) part: Part,
    /// The version to compare with.
    pub(super) champion: Option<VersionRef>,
}

impl Asked {
    /// Reads a request.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(super) fn read(request: RenderReportRequest) -> Result<Self, Status> {
        let RenderReportRequest { version, format, documents, title, targets, offset, part_bytes, champion } = request;
        let part = Part { offset, bytes: part_bytes };
        let mut problems = Problems::default();
        let name: Option<VersionRef> = problems.name_or("version", &version, DEFAULT_VERSION);
        let format = problems.known("format", format);
        let documents = self::documents(&documents, &mut problems);
        if title.len() > TITLE_BYTES {
            problems.add("TEXT_TOO_LONG", "title", format!("a title must have at most {TITLE_BYTES} bytes"));
        }
        check_targets(&documents, targets.is_some(), &mut problems);
        let prospects = targets.and_then(|targets| reported(targets, &mut problems));
        let champion = parse_champion(&champion, name.as_ref(), &mut problems);
        let asked =
            name.zip(format).map(|(_, format)| Self { version, format, documents, title, prospects, part, champion });
        problems.check(asked).map_err(|fault| status(&fault))
    }

    /// The documents that are wanted.
    pub(super) fn documents(&self) -> &[Document] {
        if self.documents.is_empty() { &Document::ALL } else { &self.documents }
    }
}

/// The version to compare with, of the same model.
fn parse_champion(text: &str, version: Option<&VersionRef>, problems: &mut Problems) -> Option<VersionRef> {
    if text.is_empty() {
        return None;
    }
    let champion: VersionRef = problems.name("champion", text)?;
    if version.is_some_and(|version| version.model() != champion.model()) {
        problems.add(
            "INVALID_NAME",
            "champion",
            "it is not a version of the report's model: name one of the same model",
        );
    }
    Some(champion)
}

fn documents(numbers: &[i32], problems: &mut Problems) -> Vec<Document> {
    if numbers.len() > REPORT_DOCUMENTS {
        let text = format!("at most {REPORT_DOCUMENTS} documents can be requested");
        problems.add("LIST_TOO_LONG", "documents", text);
    }
    let numbers = numbers.iter().take(REPORT_DOCUMENTS).enumerate();
    numbers.filter_map(|(index, number)| document(problems, &format!("documents[{index}]"), *number)).collect()
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
        ReportDocument::Targets => Some(Document::Targets),
    }
}

/// The document of target accounts and the prospects that it is made of belong together.
fn check_targets(documents: &[Document], given: bool, problems: &mut Problems) {
    let named = documents.contains(&Document::Targets);
    if named && !given {
        problems.add(
            "INVALID_TARGETS",
            "targets",
            "the document of target accounts requires prospects: send them here",
        );
    }
    if given && !named && !documents.is_empty() {
        let text = "prospects require the document of target accounts: add it, or leave the list empty";
        problems.add("INVALID_TARGETS", "documents", text);
    }
}
