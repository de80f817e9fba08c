use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::design::EncodedTerm;
use crate::fixtures::{ROWS, codes_from_lists, numbers, problem_fixture};

const SLOTS: usize = 1 + 7 + 4 + 3;

/// Whole numbers, so that their sums are exact in any order.
fn whole_numbers(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-99..99_i16).prop_map(f64::from), count)
}

/// All sums, row by row, from the codes alone.
fn naive(design: &Design, values: &[f64], effects: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let offsets = design.offsets();
    let mut sums = vec![0.0; offsets[design.terms.len()]];
    let mut rows = vec![0.0; design.rows];
    for (term, offset) in design.terms.iter().zip(&offsets) {
        for row in 0..design.rows {
            for slot in term.codes.row(row) {
                sums[offset + usize::from(*slot)] += values[row];
                rows[row] += effects[offset + usize::from(*slot)];
            }
        }
    }
    (sums, rows)
}

proptest! {
    #[test]
    fn sums_agree_with_counting_row_by_row(case in problem_fixture(), values in whole_numbers(ROWS), effects in whole_numbers(SLOTS)) {
        let (sums, rows) = naive(&case.design, &values, &effects);
        prop_assert_eq!(slot_sums(&case.design, &values), sums);
        prop_assert_eq!(row_sums(&case.design, &effects), rows);
    }

    #[test]
    fn weighted_sums_are_row_sums_and_then_slot_sums(case in problem_fixture(), effects in numbers(SLOTS)) {
        let rows = row_sums(&case.design, &effects);
        let weighted: Vec<f64> = rows.iter().zip(&case.weights).map(|(sum, weight)| weight * sum).collect();
        prop_assert_eq!(weighted_slot_sums(&case.design, &case.weights, &effects), slot_sums(&case.design, &weighted));
    }

    #[test]
    fn slot_sums_are_the_transpose_of_row_sums(case in problem_fixture(), values in numbers(ROWS), effects in numbers(SLOTS)) {
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        let (left, right) = (dot(&slot_sums(&case.design, &values), &effects), dot(&row_sums(&case.design, &effects), &values));
        prop_assert!((left - right).abs() < 1e-10);
    }
}

/// Rows that fill two shards and part of a third, whose last block is not full.
fn large() -> (Design, Vec<f64>, Vec<f64>) {
    let rows = 2 * ROWS_PER_SHARD + 7 * ROWS_PER_BLOCK + 77;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let one = (0..rows).map(|_| rng.random_range(0..9)).collect();
    let many: Vec<Vec<u16>> = (0..rows).map(|_| (0..4).filter(|_| rng.random_bool(0.3)).collect()).collect();
    let terms = [
        EncodedTerm { slots: 9, codes: TermSlots::One(one) },
        EncodedTerm { slots: 4, codes: codes_from_lists(&many) },
    ];
    let design = Design::new(rows, terms);
    let values = (0..rows).map(|_| rng.random_range(-2.0..2.0)).collect();
    let effects = (0..1 + 9 + 4).map(|_| rng.random_range(-2.0..2.0)).collect();
    (design, values, effects)
}

#[test]
fn rows_beyond_one_block_and_one_shard_are_all_counted_whatever_the_number_of_threads() {
    let (design, values, effects) = large();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let all = sum_rows(design.rows, |row| values[row]);
            let weighted = weighted_slot_sums(&design, &values, &effects);
            (slot_sums(&design, &values), row_sums(&design, &effects), weighted, all)
        })
    };
    let one = with(1);
    for threads in [2, 3, 8] {
        assert_eq!(with(threads), one, "{threads} threads");
    }
    let (sums, rows) = naive(&design, &values, &effects);
    let products: Vec<f64> = rows.iter().zip(&values).map(|(row, value)| row * value).collect();
    let (weighted, _) = naive(&design, &products, &effects);
    for (found, expected) in [(&one.0, &sums), (&one.1, &rows), (&one.2, &weighted)] {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-8, "{found} {expected}");
        }
    }
    assert!((one.3 - values.iter().sum::<f64>()).abs() < 1e-8);
    let (mut doubled, mut indices) = (vec![0.0; design.rows], vec![0.0; design.rows]);
    let sum = sum_and_fill_rows(&mut doubled, &mut indices, |row| (2.0 * values[row], row as f64, values[row]));
    assert_eq!(sum, one.3);
    assert!(doubled.iter().zip(&values).all(|(doubled, value)| *doubled == 2.0 * value));
    assert!(indices.iter().enumerate().all(|(row, index)| *index == row as f64));
}

#[test]
fn no_rows_have_sums_of_zero() {
    let design = Design::new(0, [EncodedTerm { slots: 3, codes: TermSlots::One(vec![]) }]);
    assert_eq!(slot_sums(&design, &[]), [0.0; 4]);
    assert_eq!(weighted_slot_sums(&design, &[], &[1.0; 4]), [0.0; 4]);
    assert_eq!(row_sums(&design, &[1.0; 4]), [] as [f64; 0]);
    assert_eq!(sum_rows(0, |_| 1.0), 0.0);
}
