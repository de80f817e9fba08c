//! The place of an entry in a definition.

use std::fmt;

use sweetspot_core::{Entry, EntryKind};

/// The lists of a definition, the placements of its attributes, its committee, and its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collection {
    /// The attributes with a category or a section that people set.
    Attributes,
    /// The comments.
    Comments,
    /// Who may approve, and the approvals of the current review, which have no id.
    Committee,
    /// The exclusion rules.
    ExclusionRules,
    /// The findings.
    Findings,
    /// The hypotheses.
    Hypotheses,
    /// The approval and the review date, which have no id.
    State,
}

impl Collection {
    const ALL: [Self; 5] = [Self::Attributes, Self::Comments, Self::ExclusionRules, Self::Findings, Self::Hypotheses];

    /// The name in paths and in the keys of rows.
    const fn name(self) -> &'static str {
        match self {
            Self::Attributes => "attributes",
            Self::Comments => "comments",
            Self::Committee => "committee",
            Self::ExclusionRules => "exclusionRules",
            Self::Findings => "findings",
            Self::Hypotheses => "hypotheses",
            Self::State => "state",
        }
    }
}

impl From<EntryKind> for Collection {
    fn from(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Hypothesis => Self::Hypotheses,
            EntryKind::ExclusionRule => Self::ExclusionRules,
            EntryKind::Finding => Self::Findings,
            EntryKind::Comment => Self::Comments,
        }
    }
}

/// The place of an entry in its definition, such as `findings/f1`; `committee` and `state` for these.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryPath {
    /// The list that contains the entry.
    pub collection: Collection,
    /// The id of the entry, or the name of the attribute.
    pub id: String,
}

impl EntryPath {
    /// The committee of the definition.
    pub(super) const COMMITTEE: Self = Self { collection: Collection::Committee, id: String::new() };
    /// The state of the definition.
    pub(super) const STATE: Self = Self { collection: Collection::State, id: String::new() };

    /// The place of the entry with this id.
    #[must_use]
    pub fn new<E: Entry>(id: &str) -> Self {
        Self { collection: E::KIND.into(), id: id.to_owned() }
    }

    pub(super) fn as_key(&self) -> (Collection, &str) {
        (self.collection, &self.id)
    }

    /// Reads a path. The id may contain slashes.
    pub(super) fn parse(path: &str) -> Option<Self> {
        if path == Self::COMMITTEE.collection.name() {
            return Some(Self::COMMITTEE);
        }
        let (name, id) = path.split_once('/')?;
        let collection = Collection::ALL.into_iter().find(|collection| collection.name() == name)?;
        Some(Self { collection, id: id.to_owned() })
    }
}

impl From<(Collection, &str)> for EntryPath {
    fn from((collection, id): (Collection, &str)) -> Self {
        Self { collection, id: id.to_owned() }
    }
}

impl fmt::Display for EntryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collection, id } = self;
        match collection {
            Collection::Committee | Collection::State => f.write_str(collection.name()),
            Collection::Attributes
            | Collection::Comments
            | Collection::ExclusionRules
            | Collection::Findings
            | Collection::Hypotheses => write!(f, "{}/{id}", collection.name()),
        }
    }
}
