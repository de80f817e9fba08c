//! Hypotheses that the customers refute. They are listed below the map, because they no longer describe accounts.

use sweetspot_core::{HypothesisEntry, Verdict};
use sweetspot_model::HypothesisSummary;

use super::{hypothesis_attribution, is_current_hypothesis, tested};
use crate::format::{capitalize, hypothesis_text};
use crate::odds_factor::format_ratio;
use crate::{Proportion, ReportInput, format_percent, plural};

/// A current hypothesis that the customers refute.
#[derive(Clone, Debug, PartialEq)]
pub struct RefutedHypothesis {
    /// The hypothesis: its statement, or else its condition.
    pub text: String,
    /// The odds ratio that its author stated.
    pub odds_ratio: f64,
    /// The odds ratio of the customers with its 90% interval, all else equal, which the verdict compares.
    pub observed_odds_ratio: Option<(f64, f64, f64)>,
    /// The ideal customers of those that it is about.
    pub customers: Proportion,
    /// The author, the date and the expiry date as text.
    pub author: String,
    /// The reason; may be empty.
    pub reason: String,
}

impl RefutedHypothesis {
    fn new(entry: &HypothesisEntry, summary: &HypothesisSummary, input: &ReportInput) -> Self {
        let ratio = |log_odds: f64| log_odds.exp();
        let observed_odds_ratio = summary.data_effect.map(|effect| {
            let (low, high) = effect.interval();
            (ratio(effect.log_odds), ratio(low), ratio(high))
        });
        Self {
            text: hypothesis_text(entry, &input.attribute(&entry.hypothesis.when.attribute)),
            odds_ratio: entry.hypothesis.odds_ratio,
            observed_odds_ratio,
            customers: Proportion { part: summary.ideal, total: summary.customers },
            author: hypothesis_attribution(entry),
            reason: entry.reason.clone(),
        }
    }

    /// The hypothesis with its verdict, its figures and its source, in one line.
    #[must_use]
    pub fn description(&self) -> String {
        let Self { text, odds_ratio, observed_odds_ratio, customers, author, reason } = self;
        let observed = observed_odds_ratio.map_or_else(String::new, |(ratio, low, high)| {
            let (ratio, low, high) = (format_ratio(ratio), format_ratio(low), format_ratio(high));
            format!(", customers show {ratio} × (90% {low} to {high})")
        });
        let rate = customers.rate().map(|rate| format!(", {} ideal", format_percent(rate))).unwrap_or_default();
        let counts = plural(customers.total, "customer", "customers");
        let reason = match reason.trim() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        format!(
            "{}: refuted. Stated: {} × the odds{observed}; {counts}{rate}. {}{reason}",
            capitalize(text),
            format_ratio(*odds_ratio),
            capitalize(author),
        )
    }
}

/// The current hypotheses that the customers refute, in the order of the definition.
pub(super) fn refuted_hypotheses(input: &ReportInput, verdicts: &[HypothesisSummary]) -> Vec<RefutedHypothesis> {
    let entries = input.definition.hypotheses.iter().filter(|entry| is_current_hypothesis(entry, input.as_of));
    let refuted = entries.filter_map(|entry| {
        let summary = tested(entry, verdicts).filter(|summary| summary.verdict == Verdict::Refuted)?;
        Some(RefutedHypothesis::new(entry, summary, input))
    });
    refuted.collect()
}
