use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::Hypothesis;

use super::*;
use crate::train::Unattended;
use crate::train::fit::fit;
use crate::train::made_up::{belief, believing, category, number, sample};
use crate::train::sample::Sample;
use crate::train::task::Rows;

const ROWS: usize = 3000;

/// Two categories that often go together; level a of the first one, and only it, adds `effect` to the log-odds.
fn confounded(effect: f64, seed: u64, hypotheses: Vec<Hypothesis>) -> Sample {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let first: Vec<u32> = (0..ROWS).map(|_| rng.random_range(0..3)).collect();
    let second: Vec<u32> =
        first.iter().map(|level| if rng.random_bool(0.7) { *level } else { rng.random_range(0..3) }).collect();
    let ideal = |level: &u32| 1.0 / (1.0 + (1.0 - f64::from(u8::from(*level == 0)) * effect).exp());
    let won: Vec<bool> = first.iter().map(|level| rng.random_bool(ideal(level))).collect();
    let noise = number((0..ROWS).map(|row| (row * 7 % 50) as f64));
    believing(vec![category(&first), category(&second), noise], &won, hypotheses)
}

fn told_of(sample: &Sample) -> Vec<Option<Effect>> {
    asked(sample, &sample.weights)
}

fn asked(sample: &Sample, weights: &[f64]) -> Vec<Option<Effect>> {
    let model = fit(sample, &sample.weights, None, &Unattended).unwrap();
    let (design, labels) = (sample.design.clone(), sample.labels.clone());
    let rows = Rows { design, labels, weights: weights.to_vec() };
    told(&Task { sample, layout: &sample.layout, rows: &rows, progress: &Unattended }, &model, Precision::Full)
}

#[test]
fn all_else_equal_is_what_the_customers_are_asked() {
    let sample = confounded(1.2, 4, vec![belief(0, "a", 3.0, 20.0), belief(1, "a", 3.0, 20.0)]);
    let [first, second] = told_of(&sample)[..] else { panic!("there are two beliefs") };
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!((first.log_odds - 1.2).abs() < 0.3, "{first:?}");
    assert!(second.log_odds.abs() < 0.3, "the second attribute only goes along with the first: {second:?}");
}

#[test]
fn what_the_customers_say_does_not_depend_on_what_is_believed() {
    let said = |odds_ratio| told_of(&confounded(0.8, 5, vec![belief(0, "a", odds_ratio, 20.0)]))[0].unwrap();
    let (high, low) = (said(8.0), said(0.1));
    assert!((high.log_odds - low.log_odds).abs() < 0.05, "{high:?} {low:?}");
}

#[test]
fn nobody_and_everybody_say_nothing() {
    let believed = confounded(0.5, 6, vec![belief(0, "z", 2.0, 10.0)]);
    assert_eq!(told_of(&believed), [None]);
    assert_eq!(asked(&believed, &vec![0.0; ROWS]), [None]);
    let won: Vec<bool> = (0..60).map(|row| row % 3 == 0).collect();
    assert_eq!(told_of(&sample(vec![category(&[0, 1, 2, 1].repeat(15))], &won)), [], "nothing is believed");
}

proptest! {
    /// Doubt never makes a belief firmer, leaves an agreed one alone, and explains the distance of a contradicted one.
    #[test]
    fn doubt_is_what_the_distance_asks_for(mean in -2.0..2.0_f64, precision in 0.1..1e4_f64, log_odds in -4.0..4.0_f64, standard_error in 0.01..2.0_f64) {
        let prior = Prior { parameter: 0, mean, precision };
        let layout = Layout::new(&[]).with_beliefs(vec![prior], None);
        let after = |told| doubted(&layout, &[prior], &[told]).blocks[1].priors[0];
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

/// Customers with five categories that go together and a number; all but two categories say something, and so does the number.
fn entangled(effect: f64, seed: u64) -> Sample {
    const FEW: usize = 300;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let first: Vec<u32> = (0..FEW).map(|_| rng.random_range(0..3)).collect();
    let mut like_first =
        || first.iter().map(|level| if rng.random_bool(0.5) { *level } else { rng.random_range(0..3) }).collect();
    let others: [Vec<u32>; 4] = std::array::from_fn(|_| like_first());
    let numbers: Vec<f64> = (0..FEW).map(|row| (row * 37 % 100) as f64).collect();
    let adds = |holds: bool, effect: f64| if holds { effect } else { 0.0 };
    let log_odds = |row: usize| {
        adds(first[row] == 0, effect) + adds(others[0][row] == 1, 0.8) - adds(others[1][row] == 0, 0.8)
            + (numbers[row] - 60.0) / 50.0
    };
    let won: Vec<bool> = (0..FEW).map(|row| rng.random_bool(1.0 / (1.0 + (-log_odds(row)).exp()))).collect();
    let columns = std::iter::once(&first).chain(&others).map(|codes| category(codes));
    believing(columns.chain([number(numbers.iter().copied())]).collect(), &won, vec![belief(0, "a", 2.0, 20.0)])
}

#[test]
fn intervals_cover_the_truth_where_attributes_go_together() {
    let covers = |effect: f64, seed: &u64| {
        let (low, high) = told_of(&entangled(effect, *seed))[0].unwrap().interval();
        low <= effect && effect <= high
    };
    let covered = |effect: f64| (0..60).filter(|seed| covers(effect, seed)).count();
    for effect in [0.0, 1.0] {
        let covered = covered(effect);
        assert!((48..=59).contains(&covered), "{covered} of 60 at {effect}");
    }
}
