use proptest::prelude::*;

use super::*;
use crate::block::{ChainStrengths, Prior};
use crate::monotonicity::Monotonicity;

const BINS: usize = 7;
const STRENGTHS: [f64; 2] = [3.0, 0.5];
const TIE_BREAK: f64 = 0.25;

/// A directed chain of seven bins with a belief about the third and the fourth.
fn block() -> Block {
    let priors = [(2, 0.7, 2.0), (3, -0.2, 0.5)];
    let priors = priors.map(|(parameter, mean, precision)| Prior { parameter, mean, precision }).into();
    let strengths = ChainStrengths { walk: 0, own: None, missing: 1 };
    Block { priors, ..Block::directed(BINS, Monotonicity::Increasing, strengths) }
}

fn numbers(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-2.0..2.0_f64, count)
}

fn merging() -> impl Strategy<Value = Merging> {
    prop::collection::vec(any::<bool>(), BINS - 1).prop_map(|one| Merging { one })
}

#[test]
fn neighbours_with_one_value_are_one_and_the_slot_for_missing_is_not() {
    let merging = Merging::of(&block(), &[1.0, 1.0, 2.0, 3.0, 3.0, 3.0, 4.0, 4.0]);
    assert_eq!(merging.one, [true, false, false, true, true, false]);
    let merged = merging.block(&block());
    assert_eq!(merged.parameters, 5);
    let slots: Vec<usize> = merged.slots.iter().map(|(first, _)| *first).collect();
    assert_eq!(slots, [0, 0, 1, 2, 2, 2, 3, 4]);
    assert_eq!(merged.penalties[0].parameters, [0, 1, 2, 3]);
    assert_eq!((merged.penalties[0].rank(), merged.penalties[1].rank()), (3.0, 1.0));
    assert_eq!(merged.sharers(), [2.0, 1.0, 3.0, 1.0, 1.0]);
}

#[test]
fn a_flat_chain_has_no_rank_and_other_terms_no_neighbours() {
    let flat = Merging::flat(&block()).block(&block());
    assert_eq!((flat.parameters, flat.penalties[0].rank()), (2, 0.0));
    let ridge = Block::ridge(4, 0);
    assert_eq!(Merging::of(&ridge, &[0.0; 4]), Merging::none(&ridge));
    assert_eq!(Merging::none(&ridge).block(&ridge), ridge);
    assert_eq!(Merging::none(&block()).block(&block()), block());
}

proptest! {
    /// What a merged block says of its parameters is what the whole one says of them, repeated.
    #[test]
    fn a_merged_block_is_the_whole_one_where_neighbours_are_equal(
        merging in merging(),
        values in numbers(BINS + 1),
        weights in prop::collection::vec(0.1..3.0_f64, BINS + 1),
    ) {
        let (whole, merged) = (block(), merging.block(&block()));
        let left = merging.means(&values, &weights);
        let all = merging.spread(&whole, &left);
        prop_assert_eq!(whole.effects(&all), merged.effects(&left));
        let form = |block: &Block, values: &[f64]| -> f64 {
            let matrix = block.information(&weights).plus(&block.penalty_matrix(&STRENGTHS, TIE_BREAK));
            matrix.times(values).iter().zip(values).map(|(a, b)| a * b).sum()
        };
        prop_assert!((form(&whole, &all) - form(&merged, &left)).abs() < 1e-9);
        for (one, other) in whole.penalties.iter().zip(&merged.penalties) {
            prop_assert!((one.quadratic(&all) - other.quadratic(&left)).abs() < 1e-9);
        }
        let beliefs = |block: &Block, values: &[f64]| -> f64 {
            block.priors.iter().map(|prior| prior.precision * prior.mean * values[prior.parameter]).sum()
        };
        prop_assert!((beliefs(&whole, &all) - beliefs(&merged, &left)).abs() < 1e-9);
    }

    #[test]
    fn means_weigh_and_equal_values_stay_one(merging in merging(), left in numbers(BINS + 1), weight in 0.1..9.0_f64) {
        let count = merging.block(&block()).parameters;
        let all = merging.spread(&block(), &left[..count]);
        let again = merging.spread(&block(), &merging.means(&all, &[weight; BINS + 1]));
        for (one, other) in all.iter().zip(&again) {
            prop_assert!((one - other).abs() < 1e-12);
        }
        let of = Merging::of(&block(), &all);
        prop_assert!(merging.one.iter().zip(&of.one).all(|(one, found)| !one || *found), "{of:?}");
    }
}
