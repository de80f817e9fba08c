use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::Hypothesis;

use super::*;
use crate::train::NoProgress;
use crate::train::fit::fit;
use crate::train::fit_task::FitRows;
use crate::train::fixtures::{category, hypothesis, number, sample, sample_with_hypotheses};
use crate::train::training_sample::Sample;

const ROWS: usize = 3000;

/// Two correlated categories; only level a of the first one adds `effect` to the log-odds.
fn confounded(effect: f64, seed: u64, hypotheses: Vec<Hypothesis>) -> Sample {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let first: Vec<u32> = (0..ROWS).map(|_| rng.random_range(0..3)).collect();
    let second: Vec<u32> =
        first.iter().map(|level| if rng.random_bool(0.7) { *level } else { rng.random_range(0..3) }).collect();
    let ideal = |level: &u32| 1.0 / (1.0 + (1.0 - f64::from(u8::from(*level == 0)) * effect).exp());
    let won: Vec<bool> = first.iter().map(|level| rng.random_bool(ideal(level))).collect();
    let noise = number((0..ROWS).map(|row| (row * 7 % 50) as f64));
    sample_with_hypotheses(vec![category(&first), category(&second), noise], &won, hypotheses)
}

fn estimates(sample: &Sample) -> Vec<Option<Effect>> {
    estimates_with_weights(sample, &sample.weights)
}

fn estimates_with_weights(sample: &Sample, weights: &[f64]) -> Vec<Option<Effect>> {
    let model = fit(sample, &sample.weights, None, &NoProgress).unwrap();
    let (design, labels) = (sample.design.clone(), sample.labels.clone());
    let rows = FitRows { counts: vec![1; weights.len()], design, labels, weights: weights.to_vec() };
    data_estimates(
        &FitTask { sample, layout: &sample.layout, rows: &rows, progress: &NoProgress },
        &model,
        Tolerance::Final,
    )
}

#[test]
fn data_estimates_hold_other_attributes_equal() {
    let sample = confounded(1.2, 4, vec![hypothesis(0, "a", 3.0, 20.0), hypothesis(1, "a", 3.0, 20.0)]);
    let [first, second] = estimates(&sample)[..] else { panic!("expected two estimates") };
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!((first.log_odds - 1.2).abs() < 0.3, "{first:?}");
    assert!(second.log_odds.abs() < 0.3, "the second attribute is only correlated with the first: {second:?}");
}

#[test]
fn data_estimates_do_not_depend_on_the_priors() {
    let said = |odds_ratio| estimates(&confounded(0.8, 5, vec![hypothesis(0, "a", odds_ratio, 20.0)]))[0].unwrap();
    let (high, low) = (said(8.0), said(0.1));
    assert!((high.log_odds - low.log_odds).abs() < 0.05, "{high:?} {low:?}");
}

#[test]
fn a_condition_that_holds_for_no_or_every_customer_has_no_estimate() {
    let believed = confounded(0.5, 6, vec![hypothesis(0, "z", 2.0, 10.0)]);
    assert_eq!(estimates(&believed), [None]);
    assert_eq!(estimates_with_weights(&believed, &vec![0.0; ROWS]), [None]);
    let won: Vec<bool> = (0..60).map(|row| row % 3 == 0).collect();
    assert_eq!(estimates(&sample(vec![category(&[0, 1, 2, 1].repeat(15))], &won)), [], "there are no hypotheses");
}

proptest! {
    /// A discount never raises the precision, does not change a prior that agrees, and explains the distance of a
    /// contradicted one.
    #[test]
    fn a_prior_is_discounted_by_its_distance_from_the_data(mean in -2.0..2.0_f64, precision in 0.1..1e4_f64, log_odds in -4.0..4.0_f64, standard_error in 0.01..2.0_f64) {
        let prior = Prior { parameter: 0, mean, precision };
        let layout = ParameterLayout::new(&[]).with_hypotheses(vec![prior], None);
        let after = |told| discount_priors(&layout, &[prior], &[told]).blocks[1].priors[0];
        prop_assert_eq!(after(None), prior);
        let found = after(Some(Effect { log_odds, standard_error }));
        prop_assert!(found.precision > 0.0 && found.precision <= precision && found.mean == mean);
        let distance = (log_odds - mean).abs();
        if distance <= standard_error {
            prop_assert_eq!(found.precision, precision);
        } else if found.precision < precision {
            let spread = (1.0 / found.precision + standard_error * standard_error).sqrt();
            prop_assert!((spread - distance).abs() < 1e-6);
        }
    }
}

/// Customers with five correlated categories and a number; all but two categories have an effect, and so does the
/// number.
fn entangled(effect: f64, seed: u64) -> Sample {
    const ROW_COUNT: usize = 300;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let first: Vec<u32> = (0..ROW_COUNT).map(|_| rng.random_range(0..3)).collect();
    let mut like_first =
        || first.iter().map(|level| if rng.random_bool(0.5) { *level } else { rng.random_range(0..3) }).collect();
    let others: [Vec<u32>; 4] = std::array::from_fn(|_| like_first());
    let numbers: Vec<f64> = (0..ROW_COUNT).map(|row| (row * 37 % 100) as f64).collect();
    let adds = |holds: bool, effect: f64| if holds { effect } else { 0.0 };
    let log_odds = |row: usize| {
        adds(first[row] == 0, effect) + adds(others[0][row] == 1, 0.8) - adds(others[1][row] == 0, 0.8)
            + (numbers[row] - 60.0) / 50.0
    };
    let won: Vec<bool> = (0..ROW_COUNT).map(|row| rng.random_bool(1.0 / (1.0 + (-log_odds(row)).exp()))).collect();
    let columns = std::iter::once(&first).chain(&others).map(|codes| category(codes));
    sample_with_hypotheses(
        columns.chain([number(numbers.iter().copied())]).collect(),
        &won,
        vec![hypothesis(0, "a", 2.0, 20.0)],
    )
}

#[test]
fn data_estimate_intervals_cover_the_truth_of_correlated_attributes() {
    let covers = |effect: f64, seed: &u64| {
        let (low, high) = estimates(&entangled(effect, *seed))[0].unwrap().interval();
        low <= effect && effect <= high
    };
    let covered = |effect: f64| (0..60).filter(|seed| covers(effect, seed)).count();
    for effect in [0.0, 1.0] {
        let covered = covered(effect);
        assert!((48..=59).contains(&covered), "{covered} of 60 at {effect}");
    }
}
