//! Accounts in the order in which to work on them.

use std::cmp::Ordering;

use sweetspot_core::{Account, Fit, Tier};
use sweetspot_model::Scorer;

use super::Prepared;
use super::shift::{self, Shift};
use super::target::{Maker, Ranked, Target};
use super::tiering::Tiering;
use crate::{Evidence, Scores};

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The most probable.
    #[default]
    Probability,
    /// Those of whom most is to be expected, net; then those of whom nothing is known, by their probability.
    ExpectedValue,
}

impl Order {
    /// Which of two fits comes first.
    fn compare(self, one: &Fit, other: &Fit) -> Ordering {
        let by_probability = other.log_odds.total_cmp(&one.log_odds);
        match (self, one.expected_value, other.expected_value) {
            (Self::Probability, _, _) | (Self::ExpectedValue, None, None) => by_probability,
            (Self::ExpectedValue, Some(value), Some(others)) => others.total_cmp(&value).then(by_probability),
            (Self::ExpectedValue, Some(_), None) => Ordering::Less,
            (Self::ExpectedValue, None, Some(_)) => Ordering::Greater,
        }
    }

    /// Whether tiers that are cut by the place on the list are cut by the probability.
    const fn is_by_probability(self) -> bool {
        match self {
            Self::Probability => true,
            Self::ExpectedValue => false,
        }
    }
}

/// How a list is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// How it is cut into tiers.
    pub tiering: Tiering,
    /// What comes first.
    pub order: Order,
    /// So many of the best are passed over: they were told before.
    pub skip: usize,
    /// So many are told.
    pub top: usize,
    /// Reasons of each.
    pub reasons: usize,
    /// Attributes that a next step may change; any where none is named.
    pub changeable: Vec<String>,
    /// Of so many of the best, every part of the score is told.
    pub explained: usize,
    /// The list of which the accounts are the best; nothing where they are the whole list.
    pub whole: Option<WholeList>,
}

/// The figures of a list that is longer than what is ranked account by account.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeList {
    /// Its accounts.
    pub accounts: u64,
    /// Its tiers, A to D.
    pub tiers: Vec<TierSize>,
    /// Where it is scored, by the model's own tiers.
    pub scores: Scores,
}

/// How many accounts a tier has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierSize {
    /// The tier.
    pub tier: Tier,
    /// Its accounts.
    pub accounts: u64,
    /// The least probability among them, or by which it is cut; nothing where it is empty and not cut by probability.
    pub least_probability: Option<f64>,
    /// The sum of their probabilities: so many ideal accounts are to be expected among them.
    pub expected_ideal: f64,
}

/// The prioritised list of target accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetList {
    /// The version.
    pub version: String,
    /// What comes first: the most probable where no value is known.
    pub order: Order,
    /// How many accounts are on the whole list.
    pub accounts: u64,
    /// The tiers of the whole list, best first.
    pub tiers: Vec<TierSize>,
    /// Where the whole list is scored, by the model's own tiers.
    pub scores: Scores,
    /// How each attribute is spread over the whole list and over the customers, first what matters most to the scores; nothing
    /// where only the best accounts of the list are at hand, which differ by their choice.
    pub shifts: Vec<Shift>,
    /// Whether the whole list was at hand, not its best accounts alone.
    pub is_whole: bool,
    /// The best accounts, best first.
    pub targets: Vec<Target>,
    /// Whether look-alikes are ideal customers; where there are none, they are any.
    pub compared_with_ideal: bool,
    /// The currency of expected values; nothing where it was not told.
    pub currency: Option<String>,
}

impl TargetList {
    /// Ranks accounts, each with an id of its own. Of equally good ones the lesser id comes first.
    #[must_use]
    pub fn new(
        evidence: &Evidence,
        scorer: &Scorer,
        prepared: &Prepared,
        accounts: &[Account],
        wanted: &Wanted,
    ) -> Self {
        let order = if scorer.currency().is_some() { wanted.order } else { Order::Probability };
        let mut ranked: Vec<(&Account, Fit)> = accounts.iter().map(|one| (one, scorer.score(one))).collect();
        ranked.sort_by(|(a, fit), (b, other)| order.compare(fit, other).then_with(|| a.id.cmp(&b.id)));
        let (cuts, at_hand) = (scorer.cuts(), ranked.len());
        let all = wanted.whole.as_ref().map_or(at_hand, |whole| at_hand.max(whole.accounts as usize));
        let tier = |place: usize, fit: &Fit| wanted.tiering.tier(cuts, fit.probability, place, all);
        let tiers: Vec<Tier> = ranked.iter().enumerate().map(|(place, (_, fit))| tier(place, fit)).collect();
        let sizes = match &wanted.whole {
            Some(whole) => cut_at(&whole.tiers, wanted.tiering.cuts(cuts)),
            None => sizes(&ranked, &tiers, wanted.tiering.cuts(cuts)),
        };
        let told = wanted.top.min(at_hand.saturating_sub(wanted.skip));
        let search = prepared.alike.search(told);
        let by_probability = order.is_by_probability() || wanted.tiering.cuts(cuts).is_some();
        let maker = Maker { evidence, scorer, prepared, search, wanted };
        let places = ranked.iter().zip(&tiers).enumerate().skip(wanted.skip).take(told);
        let targets = places.map(|(place, ((account, fit), tier))| {
            let leasts = sizes.iter().filter_map(|size| Some((size.tier, size.least_probability?)));
            let goal = tier.next_better(fit.probability, leasts).filter(|_| by_probability);
            maker.target(Ranked { account, fit: *fit, rank: place + 1, tier: *tier, goal })
        });
        let targets = targets.collect();
        let is_whole = wanted.whole.is_none();
        let version = evidence.version.clone();
        let currency = scorer.currency().filter(|currency| !currency.is_empty()).map(str::to_owned);
        Self {
            version,
            order,
            accounts: all as u64,
            tiers: sizes,
            scores: match &wanted.whole {
                Some(whole) => whole.scores.clone(),
                None => Scores::new(ranked.iter().map(|(_, fit)| fit)),
            },
            shifts: if is_whole { shift::shifts(&prepared.compared, accounts) } else { Vec::new() },
            is_whole,
            targets,
            compared_with_ideal: prepared.ideal,
            currency,
        }
    }
}

/// Sizes of tiers that are cut by probability begin at the cuts.
fn cut_at(tiers: &[TierSize], cuts: Option<[f64; 3]>) -> Vec<TierSize> {
    let cut = |place: usize| cuts.and_then(|cuts| cuts.get(place).copied());
    let size = |(place, size): (usize, &TierSize)| TierSize {
        least_probability: cut(place).or(size.least_probability),
        ..*size
    };
    tiers.iter().enumerate().map(size).collect()
}

fn sizes(ranked: &[(&Account, Fit)], tiers: &[Tier], cuts: Option<[f64; 3]>) -> Vec<TierSize> {
    let size = |(number, tier): (usize, Tier)| {
        let within = || ranked.iter().zip(tiers).filter(move |(_, found)| **found == tier);
        let probabilities = || within().map(|((_, fit), _)| fit.probability);
        let cut = cuts.and_then(|cuts| cuts.get(number).copied());
        TierSize {
            tier,
            accounts: within().count() as u64,
            least_probability: cut.or_else(|| probabilities().min_by(f64::total_cmp)),
            // Summed in the order of the list, so that it is the same each time; of nothing it is zero, not minus zero.
            expected_ideal: probabilities().sum::<f64>() + 0.0,
        }
    };
    Tier::ALL.into_iter().enumerate().map(size).collect()
}

#[cfg(test)]
mod tests;
