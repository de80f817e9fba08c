use proptest::prelude::*;

use super::*;
use crate::fixtures::{PARAMETERS, ProblemFixture, inverse, numbers, problem_fixture};

/// All results of H̃ agree with its dense inverse.
fn check_information(
    case: &ProblemFixture,
    information: &ApproximateInformation,
    dense: &Mat<f64>,
    residual: &[f64],
) -> Result<(), TestCaseError> {
    let close = |a: f64, b: f64| (a - b).abs() < 1e-7 * dense.norm_max();
    let solved = information.precondition(residual);
    for (i, found) in solved.iter().enumerate() {
        let expected: f64 = (0..PARAMETERS).map(|j| dense[(i, j)] * residual[j]).sum();
        prop_assert!(close(*found, expected), "{found} {expected}");
    }
    for (term, (block, start)) in case.blocks.iter().zip(case.starts()).enumerate() {
        let covariances = information.covariances(term);
        for i in 0..block.parameters {
            for j in 0..block.parameters {
                let expected = dense[(start + i, start + j)];
                prop_assert!(close(covariances[(i, j)], expected));
                prop_assert!(i.abs_diff(j) > block.bandwidth() || close(information.covariance(term, i, j), expected));
            }
        }
        for penalty in &block.penalties {
            let mut expected = 0.0;
            penalty.for_each_entry(|i, j, s| {
                let times = if i == j { 1.0 } else { 2.0 };
                expected += times * s * dense[(start + i, start + j)];
            });
            prop_assert!((information.covariance_trace(term, penalty) - expected).abs() < 1e-6 * (1.0 + expected));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn with_one_group_for_each_slot_the_approximation_is_the_exact_information(case in problem_fixture(), residual in numbers(PARAMETERS)) {
        let (information, ..) = case.approximation(64);
        prop_assert_eq!(information.starts(), [0, 1, 8, 12, 15]);
        check_information(&case, &information, &inverse(&case.information()), &residual)?;
    }

    #[test]
    fn with_fewer_groups_the_approximation_distributes_them_over_their_slots(case in problem_fixture(), residual in numbers(PARAMETERS), most in 2_usize..7) {
        let (information, groups, _) = case.approximation(most);
        let dense = inverse(&case.approximate_information(&groups));
        check_information(&case, &information, &dense, &residual)?;
    }

    /// A property of H̃ that is independent of its formula: weighted sums over groups are exact between terms.
    #[test]
    fn exact_and_approximate_information_agree_on_group_sums(case in problem_fixture(), most in 3_usize..7) {
        let (_, groups, _) = case.approximation(most);
        let (exact, coarse) = (case.information(), case.approximate_information(&groups));
        let starts = case.starts();
        // Base, chain without own parameters, levels: each slot has a group.
        let slots = |term: usize, group: usize| -> Vec<usize> {
            let slots = case.blocks[term].slots.iter().enumerate();
            slots.filter(|(slot, _)| groups[term].group(*slot) == Some(group)).map(|(_, (first, _))| starts[term] + first).collect()
        };
        for (a, b) in [(0, 1), (0, 3), (1, 3)] {
            for (i, j) in (0..groups[a].count).flat_map(|i| (0..groups[b].count).map(move |j| (i, j))) {
                let sum = |of: &Mat<f64>| -> f64 { slots(a, i).iter().flat_map(|i| slots(b, j).into_iter().map(|j| of[(*i, j)])).sum() };
                prop_assert!((sum(&exact) - sum(&coarse)).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn a_matrix_that_is_not_positive_definite_has_no_system() {
    let block = TermBlock::ridge(2, 0);
    let groups = SlotGroups::new(&block, &crate::design::TermSlots::One(vec![]), &[1.0, 1.0], 8);
    let own = |value: f64| {
        let mut matrix = BandedMatrix::zeros(2, 0);
        (0..2).for_each(|i| matrix.add(i, i, value));
        vec![matrix]
    };
    let (blocks, groups) = (std::slice::from_ref(&block), std::slice::from_ref(&groups));
    assert!(ApproximateInformation::new(blocks, groups, own(1.0), &[]).is_some());
    for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(ApproximateInformation::new(blocks, groups, own(value), &[]).is_none(), "{value}");
    }
}
