//! The totals of a list of any length, added up by account while it is scored.

use sweetspot_proto::v1::rank_targets_request::Tiering;
use sweetspot_proto::v1::{FitScore, FitTier, OutcomeScores, TierCapacity, TierProbabilities, TierSize, WholeList};

use super::Order;
use super::tier_args::TierArgs;

/// The number of equal-width bins of the probabilities, as on the server.
const BIN_COUNT: usize = 20;
/// The tiers, best first.
const TIERS: [FitTier; 4] = [FitTier::A, FitTier::B, FitTier::C, FitTier::D];

/// Adds up the totals of a list, account by account. If tiers depend on ranks, each account takes 16 bytes, otherwise
/// none.
#[derive(Debug)]
pub(super) struct ListTotalsBuilder {
    order: Order,
    is_by_rank: bool,
    thresholds: Option<[f64; 3]>,
    accounts: u64,
    tallies: [TierTally; 4],
    bins: [u64; BIN_COUNT],
    model_tiers: [u64; 4],
    /// The value that an account is ranked by, and its probability.
    rank_values: Vec<(f64, f64)>,
}

/// The counts of one tier so far.
#[derive(Clone, Copy, Debug, Default)]
struct TierTally {
    accounts: u64,
    min_probability: Option<f64>,
    expected_ideal: f64,
}

impl ListTotalsBuilder {
    /// Creates the totals of an empty list.
    pub(super) fn new(tiers: &TierArgs, order: Order) -> Self {
        // With no accounts, shares become a capacity too.
        let (by_place, cuts) = match tiers.tiering(0) {
            None => (false, None),
            Some(Tiering::Probabilities(TierProbabilities { a, b, c })) => (false, Some([a, b, c])),
            Some(Tiering::Capacity(_) | Tiering::Shares(_)) => (true, None),
        };
        Self {
            order,
            is_by_rank: by_place,
            thresholds: cuts,
            accounts: 0,
            tallies: [TierTally::default(); 4],
            bins: [0; BIN_COUNT],
            model_tiers: [0; 4],
            rank_values: Vec::new(),
        }
    }

    /// Counts a scored account.
    pub(super) fn add(&mut self, score: &FitScore) {
        let probability = score.probability;
        self.accounts += 1;
        let bin = ((probability * BIN_COUNT as f64) as usize).min(BIN_COUNT - 1);
        self.bins.iter_mut().skip(bin).take(1).for_each(|count| *count += 1);
        let tier_index = TIERS.iter().position(|tier| *tier == score.tier()).unwrap_or(TIERS.len() - 1);
        self.model_tiers.iter_mut().skip(tier_index).take(1).for_each(|count| *count += 1);
        if self.is_by_rank {
            let rank_value = match self.order {
                Order::Probability => probability,
                // Unknown values come last.
                Order::ExpectedValue => score.expected_value.unwrap_or(f64::NEG_INFINITY),
            };
            self.rank_values.push((rank_value, probability));
            return;
        }
        let reached = |cuts: [f64; 3]| cuts.iter().position(|cut| probability >= *cut).unwrap_or(cuts.len());
        let tier = self.thresholds.map_or(tier_index, reached);
        self.tallies.iter_mut().skip(tier).take(1).for_each(|size| size.add(probability));
    }

    /// Returns the number of accounts.
    pub(super) const fn accounts(&self) -> u64 {
        self.accounts
    }

    /// Returns the totals of the whole list.
    pub(super) fn finish(mut self, tiers: &TierArgs) -> WholeList {
        if let Some(Tiering::Capacity(TierCapacity { a, b, c })) = tiers.tiering(self.accounts) {
            self.rank_values
                .sort_unstable_by(|left, right| right.0.total_cmp(&left.0).then(right.1.total_cmp(&left.1)));
            let ends = [a, a.saturating_add(b), a.saturating_add(b).saturating_add(c)];
            for (place, (_, probability)) in (0_u64..).zip(&self.rank_values) {
                let tier = ends.iter().position(|end| place < *end).unwrap_or(ends.len());
                self.tallies.iter_mut().skip(tier).take(1).for_each(|size| size.add(*probability));
            }
        }
        let size = |(tier, size): (FitTier, TierTally)| TierSize {
            tier: tier.into(),
            accounts: size.accounts,
            least_probability: size.min_probability,
            expected_ideal: size.expected_ideal,
        };
        WholeList {
            accounts: self.accounts,
            tiers: TIERS.into_iter().zip(self.tallies).map(size).collect(),
            scores: Some(OutcomeScores {
                outcome: String::new(),
                bins: self.bins.to_vec(),
                tiers: self.model_tiers.to_vec(),
            }),
        }
    }
}

impl TierTally {
    fn add(&mut self, probability: f64) {
        self.accounts += 1;
        self.min_probability = Some(self.min_probability.map_or(probability, |min| min.min(probability)));
        self.expected_ideal += probability;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(probability: f64, expected_value: f64) -> FitScore {
        let tier = if probability >= 0.8 { FitTier::A } else { FitTier::D };
        FitScore { probability, tier: tier.into(), expected_value: Some(expected_value), ..FitScore::default() }
    }

    /// Counts ten accounts: the less probable, the more valuable.
    fn count_list(tiers: &TierArgs, order: Order) -> WholeList {
        let mut totals = ListTotalsBuilder::new(tiers, order);
        (0..10).map(|number| f64::from(number) / 10.0).for_each(|share| totals.add(&score(share, 1.0 - share)));
        assert_eq!(totals.accounts(), 10);
        totals.finish(tiers)
    }

    fn sizes(list: &WholeList) -> Vec<(u64, Option<f64>)> {
        list.tiers.iter().map(|size| (size.accounts, size.least_probability)).collect()
    }

    #[test]
    fn every_tiering_counts_every_account() {
        let model = count_list(&TierArgs::default(), Order::Probability);
        assert_eq!(sizes(&model), [(2, Some(0.8)), (0, None), (0, None), (8, Some(0.0))]);
        let expected: f64 = model.tiers.iter().map(|size| size.expected_ideal).sum();
        assert!((expected - 4.5).abs() < 1e-9);
        let scores = model.scores.unwrap();
        assert_eq!((scores.bins.iter().sum::<u64>(), scores.tiers), (10, vec![2, 0, 0, 8]));
        let cuts = count_list(&TierArgs::from_thresholds(&[0.7, 0.5, 0.1]), Order::Probability);
        assert_eq!(sizes(&cuts), [(3, Some(0.7)), (2, Some(0.5)), (4, Some(0.1)), (1, Some(0.0))]);
        let shares = count_list(&TierArgs::from_shares(&[0.1, 0.2, 0.3]), Order::Probability);
        assert_eq!(sizes(&shares), [(1, Some(0.9)), (2, Some(0.7)), (3, Some(0.4)), (4, Some(0.0))]);
        let by_value = count_list(&TierArgs::from_shares(&[0.1, 0.2, 0.3]), Order::ExpectedValue);
        assert_eq!(sizes(&by_value), [(1, Some(0.0)), (2, Some(0.1)), (3, Some(0.3)), (4, Some(0.6))]);
    }
}
