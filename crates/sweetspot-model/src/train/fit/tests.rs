use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::Hypothesis;

use super::*;
use crate::train::NoProgress;
use crate::train::fixtures::{category, hypothesis, number, sample_with_hypotheses};

const ROWS: usize = 1200;

/// Two categories and a number, then a category and a number without effect. `planted` is the effect of the interaction
/// of the first two categories in each direction; the first number has a small effect of its own.
fn synthetic_sample(planted: f64, seed: u64) -> Sample {
    synthetic_sample_with_hypotheses(planted, seed, Vec::new())
}

fn synthetic_sample_with_hypotheses(planted: f64, seed: u64, hypotheses: Vec<Hypothesis>) -> Sample {
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
    sample_with_hypotheses(columns, &won, hypotheses)
}

fn fit_model(sample: &Sample, warm_model: Option<&FittedModel>) -> FittedModel {
    fit(sample, &sample.weights, warm_model, &NoProgress).unwrap()
}

fn interaction_indices(model: &FittedModel) -> Vec<(usize, usize)> {
    model.interactions.iter().map(|pair| (pair.first, pair.second)).collect()
}

fn max_difference(sample: &Sample, a: &FittedModel, b: &FittedModel) -> f64 {
    a.predict(sample).iter().zip(b.predict(sample)).fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()))
}

#[test]
fn a_planted_interaction_is_selected_and_noise_is_not() {
    let mut dropped = 0;
    for seed in 0..16 {
        let sample = synthetic_sample(0.25, seed);
        let model = fit_model(&sample, None);
        assert!(interaction_indices(&model).contains(&(0, 1)), "{seed}: {:?}", model.interactions);
        dropped += usize::from(interaction_indices(&model).len() == 1);
        let index =
            sample.design.terms.len() + interaction_indices(&model).iter().position(|pair| *pair == (0, 1)).unwrap();
        assert!(
            model.solution.log_bayes_factors[index].unwrap() > 20.0,
            "{seed}: {:?}",
            model.solution.log_bayes_factors
        );
        assert_eq!(model.design.terms.len(), model.layout.blocks.len());
        assert_eq!(model.solution.parameters.len(), model.layout.parameter_count());
        assert_eq!(model.solution.smoothing.len(), model.layout.smoothing_count);
    }
    assert!(dropped >= 14, "{dropped} of 16");
}

#[test]
fn additive_data_has_no_interaction() {
    let quiet =
        (0..16).filter(|seed| interaction_indices(&fit_model(&synthetic_sample(0.0, *seed), None)).is_empty()).count();
    assert!(quiet >= 15, "{quiet} of 16");
}

#[test]
fn a_warm_start_ends_at_the_same_model() {
    let sample = synthetic_sample(0.2, 11);
    let model = fit_model(&sample, None);
    let again = fit_model(&sample, Some(&model));
    assert_eq!(interaction_indices(&again), interaction_indices(&model));
    assert!(max_difference(&sample, &again, &model) < 0.05, "{}", max_difference(&sample, &again, &model));
    let foreign = fit_model(&sample, Some(&fit_model(&synthetic_sample(0.2, 11), None)));
    assert!(max_difference(&sample, &foreign, &again) < 1e-9);
}

#[test]
fn the_fit_does_not_depend_on_the_number_of_threads() {
    let sample = synthetic_sample(0.2, 12);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let model = pool.install(|| fit_model(&sample, None));
        (model.interactions, model.solution.parameters, model.solution.effects, model.solution.smoothing)
    };
    let one = with(1);
    assert!(with(2) == one && with(5) == one);
}

#[test]
fn labels_of_customers_without_weight_have_no_influence() {
    let mut sample = synthetic_sample(0.2, 13);
    let weights: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row % 5 > 0))).collect();
    let before = fit(&sample, &weights, None, &NoProgress).unwrap();
    sample.labels.iter_mut().step_by(5).for_each(|label| *label = 1.0 - *label);
    let after = fit(&sample, &weights, None, &NoProgress).unwrap();
    assert!(after.predict(&sample) == before.predict(&sample) && after.solution.smoothing == before.solution.smoothing);
}

fn estimates(sample: &Sample, model: &FittedModel, weights: &[f64]) -> Vec<Option<Effect>> {
    let rows = FitRows::from_weights(sample, weights);
    data_estimates(
        &FitTask { sample, layout: &sample.layout, rows: &rows, progress: &NoProgress },
        model,
        Tolerance::Final,
    )
}

#[test]
fn data_estimates_ignore_labels_of_customers_without_weight() {
    // One is right, one so wrong that its remaining precision depends on the labels.
    let hypotheses = vec![hypothesis(0, "a", 1.05, 30.0), hypothesis(1, "b", 0.05, 400.0)];
    let mut sample = synthetic_sample_with_hypotheses(0.2, 13, hypotheses);
    let weights: Vec<f64> = (0..ROWS).map(|row| f64::from(u8::from(row % 5 > 0))).collect();
    let before = fit(&sample, &weights, None, &NoProgress).unwrap();
    let told = estimates(&sample, &before, &weights);
    sample.labels.iter_mut().step_by(5).for_each(|label| *label = 1.0 - *label);
    let after = fit(&sample, &weights, None, &NoProgress).unwrap();
    assert!(after.predict(&sample) == before.predict(&sample) && after.layout == before.layout);
    assert_eq!(estimates(&sample, &after, &weights), told);
    let firm = sample.hypothesis_set.priors(&sample.labels, &sample.weights);
    let kept = &before.layout.blocks[1 + sample.features.len()].priors;
    assert_eq!((kept.len(), sample.design.terms.len()), (2, 2 + sample.features.len()));
    assert!(kept[0].precision > 0.8 * firm[0].precision && kept[1].precision < 0.1 * firm[1].precision, "{kept:?}");
    assert!(
        interaction_indices(&before).contains(&(0, 1)),
        "the model with hypotheses has the interaction: {:?}",
        before.interactions
    );
}

#[test]
fn a_cancelled_fit_ends() {
    #[derive(Debug)]
    struct CancelledProgress;
    impl Progress for CancelledProgress {
        fn stage(&self, _: &'static str, _: f64) {}

        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let sample = synthetic_sample(0.0, 14);
    assert_eq!(fit(&sample, &sample.weights, None, &CancelledProgress).unwrap_err(), TrainError::Cancelled);
}
