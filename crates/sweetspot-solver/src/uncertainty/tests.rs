use proptest::prelude::*;

use super::*;
use crate::fixtures::{PARAMETERS, ProblemFixture, inverse, problem_fixture};

/// The slots of the design that a row has.
fn filled(case: &ProblemFixture, row: usize) -> Vec<usize> {
    let terms = case.design.terms.iter().zip(case.design.offsets());
    terms.flat_map(|(term, offset)| term.codes.row(row).iter().map(move |slot| offset + usize::from(*slot))).collect()
}

/// The variance of a sum of slots in the compact form.
fn variance(found: &EffectUncertainty, slots: &[usize]) -> f64 {
    let own: f64 = slots.iter().map(|slot| found.variances[*slot]).sum();
    let shared = (0..found.rank).map(|factor| {
        let sum: f64 = slots.iter().map(|slot| found.factors[slot * found.rank + factor]).sum();
        sum * sum
    });
    own + shared.sum::<f64>()
}

/// xᵀ H̃⁻¹ x.
fn exact(dense: &Mat<f64>, x: &[f64]) -> f64 {
    (0..PARAMETERS).map(|i| x[i] * (0..PARAMETERS).map(|j| dense[(i, j)] * x[j]).sum::<f64>()).sum()
}

/// The parameters of each slot alone, term by term.
fn units(case: &ProblemFixture) -> Vec<Vec<f64>> {
    let of = |(block, start): (&TermBlock, &usize)| {
        let start = *start;
        block.slots.iter().map(move |(first, own)| (start + first, own.map(|own| start + own))).collect::<Vec<_>>()
    };
    let unit = |(first, own): (usize, Option<usize>)| {
        let mut x = vec![0.0; PARAMETERS];
        x[first] = 1.0;
        if let Some(own) = own {
            x[own] = 1.0;
        }
        x
    };
    case.blocks.iter().zip(&case.starts()).flat_map(of).map(unit).collect()
}

/// The average customer's share of each slot of a term; zero for a list, which can have several slots per row.
fn average(case: &ProblemFixture, term: usize) -> Vec<f64> {
    let offsets = case.design.offsets();
    let (mut mean, units) = (vec![0.0; PARAMETERS], units(case));
    if matches!(case.design.terms[term].codes, TermSlots::Many { .. }) {
        return mean;
    }
    for row in 0..case.design.rows {
        for slot in case.design.terms[term].codes.row(row) {
            let unit = &units[offsets[term] + usize::from(*slot)];
            mean.iter_mut().zip(unit).for_each(|(mean, part)| *mean += part / case.design.rows as f64);
        }
    }
    mean
}

fn uncertainty(case: &ProblemFixture, most: usize, rank: usize) -> (EffectUncertainty, Mat<f64>) {
    let (information, groups, coarse) = case.approximation(most);
    let dense = inverse(&case.approximate_information(&groups));
    let laplace = Laplace { information, groups: &groups, coarse: &coarse };
    (laplace.uncertainty(&case.design, &vec![1.0; case.design.rows], &case.blocks, rank).unwrap(), dense)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn with_all_groups_and_directions_each_variance_is_exact(case in problem_fixture(), more in 0_usize..4) {
        let slots = case.design.offsets()[case.design.terms.len()];
        let (found, dense) = uncertainty(&case, slots, slots + more);
        let matrix = case.matrix();
        for row in 0..case.design.rows {
            let x: Vec<f64> = (0..PARAMETERS).map(|i| matrix[(row, i)]).collect();
            let (told, expected) = (variance(&found, &filled(&case, row)), exact(&dense, &x));
            prop_assert!((told - expected).abs() < 1e-6 * dense.norm_max(), "{told} {expected}");
        }
    }

    #[test]
    fn with_fewer_directions_no_variance_is_negative_and_slots_against_the_average_stay_exact(
        case in problem_fixture(),
        most in 2_usize..9,
        rank in 0_usize..12,
    ) {
        let (found, dense) = uncertainty(&case, most, rank);
        let (units, offsets) = (units(&case), case.design.offsets());
        prop_assert_eq!((found.variances.len(), found.factors.len()), (units.len(), units.len() * rank));
        prop_assert!(found.variances.iter().all(|variance| *variance >= 0.0));
        for term in 1..case.design.terms.len() {
            let mean = average(&case, term);
            for (slot, unit) in units.iter().enumerate().take(offsets[term + 1]).skip(offsets[term]) {
                let x: Vec<f64> = unit.iter().zip(&mean).map(|(unit, mean)| unit - mean).collect();
                let (told, expected) = (variance(&found, &[slot]), exact(&dense, &x));
                prop_assert!((told - expected).abs() < 1e-6 * dense.norm_max(), "{slot}: {told} {expected}");
            }
        }
    }
}
