use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::super::fit::fit;
use super::super::fixtures::{category, number, sample};
use super::super::{NoProgress, out_of_fold};
use super::*;

/// Customers with a category and a number that recurs in about eight rows, whose values have effects with this standard
/// deviation.
fn leave_values_out_and_auc(deviation: f64, seed: u64) -> (Option<LeaveValuesOut>, f64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let effects: Vec<f64> =
        (0..250).map(|_| deviation * ((0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0)).collect();
    let values: Vec<usize> = (0..2000).map(|_| rng.random_range(0..effects.len())).collect();
    let levels: Vec<u32> = (0..2000).map(|_| rng.random_range(0..4)).collect();
    let won: Vec<bool> = values
        .iter()
        .zip(&levels)
        .map(|(value, level)| rng.random_bool(1.0 / (1.0 + (-effects[*value] - 0.5 * f64::from(*level) + 0.8).exp())))
        .collect();
    let amounts = number(values.iter().map(|value| (value * 7919 % 1009) as f64 + 0.25));
    let sample = sample(vec![amounts, category(&levels)], &won);
    let model = fit(&sample, &sample.weights, None, &NoProgress).unwrap();
    let tested = out_of_fold::evaluate_folds(&sample, &model, 0, &NoProgress).unwrap();
    let unseen = fit_without_values(&sample, &model, &NoProgress).unwrap();
    (unseen.and_then(|unseen| unseen.comparison(&sample, &tested)), tested.evaluation.auc)
}

#[test]
fn a_model_that_memorizes_values_fails_the_unseen_values_check() {
    let (found, claimed) = leave_values_out_and_auc(2.0, 1);
    let found = found.unwrap();
    assert!(found.disagrees && found.auc < claimed - 0.1 && found.attribute == "attribute 0", "{found:?} {claimed}");
    assert!(found.auc_low <= found.auc && found.auc <= found.auc_high && found.rows > 1000, "{found:?}");
    let said = disagreement_warning(&found).unwrap();
    assert!(said.starts_with("rows whose \"attribute 0\" the model has not seen are ranked worse: AUC 0."), "{said}");
}

#[test]
fn values_without_an_effect_pass_the_unseen_values_check() {
    for seed in 2..6 {
        let (found, claimed) = leave_values_out_and_auc(0.0, seed);
        let found = found.unwrap();
        assert!(!found.disagrees && (found.auc - found.auc_with_values).abs() < 0.03, "{found:?} {claimed}");
        assert_eq!(disagreement_warning(&found), None);
    }
}

#[test]
fn only_values_shared_by_a_few_rows_are_recurring() {
    let column = |data| Column { name: "a".to_owned(), data };
    let rows: Vec<usize> = (0..600).collect();
    let values = |step: usize| column(number((0..600).map(move |row| (row / step) as f64)));
    let found = |column: &Column, groups: &[Option<usize>]| {
        find_recurring(&[column], &rows, groups).map(|found| found.attribute)
    };
    assert_eq!(found(&values(6), &[]).as_deref(), Some("a"));
    assert_eq!(found(&values(1), &[]), None, "each value occurs once");
    assert_eq!(found(&values(100), &[]), None, "crowds");
    let accounts: Vec<Option<usize>> = rows.iter().map(|row| Some(row / 6)).collect();
    assert_eq!(found(&values(6), &accounts), None, "these are the known accounts");
}
