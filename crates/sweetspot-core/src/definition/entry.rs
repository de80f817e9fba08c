//! The common interface of the four lists of a definition.

use std::fmt;

use jiff::Timestamp;

use super::check::{self, EntryFault};
use super::{Comment, Definition, ExclusionRule, Finding, HypothesisEntry};
use crate::{MAX_HYPOTHESES, check_hypotheses};

/// The kind of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A hypothesis.
    Hypothesis,
    /// An exclusion rule.
    ExclusionRule,
    /// Something learned in a conversation.
    Finding,
    /// A comment.
    Comment,
}

impl EntryKind {
    /// The maximum number of entries of this kind.
    #[must_use]
    pub const fn max_entries(self) -> usize {
        match self {
            Self::Hypothesis => MAX_HYPOTHESES,
            Self::ExclusionRule => 100,
            Self::Finding | Self::Comment => 1000,
        }
    }

    /// Whether the committee approves entries of this kind. Comments need no approval.
    #[must_use]
    pub const fn needs_approval(self) -> bool {
        match self {
            Self::Hypothesis | Self::ExclusionRule | Self::Finding => true,
            Self::Comment => false,
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hypothesis => "hypothesis",
            Self::ExclusionRule => "exclusion rule",
            Self::Finding => "finding",
            Self::Comment => "comment",
        })
    }
}

/// One entry of a definition.
pub trait Entry: Clone + Send + 'static {
    /// The kind of the entry.
    const KIND: EntryKind;

    /// The id, unique among the entries of this kind.
    fn id(&self) -> &str;
    /// The time of the statement.
    fn stated_at(&self) -> Timestamp;
    /// Sets the time of the statement.
    fn set_stated_at(&mut self, time: Timestamp);
    /// All errors of the entry by itself.
    fn faults(&self) -> Vec<EntryFault>;
    /// The entries of this kind in a definition, by id.
    fn list(definition: &Definition) -> &Vec<Self>;
    /// See [`Self::list`].
    fn list_mut(definition: &mut Definition) -> &mut Vec<Self>;

    /// The conflict with another entry of a definition, if any. The entry with the same id is ignored, since it is
    /// replaced.
    fn conflict(&self, definition: &Definition, now: Timestamp) -> Option<String> {
        let (_, _) = (definition, now);
        None
    }
}

impl Entry for HypothesisEntry {
    const KIND: EntryKind = EntryKind::Hypothesis;

    fn id(&self) -> &str {
        &self.hypothesis.id
    }

    fn stated_at(&self) -> Timestamp {
        self.stated_at
    }

    fn set_stated_at(&mut self, time: Timestamp) {
        self.stated_at = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::check_hypothesis(self)
    }

    fn list(definition: &Definition) -> &Vec<Self> {
        &definition.hypotheses
    }

    fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
        &mut definition.hypotheses
    }

    /// Two active hypotheses about the same accounts cannot be in one fit. Expired ones are not in the fit.
    fn conflict(&self, definition: &Definition, now: Timestamp) -> Option<String> {
        let others = definition.hypotheses.iter().map(|entry| &entry.hypothesis);
        let mut together: Vec<_> =
            others.filter(|other| other.id != self.hypothesis.id && other.expired_on(now).is_none()).cloned().collect();
        together.push(self.hypothesis.clone());
        check_hypotheses(&together).into_iter().find(|fault| fault.field == "when").map(|fault| fault.text)
    }
}

impl Entry for ExclusionRule {
    const KIND: EntryKind = EntryKind::ExclusionRule;

    fn id(&self) -> &str {
        &self.id
    }

    fn stated_at(&self) -> Timestamp {
        self.attribution.stated_at
    }

    fn set_stated_at(&mut self, time: Timestamp) {
        self.attribution.stated_at = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::check_exclusion_rule(self)
    }

    fn list(definition: &Definition) -> &Vec<Self> {
        &definition.exclusion_rules
    }

    fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
        &mut definition.exclusion_rules
    }
}

impl Entry for Finding {
    const KIND: EntryKind = EntryKind::Finding;

    fn id(&self) -> &str {
        &self.id
    }

    fn stated_at(&self) -> Timestamp {
        self.attribution.stated_at
    }

    fn set_stated_at(&mut self, time: Timestamp) {
        self.attribution.stated_at = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::check_finding(self)
    }

    fn list(definition: &Definition) -> &Vec<Self> {
        &definition.findings
    }

    fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
        &mut definition.findings
    }
}

impl Entry for Comment {
    const KIND: EntryKind = EntryKind::Comment;

    fn id(&self) -> &str {
        &self.id
    }

    fn stated_at(&self) -> Timestamp {
        self.time
    }

    fn set_stated_at(&mut self, time: Timestamp) {
        self.time = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::check_comment(self)
    }

    fn list(definition: &Definition) -> &Vec<Self> {
        &definition.comments
    }

    fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
        &mut definition.comments
    }
}
