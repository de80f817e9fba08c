//! Views of hypotheses, exclusion rules and findings.

use sweetspot_core::{Date, Effect, ExclusionRule, Finding, HypothesisEntry, Verdict};
use sweetspot_model::HypothesisSummary;

use super::is_expired;
use crate::{AttributeName, Proportion};

/// A hypothesis and its result.
#[derive(Clone, Debug, PartialEq)]
pub struct HypothesisView {
    /// The entry of the definition.
    pub entry: HypothesisEntry,
    /// Its attribute. The kind is `None` if neither the version nor its customers have the attribute.
    pub attribute: AttributeName,
    /// Whether it is expired on the day of the document.
    pub is_expired: bool,
    /// The result; `None` if the version was trained without it, or with another condition.
    pub result: Option<HypothesisResult>,
}

/// The result of testing a hypothesis on the customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HypothesisResult {
    /// The verdict.
    pub verdict: Verdict,
    /// The training customers that meet the condition: the ideal ones of all.
    pub ideal: Proportion,
    /// The effect in the customers alone, in log-odds, all else equal; `None` if no customer or every customer meets
    /// the condition.
    pub customer_effect: Option<Effect>,
}

impl HypothesisView {
    /// Combines a hypothesis with the verdicts of a version.
    pub(super) fn new(
        stated: &HypothesisEntry,
        attribute: AttributeName,
        results: &[HypothesisSummary],
        as_of: Date,
    ) -> Self {
        let own =
            |summary: &&HypothesisSummary| summary.id == stated.hypothesis.id && summary.when == stated.hypothesis.when;
        let judgement = |summary: &HypothesisSummary| HypothesisResult {
            verdict: summary.verdict,
            ideal: Proportion { part: summary.ideal, total: summary.customers },
            customer_effect: summary.data_effect,
        };
        let results = results.iter().find(own).map(judgement);
        Self {
            entry: stated.clone(),
            attribute,
            is_expired: is_expired(stated.hypothesis.expires, as_of),
            result: results,
        }
    }
}

/// An exclusion rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ExclusionRuleView {
    /// The exclusion rule.
    pub rule: ExclusionRule,
    /// Its attribute. The kind is `None` if neither the version nor its customers have the attribute.
    pub attribute: AttributeName,
    /// Whether it is expired on the day of the document.
    pub is_expired: bool,
}

impl ExclusionRuleView {
    /// Creates the view of an exclusion rule on a day.
    pub(super) fn new(exclusion_rule: &ExclusionRule, attribute: AttributeName, as_of: Date) -> Self {
        Self {
            rule: exclusion_rule.clone(),
            attribute,
            is_expired: is_expired(exclusion_rule.attribution.expires, as_of),
        }
    }
}

/// A finding.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingView {
    /// The finding.
    pub finding: Finding,
    /// The statement that the version does not have its segment; `None` if it has, or if there is none.
    pub missing_segment: Option<String>,
    /// Whether it is expired on the day of the document.
    pub is_expired: bool,
}

impl FindingView {
    /// Creates the view of a finding on a day.
    pub(super) fn new(finding: &Finding, missing_segment: Option<String>, as_of: Date) -> Self {
        Self { finding: finding.clone(), missing_segment, is_expired: is_expired(finding.attribution.expires, as_of) }
    }
}
