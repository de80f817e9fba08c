//! The report: the documents of one version, in reading order.
//!
//! Answer, audience, proof, limitations, appendix. Each document registers here with its title and the function that
//! makes its blocks.

use super::definition::{self, DefinitionView};
use super::document::{Block, CalloutKind};
use super::format::{format_count, format_date, plural, to_sentence};
use super::overview::{self, Overview};
use super::pond::{self, PondMap};
use super::proof::{self, Proof};
use super::report_input::ReportInput;
use super::review::{self, AccountReview};
use super::segments::{self, SegmentProfiles};
use super::summary::{self, Summary};
use super::targets::{self, TargetDocument};
use super::value::{self, BadFitCustomers, ValueReport};
use super::version_comparison::{self, VersionComparison};

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// The overview: one sheet.
    Overview,
    /// The ICP summary.
    Summary,
    /// The profiles of the segments.
    Segments,
    /// The Pond Map.
    PondMap,
    /// The target accounts from a list of prospects.
    Targets,
    /// The distribution of value, and the cost of bad-fit customers.
    Value,
    /// The account review.
    Review,
    /// The living definition.
    Definition,
    /// The quality of the model, and its limitations.
    Proof,
    /// The comparison with another version, which it may replace.
    Comparison,
}

impl Document {
    /// All documents of one version, in the order of a report.
    pub const ALL: [Self; 9] = [
        Self::Overview,
        Self::Summary,
        Self::Segments,
        Self::PondMap,
        Self::Targets,
        Self::Value,
        Self::Review,
        Self::Definition,
        Self::Proof,
    ];

    /// The document's title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Overview => "At a glance",
            Self::Summary => "Ideal customer profile",
            Self::Segments => "Segments",
            Self::PondMap => "Pond Map",
            Self::Targets => "Target accounts",
            Self::Value => "Value",
            Self::Review => "Account review",
            Self::Definition => "What we agree on",
            Self::Proof => "Proof and caution",
            Self::Comparison => "Champion against challenger",
        }
    }

    /// The content; `None` for target accounts without a list, and for the comparison (see
    /// [`Report::with_comparison`]). The four documents that teams share end with the acceptance criteria, which a
    /// report with an overview contains once.
    #[must_use]
    pub fn blocks(self, input: &ReportInput, targets: Option<&TargetDocument>) -> Option<Vec<Block>> {
        let mut blocks = self.cautioned_blocks(input, targets)?;
        if matches!(self, Self::Summary | Self::Segments | Self::PondMap | Self::Review) {
            blocks.extend(proof::summary_blocks(&input.model));
        }
        Some(blocks)
    }

    /// The content with the caution about resampled rows, without the acceptance criteria.
    fn cautioned_blocks(self, input: &ReportInput, targets: Option<&TargetDocument>) -> Option<Vec<Block>> {
        let mut blocks = self.document_blocks(input, targets)?;
        // The summary contains it among the warnings of the training.
        let caution =
            input.labels.card.resampling_caution().filter(|_| !matches!(self, Self::Overview | Self::Summary));
        let caution = caution.map(|caution| Block::Callout(CalloutKind::Caution, to_sentence(&caution)));
        let behind_heading = blocks.len().min(1);
        drop(blocks.splice(behind_heading..behind_heading, caution));
        Some(blocks)
    }

    fn document_blocks(self, input: &ReportInput, targets: Option<&TargetDocument>) -> Option<Vec<Block>> {
        let blocks = match self {
            Self::Overview => overview::blocks(&Overview::new(input, targets)),
            Self::Summary => summary::blocks(input, &Summary::new(input)),
            Self::Segments => segments::blocks(&SegmentProfiles::new(input)),
            Self::PondMap => pond::blocks(&PondMap::new(input)),
            Self::Targets => targets::blocks(targets?, input),
            Self::Value => {
                let found = BadFitCustomers::new(input, &input.value_options.assumptions);
                value::blocks(&ValueReport::new(input, &input.value_options), &found)
            }
            Self::Review => review::blocks(&AccountReview::new(input)),
            Self::Definition => definition::blocks(&DefinitionView::from_input(input)),
            Self::Proof => proof::blocks(&Proof::new(input)),
            // Needs two versions; added by `Report::with_comparison`.
            Self::Comparison => return None,
        };
        Some(blocks)
    }
}

/// A document with its content.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportPart {
    /// The document.
    pub document: Document,
    /// The content.
    pub blocks: Vec<Block>,
}

/// A report: a sequence of documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The title.
    pub title: String,
    /// One line below the title: the version, the number of customers, the day.
    pub subtitle: String,
    /// The documents.
    pub parts: Vec<ReportPart>,
}

/// The default title.
pub const TITLE: &str = "Ideal customer report";

impl Report {
    /// A report of these documents, each once and in the order of [`Document::ALL`]; target accounts are omitted
    /// without a list. An empty title becomes [`TITLE`].
    #[must_use]
    pub fn new(title: &str, documents: &[Document], input: &ReportInput, targets: Option<&TargetDocument>) -> Self {
        let selected = Document::ALL.into_iter().filter(|document| documents.contains(document));
        let has_overview = documents.contains(&Document::Overview);
        let part = |document: Document| {
            let blocks =
                if has_overview { document.cautioned_blocks(input, targets) } else { document.blocks(input, targets) };
            Some(ReportPart { document, blocks: blocks? })
        };
        Self {
            title: if title.trim().is_empty() { TITLE.to_owned() } else { title.trim().to_owned() },
            subtitle: subtitle(input),
            parts: selected.filter_map(part).collect(),
        }
    }
}

impl Report {
    /// Appends the section that compares the version with another one.
    #[must_use]
    pub fn with_comparison(mut self, view: &VersionComparison) -> Self {
        self.parts.push(ReportPart { document: Document::Comparison, blocks: version_comparison::blocks(view) });
        self
    }

    /// A report that consists of a comparison.
    #[must_use]
    pub fn comparison_only(view: &VersionComparison) -> Self {
        let report = Self {
            title: Document::Comparison.title().to_owned(),
            subtitle: format!("{} against {}.", version_label(&view.challenger), version_label(&view.champion)),
            parts: Vec::new(),
        };
        report.with_comparison(view)
    }
}

fn subtitle(input: &ReportInput) -> String {
    let accounts = input.rows() as u64;
    let learned = input.labels.ideal.iter().flatten().count() as u64;
    let from = match plural(accounts, "account", "accounts") {
        all if learned == accounts => all,
        all => format!("{} of {all}", format_count(learned)),
    };
    let footer = if input.model.evaluation().rows > 0 {
        format!("learned from {from}")
    } else {
        "built from hypotheses".to_owned()
    };
    format!("{}, {footer}. Written on {}.", version_label(&input.version), format_date(input.as_of))
}

/// A version's display name; a name in another format is unchanged.
fn version_label(name: &str) -> String {
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["workspaces", "default", "models", "default", "versions", number] => format!("Version {number}"),
        ["workspaces", workspace, "models", model, "versions", number] => {
            format!("Version {number} of model {model} in workspace {workspace}")
        }
        _ => name.to_owned(),
    }
}
