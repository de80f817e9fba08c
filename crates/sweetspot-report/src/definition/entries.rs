//! What is told of a belief, a rule and a finding.

use sweetspot_core::{Date, Effect, Finding, Gate, HeldHypothesis, Kind, Verdict};
use sweetspot_model::HypothesisSummary;

use super::expired;
use crate::Share;

/// A belief, and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct HypothesisView {
    /// The belief as it is held.
    pub held: HeldHypothesis,
    /// The kind of its attribute; nothing where neither the version nor its customers know it.
    pub kind: Option<Kind>,
    /// Whether it does not count any more on the day of the document.
    pub expired: bool,
    /// What became of it; nothing where the version was trained without it, or with another wording of its condition.
    pub judged: Option<Judgement>,
}

/// What the customers say of a belief.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Training customers for whom it holds, and how many of them were ideal.
    pub ideal: Share,
    /// What they say of the odds, in log-odds, all else equal; nothing where it holds for nobody or for everybody.
    pub customers_say: Option<Effect>,
}

impl HypothesisView {
    /// A belief beside the verdicts of a version.
    pub(super) fn of(held: &HeldHypothesis, kind: Option<Kind>, judged: &[HypothesisSummary], as_of: Date) -> Self {
        let own =
            |summary: &&HypothesisSummary| summary.id == held.hypothesis.id && summary.when == held.hypothesis.when;
        let judgement = |summary: &HypothesisSummary| Judgement {
            verdict: summary.verdict,
            ideal: Share { part: summary.ideal, of: summary.customers },
            customers_say: summary.customers_say,
        };
        let judged = judged.iter().find(own).map(judgement);
        Self { held: held.clone(), kind, expired: expired(held.hypothesis.expires, as_of), judged }
    }
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct GateView {
    /// The rule.
    pub gate: Gate,
    /// The kind of its attribute; nothing where neither the version nor its customers know it.
    pub kind: Option<Kind>,
    /// Whether it does not hold any more on the day of the document.
    pub expired: bool,
}

impl GateView {
    /// A rule on a day.
    pub(super) fn of(gate: &Gate, kind: Option<Kind>, as_of: Date) -> Self {
        Self { gate: gate.clone(), kind, expired: expired(gate.by.expires, as_of) }
    }
}

/// Something learned.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingView {
    /// The finding.
    pub finding: Finding,
    /// Whether it does not hold any more on the day of the document.
    pub expired: bool,
}

impl FindingView {
    /// A finding on a day.
    pub(super) fn of(finding: &Finding, as_of: Date) -> Self {
        Self { finding: finding.clone(), expired: expired(finding.by.expires, as_of) }
    }
}
