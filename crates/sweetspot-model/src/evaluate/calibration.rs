//! Metrics of calibration.

use sweetspot_core::SamplingWeights;
use sweetspot_solver::softplus;

use super::{Decile, deciles};

/// The mean negative log-likelihood of log-odds, in nats, of rows with these weights. 0 without rows.
pub(crate) fn log_loss(labels: &[f64], log_odds: &[f64], weights: SamplingWeights) -> f64 {
    weighted_mean(labels, log_odds, weights, |y, eta| softplus(eta) - y * eta)
}

/// The mean squared error of probabilities (Brier 1950) of rows with these weights. 0 without rows.
pub(crate) fn brier(labels: &[f64], probabilities: &[f64], weights: SamplingWeights) -> f64 {
    weighted_mean(labels, probabilities, weights, |y, p| (p - y) * (p - y))
}

/// The expected calibration error: the mean distance between predicted and observed rates over ten bins of equal
/// weight.
pub(crate) fn calibration_error(labels: &[f64], probabilities: &[f64], weights: SamplingWeights) -> f64 {
    let distance = |decile: &Decile| {
        let (observed, all) =
            (weights.weight(1.0) * decile.ideal as f64, weights.total(decile.ideal, decile.customers));
        (observed - decile.mean_probability * all).abs()
    };
    let distance: f64 = deciles(labels, probabilities, weights).iter().map(distance).sum();
    distance / weights.sum(labels)
}

fn weighted_mean(labels: &[f64], predicted: &[f64], weights: SamplingWeights, loss: impl Fn(f64, f64) -> f64) -> f64 {
    let rows = labels.iter().zip(predicted);
    let sum: f64 = rows.map(|(label, predicted)| weights.weight(*label) * loss(*label, *predicted)).sum();
    sum / weights.sum(labels)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVEN: SamplingWeights = SamplingWeights::EVEN;

    #[test]
    fn a_row_that_stands_for_three_counts_as_three() {
        // Two of four rows are ideal; a base rate of one quarter triples the weight of the others.
        let (labels, log_odds) = ([1.0, 0.0, 1.0, 0.0], [0.5, -1.0, 2.0, 0.25]);
        let often = |values: [f64; 4]| [&values[..], &[values[1], values[3]].repeat(2)].concat();
        let (many, same) = (often(labels), often(log_odds));
        let weights = SamplingWeights::new(0.25, 2, 2);
        assert!((log_loss(&labels, &log_odds, weights) - log_loss(&many, &same, EVEN)).abs() < 1e-12);
        assert!((brier(&labels, &log_odds, weights) - brier(&many, &same, EVEN)).abs() < 1e-12);
    }

    #[test]
    fn log_loss_and_brier_of_a_worked_example() {
        let labels = [1.0, 0.0];
        let half = 0.5_f64;
        assert!((log_loss(&labels, &[0.0, 0.0], EVEN) - 2.0_f64.ln()).abs() < 1e-15);
        assert!(log_loss(&labels, &[800.0, -800.0], EVEN).abs() < 1e-15);
        assert_eq!(brier(&labels, &[half, half], EVEN), 0.25);
        assert_eq!(calibration_error(&labels, &[1.0, 0.0], EVEN), 0.0);
        assert_eq!(calibration_error(&labels, &[0.0, 1.0], EVEN), 1.0);
        assert_eq!(calibration_error(&[], &[], EVEN), 0.0);
    }

    fn rows() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
        let row = (any::<bool>().prop_map(|ideal| f64::from(u8::from(ideal))), 0.01..0.99);
        prop::collection::vec(row, 1..60).prop_map(|rows| rows.into_iter().unzip())
    }

    proptest! {
        #[test]
        fn log_loss_and_brier_agree_with_their_definitions((labels, probabilities) in rows()) {
            let log_odds: Vec<f64> = probabilities.iter().map(|p| (p / (1.0 - p)).ln()).collect();
            let rows = || labels.iter().zip(&probabilities);
            let count = labels.len() as f64;
            let nats: f64 = rows().map(|(y, p)| -(if *y > 0.5 { *p } else { 1.0 - p }).ln()).sum::<f64>() / count;
            prop_assert!((log_loss(&labels, &log_odds, EVEN) - nats).abs() < 1e-10);
            let squares: f64 = rows().map(|(y, p)| (y - p).powi(2)).sum::<f64>() / count;
            prop_assert!((brier(&labels, &probabilities, EVEN) - squares).abs() < 1e-12);
        }

        /// The error over bins is between that of all rows together and that of single rows.
        #[test]
        fn the_calibration_error_lies_between_its_bounds((labels, probabilities) in rows()) {
            let rows = || labels.iter().zip(&probabilities).map(|(y, p)| y - p);
            let count = labels.len() as f64;
            let found = calibration_error(&labels, &probabilities, EVEN);
            prop_assert!(found >= (rows().sum::<f64>() / count).abs() - 1e-12);
            prop_assert!(found <= rows().map(f64::abs).sum::<f64>() / count + 1e-12);
        }
    }
}
