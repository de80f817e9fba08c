//! What the four lists of a definition have in common.

use std::fmt;

use jiff::Timestamp;

use super::check::{self, EntryFault};
use super::{Comment, Definition, Finding, Gate, HeldHypothesis};
use crate::{MOST_HYPOTHESES, check_hypotheses};

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A belief.
    Hypothesis,
    /// A rule.
    Gate,
    /// Something learned in a conversation.
    Finding,
    /// A remark.
    Comment,
}

impl EntryKind {
    /// How many there may be.
    #[must_use]
    pub const fn most(self) -> usize {
        match self {
            Self::Hypothesis => MOST_HYPOTHESES,
            Self::Gate => 100,
            Self::Finding | Self::Comment => 1000,
        }
    }

    /// Whether it is a part of what the committee agrees on. Remarks are not.
    #[must_use]
    pub const fn is_agreed_on(self) -> bool {
        match self {
            Self::Hypothesis | Self::Gate | Self::Finding => true,
            Self::Comment => false,
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hypothesis => "hypothesis",
            Self::Gate => "gate",
            Self::Finding => "finding",
            Self::Comment => "comment",
        })
    }
}

/// One entry of a definition.
pub trait Entry: Clone + Send + 'static {
    /// What it is.
    const KIND: EntryKind;

    /// Tells it from the others of its kind.
    fn id(&self) -> &str;
    /// When it was stated.
    fn stated(&self) -> Timestamp;
    /// Dates it.
    fn state(&mut self, time: Timestamp);
    /// Everything that is wrong with it.
    fn faults(&self) -> Vec<EntryFault>;
    /// Those of a definition, by id.
    fn list(definition: &Definition) -> &Vec<Self>;
    /// See [`Self::list`].
    fn list_mut(definition: &mut Definition) -> &mut Vec<Self>;

    /// What it contradicts in a definition, if anything. One of the same id is not asked: it is to be replaced.
    fn clash(&self, definition: &Definition, now: Timestamp) -> Option<String> {
        let (_, _) = (definition, now);
        None
    }
}

impl Entry for HeldHypothesis {
    const KIND: EntryKind = EntryKind::Hypothesis;

    fn id(&self) -> &str {
        &self.hypothesis.id
    }

    fn stated(&self) -> Timestamp {
        self.stated
    }

    fn state(&mut self, time: Timestamp) {
        self.stated = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::hypothesis(self)
    }

    fn list(definition: &Definition) -> &Vec<Self> {
        &definition.hypotheses
    }

    fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
        &mut definition.hypotheses
    }

    /// Two beliefs about the same accounts cannot enter one fit. Those that have expired enter none.
    fn clash(&self, definition: &Definition, now: Timestamp) -> Option<String> {
        let others = definition.hypotheses.iter().map(|held| &held.hypothesis);
        let mut together: Vec<_> =
            others.filter(|other| other.id != self.hypothesis.id && other.expired(now).is_none()).cloned().collect();
        together.push(self.hypothesis.clone());
        check_hypotheses(&together).into_iter().find(|fault| fault.field == "when").map(|fault| fault.text)
    }
}

impl Entry for Gate {
    const KIND: EntryKind = EntryKind::Gate;

    fn id(&self) -> &str {
        &self.id
    }

    fn stated(&self) -> Timestamp {
        self.by.stated
    }

    fn state(&mut self, time: Timestamp) {
        self.by.stated = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::gate(self)
    }

    fn list(definition: &Definition) -> &Vec<Self> {
        &definition.gates
    }

    fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
        &mut definition.gates
    }
}

impl Entry for Finding {
    const KIND: EntryKind = EntryKind::Finding;

    fn id(&self) -> &str {
        &self.id
    }

    fn stated(&self) -> Timestamp {
        self.by.stated
    }

    fn state(&mut self, time: Timestamp) {
        self.by.stated = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::finding(self)
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

    fn stated(&self) -> Timestamp {
        self.time
    }

    fn state(&mut self, time: Timestamp) {
        self.time = time;
    }

    fn faults(&self) -> Vec<EntryFault> {
        check::comment(self)
    }

    fn list(definition: &Definition) -> &Vec<Self> {
        &definition.comments
    }

    fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
        &mut definition.comments
    }
}
