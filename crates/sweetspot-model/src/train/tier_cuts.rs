//! Tier cuts.

use sweetspot_core::SamplingWeights;
use sweetspot_solver::probability;

use crate::stored::TierCuts;

/// The shares of accounts in tier A, in A and B, and in A, B and C.
const TIER_SHARES: [f64; 3] = [0.1, 0.3, 0.6];

/// A cut that no probability reaches.
const UNREACHABLE_CUT: f64 = 1.0;

/// The cuts of tiers A, B and C without an evaluation, as multiples of the base's odds.
const TIER_ODDS: [f64; 3] = [4.0, 2.0, 1.0];

/// Cuts relative to the base, for a model of hypotheses alone: a hypothesis that doubles the odds lifts an average
/// account from C to B, and one that lowers them puts it into D.
pub(super) fn tier_cuts_by_odds(base: f64) -> TierCuts {
    // The base itself is exactly at the cut of C.
    let [a, b, c] = TIER_ODDS.map(|odds| probability(base + odds.ln()));
    TierCuts { a, b, c }
}

/// The minimum probabilities of tiers A, B and C: at most these shares of the out-of-fold probabilities reach them,
/// with rows of a resampled file weighted by their labels.
///
/// Equal probabilities are in one tier, the lower one: a model that predicts the same for all accounts puts none into
/// A.
pub(super) fn tier_cuts(probabilities: &[f64], labels: &[f64], weights: SamplingWeights) -> TierCuts {
    let mut sorted: Vec<(f64, f64)> = probabilities.iter().copied().zip(labels.iter().copied()).collect();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [a, b, c] = TIER_SHARES.map(|share| {
        let max_rows = row_count_in_share(share, &sorted, weights);
        let next = sorted.get(max_rows).map_or(UNREACHABLE_CUT, |(probability, _)| *probability);
        // The least probability above the first one that exceeds the share.
        let above = sorted.iter().take(max_rows).rev().map(|(probability, _)| *probability);
        above.into_iter().find(|probability| *probability > next).unwrap_or(UNREACHABLE_CUT)
    });
    TierCuts { a, b, c }
}

/// The number of these probabilities with their labels, best first, that have at most this share of the weight.
fn row_count_in_share(share: f64, sorted: &[(f64, f64)], weights: SamplingWeights) -> usize {
    if weights.is_even() {
        return (share * sorted.len() as f64) as usize;
    }
    let total: f64 = sorted.iter().map(|(_, label)| weights.weight(*label)).sum();
    let mut so_far = 0.0;
    let is_within = |(_, label): &&(f64, f64)| {
        so_far += weights.weight(*label);
        so_far <= share * total
    };
    sorted.iter().take_while(is_within).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVEN: SamplingWeights = SamplingWeights::EVEN;

    /// Fifty ideal rows above fifty others, at a base rate of one fifth: the best tenth of all accounts is half of the
    /// ideal rows.
    #[test]
    fn shares_of_a_resampled_file_are_those_of_all_accounts() {
        let probabilities: Vec<f64> = (0..100).map(|row| 1.0 - f64::from(row) / 100.0).collect();
        let labels: Vec<f64> = (0..100).map(|row| f64::from(u8::from(row < 50))).collect();
        let cuts = tier_cuts(&probabilities, &labels, SamplingWeights::new(0.2, 50, 50));
        let reached = |cut: f64| probabilities.iter().filter(|probability| **probability >= cut).count();
        // Ideal rows have weight 0.4 each, others 1.6: 30% are all ideal rows and six others, 60% are 25.
        assert!((24..=25).contains(&reached(cuts.a)), "{cuts:?}");
        assert!(reached(cuts.b) == 56 && (74..=75).contains(&reached(cuts.c)), "{cuts:?}");
    }

    #[test]
    fn tier_shares_are_not_exceeded_and_ties_go_to_the_lower_tier() {
        let even: Vec<f64> = (1..=100).map(|i| f64::from(i) / 101.0).collect();
        let cuts = tier_cuts(&even, &[0.0; 100], EVEN);
        let share = |cut: f64| even.iter().filter(|p| **p >= cut).count();
        assert_eq!([cuts.a, cuts.b, cuts.c].map(share), [10, 30, 60]);
        let same = tier_cuts(&[0.4; 50], &[0.0; 50], EVEN);
        assert_eq!([same.a, same.b, same.c], [UNREACHABLE_CUT; 3]);
        let two: Vec<f64> = (0..100).map(|i| if i < 20 { 0.9 } else { 0.1 }).collect();
        let cuts = tier_cuts(&two, &[0.0; 100], EVEN);
        assert_eq!([cuts.a, cuts.b, cuts.c], [UNREACHABLE_CUT, 0.9, 0.9]);
        assert_eq!(tier_cuts(&[], &[], EVEN).a, UNREACHABLE_CUT);
    }

    #[test]
    fn tier_cuts_by_odds_put_an_average_account_in_c_and_doubled_odds_in_b() {
        for base in [-5.0, -1.386_294_361_1, 0.0, 30.0] {
            let TierCuts { a, b, c } = tier_cuts_by_odds(base);
            assert!(1.0 > a && a >= b && b >= c && c > 0.0);
            assert_eq!(c, probability(base));
        }
        let TierCuts { a, b, .. } = tier_cuts_by_odds(0.25_f64.ln());
        assert!((a - 0.5).abs() < 1e-12 && (b - 1.0 / 3.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn no_tier_is_fuller_than_its_share(steps in prop::collection::vec(1..40_u8, 0..120)) {
            let probabilities: Vec<f64> = steps.iter().map(|step| f64::from(*step) / 41.0).collect();
            let TierCuts { a, b, c } = tier_cuts(&probabilities, &vec![0.0; steps.len()], EVEN);
            prop_assert!(a >= b && b >= c);
            for (cut, share) in [a, b, c].into_iter().zip(TIER_SHARES) {
                let reached = probabilities.iter().filter(|probability| **probability >= cut).count();
                prop_assert!(reached as f64 <= share * probabilities.len() as f64 + 1e-9);
                prop_assert!(cut == UNREACHABLE_CUT || probabilities.contains(&cut), "a cut is an observed probability");
            }
        }
    }
}
