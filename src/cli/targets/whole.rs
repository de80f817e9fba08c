//! The figures of a list of any length, counted account by account while it is scored.

use sweetspot_proto::v1::rank_targets_request::Tiering;
use sweetspot_proto::v1::{FitScore, FitTier, OutcomeScores, TierCapacity, TierProbabilities, TierSize, WholeList};

use super::Order;
use super::tiering::Tiers;

/// Bins of equal width over the probabilities, as the server's.
const BINS: usize = 20;
/// A, B, C, D.
const TIERS: [FitTier; 4] = [FitTier::A, FitTier::B, FitTier::C, FitTier::D];

/// The accounts of a list so far. Of a list that is cut by the places of its accounts, each takes 16 bytes; others take none.
#[derive(Debug)]
pub(super) struct Census {
    order: Order,
    by_place: bool,
    cuts: Option<[f64; 3]>,
    accounts: u64,
    sizes: [Size; 4],
    bins: [u64; BINS],
    model_tiers: [u64; 4],
    /// What an account is ordered by, and its probability.
    placed: Vec<(f64, f64)>,
}

/// One tier so far.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    accounts: u64,
    least: Option<f64>,
    expected: f64,
}

impl Census {
    /// Of a list without accounts.
    pub(super) fn new(tiers: &Tiers, order: Order) -> Self {
        // Of no accounts, a capacity stands for shares too.
        let (by_place, cuts) = match tiers.of(0) {
            None => (false, None),
            Some(Tiering::Probabilities(TierProbabilities { a, b, c })) => (false, Some([a, b, c])),
            Some(Tiering::Capacity(_) | Tiering::Shares(_)) => (true, None),
        };
        Self {
            order,
            by_place,
            cuts,
            accounts: 0,
            sizes: [Size::default(); 4],
            bins: [0; BINS],
            model_tiers: [0; 4],
            placed: Vec::new(),
        }
    }

    /// Counts a scored account.
    pub(super) fn add(&mut self, score: &FitScore) {
        let probability = score.probability;
        self.accounts += 1;
        let bin = ((probability * BINS as f64) as usize).min(BINS - 1);
        self.bins.iter_mut().skip(bin).take(1).for_each(|count| *count += 1);
        let own = TIERS.iter().position(|tier| *tier == score.tier()).unwrap_or(TIERS.len() - 1);
        self.model_tiers.iter_mut().skip(own).take(1).for_each(|count| *count += 1);
        if self.by_place {
            let by = match self.order {
                Order::Probability => probability,
                // What is not known comes last.
                Order::ExpectedValue => score.expected_value.unwrap_or(f64::NEG_INFINITY),
            };
            self.placed.push((by, probability));
            return;
        }
        let reached = |cuts: [f64; 3]| cuts.iter().position(|cut| probability >= *cut).unwrap_or(cuts.len());
        let tier = self.cuts.map_or(own, reached);
        self.sizes.iter_mut().skip(tier).take(1).for_each(|size| size.add(probability));
    }

    /// How many accounts there are.
    pub(super) const fn accounts(&self) -> u64 {
        self.accounts
    }

    /// The figures of the whole list.
    pub(super) fn finish(mut self, tiers: &Tiers) -> WholeList {
        if let Some(Tiering::Capacity(TierCapacity { a, b, c })) = tiers.of(self.accounts) {
            self.placed.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then(other.1.total_cmp(&one.1)));
            let ends = [a, a.saturating_add(b), a.saturating_add(b).saturating_add(c)];
            for (place, (_, probability)) in (0_u64..).zip(&self.placed) {
                let tier = ends.iter().position(|end| place < *end).unwrap_or(ends.len());
                self.sizes.iter_mut().skip(tier).take(1).for_each(|size| size.add(*probability));
            }
        }
        let size = |(tier, size): (FitTier, Size)| TierSize {
            tier: tier.into(),
            accounts: size.accounts,
            least_probability: size.least,
            expected_ideal: size.expected,
        };
        WholeList {
            accounts: self.accounts,
            tiers: TIERS.into_iter().zip(self.sizes).map(size).collect(),
            scores: Some(OutcomeScores {
                outcome: String::new(),
                bins: self.bins.to_vec(),
                tiers: self.model_tiers.to_vec(),
            }),
        }
    }
}

impl Size {
    fn add(&mut self, probability: f64) {
        self.accounts += 1;
        self.least = Some(self.least.map_or(probability, |least| least.min(probability)));
        self.expected += probability;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(probability: f64, expected_value: f64) -> FitScore {
        let tier = if probability >= 0.8 { FitTier::A } else { FitTier::D };
        FitScore { probability, tier: tier.into(), expected_value: Some(expected_value), ..FitScore::default() }
    }

    /// Ten accounts, the less probable the more valuable.
    fn census(tiers: &Tiers, order: Order) -> WholeList {
        let mut census = Census::new(tiers, order);
        (0..10).map(|number| f64::from(number) / 10.0).for_each(|share| census.add(&score(share, 1.0 - share)));
        assert_eq!(census.accounts(), 10);
        census.finish(tiers)
    }

    fn sizes(list: &WholeList) -> Vec<(u64, Option<f64>)> {
        list.tiers.iter().map(|size| (size.accounts, size.least_probability)).collect()
    }

    #[test]
    fn every_account_is_counted_however_the_list_is_cut() {
        let model = census(&Tiers::default(), Order::Probability);
        assert_eq!(sizes(&model), [(2, Some(0.8)), (0, None), (0, None), (8, Some(0.0))]);
        let expected: f64 = model.tiers.iter().map(|size| size.expected_ideal).sum();
        assert!((expected - 4.5).abs() < 1e-9);
        let scores = model.scores.unwrap();
        assert_eq!((scores.bins.iter().sum::<u64>(), scores.tiers), (10, vec![2, 0, 0, 8]));
        let cuts = census(&Tiers::cut(&[0.7, 0.5, 0.1]), Order::Probability);
        assert_eq!(sizes(&cuts), [(3, Some(0.7)), (2, Some(0.5)), (4, Some(0.1)), (1, Some(0.0))]);
        let shares = census(&Tiers::shared(&[0.1, 0.2, 0.3]), Order::Probability);
        assert_eq!(sizes(&shares), [(1, Some(0.9)), (2, Some(0.7)), (3, Some(0.4)), (4, Some(0.0))]);
        let by_value = census(&Tiers::shared(&[0.1, 0.2, 0.3]), Order::ExpectedValue);
        assert_eq!(sizes(&by_value), [(1, Some(0.0)), (2, Some(0.1)), (3, Some(0.3)), (4, Some(0.6))]);
    }
}
