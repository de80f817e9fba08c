//! Base rates: a model of a resampled file gives the probabilities of the original population.

use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Digest, LabelPolicy, LabelPreset, Outcome, OutcomeStatus,
    SamplingWeights,
};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainError, TrainingSpec, train};

/// An account: a number and a category determine the probability that it is won.
#[derive(Clone, Copy)]
struct SyntheticAccount {
    place: usize,
    number: f64,
    code: u32,
    won: bool,
}

/// Accounts as they arrive, few of which are won.
struct Population(Vec<SyntheticAccount>);

impl Population {
    fn new(accounts: usize, intercept: f64, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let made = |place| {
            let (number, code) = (rng.random_range(-1.0..1.0_f64), rng.random_range(0..3_u32));
            let log_odds: f64 = intercept + 1.5 * number + if code == 0 { 1.0 } else { 0.0 };
            SyntheticAccount { place, number, code, won: rng.random_bool(1.0 / (1.0 + (-log_odds).exp())) }
        };
        Self((0..accounts).map(made).collect())
    }

    fn ideal_rate(&self) -> f64 {
        self.0.iter().filter(|made| made.won).count() as f64 / self.0.len() as f64
    }

    /// All won accounts, and `others` times as many of the others.
    fn resampled(&self, others: f64) -> Customers {
        let of = |wanted: bool| self.0.iter().copied().filter(move |made| made.won == wanted);
        let wanted = (of(true).count() as f64 * others) as usize;
        customers(&of(true).chain(of(false).take(wanted)).collect::<Vec<_>>())
    }
}

fn customers(accounts: &[SyntheticAccount]) -> Customers {
    let ids = accounts.iter().map(|made| format!("account {}", made.place)).collect();
    let dictionary = ["a", "b", "c"].map(str::to_owned).to_vec();
    let codes = accounts.iter().map(|made| Some(made.code)).collect();
    let numbers = accounts.iter().map(|made| Some(made.number)).collect();
    let columns = vec![
        Column { name: "size".to_owned(), data: ColumnData::Numbers(numbers) },
        Column { name: "industry".to_owned(), data: ColumnData::Categories { dictionary, codes } },
    ];
    let outcome = |made: &SyntheticAccount| Outcome {
        status: Some(if made.won { OutcomeStatus::Won } else { OutcomeStatus::Lost }),
        value: made.won.then_some(1_000.0),
        ..Outcome::default()
    };
    Customers::new(AccountTable::new(ids, columns).unwrap(), accounts.iter().map(outcome).collect(), None).unwrap()
}

fn train_with_base_rate(customers: &Customers, base_rate: Option<f64>) -> Result<ModelArtifact, TrainError> {
    let label_policy = LabelPolicy { preset: LabelPreset::Won, base_rate, ..LabelPolicy::default() };
    let spec = TrainingSpec { label_policy, ..TrainingSpec::default() };
    train(&spec, customers, Digest::new(b"made up"), &NoProgress)
}

fn probabilities(artifact: &ModelArtifact, customers: &Customers) -> Vec<f64> {
    let scorer = Scorer::compile(artifact).unwrap();
    (0..customers.accounts().rows()).map(|row| scorer.score_row(customers.accounts(), row).probability).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn a_resampled_file_is_calibrated_to_the_base_rate(
        intercept in -4.0..-1.5_f64, others in 0.5..3.0_f64, seed in 0..1_000_u64,
    ) {
        let population = Population::new(8_000, intercept, seed);
        let sample = population.resampled(others);
        let (plain, corrected) = (train_with_base_rate(&sample, None).unwrap(), train_with_base_rate(&sample, Some(population.ideal_rate())).unwrap());
        let fresh = Population::new(8_000, intercept, seed + 1_000_000);
        let fresh_customers = customers(&fresh.0);
        let (before, after) = (probabilities(&plain, &fresh_customers), probabilities(&corrected, &fresh_customers));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let rate = fresh.ideal_rate();
        prop_assert!((mean(&after) / rate - 1.0).abs() < 0.2, "{} for {rate}", mean(&after));
        prop_assert!(mean(&before) > 2.0 * rate, "{} for {rate}: the file has another rate", mean(&before));
        // One shift in log-odds: the order is the same.
        let log_odds = |p: &f64| (p / (1.0 - p)).ln();
        let card = corrected.label_card();
        let offset = SamplingWeights::new(population.ideal_rate(), card.ideal, card.not_ideal).offset();
        for (before, after) in before.iter().zip(&after) {
            prop_assert!((log_odds(after) - log_odds(before) - offset).abs() < 1e-6);
        }
        let (one, other) = (plain.evaluation(), corrected.evaluation());
        prop_assert_eq!((one.auc, one.auc_low, one.positives), (other.auc, other.auc_low, other.positives));
        prop_assert!(other.calibration_error < one.calibration_error.max(0.01), "{other:?}");
    }
}

