//! The living definition: what a team agrees on about the ideal customers of a model.

mod approval;
mod attribute_category;
mod check_entries;
mod check_exclusion_rules;
mod comment;
mod committee;
mod edit;
mod entry;
mod exclusion_rule;
mod finding;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use approval::{Approval, ApprovedDefinitionVersion, PersonApproval, ReviewRound};
pub use attribute_category::{IcpCategory, PondMapSectionKind, guess_category};
pub use check_entries::{EntryFault, MAX_ENTRY_REASON_BYTES, MAX_STATEMENT_BYTES, check_person};
pub use check_exclusion_rules::{ExclusionRuleFault, MAX_EXCLUSION_RULES, check_exclusion_rules};
pub use comment::{Comment, CommentResolution, MAX_RECORDED_REMOVALS};
pub use committee::{ApprovalCommittee, MAX_APPROVERS, MAX_REQUIRED_APPROVALS};
pub use edit::DefinitionChangeError;
pub use entry::{Entry, EntryKind};
pub use exclusion_rule::{ExclusionRule, Severity};
pub use finding::{Attribution, Finding, SpicedPart, Stance};
use jiff::Timestamp;

use super::{Date, Hypothesis};

/// A hypothesis in a definition, with the time and the reason of its statement. It contains its author and expiration
/// itself.
#[derive(Clone, Debug, PartialEq)]
pub struct HypothesisEntry {
    /// The hypothesis.
    pub hypothesis: Hypothesis,
    /// The time of the statement.
    pub stated_at: Timestamp,
    /// The reason.
    pub reason: String,
}

/// What a team agrees on about the ideal customers of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// Hypotheses, tested against outcomes; by id.
    pub hypotheses: Vec<HypothesisEntry>,
    /// Exclusion rules; by id.
    pub exclusion_rules: Vec<ExclusionRule>,
    /// Findings from conversations; by id.
    pub findings: Vec<Finding>,
    /// Comments, oldest first.
    pub comments: Vec<Comment>,
    /// The categories of attributes that were set by people.
    pub categories: BTreeMap<String, IcpCategory>,
    /// The Pond Map sections of attributes that were set by people.
    pub sections: BTreeMap<String, PondMapSectionKind>,
    /// The approval state.
    pub approval: Approval,
    /// The date of the next review.
    pub review_date: Option<Date>,
    /// Whether the person who submitted the definition may approve it.
    pub allow_self_approval: bool,
    /// Who may approve the definition, and how many people have to.
    pub committee: ApprovalCommittee,
    /// The approvals of the current review, or of the approved state.
    pub round: ReviewRound,
}
