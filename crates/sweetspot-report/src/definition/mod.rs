//! The living definition as a document: its state, what is believed, ruled and learned, and what people remark.

mod blocks;
mod entries;
#[cfg(test)]
mod tests;

pub use blocks::blocks;
pub use entries::{FindingView, GateView, HypothesisView, Judgement};
use jiff::Timestamp;
use sweetspot_core::{Approval, ApprovedVersion, Comment, Date, Gate, HeldHypothesis, Statement};
use sweetspot_model::HypothesisSummary;

use super::Evidence;

/// Findings and comments that are told; of comments the newest.
const MOST_TOLD: usize = 200;

/// Approved states that are told, the newest.
const MOST_VERSIONS: usize = 10;

/// What people agree on about a model's ideal customers, beside what became of it in one version.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionView {
    /// The version whose verdicts are told.
    pub version: String,
    /// How far the committee is.
    pub approval: Approval,
    /// What was approved last, newest first; at most 10.
    pub approved: Vec<ApprovedVersion>,
    /// When it should be looked at again.
    pub review_on: Option<Date>,
    /// Whether that day has come.
    pub review_due: bool,
    /// Beliefs, by id.
    pub hypotheses: Vec<HypothesisView>,
    /// Rules, by id.
    pub gates: Vec<GateView>,
    /// What was learned, by its part of a SPICED diagnosis, then by id; at most 200.
    pub findings: Vec<FindingView>,
    /// Findings that are not told.
    pub more_findings: usize,
    /// Remarks, oldest first; the newest 200.
    pub comments: Vec<Comment>,
    /// Older remarks that are not told.
    pub more_comments: usize,
}

impl DefinitionView {
    /// The definition of this evidence.
    #[must_use]
    pub fn of(evidence: &Evidence) -> Self {
        Self::new(evidence, &evidence.model.hypotheses())
    }

    fn new(evidence: &Evidence, judged: &[HypothesisSummary]) -> Self {
        let (definition, as_of) = (&evidence.definition, evidence.as_of);
        let mut findings: Vec<_> = definition.findings.iter().map(|finding| FindingView::of(finding, as_of)).collect();
        // Those of no part come last; the sort keeps the order of ids.
        findings.sort_by_key(|finding| (finding.finding.spiced.is_none(), finding.finding.spiced));
        let more_findings = findings.len().saturating_sub(MOST_TOLD);
        findings.truncate(MOST_TOLD);
        let more_comments = definition.comments.len().saturating_sub(MOST_TOLD);
        let hypothesis = |held: &HeldHypothesis| {
            HypothesisView::of(held, evidence.kind(&held.hypothesis.when.attribute), judged, as_of)
        };
        let gate = |gate: &Gate| GateView::of(gate, evidence.kind(&gate.when.attribute), as_of);
        Self {
            version: evidence.version.clone(),
            approval: definition.approval.clone(),
            approved: evidence.approved.iter().take(MOST_VERSIONS).cloned().collect(),
            review_on: definition.review_on,
            review_due: definition.review_on.is_some_and(|day| day <= as_of),
            hypotheses: definition.hypotheses.iter().map(hypothesis).collect(),
            gates: definition.gates.iter().map(gate).collect(),
            findings,
            more_findings,
            comments: definition.comments.iter().skip(more_comments).cloned().collect(),
            more_comments,
        }
    }

    /// Whether nobody has stated anything.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.hypotheses.is_empty() && self.gates.is_empty() && self.findings.is_empty() && self.comments.is_empty()
    }
}

/// Whether something does not hold any more on a day.
fn expired(expires: Option<Timestamp>, as_of: Date) -> bool {
    expires.is_some_and(|time| Date::of(time) <= as_of)
}

/// `Ann, 2026-11-24`, with what is known of it.
fn stated_by(statement: &Statement) -> String {
    let day = super::day(Date::of(statement.stated));
    let author = if statement.author.is_empty() { "an unknown author" } else { &statement.author };
    let reason = if statement.reason.is_empty() { String::new() } else { format!(": {}", statement.reason) };
    format!("{author}, {day}{reason}")
}