/// The metrics of a resample match those of the population.
#[test]
fn the_evaluation_of_a_resample_matches_the_population() {
    let population = Population::new(12_000, -3.0, 5);
    let whole = train_with_base_rate(&customers(&population.0), None).unwrap();
    let sample = train_with_base_rate(&population.resampled(1.0), Some(population.ideal_rate())).unwrap();
    let (expected, found) = (whole.evaluation(), sample.evaluation());
    for (what, expected, found, reach) in [
        ("AUC", expected.auc, found.auc, 0.03),
        ("log-loss", expected.log_loss, found.log_loss, 0.02),
        ("Brier score", expected.brier, found.brier, 0.01),
        ("lift", expected.lift_at_top_decile, found.lift_at_top_decile, 0.5),
        ("calibration error", expected.calibration_error, found.calibration_error, 0.01),
    ] {
        assert!((expected - found).abs() < reach, "{what}: {found} for {expected}");
    }
    let cuts = [whole.tier_cuts().unwrap(), sample.tier_cuts().unwrap()];
    assert!((cuts[0][0] - cuts[1][0]).abs() < 0.02 && (cuts[0][2] - cuts[1][2]).abs() < 0.01, "{cuts:?}");
    let (details, of_all) = (sample.evaluation_details(), whole.evaluation_details());
    let precision = |tiers: &[sweetspot_model::TierMetrics]| tiers[0].precision.unwrap();
    assert!((precision(&details.tiers) - precision(&of_all.tiers)).abs() < 0.05, "{:?}", details.tiers);
    assert!(
        (details.deciles[0].ideal_rate(details.weights) - of_all.deciles[0].ideal_rate(of_all.weights)).abs() < 0.05
    );
    assert_eq!(
        details.deciles.iter().map(|decile| decile.ideal).sum::<u64>(),
        found.positives,
        "counts are those of rows"
    );
    // The best tenth of the population has the same share of the ideal accounts, within its interval.
    let held = of_all.deciles[0].ideal as f64 / expected.positives as f64;
    let (low, high) = sample.gains_intervals()[0];
    assert!(low - 0.05 < held && held < high + 0.05 && high - low < 0.12, "{low} {held} {high}");
    // A won account is worth 1,000 and a lost one nothing, so that the expected value is the probability.
    let scorer = Scorer::compile(&sample).unwrap();
    let customers = customers(&population.0[..50]);
    for row in 0..50 {
        let fit = scorer.score_row(customers.accounts(), row);
        assert!((fit.expected_value.unwrap() - 1_000.0 * fit.probability).abs() < 1e-9 && fit.low < fit.probability);
    }
}

#[test]
fn a_version_warns_that_its_rows_were_resampled() {
    let sample = Population::new(6_000, -3.0, 7).resampled(1.0);
    let artifact = train_with_base_rate(&sample, Some(0.03)).unwrap();
    let again = ModelArtifact::from_bytes(&artifact.to_bytes()).unwrap();
    assert_eq!((again.label_card().base_rate, again.label_policy().base_rate), (Some(0.03), Some(0.03)));
    let warned = |artifact: &ModelArtifact| {
        artifact
            .warnings()
            .iter()
            .any(|one| one.starts_with("the rows were resampled: 50% of them are ideal, and 3.0%"))
    };
    assert!(
        warned(&artifact) || artifact.warnings().iter().any(|one| one.contains("and 3% of all")),
        "{:?}",
        artifact.warnings()
    );
    assert!(artifact.to_json().contains("\"base_rate\": 0.03"));
    let plain = train_with_base_rate(&sample, None).unwrap();
    assert!(!plain.warnings().iter().any(|one| one.contains("resampled")) && !plain.to_json().contains("base_rate"));
}

#[test]
fn a_base_rate_needs_both_labels_and_lies_between_them() {
    let population = Population::new(2_000, -2.0, 3);
    for rate in [0.0, 1.0, -0.1, 1.5, f64::NAN, 1e-12] {
        let error = train_with_base_rate(&population.resampled(1.0), Some(rate)).unwrap_err();
        assert!(error.to_string().contains("it must be above 0 and below 1"), "{error}");
    }
    let won: Vec<SyntheticAccount> = population.0.iter().copied().filter(|made| made.won).collect();
    let error = train_with_base_rate(&customers(&won), Some(0.03)).unwrap_err();
    assert!(matches!(error, TrainError::NoSampleRate { not_ideal: 0, .. }), "{error}");
    assert!(error.to_string().contains("a base_rate of 0.03 requires some of each"), "{error}");
}
