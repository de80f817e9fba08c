//! The common interface of the four lists of a definition.

use std::fmt;

use jiff::Timestamp;

use super::check_entries::{self, EntryFault};
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
    /// The entries of this kind in a definition: comments oldest first, all others by id.
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

/// Implements [`Entry`] for types with the same parts: the path of the id, that of the time, the check and the list.
macro_rules! entries {
    ($($entry:ident, $kind:ident, $($id:ident).+, $($time:ident).+, $check:ident, $list:ident $(, $conflict:ident)?;)*) => {
        $(impl Entry for $entry {
            const KIND: EntryKind = EntryKind::$kind;

            fn id(&self) -> &str {
                &self.$($id).+
            }

            fn stated_at(&self) -> Timestamp {
                self.$($time).+
            }

            fn set_stated_at(&mut self, time: Timestamp) {
                self.$($time).+ = time;
            }

            fn faults(&self) -> Vec<EntryFault> {
                check_entries::$check(self)
            }

            fn list(definition: &Definition) -> &Vec<Self> {
                &definition.$list
            }

            fn list_mut(definition: &mut Definition) -> &mut Vec<Self> {
                &mut definition.$list
            }
            $(
                fn conflict(&self, definition: &Definition, now: Timestamp) -> Option<String> {
                    $conflict(self, definition, now)
                }
            )?
        })*
    };
}

entries! {
    HypothesisEntry, Hypothesis, hypothesis.id, stated_at, check_hypothesis, hypotheses, hypothesis_conflict;
    ExclusionRule, ExclusionRule, id, attribution.stated_at, check_exclusion_rule, exclusion_rules;
    Finding, Finding, id, attribution.stated_at, check_finding, findings;
    Comment, Comment, id, time, check_comment, comments;
}

/// Two active hypotheses about the same accounts cannot be in one fit. Expired ones are not in the fit.
fn hypothesis_conflict(entry: &HypothesisEntry, definition: &Definition, now: Timestamp) -> Option<String> {
    let others = definition.hypotheses.iter().map(|entry| &entry.hypothesis);
    let others = others.filter(|other| other.id != entry.hypothesis.id && other.expired_on(now).is_none());
    let active: Vec<_> = others.chain([&entry.hypothesis]).cloned().collect();
    check_hypotheses(&active).into_iter().find(|fault| fault.field == "when").map(|fault| fault.text)
}
