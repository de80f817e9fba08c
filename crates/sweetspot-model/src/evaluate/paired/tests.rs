use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_solver::probability;

use super::*;
use crate::evaluate::{auc, log_loss};

const EVEN: SamplingWeights = SamplingWeights::EVEN;

/// A standard normal random number (Box and Muller 1958).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// The standard normal distribution function at `x` (Abramowitz and Stegun 1964, 26.2.17; within 1e-7).
fn share_below_normal(x: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let series =
        t * (0.319_381_530 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = series * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// Rows of customers: a label, and two scores that share noise. The `each` rows of a customer share the label and part
/// of the noise.
fn rows(rng: &mut ChaCha8Rng, customers: u32, each: u32) -> (Vec<f64>, Vec<f64>, Vec<f64>, Vec<u32>) {
    let (mut labels, mut first, mut second, mut groups) = (vec![], vec![], vec![], vec![]);
    for customer in 0..customers {
        let label = f64::from(u8::from(customer % 3 == 0));
        let (shared, own) = (normal(rng), [normal(rng), normal(rng)]);
        for _ in 0..each {
            let jitter = [normal(rng), normal(rng)].map(|noise| if each > 1 { 0.3 * noise } else { 0.0 });
            labels.push(label);
            first.push(1.2 * label + 0.8 * shared + 0.6 * own[0] + jitter[0]);
            second.push(0.7 * label + 0.8 * shared + 0.6 * own[1] + jitter[1]);
            groups.push(if each > 1 { customer + 1 } else { 0 });
        }
    }
    (labels, first, second, groups)
}

fn single_fit_predictions(scores: &[f64]) -> FoldPredictions {
    FoldPredictions { log_odds: scores.to_vec(), row_folds: Vec::new() }
}

/// The true difference of two areas, each Φ(d′ / (√2 σ)).
fn true_change(each: u32) -> f64 {
    let deviation = if each > 1 { 1.09_f64.sqrt() } else { 1.0 };
    let area = |distance: f64| share_below_normal(distance / (2.0_f64.sqrt() * deviation));
    area(0.7) - area(1.2)
}

#[test]
fn ninety_five_of_a_hundred_auc_intervals_hold_the_truth_with_and_without_repeated_rows() {
    for (each, customers) in [(1, 150), (4, 120)] {
        let mut rng = ChaCha8Rng::seed_from_u64(u64::from(each));
        let truth = true_change(each);
        let held = (0..800).filter(|_| {
            let (labels, first, second, groups) = rows(&mut rng, customers, each);
            let found =
                auc_difference(&labels, &single_fit_predictions(&first), &single_fit_predictions(&second), &groups);
            found.low <= truth && truth <= found.high
        });
        let held = held.count();
        assert!((744..=784).contains(&held), "{each} rows a customer: {held} of 800");
    }
}

#[test]
fn rows_of_one_customer_taken_for_several_make_the_interval_too_narrow() {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (labels, first, second, groups) = rows(&mut rng, 200, 6);
    let together = auc_difference(&labels, &single_fit_predictions(&first), &single_fit_predictions(&second), &groups);
    let apart = auc_difference(&labels, &single_fit_predictions(&first), &single_fit_predictions(&second), &[]);
    assert!(together.high - together.low > 1.5 * (apart.high - apart.low), "{together:?} {apart:?}");
}

#[test]
fn ninety_five_of_a_hundred_log_loss_intervals_hold_the_truth() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    // Five kinds of rows: the true log-odds, and the prediction of each version.
    let kinds = [(-2.0, -1.8, -1.2), (-1.0, -1.1, -0.8), (0.0, 0.2, 0.1), (1.0, 0.8, 0.6), (2.0, 1.7, 1.5)];
    let expected = |eta: f64, said: f64| softplus(said) - probability(eta) * said;
    let truth: f64 = kinds.iter().map(|(eta, a, b)| expected(*eta, *b) - expected(*eta, *a)).sum::<f64>() / 5.0;
    let held = (0..800).filter(|_| {
        let (mut labels, mut first, mut second) = (vec![], vec![], vec![]);
        for _ in 0..300 {
            let (eta, a, b) = kinds[rng.random_range(0..kinds.len())];
            labels.push(f64::from(u8::from(rng.random::<f64>() < probability(eta))));
            first.push(a);
            second.push(b);
        }
        let found = log_loss_difference(&labels, &first, &second, &[], EVEN);
        found.low <= truth && truth <= found.high
    });
    let held = held.count();
    assert!((744..=784).contains(&held), "{held} of 800");
}

#[test]
fn the_interval_is_as_wide_as_that_of_a_bootstrap() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let (labels, first, second, _) = rows(&mut rng, 240, 1);
    let found = auc_difference(&labels, &single_fit_predictions(&first), &single_fit_predictions(&second), &[]);
    let mut drawn: Vec<f64> = (0..600)
        .map(|_| {
            let rows: Vec<usize> = (0..labels.len()).map(|_| rng.random_range(0..labels.len())).collect();
            let pick = |values: &[f64]| -> Vec<f64> { rows.iter().map(|row| values[*row]).collect() };
            auc(&pick(&labels), &pick(&second), &[]).area - auc(&pick(&labels), &pick(&first), &[]).area
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    let (width, bootstrap) = (found.high - found.low, drawn[585] - drawn[15]);
    assert!((width / bootstrap - 1.0).abs() < 0.15, "{width} {bootstrap}");
}

fn any_rows() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, Vec<f64>)> {
    let row = (any::<bool>(), -30..30_i8, -30..30_i8);
    prop::collection::vec(row, 4..60).prop_map(|rows| {
        let label = |ideal: bool| f64::from(u8::from(ideal));
        let labels = rows.iter().map(|(ideal, ..)| label(*ideal)).collect();
        let first = rows.iter().map(|(_, a, _)| f64::from(*a) / 10.0).collect();
        (labels, first, rows.iter().map(|(.., b)| f64::from(*b) / 10.0).collect())
    })
}

proptest! {
    /// The metrics equal those of each version alone, and swapping the versions flips the interval.
    #[test]
    fn figures_are_each_versions_own((labels, first, second) in any_rows()) {
        let areas = auc_difference(&labels, &single_fit_predictions(&first), &single_fit_predictions(&second), &[]);
        prop_assert!((areas.champion - auc(&labels, &first, &[]).area).abs() < 1e-12);
        prop_assert!((areas.challenger - auc(&labels, &second, &[]).area).abs() < 1e-12);
        let back = auc_difference(&labels, &single_fit_predictions(&second), &single_fit_predictions(&first), &[]);
        prop_assert!((areas.low + back.high).abs() < 1e-9 && (areas.high + back.low).abs() < 1e-9);
        let losses = log_loss_difference(&labels, &first, &second, &[], EVEN);
        prop_assert!((losses.champion - log_loss(&labels, &first, EVEN)).abs() < 1e-12);
        prop_assert!((losses.challenger - log_loss(&labels, &second, EVEN)).abs() < 1e-12);
        prop_assert!(losses.low <= losses.change() && losses.change() <= losses.high);
        let (mean, error) = log_loss_with_error(&labels, &first, &[], EVEN);
        prop_assert!((mean - losses.champion).abs() < 1e-12 && error >= 0.0);
    }

    /// Each version's area compares only rows of one of its own folds: shifting all predictions of a fold has no
    /// effect.
    #[test]
    fn only_predictions_of_one_fit_are_compared(
        (labels, first, second) in any_rows(),
        folds in [2_usize..5, 2_usize..5],
        shifts in prop::collection::vec(-9..9_i8, 5),
    ) {
        let fold_of = |count: usize| (0..labels.len()).map(|row| row * 7 % 5 % count).collect::<Vec<_>>();
        let predictions = |scores: &[f64], count: usize| FoldPredictions { log_odds: scores.to_vec(), row_folds: fold_of(count) };
        let [before, since] = [predictions(&first, folds[0]), predictions(&second, folds[1])];
        let found = auc_difference(&labels, &before, &since, &[]);
        prop_assume!(found.high < 1.0 || found.low > -1.0);
        prop_assert_eq!(found.champion, auc_by_fold(&labels, &first, &[], &before.row_folds).area);
        prop_assert_eq!(found.challenger, auc_by_fold(&labels, &second, &[], &since.row_folds).area);
        let shifted: Vec<f64> = second.iter().zip(&since.row_folds).map(|(score, fold)| score + f64::from(shifts[*fold])).collect();
        let shifted = auc_difference(&labels, &before, &FoldPredictions { log_odds: shifted, ..since.clone() }, &[]);
        prop_assert!((found.change() - shifted.change()).abs() < 1e-12);
        prop_assert!((found.low - shifted.low).abs() < 1e-12 && (found.high - shifted.high).abs() < 1e-12);
    }

    /// A version does not differ from itself, and the interval is empty.
    #[test]
    fn the_same_prediction_does_not_differ((labels, first, _) in any_rows()) {
        let found = auc_difference(&labels, &single_fit_predictions(&first), &single_fit_predictions(&first), &[]);
        let mixed = labels.contains(&0.0) && labels.contains(&1.0);
        prop_assert!(!mixed || (found.low == 0.0 && found.high == 0.0), "{:?}", found);
        prop_assert_eq!(log_loss_difference(&labels, &first, &first, &[], EVEN).high, 0.0);
    }

    /// Customers that appear twice, as one group, weigh the same as if they appeared once.
    #[test]
    fn repeating_every_customer_changes_no_interval((labels, first, second) in any_rows(), times in 2_usize..5) {
        let repeat = |values: &[f64]| values.repeat(times);
        let groups: Vec<u32> = (1..=labels.len() as u32).collect::<Vec<_>>().repeat(times);
        let once = log_loss_difference(&labels, &first, &second, &[], EVEN);
        let often = log_loss_difference(&repeat(&labels), &repeat(&first), &repeat(&second), &groups, EVEN);
        prop_assert!((once.low - often.low).abs() < 1e-9 && (once.high - often.high).abs() < 1e-9);
        let apart = log_loss_difference(&repeat(&labels), &repeat(&first), &repeat(&second), &[], EVEN);
        prop_assert!(apart.high - apart.low <= once.high - once.low + 1e-12);
    }
}
