use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_solver::{ChainSmoothingIndices, EncodedTerm, Monotonicity, slot_sums};

use super::*;

const ROWS: usize = 1000;

/// Three categories, a number and a list. Customers are won if the category with the index `planted` is high where the
/// number is, or by chance if it is `None`.
fn screened(planted: Option<usize>, seed: u64) -> Vec<Interaction> {
    screened_with_direction(planted, seed, None)
}

/// The same, with a monotonicity constraint on the number.
fn screened_with_direction(planted: Option<usize>, seed: u64, direction: Option<Monotonicity>) -> Vec<Interaction> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let terms = [5_u16, 3, 8, 40].map(|slots| {
        let codes = (0..ROWS).map(|_| rng.random_range(0..slots)).collect();
        EncodedTerm { slots: usize::from(slots), codes: TermSlots::One(codes) }
    });
    let list = EncodedTerm { slots: 2, codes: TermSlots::Many { offsets: vec![0; ROWS + 1], slots: vec![] } };
    let rate = |row: usize| match planted {
        Some(attribute) => {
            let high = |term: &EncodedTerm| usize::from(term.codes.row(row)[0]) >= term.slots / 2;
            if high(&terms[attribute]) == high(&terms[3]) { 0.75 } else { 0.25 }
        }
        None => 0.5,
    };
    let mut residuals: Vec<f64> = (0..ROWS).map(|row| if rng.random_bool(rate(row)) { 0.5 } else { -0.5 }).collect();
    // The effects of the categories alone have been fitted before.
    for term in terms[..3].iter().cycle().take(9) {
        let own = Design::new(ROWS, [term.clone()]);
        let (sums, counts) = (slot_sums(&own, &residuals), slot_sums(&own, &[1.0; ROWS]));
        for (row, residual) in residuals.iter_mut().enumerate() {
            let slot = 1 + usize::from(term.codes.row(row)[0]);
            *residual -= sums[slot] / counts[slot];
        }
    }
    let [a, b, c, number] = terms;
    let design = Design::new(ROWS, [a, b, c, number, list]);
    let chain = TermBlock::chain(39, &[], ChainSmoothingIndices { walk: 3, own: None, missing: 4 });
    let chain = TermBlock { monotonicity: direction, ..chain };
    let blocks = [
        TermBlock::base(),
        TermBlock::ridge(5, 0),
        TermBlock::ridge(3, 1),
        TermBlock::ridge(8, 2),
        chain,
        TermBlock::ridge(2, 5),
    ];
    let counts = slot_sums(&design, &[1.0; ROWS]);
    screen_interactions(&design, &blocks, &counts, (&residuals, &[0.25; ROWS]), 16)
}

#[test]
fn a_planted_interaction_is_screened_first() {
    for seed in 0..10 {
        for planted in 0..3 {
            let found = screened(Some(planted), seed);
            let best = found.first().map(|pair| (pair.first, pair.second));
            assert_eq!(best, Some((planted, 3)), "{seed}: {found:?}");
            assert!(SMOOTHING_GRID.contains(&found[0].smoothing));
        }
    }
}

/// The evidence of the whole model decides later; a table alone promises a small gain by chance.
#[test]
fn noise_has_few_promising_interactions() {
    let promised: Vec<usize> = (0..40).map(|seed| screened(None, seed).len()).collect();
    let quiet = promised.iter().filter(|count| **count == 0).count();
    assert!(quiet > 20 && promised.iter().sum::<usize>() * 8 < 40 * 6, "{promised:?}");
}

/// There are six pairs of attributes with one slot per row, and none with a list; each pair is found at most once.
#[test]
fn lists_are_not_screened_and_no_interaction_appears_twice() {
    for seed in 0..10 {
        let mut found: Vec<_> = screened(Some(0), seed).iter().map(|pair| (pair.first, pair.second)).collect();
        assert!(found.iter().all(|(first, second)| first < second && *second < 4), "{found:?}");
        let count = found.len();
        found.sort_unstable();
        found.dedup();
        assert_eq!(found.len(), count);
    }
}

#[test]
fn an_attribute_with_a_direction_is_in_no_interaction() {
    for (seed, direction) in (0..10).zip([Monotonicity::Increasing, Monotonicity::Decreasing].into_iter().cycle()) {
        let found = screened_with_direction(Some(0), seed, Some(direction));
        assert!(found.iter().all(|pair| pair.first != 3 && pair.second != 3), "{found:?}");
    }
}

#[test]
fn the_gain_of_one_cell_in_a_worked_example() {
    let (gain, smoothing) = best_gain(&[(8.0, 1.0)]);
    // R = 8 and W = 1, so that λ = 1 is best: ½ (64 / 2 − log 2).
    assert_eq!(smoothing, 1.0);
    assert!((gain - 0.5 * (32.0 - 2.0_f64.ln())).abs() < 1e-12, "{gain}");
    let (gain, smoothing) = best_gain(&[(0.0, 1.0)]);
    assert_eq!(smoothing, 256.0);
    assert!(gain < 0.0 && gain > -0.01, "{gain}");
}

/// The number is present twice: an interaction with one copy makes the same interaction with the other redundant.
#[test]
fn redundant_interactions_are_chosen_once() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let [first, second] = [0, 1].map(|_| (0..ROWS).map(|_| rng.random_range(0..4)).collect::<Vec<u16>>());
    let term = |slots: &Vec<u16>| EncodedTerm { slots: 4, codes: TermSlots::One(slots.clone()) };
    let design = Design::new(ROWS, [term(&first), term(&second), term(&first)]);
    let blocks = [TermBlock::base(), TermBlock::ridge(4, 0), TermBlock::ridge(4, 1), TermBlock::ridge(4, 2)];
    let together = |row: usize| (first[row] < 2) == (second[row] < 2);
    let residuals: Vec<f64> = (0..ROWS).map(|row| if together(row) { 0.3 } else { -0.3 }).collect();
    let counts = slot_sums(&design, &[1.0; ROWS]);
    let found = screen_interactions(&design, &blocks, &counts, (&residuals, &[0.25; ROWS]), 16);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].second == 1 || found[0].first == 1);
}
