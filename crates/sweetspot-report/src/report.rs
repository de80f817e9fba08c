//! The report: documents of one version, in the order in which people read them.
//!
//! Answer, who, proof, caution, appendix. A document is plugged in here: its title, and the function that makes its blocks.

use super::comparison::{self, VersionComparison};
use super::definition::{self, DefinitionView};
use super::document::{Block, Tone};
use super::evidence::Evidence;
use super::pond::{self, PondMap};
use super::proof::{self, Proof};
use super::review::{self, AccountReview};
use super::segments::{self, Segments};
use super::summary::{self, Summary};
use super::targets::{self, TargetDocument};
use super::value::{self, BadFits, Stated, ValueQuestion, ValueReport};
use super::words::{count, day, plural, sentence};

/// A document that a report can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Document {
    /// The ICP summary.
    Summary,
    /// The segments' profiles.
    Segments,
    /// The Pond Map.
    PondMap,
    /// The target accounts out of a list of prospects.
    Targets,
    /// Where the value comes from, and what bad-fit customers cost.
    Value,
    /// The account review.
    Review,
    /// What people agree on.
    Definition,
    /// How good the model is, and what to bear in mind.
    Proof,
    /// The version against another one, which it may take the place of.
    Comparison,
}

impl Document {
    /// Every document of one version, in the order of a report.
    pub const ALL: [Self; 8] = [
        Self::Summary,
        Self::Segments,
        Self::PondMap,
        Self::Targets,
        Self::Value,
        Self::Review,
        Self::Definition,
        Self::Proof,
    ];

    /// Its title.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
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

    /// What it says; nothing of target accounts where there is no list. The four that teams share end with the figures that every
    /// profile is accepted by.
    #[must_use]
    pub fn blocks(self, evidence: &Evidence, targets: Option<&TargetDocument>) -> Option<Vec<Block>> {
        let mut blocks = self.own(evidence, targets)?;
        // The summary lists it among what training noticed.
        let caution = evidence.labels.card.resampling_caution().filter(|_| self != Self::Summary);
        let caution = caution.map(|caution| Block::Told(Tone::Caution, sentence(&caution)));
        let behind_heading = blocks.len().min(1);
        drop(blocks.splice(behind_heading..behind_heading, caution));
        if matches!(self, Self::Summary | Self::Segments | Self::PondMap | Self::Review) {
            blocks.extend(proof::shown(&evidence.model));
        }
        Some(blocks)
    }

    fn own(self, evidence: &Evidence, targets: Option<&TargetDocument>) -> Option<Vec<Block>> {
        let blocks = match self {
            Self::Summary => summary::blocks(evidence, &Summary::new(evidence)),
            Self::Segments => segments::blocks(&Segments::of(evidence)),
            Self::PondMap => pond::blocks(&PondMap::new(evidence)),
            Self::Targets => targets::blocks(targets?, evidence),
            Self::Value => {
                let found = BadFits::of(evidence, &Stated::default());
                value::blocks(&ValueReport::of(evidence, &ValueQuestion::default()), &found)
            }
            Self::Review => review::blocks(&AccountReview::of(evidence)),
            Self::Definition => definition::blocks(&DefinitionView::of(evidence)),
            Self::Proof => proof::blocks(&Proof::new(evidence)),
            // Made of two versions, and added by `Report::with_comparison`.
            Self::Comparison => return None,
        };
        Some(blocks)
    }
}

/// A document with what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Which one.
    pub document: Document,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A report: documents behind each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// One line below it: which version, from how many customers, on which day.
    pub line: String,
    /// Its documents.
    pub parts: Vec<Part>,
}

/// The title of a report that was given none.
pub const TITLE: &str = "Ideal customer report";

impl Report {
    /// These documents of a version, in the order of [`Document::ALL`] and each once, that of target accounts only where there
    /// is a list; an empty title is [`TITLE`].
    #[must_use]
    pub fn new(title: &str, documents: &[Document], evidence: &Evidence, targets: Option<&TargetDocument>) -> Self {
        let wanted = Document::ALL.into_iter().filter(|document| documents.contains(document));
        let part = |document: Document| Some(Part { document, blocks: document.blocks(evidence, targets)? });
        Self {
            title: if title.trim().is_empty() { TITLE.to_owned() } else { title.trim().to_owned() },
            line: line(evidence),
            parts: wanted.filter_map(part).collect(),
        }
    }
}

impl Report {
    /// The same with the section that compares the version with another one, at the end.
    #[must_use]
    pub fn with_comparison(mut self, view: &VersionComparison) -> Self {
        self.parts.push(Part { document: Document::Comparison, blocks: comparison::blocks(view) });
        self
    }

    /// A report of a comparison alone.
    #[must_use]
    pub fn comparison_only(view: &VersionComparison) -> Self {
        let report = Self {
            title: Document::Comparison.title().to_owned(),
            line: format!("{} against {}.", version(&view.challenger), version(&view.champion)),
            parts: Vec::new(),
        };
        report.with_comparison(view)
    }
}

fn line(evidence: &Evidence) -> String {
    let accounts = evidence.rows() as u64;
    let learned = evidence.labels.ideal.iter().flatten().count() as u64;
    let from = match plural(accounts, "account", "accounts") {
        all if learned == accounts => all,
        all => format!("{} of {all}", count(learned)),
    };
    let made = if evidence.model.evaluation().rows > 0 {
        format!("learned from {from}")
    } else {
        "built from hypotheses".to_owned()
    };
    format!("{}, {made}. Written on {}.", version(&evidence.version), day(evidence.as_of))
}

/// A version's name as people say it; a name of another form stays what it is.
fn version(name: &str) -> String {
    match name.split('/').collect::<Vec<_>>().as_slice() {
        ["workspaces", workspace, "models", model, "versions", number] => {
            format!("Version {number} of model {model} in workspace {workspace}")
        }
        _ => name.to_owned(),
    }
}
