//! The hypotheses of a version that has not learned from customers, as a profile: what is stated, how strongly, by whom,
//! and how many customers test it.

use sweetspot_core::normal_quantiles::NINETY_PERCENT;
use sweetspot_core::{IcpCategory, Verdict};
use sweetspot_model::HypothesisSummary;

use crate::format::{condition_text, format_date, statement_or_condition};
use crate::odds_factor::attribute_place;
use crate::{Proportion, ReportInput};

/// The quantile of the normal distribution below which an estimate is in one of five samples.
const FOUR_OF_FIVE: f64 = 0.841_621_233_572_914_3;

/// A hypothesis as a part of the profile.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileHypothesis {
    /// The category of the profile that its attribute belongs to.
    pub category: IcpCategory,
    /// The statement, or else the condition in words.
    pub text: String,
    /// The condition in words.
    pub condition: String,
    /// The stated odds ratio.
    pub odds_ratio: f64,
    /// The rate of ideal accounts without it that is assumed, in `[0, 1]`.
    pub rate_without: f64,
    /// The rate with it, if the hypothesis is true.
    pub rate_with: f64,
    /// The author, with the day if that is known.
    pub author: String,
    /// The reason; may be empty.
    pub reason: String,
    /// The ideal customers of those that it holds for until now.
    pub customers: Proportion,
    /// The verdict until now.
    pub verdict: Verdict,
    /// How many customers with it, and as many without, support it if it is true; `None` for an odds ratio of 1.
    pub needed_to_support: Option<u64>,
    /// How many customers with it, and as many without, refute it if it makes no difference; `None` for an odds ratio of
    /// 1.
    pub needed_to_refute: Option<u64>,
}

/// The hypotheses of the version, the strongest first; empty if the version has learned from customers.
pub(super) fn profile_hypotheses(input: &ReportInput) -> Vec<ProfileHypothesis> {
    if input.model.evaluation().has_signal() {
        return Vec::new();
    }
    let base = input.model.base_log_odds();
    let mut hypotheses: Vec<ProfileHypothesis> = input
        .model
        .hypotheses()
        .into_iter()
        .map(|hypothesis| ProfileHypothesis::new(input, hypothesis, base))
        .collect();
    let strength = |hypothesis: &ProfileHypothesis| hypothesis.odds_ratio.ln().abs();
    hypotheses.sort_by(|a, b| strength(b).total_cmp(&strength(a)).then_with(|| a.text.cmp(&b.text)));
    hypotheses
}

impl ProfileHypothesis {
    fn new(input: &ReportInput, hypothesis: HypothesisSummary, base: f64) -> Self {
        let HypothesisSummary { id, statement, author, when, odds_ratio, verdict, customers, ideal, .. } = hypothesis;
        let name = input.attribute(&when.attribute);
        let entry = input.definition.hypotheses.iter().find(|entry| entry.hypothesis.id == id);
        let author = if author.trim().is_empty() { "an unknown author".to_owned() } else { author.trim().to_owned() };
        let stated_at = entry.map(|entry| sweetspot_core::Date::from_timestamp(entry.stated_at));
        let needed = NeededCustomers::new(base, odds_ratio.ln());
        Self {
            category: attribute_place(&when.attribute, &input.definition).0,
            text: statement_or_condition(&statement, &when, &name),
            condition: condition_text(&when, &name),
            odds_ratio,
            rate_without: needed.rate_without,
            rate_with: needed.rate_with,
            author: stated_at.map_or(author.clone(), |day| format!("{author}, {}", format_date(day))),
            reason: entry.map(|entry| entry.reason.trim().to_owned()).unwrap_or_default(),
            customers: Proportion { part: ideal, total: customers },
            verdict,
            needed_to_support: needed.to_support(),
            needed_to_refute: needed.to_refute(),
        }
    }
}

