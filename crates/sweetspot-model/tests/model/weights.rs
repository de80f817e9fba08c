//! Weighted rows train the same model as repeated rows.

use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use sweetspot_core::{Customers, Digest, FrequencyWeights};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainingSpec, train};

use crate::customer_fixtures::{customers, spec};

/// What depends on the bytes of the customers, or on single rows.
const NOT_COMPARED: [&str; 4] = ["artifact_sha256", "data_sha256", "sha256", "golden_rows"];

fn weighted(rows: usize, max_weight: u32, seed: u64) -> Customers {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let weights = (0..rows).map(|_| rng.random_range(1..=max_weight)).collect();
    customers(rows, 1.0, seed).with_weights(FrequencyWeights::new(weights).unwrap()).unwrap()
}

fn trained(customers: &Customers) -> ModelArtifact {
    // Weighted rows are always independent.
    let spec = TrainingSpec { independent_rows: true, ..spec() };
    train(&spec, customers, Digest::new(b"made up"), &NoProgress).unwrap()
}

/// The paths at which two JSON values differ by more than `tolerance`.
fn differences(path: &str, first: &Value, second: &Value, tolerance: f64, found: &mut Vec<String>) {
    match (first, second) {
        (Value::Object(one), Value::Object(other)) => {
            for key in one.keys().chain(other.keys().filter(|key| !one.contains_key(*key))) {
                if !NOT_COMPARED.contains(&key.as_str()) {
                    let (one, other) = (one.get(key).unwrap_or(&Value::Null), other.get(key).unwrap_or(&Value::Null));
                    differences(&format!("{path}.{key}"), one, other, tolerance, found);
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                differences(&format!("{path}[{index}]"), one, other, tolerance, found);
            }
        }
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            let tolerance = if tolerance > 0.0 && path.rsplit('.').next() == Some("units") {
                // Integers, in multiples of 2⁻³².
                tolerance * 4_294_967_296.0
            } else if tolerance > 0.0 && (path.contains("factors") || path.contains("variance")) {
                // Stored in 32 bits.
                1e-5
            } else {
                tolerance * one.abs().max(1.0)
            };
            if (one - other).abs() > tolerance {
                found.push(format!("{path}: {one} {other}"));
            }
        }
        _ if first == second => {}
        _ => found.push(format!("{path}: {first} {second}")),
    }
}

fn model_differences(first: &ModelArtifact, second: &ModelArtifact, tolerance: f64) -> Vec<String> {
    let mut found = Vec::new();
    let json = |model: &ModelArtifact| serde_json::from_str(&model.to_json()).unwrap();
    differences("", &json(first), &json(second), tolerance, &mut found);
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    /// Coefficients, intervals, segments, tiers, calibration, metrics and counts: everything in the scorecard.
    #[test]
    fn weighted_rows_are_repeated_rows(rows in 60..400_usize, max_weight in 1..7_u32, seed in any::<u64>()) {
        let customers = weighted(rows, max_weight, seed);
        let repeated = customers.one_row_per_customer(u64::MAX).unwrap();
        let found = model_differences(&trained(&customers), &trained(&repeated), 1e-9);
        prop_assert!(found.is_empty(), "{found:#?}");
    }
}

/// With very many customers, equal rows are merged before the fit, in an order that does not depend on how they were
/// divided: the coefficients have the same bits.
#[test]
fn many_weighted_rows_have_the_coefficients_of_repeated_rows_to_the_bit() {
    let customers = weighted(1_500, 150, 7);
    assert!(customers.count() > 100_000, "{}", customers.count());
    let repeated = customers.one_row_per_customer(u64::MAX).unwrap();
    let (first, second) = (trained(&customers), trained(&repeated));
    let mut found = model_differences(&first, &second, 0.0);
    // Sums over evaluated customers differ in their order.
    found.retain(|path| !path.starts_with(".evaluation"));
    assert!(found.is_empty(), "{found:#?}");
    assert_eq!(model_differences(&first, &second, 1e-9), Vec::<String>::new());
    let (first, second) = (Scorer::compile(&first).unwrap(), Scorer::compile(&second).unwrap());
    for row in 0..customers.accounts().rows() {
        let score = |scorer: &Scorer| scorer.score_row(customers.accounts(), row).log_odds.to_bits();
        assert_eq!(score(&first), score(&second));
    }
}

/// The order of the rows of a file, and so of ids, decides nothing.
#[test]
fn a_row_divided_into_several_changes_no_coefficient() {
    let whole = weighted(1_200, 400, 11);
    let mut rows = Vec::new();
    let mut weights = Vec::new();
    for row in 0..whole.accounts().rows() {
        let count = whole.weights().get(row) as u32;
        let part = count / 3;
        for part in [part, count - part].into_iter().filter(|part| *part > 0) {
            rows.push(row);
            weights.push(part);
        }
    }
    // A copy of the whole table has one row for each part.
    let parts = whole.one_row_per_customer(u64::MAX).unwrap();
    let starts: Vec<usize> = (0..whole.accounts().rows())
        .scan(0, |next, row| {
            let start = *next;
            *next += whole.weights().get(row) as usize;
            Some(start)
        })
        .collect();
    let mut used = vec![0; starts.len()];
    let picked: Vec<usize> = rows
        .iter()
        .map(|row| {
            used[*row] += 1;
            starts[*row] + used[*row] - 1
        })
        .collect();
    let divided = parts.select_rows(&picked).unwrap().with_weights(FrequencyWeights::new(weights).unwrap()).unwrap();
    assert_eq!(divided.count(), whole.count());
    assert_eq!(model_differences(&trained(&whole), &trained(&divided), 1e-9), Vec::<String>::new());
}

/// Ten million customers take no more time and memory than their rows, besides one fold.
#[test]
fn millions_of_customers_are_evaluated_on_a_part_of_them() {
    let customers = weighted(1_000, 20_000, 3);
    let model = trained(&customers);
    let (card, evaluation) = (model.label_card(), model.evaluation());
    assert_eq!(card.ideal + card.not_ideal, customers.count());
    assert!((900_000..=1_100_000).contains(&evaluation.rows), "{}", evaluation.rows);
    let rate = card.ideal as f64 / customers.count() as f64;
    assert!((evaluation.positives as f64 / evaluation.rows as f64 - rate).abs() < 1e-5, "stratified by label");
    assert!(evaluation.has_signal());
    assert_eq!(model_differences(&model, &trained(&customers), 0.0), Vec::<String>::new());
}

#[test]
fn equal_weighted_rows_are_not_taken_for_one_account() {
    let customers = weighted(200, 3, 5);
    let model = train(&spec(), &customers, Digest::new(b"made up"), &NoProgress).unwrap();
    assert_eq!(model_differences(&model, &trained(&customers), 0.0), Vec::<String>::new());
    assert!(model.warnings().iter().all(|warning| !warning.contains("same account")), "{:?}", model.warnings());
}
