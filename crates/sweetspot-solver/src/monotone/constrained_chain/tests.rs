use super::*;

const ONES: [f64; 6] = [1.0; 6];

fn next_merged(direction: Monotonicity, one: &[bool], effects: &[f64], gradient: &[f64], parting: bool) -> Vec<bool> {
    let merging = ActiveSet { merged: one.to_vec() };
    let information = &ONES[..effects.len()];
    ChainOptimum { monotonicity: direction, active_set: &merging, effects, gradient, information }
        .next_active_set(0.5, parting)
        .merged
}

#[test]
fn violating_neighbors_are_merged() {
    let effects = [0.0, 2.0, 1.0, 3.0];
    let none = [false; 3];
    assert_eq!(next_merged(Monotonicity::Increasing, &none, &effects, &[0.0; 4], true), [false, true, false]);
    assert_eq!(next_merged(Monotonicity::Decreasing, &none, &effects, &[0.0; 4], true), [true, true, true]);
    let keeps = |direction, effects: &[f64]| {
        let merging = ActiveSet::default();
        ChainOptimum { monotonicity: direction, active_set: &merging, effects, gradient: &[], information: &[] }
            .is_monotone()
    };
    assert!(!keeps(Monotonicity::Increasing, &effects) && keeps(Monotonicity::Increasing, &[1.0, 1.0, 2.0]));
    assert!(keeps(Monotonicity::Decreasing, &[2.0, 1.0, 1.0]));
}

/// In the second pool the first part would decrease and the second increase, as the constraint permits. The first pool
/// needs its constraint.
#[test]
fn neighbors_that_need_no_constraint_are_released() {
    let (one, effects) = ([true, false, true, true, false], [0.0, 0.0, 1.0, 1.0, 1.0, 2.0]);
    let gradient = [1.0, -1.0, -1.0, 2.0, -1.0, 0.0];
    assert_eq!(
        next_merged(Monotonicity::Increasing, &one, &effects, &gradient, true),
        [true, false, false, true, false]
    );
    assert_eq!(next_merged(Monotonicity::Increasing, &one, &effects, &gradient, false), one);
    let mirrored: Vec<f64> = effects.iter().map(|effect| -effect).collect();
    let against: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    assert_eq!(
        next_merged(Monotonicity::Decreasing, &one, &mirrored, &against, true),
        [true, false, false, true, false]
    );
}

#[test]
fn a_multiplier_within_the_slack_parts_nothing() {
    assert_eq!(next_merged(Monotonicity::Increasing, &[true], &[0.0; 2], &[-0.4, 0.4], true), [true]);
    assert_eq!(next_merged(Monotonicity::Increasing, &[true], &[0.0; 2], &[-0.6, 0.6], true), [false]);
}

#[test]
fn a_pool_that_falls_below_its_neighbour_takes_it_along() {
    assert_eq!(next_merged(Monotonicity::Increasing, &[true, false], &[1.0, 1.0, 0.0], &[0.0; 3], true), [true, true]);
}

/// Two bins with information 4 and 12 differ with a standard error of the root of 1/4 + 1/12.
#[test]
fn score_z_is_a_difference_in_standard_errors() {
    let merging = ActiveSet { merged: vec![true, false, true] };
    let chain = |gradient: &'static [f64]| ChainOptimum {
        monotonicity: Monotonicity::Increasing,
        active_set: &merging,
        effects: &[0.0, 0.0, 1.0, 1.0],
        gradient,
        information: &[4.0, 12.0, 1.0, 1.0],
    };
    // The parts of the first pool would move by 6 / 4 and -6 / 12.
    let expected = (1.5 + 0.5) / (1.0_f64 / 4.0 + 1.0 / 12.0).sqrt();
    assert!((chain(&[6.0, -6.0, 0.0, 0.0]).score_z() - expected).abs() < 1e-12);
    assert_eq!(chain(&[-6.0, 6.0, 0.0, 0.0]).score_z(), 0.0, "a permitted change is no evidence");
}
