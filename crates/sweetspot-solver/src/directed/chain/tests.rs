use super::*;

const ONES: [f64; 6] = [1.0; 6];

fn revised(direction: Monotonicity, one: &[bool], effects: &[f64], gradient: &[f64], parting: bool) -> Vec<bool> {
    let merging = Merging { one: one.to_vec() };
    let information = &ONES[..effects.len()];
    Chain { direction, merging: &merging, effects, gradient, information }.revised(0.5, parting).one
}

#[test]
fn what_goes_against_the_direction_is_merged() {
    let effects = [0.0, 2.0, 1.0, 3.0];
    let none = [false; 3];
    assert_eq!(revised(Monotonicity::Increasing, &none, &effects, &[0.0; 4], true), [false, true, false]);
    assert_eq!(revised(Monotonicity::Decreasing, &none, &effects, &[0.0; 4], true), [true, true, true]);
    let keeps = |direction, effects: &[f64]| {
        let merging = Merging::default();
        Chain { direction, merging: &merging, effects, gradient: &[], information: &[] }.keeps_direction()
    };
    assert!(!keeps(Monotonicity::Increasing, &effects) && keeps(Monotonicity::Increasing, &[1.0, 1.0, 2.0]));
    assert!(keeps(Monotonicity::Decreasing, &[2.0, 1.0, 1.0]));
}

/// The second pool's first part would rather go down, its second part up: with the direction. The first pool is held against it.
#[test]
fn what_would_go_with_the_direction_is_parted() {
    let (one, effects) = ([true, false, true, true, false], [0.0, 0.0, 1.0, 1.0, 1.0, 2.0]);
    let gradient = [1.0, -1.0, -1.0, 2.0, -1.0, 0.0];
    assert_eq!(revised(Monotonicity::Increasing, &one, &effects, &gradient, true), [true, false, false, true, false]);
    assert_eq!(revised(Monotonicity::Increasing, &one, &effects, &gradient, false), one);
    let mirrored: Vec<f64> = effects.iter().map(|effect| -effect).collect();
    let against: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    assert_eq!(revised(Monotonicity::Decreasing, &one, &mirrored, &against, true), [true, false, false, true, false]);
}

#[test]
fn a_multiplier_within_the_slack_parts_nothing() {
    assert_eq!(revised(Monotonicity::Increasing, &[true], &[0.0; 2], &[-0.4, 0.4], true), [true]);
    assert_eq!(revised(Monotonicity::Increasing, &[true], &[0.0; 2], &[-0.6, 0.6], true), [false]);
}

#[test]
fn a_pool_that_falls_below_its_neighbour_takes_it_along() {
    assert_eq!(revised(Monotonicity::Increasing, &[true, false], &[1.0, 1.0, 0.0], &[0.0; 3], true), [true, true]);
}

/// Two bins of information 4 and 12 differ with a standard error of the root of 1/4 + 1/12.
#[test]
fn an_objection_is_a_difference_in_standard_errors() {
    let merging = Merging { one: vec![true, false, true] };
    let chain = |gradient: &'static [f64]| Chain {
        direction: Monotonicity::Increasing,
        merging: &merging,
        effects: &[0.0, 0.0, 1.0, 1.0],
        gradient,
        information: &[4.0, 12.0, 1.0, 1.0],
    };
    // The first pool's parts would move by 6 / 4 and -6 / 12.
    let expected = (1.5 + 0.5) / (1.0_f64 / 4.0 + 1.0 / 12.0).sqrt();
    assert!((chain(&[6.0, -6.0, 0.0, 0.0]).objection() - expected).abs() < 1e-12);
    assert_eq!(chain(&[-6.0, 6.0, 0.0, 0.0]).objection(), 0.0, "what goes with the direction is no objection");
}
