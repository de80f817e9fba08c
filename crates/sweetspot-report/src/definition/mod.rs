//! The living definition as a document: its state, hypotheses, exclusion rules, findings and comments.

mod approval_text;
mod blocks;
mod comment_blocks;
mod entries;
#[cfg(test)]
mod tests;

pub use blocks::blocks;
pub use entries::{ExclusionRuleView, FindingView, HypothesisResult, HypothesisView};
use jiff::Timestamp;
use sweetspot_core::{
    Approval, ApprovalCommittee, ApprovedDefinitionVersion, Attribution, Comment, Date, ExclusionRule, Finding,
    HypothesisEntry, PersonApproval,
};
use sweetspot_model::HypothesisSummary;

use super::ReportInput;
use super::segments::missing_segment_text;

/// The maximum number of findings, and of comments of a list, to show; the newest comments are shown.
const MAX_ENTRIES: usize = 200;

/// The maximum number of approved versions to show, the newest.
const MAX_VERSIONS: usize = 10;

/// The definition of a model's ideal customers, with its results in one version.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionView {
    /// The version that the verdicts are from.
    pub version: String,
    /// The state of the approval.
    pub approval: Approval,
    /// The approvals of the current review, or of the approved state, oldest first.
    pub approvals: Vec<PersonApproval>,
    /// Who may approve the definition, and how many people have to.
    pub committee: ApprovalCommittee,
    /// The approved versions, newest first; at most 10.
    pub approved: Vec<ApprovedDefinitionVersion>,
    /// The date of the next review.
    pub review_date: Option<Date>,
    /// Whether the review is due.
    pub is_review_due: bool,
    /// Hypotheses, by id.
    pub hypotheses: Vec<HypothesisView>,
    /// Exclusion rules, by id.
    pub exclusion_rules: Vec<ExclusionRuleView>,
    /// Findings, by part of the SPICED diagnosis, then by id; at most 200.
    pub findings: Vec<FindingView>,
    /// The number of findings that are not shown.
    pub omitted_findings: usize,
    /// Comments that are open.
    pub open_comments: CommentList,
    /// Comments that are resolved.
    pub resolved_comments: CommentList,
    /// Comments that record the removal of an entry.
    pub removals: CommentList,
}

/// Comments, oldest first; the newest 200.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentList {
    /// The comments.
    pub comments: Vec<Comment>,
    /// The number of older comments that are not shown.
    pub omitted: usize,
}

impl CommentList {
    fn new<'c>(comments: impl Iterator<Item = &'c Comment>) -> Self {
        let mut comments: Vec<_> = comments.cloned().collect();
        let omitted = comments.len().saturating_sub(MAX_ENTRIES);
        Self { comments: comments.split_off(omitted), omitted }
    }
}

impl DefinitionView {
    /// Creates the view from the report input.
    #[must_use]
    pub fn from_input(input: &ReportInput) -> Self {
        Self::new(input, &input.model.hypotheses())
    }

    fn new(input: &ReportInput, summaries: &[HypothesisSummary]) -> Self {
        let (definition, as_of) = (&input.definition, input.as_of);
        let finding =
            |finding: &Finding| FindingView::new(finding, missing_segment_text(input, &finding.segment_id), as_of);
        let mut findings: Vec<_> = definition.findings.iter().map(finding).collect();
        // Findings without a part come last; the sort is stable and keeps the order of ids.
        findings.sort_by_key(|finding| (finding.finding.spiced.is_none(), finding.finding.spiced));
        let more_findings = findings.len().saturating_sub(MAX_ENTRIES);
        findings.truncate(MAX_ENTRIES);
        let comments =
            |list: fn(&Comment) -> bool| CommentList::new(definition.comments.iter().filter(|comment| list(comment)));
        let hypothesis = |entry: &HypothesisEntry| {
            HypothesisView::new(entry, input.attribute(&entry.hypothesis.when.attribute), summaries, as_of)
        };
        let exclusion_rule = |exclusion_rule: &ExclusionRule| {
            ExclusionRuleView::new(exclusion_rule, input.attribute(&exclusion_rule.when.attribute), as_of)
        };
        Self {
            version: input.version.clone(),
            approval: definition.approval.clone(),
            approvals: definition.round.approvals.clone(),
            committee: definition.committee.clone(),
            approved: input.approved.iter().take(MAX_VERSIONS).cloned().collect(),
            review_date: definition.review_date,
            is_review_due: definition.review_date.is_some_and(|day| day <= as_of),
            hypotheses: definition.hypotheses.iter().map(hypothesis).collect(),
            exclusion_rules: definition.exclusion_rules.iter().map(exclusion_rule).collect(),
            findings,
            omitted_findings: more_findings,
            open_comments: comments(Comment::is_open),
            resolved_comments: comments(|comment| comment.resolution.is_some()),
            removals: comments(|comment| comment.is_removal),
        }
    }

    /// Whether the definition has no entries.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.hypotheses.is_empty()
            && self.exclusion_rules.is_empty()
            && self.findings.is_empty()
            && self.open_comments.comments.is_empty()
            && self.resolved_comments.comments.is_empty()
            && self.removals.comments.is_empty()
    }
}

/// Whether an expiry date has passed on a day.
fn is_expired(expires: Option<Timestamp>, as_of: Date) -> bool {
    expires.is_some_and(|time| Date::from_timestamp(time) <= as_of)
}

/// `Ann, 2026-11-24`, with placeholders for unknown parts.
fn author_and_date(statement: &Attribution) -> String {
    let day = super::format_date(Date::from_timestamp(statement.stated_at));
    let author = if statement.author.is_empty() { "an unknown author" } else { &statement.author };
    let reason = if statement.reason.is_empty() { String::new() } else { format!(": {}", statement.reason) };
    format!("{author}, {day}{reason}")
}
