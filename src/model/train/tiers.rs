//! Where tiers begin.

use crate::generated::stored::TierCuts;
use crate::model::solve::probability;

/// Shares of accounts in tier A, in A and B, and in A, B and C.
const SHARES: [f64; 3] = [0.1, 0.3, 0.6];

/// A cut that no probability reaches.
const NOBODY: f64 = 1.0;

/// Where tiers A, B and C begin if nobody was judged: at these multiples of the base's odds.
const ODDS: [f64; 3] = [4.0, 2.0, 1.0];

/// Cuts relative to the base, for a model of hypotheses alone: what is believed to double the odds lifts an average account from
/// C to B, and what is believed to be bad lets it fall to D.
pub(super) fn cuts_by_odds(base: f64) -> TierCuts {
    // The base itself is in C to the bit.
    let [a, b, c] = ODDS.map(|odds| probability(base + odds.ln()));
    TierCuts { a, b, c }
}

/// The probabilities from which on accounts are in A, B and C: at most these shares of the out-of-fold probabilities reach them.
///
/// Equal probabilities stay in one tier, the lower one: a model that tells nobody apart puts nobody into A.
pub(super) fn tier_cuts(probabilities: &[f64]) -> TierCuts {
    let mut sorted = probabilities.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let [a, b, c] = SHARES.map(|share| {
        let most = (share * sorted.len() as f64) as usize;
        let next = sorted.get(most).copied().unwrap_or(NOBODY);
        // The least probability above the first one that has no place any more.
        sorted.iter().take(most).rev().copied().find(|probability| *probability > next).unwrap_or(NOBODY)
    });
    TierCuts { a, b, c }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_are_kept_and_ties_go_down() {
        let even: Vec<f64> = (1..=100).map(|i| f64::from(i) / 101.0).collect();
        let cuts = tier_cuts(&even);
        let share = |cut: f64| even.iter().filter(|p| **p >= cut).count();
        assert_eq!([cuts.a, cuts.b, cuts.c].map(share), [10, 30, 60]);
        let same = tier_cuts(&[0.4; 50]);
        assert_eq!([same.a, same.b, same.c], [NOBODY; 3]);
        let two: Vec<f64> = (0..100).map(|i| if i < 20 { 0.9 } else { 0.1 }).collect();
        let cuts = tier_cuts(&two);
        assert_eq!([cuts.a, cuts.b, cuts.c], [NOBODY, 0.9, 0.9]);
        assert_eq!(tier_cuts(&[]).a, NOBODY);
    }

    #[test]
    fn an_average_account_is_in_c_and_doubled_odds_are_in_b() {
        for base in [-5.0, -1.386_294_361_1, 0.0, 30.0] {
            let TierCuts { a, b, c } = cuts_by_odds(base);
            assert!(1.0 > a && a >= b && b >= c && c > 0.0);
            assert_eq!(c, probability(base));
        }
        let TierCuts { a, b, .. } = cuts_by_odds(0.25_f64.ln());
        assert!((a - 0.5).abs() < 1e-12 && (b - 1.0 / 3.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn no_tier_is_fuller_than_its_share(steps in prop::collection::vec(1..40_u8, 0..120)) {
            let probabilities: Vec<f64> = steps.iter().map(|step| f64::from(*step) / 41.0).collect();
            let TierCuts { a, b, c } = tier_cuts(&probabilities);
            prop_assert!(a >= b && b >= c);
            for (cut, share) in [a, b, c].into_iter().zip(SHARES) {
                let reached = probabilities.iter().filter(|probability| **probability >= cut).count();
                prop_assert!(reached as f64 <= share * probabilities.len() as f64 + 1e-9);
                prop_assert!(cut == NOBODY || probabilities.contains(&cut), "a cut is a probability that was seen");
            }
        }
    }
}
