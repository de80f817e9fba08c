use proptest::prelude::*;

use super::*;
use crate::monotonicity::Monotonicity;
use crate::term_block::{ChainSmoothingIndices, Prior};

const BINS: usize = 7;
const SMOOTHING: [f64; 2] = [3.0, 0.5];
const TIE_BREAK: f64 = 0.25;

/// A constrained chain of seven bins with a prior on the third and the fourth.
fn block() -> TermBlock {
    let priors = [(2, 0.7, 2.0), (3, -0.2, 0.5)];
    let priors = priors.map(|(parameter, mean, precision)| Prior { parameter, mean, precision }).into();
    let smoothing = ChainSmoothingIndices { walk: 0, own: None, missing: 1 };
    TermBlock { priors, ..TermBlock::monotone(BINS, Monotonicity::Increasing, smoothing) }
}

fn numbers(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-2.0..2.0_f64, count)
}

fn active_set() -> impl Strategy<Value = ActiveSet> {
    prop::collection::vec(any::<bool>(), BINS - 1).prop_map(|one| ActiveSet { merged: one })
}

#[test]
fn equal_neighbors_are_merged_and_the_missing_slot_is_not() {
    let merging = ActiveSet::from_parameters(&block(), &[1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0]);
    assert_eq!(merging.merged, [true, false, false, true, true, false]);
    let merged = merging.merged_block(&block());
    assert_eq!(merged.parameters, 5);
    let slots: Vec<usize> = merged.slots.iter().map(|(first, _)| *first).collect();
    assert_eq!(slots, [0, 0, 1, 2, 2, 2, 3, 4]);
    assert_eq!(merged.penalties[0].parameters, [0, 1, 2, 3]);
    assert_eq!((merged.penalties[0].rank(), merged.penalties[1].rank()), (3.0, 1.0));
    assert_eq!(merged.multiplicity(), [2.0, 1.0, 3.0, 1.0, 1.0]);
}

#[test]
fn a_flat_chain_has_no_rank_and_other_terms_no_neighbors() {
    let flat = ActiveSet::all_merged(&block()).merged_block(&block());
    assert_eq!((flat.parameters, flat.penalties[0].rank()), (2, 0.0));
    let ridge = TermBlock::ridge(4, 0);
    assert_eq!(ActiveSet::from_parameters(&ridge, &[0.0; 4]), ActiveSet::empty(&ridge));
    assert_eq!(ActiveSet::empty(&ridge).merged_block(&ridge), ridge);
    assert_eq!(ActiveSet::empty(&block()).merged_block(&block()), block());
}

proptest! {
    /// The effects, penalties and priors of a merged block equal those of the unmerged block with repeated parameters.
    #[test]
    fn a_merged_block_is_the_whole_one_where_neighbors_are_equal(
        merging in active_set(),
        values in numbers(BINS + 1),
        weights in prop::collection::vec(0.1..3.0_f64, BINS + 1),
    ) {
        let (whole, merged) = (block(), merging.merged_block(&block()));
        let left = merging.merged_parameters(&values, &weights);
        let all = merging.expand(&whole, &left);
        prop_assert_eq!(whole.effects(&all), merged.effects(&left));
        let form = |block: &TermBlock, values: &[f64]| -> f64 {
            let matrix = block.information(&weights).plus(&block.penalty_matrix(&SMOOTHING, TIE_BREAK));
            matrix.times(values).iter().zip(values).map(|(a, b)| a * b).sum()
        };
        prop_assert!((form(&whole, &all) - form(&merged, &left)).abs() < 1e-9);
        for (one, other) in whole.penalties.iter().zip(&merged.penalties) {
            prop_assert!((one.quadratic(&all) - other.quadratic(&left)).abs() < 1e-9);
        }
        let beliefs = |block: &TermBlock, values: &[f64]| -> f64 {
            block.priors.iter().map(|prior| prior.precision * prior.mean * values[prior.parameter]).sum()
        };
        prop_assert!((beliefs(&whole, &all) - beliefs(&merged, &left)).abs() < 1e-9);
    }

    #[test]
    fn means_weigh_and_equal_values_stay_one(merging in active_set(), left in numbers(BINS + 1), weight in 0.1..9.0_f64) {
        let count = merging.merged_block(&block()).parameters;
        let all = merging.expand(&block(), &left[..count]);
        let again = merging.expand(&block(), &merging.merged_parameters(&all, &[weight; BINS + 1]));
        for (one, other) in all.iter().zip(&again) {
            prop_assert!((one - other).abs() < 1e-12);
        }
        let of = ActiveSet::from_parameters(&block(), &all);
        prop_assert!(merging.merged.iter().zip(&of.merged).all(|(one, found)| !one || *found), "{of:?}");
    }
}