/// The number of customers that give a verdict in four of five samples, with as many customers without the condition as
/// with it.
///
/// The variance of the log-odds ratio is that of Woolf (1955, Ann. Hum. Genet. 19:251); the number follows from it as in
/// Whitehead (1993, Stat. Med. 12:2257), with the bounds of [`Verdict::new`] and its 90% interval. Attributes that go along
/// with the condition increase it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct NeededCustomers {
    log_odds_ratio: f64,
    rate_without: f64,
    rate_with: f64,
}

impl NeededCustomers {
    fn new(base: f64, log_odds_ratio: f64) -> Self {
        let rate = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
        Self { log_odds_ratio, rate_without: rate(base), rate_with: rate(base + log_odds_ratio) }
    }

    /// If the stated odds ratio is the true one: the interval excludes 1.
    fn to_support(self) -> Option<u64> {
        customers_needed(self.log_odds_ratio.abs(), variance(self.rate_with) + variance(self.rate_without))
    }

    /// If the condition makes no difference: the interval excludes half of the stated log-odds.
    fn to_refute(self) -> Option<u64> {
        customers_needed(self.log_odds_ratio.abs() / 2.0, 2.0 * variance(self.rate_without))
    }
}

/// The number of customers on each side for which the interval excludes a bound at this distance from the true effect in
/// four of five samples. `variance` is that of the estimate, times the number.
fn customers_needed(distance: f64, variance: f64) -> Option<u64> {
    let number = variance * ((NINETY_PERCENT + FOUR_OF_FIVE) / distance).powi(2);
    (distance > 0.0 && number.is_finite()).then(|| number.ceil() as u64)
}

/// The variance of the log-odds of a rate, times the number of customers.
fn variance(rate: f64) -> f64 {
    1.0 / (rate * (1.0 - rate))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::Effect;

    use super::*;

    #[test]
    fn numbers_match_hand_calculation() {
        // Rates of 20% and 3/7: (1.645 + 0.842)² × (1/0.16 + 49/12) / (ln 3)² = 52.9, and (2 × 2.486)² × 2/0.16 / (ln 3)².
        let needed = NeededCustomers::new(0.25_f64.ln(), 3.0_f64.ln());
        assert!((needed.rate_without - 0.2).abs() < 1e-12 && (needed.rate_with - 3.0 / 7.0).abs() < 1e-12);
        assert_eq!((needed.to_support(), needed.to_refute()), (Some(53), Some(257)));
        assert_eq!(NeededCustomers::new(0.0, 0.0).to_support(), None);
    }

    proptest! {
        /// The verdict on the estimate that four of five samples exceed is that of the rule at this number of customers,
        /// and is not at a tenth less.
        #[test]
        fn the_numbers_are_those_of_the_verdict(base in -3.0..1.0_f64, log_odds in prop_oneof![-3.0..-0.2_f64, 0.2..3.0_f64]) {
            let needed = NeededCustomers::new(base, log_odds);
            let support = |number: f64| {
                let error = ((variance(needed.rate_with) + variance(needed.rate_without)) / number).sqrt();
                let estimate = log_odds - FOUR_OF_FIVE * error * log_odds.signum();
                Verdict::new(log_odds, Some(Effect { log_odds: estimate, standard_error: error }))
            };
            let refute = |number: f64| {
                let error = (2.0 * variance(needed.rate_without) / number).sqrt();
                let estimate = FOUR_OF_FIVE * error * log_odds.signum();
                Verdict::new(log_odds, Some(Effect { log_odds: estimate, standard_error: error }))
            };
            let (to_support, to_refute) = (needed.to_support().unwrap() as f64, needed.to_refute().unwrap() as f64);
            prop_assert_eq!((support(to_support + 1.0), refute(to_refute + 1.0)), (Verdict::Supported, Verdict::Refuted));
            prop_assert_ne!(support((to_support - 1.0) * 0.9), Verdict::Supported);
            prop_assert_ne!(refute((to_refute - 1.0) * 0.9), Verdict::Refuted);
        }
    }
}
