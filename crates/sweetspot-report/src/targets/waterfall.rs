//! The decomposition of a score into steps: from the average customer, by the largest reasons and the sum of all
//! others, to the account.

use sweetspot_core::{Contribution, Fit};

/// The maximum number of individual reasons.
const MAX_REASONS: usize = 8;

/// One step.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreStep {
    /// The step's name: `industry: Fintech`, or `12 others`.
    pub name: String,
    /// The contribution, in log-odds.
    pub log_odds: f64,
    /// The log-odds after it.
    pub log_odds_after: f64,
}

/// The steps of one score.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    /// The start: the log-odds of the average customer.
    pub base: f64,
    /// The largest eight reasons, in descending order, then the sum of the others.
    pub steps: Vec<ScoreStep>,
    /// The end: the log-odds of the account.
    pub total: f64,
}

impl Waterfall {
    /// Creates the waterfall of a fit and all its reasons; `name` returns the name of a reason.
    #[must_use]
    pub fn new(fit: &Fit, contributions: &[Contribution<'_>], name: impl Fn(&Contribution<'_>) -> String) -> Self {
        let mut sorted: Vec<_> = contributions.iter().collect();
        sorted.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
        let (shown, others) = sorted.split_at(sorted.len().min(MAX_REASONS));
        let mut steps: Vec<(String, f64)> =
            shown.iter().map(|contribution| (name(contribution), contribution.log_odds)).collect();
        if !others.is_empty() {
            let name = crate::plural(others.len() as u64, "other", "others");
            steps.push((name, others.iter().map(|contribution| contribution.log_odds).sum()));
        }
        let mut reached = fit.base_log_odds;
        let parts = steps.into_iter().map(|(name, log_odds)| {
            reached += log_odds;
            ScoreStep { name, log_odds, log_odds_after: reached }
        });
        Self { base: fit.base_log_odds, steps: parts.collect(), total: fit.log_odds }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::{ContributionKind, DataSupport, Tier};

    use super::*;

    proptest! {
        #[test]
        fn the_steps_lead_from_the_base_to_the_total(eighths in prop::collection::vec(-80..80_i8, 0..20)) {
            let odds: Vec<f64> = eighths.into_iter().map(|eighths| f64::from(eighths) / 8.0).collect();
            let contribution = |log_odds: &f64| Contribution {
                attribute: "a".into(),
                value_label: "v".into(),
                log_odds: *log_odds,
                standard_error: 0.1,
                kind: ContributionKind::Attribute,
                customers: 10,
                ideal_rate: 0.5,
                raw_rate_differs: false,
            };
            let fit = Fit {
                probability: 0.5, log_odds: odds.iter().sum::<f64>() + 0.25, low: 0.4, high: 0.6, data_support: DataSupport::Thin,
                base_log_odds: 0.25, tier: Tier::B, coverage: 1.0, pond_side: sweetspot_core::PondSide::In,
                matched_rules: sweetspot_core::MatchedExclusionRules::default(), segment: None, expected_value: None,
            };
            let waterfall = Waterfall::new(&fit, &odds.iter().map(contribution).collect::<Vec<_>>(), |_| String::new());
            prop_assert_eq!(waterfall.steps.len(), odds.len().min(MAX_REASONS + 1));
            prop_assert_eq!(waterfall.steps.last().map_or(waterfall.base, |last| last.log_odds_after), waterfall.total);
        }
    }
}
