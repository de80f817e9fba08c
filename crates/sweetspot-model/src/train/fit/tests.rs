use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::Hypothesis;

use super::*;
use crate::train::Unattended;
use crate::train::made_up::{belief, believing, category, number};

const ROWS: usize = 1200;

/// Two categories and a number, then a category and a number that say nothing. `planted` is how much likelier customers are
/// won whose first two categories go together, in each direction; the first number says a little by itself.
fn made_up(planted: f64, seed: u64) -> Sample {
    made_up_believing(planted, seed, Vec::new())
}

fn made_up_believing(planted: f64, seed: u64, hypotheses: Vec<Hypothesis>) -> Sample {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let [first, second, other] =
        [4, 3, 5].map(|levels| (0..ROWS).map(|_| rng.random_range(0..levels)).collect::<Vec<u32>>());
    let [telling, noise] = [0, 1].map(|_| (0..ROWS).map(|_| rng.random_range(0.0..100.0)).collect::<Vec<f64>>());
    let rate = |row: usize| {
        let together = (first[row] < 2) == (second[row] == 0);
        0.45 + 0.1 * telling[row] / 100.0 + if together { planted } else { -planted }
    };
    let won: Vec<bool> = (0..ROWS).map(|row| rng.random_bool(rate(row))).collect();
    let numbers = |values: &[f64]| number(values.iter().map(|value| value.round()));
    let columns = vec![category(&first), category(&second), numbers(&telling), category(&other), numbers(&noise)];
    believing(columns, &won, hypotheses)
}

fn fitted(sample: &Sample, near: Option<&FittedModel>) -> FittedModel {
    fit(sample, &sample.weights, near, &Unattended).unwrap()
}

fn names(model: &FittedModel) -> Vec<(usize, usize)> {
    model.pairs.iter().map(|pair| (pair.first, pair.second)).collect()
}

fn apart(sample: &Sample, a: &FittedModel, b: &FittedModel) -> f64 {
    a.predict(sample).iter().zip(b.predict(sample)).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()))
}

#[test]
fn a_planted_pair_is_kept_and_pairs_of_noise_are_dropped() {
    let mut dropped = 0;
    for seed in 0..16 {
        let sample = made_up(0.25, seed);
        let model = fitted(&sample, None);
        assert!(names(&model).contains(&(0, 1)), "{seed}: {:?}", model.pairs);
        dropped += usize::from(names(&model).len() == 1);
        let index = sample.design.terms.len() + names(&model).iter().position(|pair| *pair == (0, 1)).unwrap();
        assert!(model.fitted.evidence[index].unwrap() > 20.0, "{seed}: {:?}", model.fitted.evidence);
        assert_eq!(model.design.terms.len(), model.layout.blocks.len());
        assert_eq!(model.fitted.parameters.len(), model.layout.parameters());
        assert_eq!(model.fitted.strengths.len(), model.layout.strengths);
    }
    assert!(dropped >= 14, "{dropped} of 16");
}

#[test]
fn no_pair_is_worth_having_where_attributes_add_up() {
    let quiet = (0..16).filter(|seed| names(&fitted(&made_up(0.0, *seed), None)).is_empty()).count();
    assert!(quiet >= 15, "{quiet} of 16");
}

#[test]
fn a_fit_that_starts_near_ends_at_the_same_model() {
    let sample = made_up(0.2, 11);
    let model = fitted(&sample, None);
    let again = fitted(&sample, Some(&model));
    assert_eq!(names(&again), names(&model));
    assert!(apart(&sample, &again, &model) < 0.05, "{}", apart(&sample, &again, &model));
    let foreign = fitted(&sample, Some(&fitted(&made_up(0.2, 11), None)));
    assert!(apart(&sample, &foreign, &again) < 1e-9);
}

#[test]
fn threads_do_not_change_a_bit() {
    let sample = made_up(0.2, 12);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let model = pool.install(|| fitted(&sample, None));
        (model.pairs, model.fitted.parameters, model.fitted.effects, model.fitted.strengths)
    };
    let one = with(1);
    assert!(with(2) == one && with(5) == one);
}

#[test]
fn labels_of_customers_without_weight_have_no_influence() {
    let mut sample = made_up(0.2, 13);
    let weights: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row % 5 > 0))).collect();
    let before = fit(&sample, &weights, None, &Unattended).unwrap();
    sample.labels.iter_mut().step_by(5).for_each(|label| *label = 1.0 - *label);
    let after = fit(&sample, &weights, None, &Unattended).unwrap();
    assert!(after.predict(&sample) == before.predict(&sample) && after.fitted.strengths == before.fitted.strengths);
}

fn told_of(sample: &Sample, model: &FittedModel, weights: &[f64]) -> Vec<Option<Effect>> {
    let rows = Rows::taking_part(sample, weights);
    told(&Task { sample, layout: &sample.layout, rows: &rows, progress: &Unattended }, model, Precision::Full)
}

#[test]
fn beliefs_see_no_label_of_a_customer_without_weight() {
    // One is right, one so wrong that what is left of it depends on the labels.
    let hypotheses = vec![belief(0, "a", 1.05, 30.0), belief(1, "b", 0.05, 400.0)];
    let mut sample = made_up_believing(0.2, 13, hypotheses);
    let weights: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row % 5 > 0))).collect();
    let before = fit(&sample, &weights, None, &Unattended).unwrap();
    let told = told_of(&sample, &before, &weights);
    sample.labels.iter_mut().step_by(5).for_each(|label| *label = 1.0 - *label);
    let after = fit(&sample, &weights, None, &Unattended).unwrap();
    assert!(after.predict(&sample) == before.predict(&sample) && after.layout == before.layout);
    assert_eq!(told_of(&sample, &after, &weights), told);
    let firm = sample.beliefs.priors(&sample.labels, &sample.weights);
    let kept = &before.layout.blocks[1 + sample.features.len()].priors;
    assert_eq!((kept.len(), sample.design.terms.len()), (2, 2 + sample.features.len()));
    assert!(kept[0].precision > 0.8 * firm[0].precision && kept[1].precision < 0.1 * firm[1].precision, "{kept:?}");
    assert!(names(&before).contains(&(0, 1)), "pairs of attributes stand behind beliefs: {:?}", before.pairs);
}

#[test]
fn a_cancelled_fit_ends() {
    #[derive(Debug)]
    struct Cancelled;
    impl Progress for Cancelled {
        fn stage(&self, _: &'static str, _: f64) {}

        fn cancelled(&self) -> bool {
            true
        }
    }
    let sample = made_up(0.0, 14);
    assert_eq!(fit(&sample, &sample.weights, None, &Cancelled).unwrap_err(), TrainError::Cancelled);
}
