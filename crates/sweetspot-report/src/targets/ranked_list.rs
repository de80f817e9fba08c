//! Accounts in the order in which to work on them.

use std::cmp::Ordering;

use sweetspot_core::{Account, Fit, Tier};
use sweetspot_model::Scorer;

use super::ExplanationContext;
use super::distribution_shift::{self, DistributionShift};
use super::target::{RankedTarget, Target, TargetBuilder};
use super::tiering::Tiering;
use crate::{ReportInput, ScoreCounts};

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RankCriterion {
    /// The highest probability first.
    #[default]
    Probability,
    /// The highest expected value first; then accounts without one, by probability.
    ExpectedValue,
}

impl RankCriterion {
    /// Compares two fits; the better one is less.
    fn compare(self, first: &Fit, second: &Fit) -> Ordering {
        let by_probability = second.log_odds.total_cmp(&first.log_odds);
        match (self, first.expected_value, second.expected_value) {
            (Self::Probability, _, _) | (Self::ExpectedValue, None, None) => by_probability,
            (Self::ExpectedValue, Some(value), Some(others)) => others.total_cmp(&value).then(by_probability),
            (Self::ExpectedValue, Some(_), None) => Ordering::Less,
            (Self::ExpectedValue, None, Some(_)) => Ordering::Greater,
        }
    }

    /// Whether tiers that are cut by rank correspond to cuts by probability.
    const fn is_by_probability(self) -> bool {
        match self {
            Self::Probability => true,
            Self::ExpectedValue => false,
        }
    }
}

/// The options of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TargetListOptions {
    /// How to cut the list into tiers.
    pub tiering: Tiering,
    /// The order of the list.
    pub order: RankCriterion,
    /// The number of best accounts to skip: they are on previous pages.
    pub skip: usize,
    /// The number of accounts to return.
    pub top: usize,
    /// The number of reasons per account.
    pub reasons: usize,
    /// Attributes that a next step may change; if empty, those that are marked as changeable, or else any attribute.
    pub changeable: Vec<String>,
    /// The number of best accounts that include all contributions.
    pub explained_count: usize,
    /// The totals of the list that the accounts are the best of; `None` if they are the whole list.
    pub list_totals: Option<ListTotals>,
}

/// The totals of a list that is longer than the ranked accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct ListTotals {
    /// The number of accounts.
    pub accounts: u64,
    /// The tiers, A to D.
    pub tiers: Vec<TierSize>,
    /// The distribution of the scores, by the model's own tiers.
    pub scores: ScoreCounts,
}

/// The size of a tier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierSize {
    /// The tier.
    pub tier: Tier,
    /// The number of accounts.
    pub accounts: u64,
    /// The lowest probability among them, or the cut; `None` if the tier is empty and not cut by probability.
    pub min_probability: Option<f64>,
    /// The expected number of ideal accounts: the sum of the probabilities.
    pub expected_ideal: f64,
}

/// The prioritized list of target accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetList {
    /// The version's name.
    pub version: String,
    /// The order; by probability if no value is known.
    pub order: RankCriterion,
    /// The number of accounts on the whole list.
    pub accounts: u64,
    /// The tiers of the whole list, best first.
    pub tiers: Vec<TierSize>,
    /// The distribution of the scores of the whole list, by the model's own tiers.
    pub scores: ScoreCounts,
    /// The distribution of each attribute over the whole list and over the customers, the largest influence first;
    /// empty if only the best accounts of the list are available, which are a selected sample.
    pub shifts: Vec<DistributionShift>,
    /// Whether the whole list was available, not only its best accounts.
    pub is_whole: bool,
    /// The best accounts, best first.
    pub targets: Vec<Target>,
    /// Whether look-alikes are ideal customers; if there are none, they are any customers.
    pub compared_with_ideal: bool,
    /// Whether next steps change only attributes that are stated to be changeable.
    pub has_changeable_attributes: bool,
    /// The currency of expected values; `None` if it is unknown.
    pub currency: Option<String>,
}

