use super::*;

const ONES: [f64; 6] = [1.0; 6];

fn revised(direction: Direction, one: &[bool], effects: &[f64], gradient: &[f64], parting: bool) -> Vec<bool> {
    let merging = Merging { one: one.to_vec() };
    let information = &ONES[..effects.len()];
    Chain { direction, merging: &merging, effects, gradient, information }.revised(0.5, parting).one
}

#[test]
fn what_goes_against_the_direction_is_merged() {
    let effects = [0.0, 2.0, 1.0, 3.0];
    let none = [false; 3];
    assert_eq!(revised(Direction::Increasing, &none, &effects, &[0.0; 4], true), [false, true, false]);
    assert_eq!(revised(Direction::Decreasing, &none, &effects, &[0.0; 4], true), [true, true, true]);
    let keeps = |direction, effects: &[f64]| {
        let merging = Merging::default();
        Chain { direction, merging: &merging, effects, gradient: &[], information: &[] }.keeps_direction()
    };
    assert!(!keeps(Direction::Increasing, &effects) && keeps(Direction::Increasing, &[1.0, 1.0, 2.0]));
    assert!(keeps(Direction::Decreasing, &[2.0, 1.0, 1.0]));
}

/// The second pool's first part would rather go down, its second part up: with the direction. The first pool is held against it.
#[test]
fn what_would_go_with_the_direction_is_parted() {
    let (one, effects) = ([true, false, true, true, false], [0.0, 0.0, 1.0, 1.0, 1.0, 2.0]);
    let gradient = [1.0, -1.0, -1.0, 2.0, -1.0, 0.0];
    assert_eq!(revised(Direction::Increasing, &one, &effects, &gradient, true), [true, false, false, true, false]);
    assert_eq!(revised(Direction::Increasing, &one, &effects, &gradient, false), one);
    let mirrored: Vec<f64> = effects.iter().map(|effect| -effect).collect();
    let against: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    assert_eq!(revised(Direction::Decreasing, &one, &mirrored, &against, true), [true, false, false, true, false]);
}

#[test]
fn a_multiplier_within_the_slack_parts_nothing() {
    assert_eq!(revised(Direction::Increasing, &[true], &[0.0; 2], &[-0.4, 0.4], true), [true]);
    assert_eq!(revised(Direction::Increasing, &[true], &[0.0; 2], &[-0.6, 0.6], true), [false]);
}

#[test]
fn a_pool_that_falls_below_its_neighbour_takes_it_along() {
    assert_eq!(revised(Direction::Increasing, &[true, false], &[1.0, 1.0, 0.0], &[0.0; 3], true), [true, true]);
}