impl TargetList {
    /// Ranks accounts with unique ids. Ties are in the order of their ids.
    #[must_use]
    pub fn new(
        input: &ReportInput,
        scorer: &Scorer,
        prepared: &ExplanationContext,
        accounts: &[Account],
        list_options: &TargetListOptions,
    ) -> Self {
        let order = if scorer.currency().is_some() { list_options.order } else { RankCriterion::Probability };
        let mut ranked: Vec<(&Account, Fit)> = accounts.iter().map(|listed| (listed, scorer.score(listed))).collect();
        ranked.sort_by(|(a, fit), (b, other)| order.compare(fit, other).then_with(|| a.id.cmp(&b.id)));
        let (cuts, listed) = (scorer.tier_cuts(), ranked.len());
        let all = list_options.list_totals.as_ref().map_or(listed, |totals| listed.max(totals.accounts as usize));
        let tier = |place: usize, fit: &Fit| list_options.tiering.tier(cuts, fit.probability, place, all);
        let tiers: Vec<Tier> = ranked.iter().enumerate().map(|(place, (_, fit))| tier(place, fit)).collect();
        let sizes = match &list_options.list_totals {
            Some(totals) => apply_cuts(&totals.tiers, list_options.tiering.cuts(cuts)),
            None => tier_counts(&ranked, &tiers, list_options.tiering.cuts(cuts)),
        };
        let shown_count = list_options.top.min(listed.saturating_sub(list_options.skip));
        let search = prepared.look_alikes.search(shown_count);
        let by_probability = order.is_by_probability() || list_options.tiering.cuts(cuts).is_some();
        let maker = TargetBuilder { input, scorer, context: prepared, search, options: list_options };
        let places = ranked.iter().zip(&tiers).enumerate().skip(list_options.skip).take(shown_count);
        let targets = places.map(|(place, ((account, fit), tier))| {
            let thresholds = sizes.iter().filter_map(|size| Some((size.tier, size.min_probability?)));
            let goal = tier.next_better(fit.probability, thresholds).filter(|_| by_probability);
            maker.target(RankedTarget { account, fit: *fit, rank: place + 1, tier: *tier, goal })
        });
        let targets = targets.collect();
        let is_whole = list_options.list_totals.is_none();
        let version = input.version.clone();
        let currency = scorer.currency().filter(|currency| !currency.is_empty()).map(str::to_owned);
        Self {
            version,
            order,
            accounts: all as u64,
            tiers: sizes,
            scores: match &list_options.list_totals {
                Some(totals) => totals.scores.clone(),
                None => ScoreCounts::new(ranked.iter().map(|(_, fit)| fit)),
            },
            shifts: if is_whole { distribution_shift::shifts(&prepared.attributes, accounts) } else { Vec::new() },
            is_whole,
            targets,
            compared_with_ideal: prepared.is_ideal_only,
            has_changeable_attributes: !(list_options.changeable.is_empty() && prepared.changeable.is_empty()),
            currency,
        }
    }
}

/// If tiers are cut by probability, the minimum probabilities are the cuts.
fn apply_cuts(tiers: &[TierSize], cuts: Option<[f64; 3]>) -> Vec<TierSize> {
    let cut = |place: usize| cuts.and_then(|cuts| cuts.get(place).copied());
    let size =
        |(place, size): (usize, &TierSize)| TierSize { min_probability: cut(place).or(size.min_probability), ..*size };
    tiers.iter().enumerate().map(size).collect()
}

fn tier_counts(ranked: &[(&Account, Fit)], tiers: &[Tier], cuts: Option<[f64; 3]>) -> Vec<TierSize> {
    let size = |(number, tier): (usize, Tier)| {
        let accounts_of_tier = || ranked.iter().zip(tiers).filter(move |(_, found)| **found == tier);
        let probabilities = || accounts_of_tier().map(|((_, fit), _)| fit.probability);
        let cut = cuts.and_then(|cuts| cuts.get(number).copied());
        TierSize {
            tier,
            accounts: accounts_of_tier().count() as u64,
            min_probability: cut.or_else(|| probabilities().min_by(f64::total_cmp)),
            // Summed in list order, so that the result is deterministic; an empty sum is zero, not negative zero.
            expected_ideal: probabilities().sum::<f64>() + 0.0,
        }
    };
    Tier::ALL.into_iter().enumerate().map(size).collect()
}

#[cfg(test)]
mod tests;
