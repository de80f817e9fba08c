//! Whether probabilities can be taken at their word.

use super::{Tenth, tenths};
use crate::model::solve::softplus;

/// Mean negative log-likelihood of log-odds, in nats. 0 without rows.
pub(crate) fn log_loss(labels: &[f64], log_odds: &[f64]) -> f64 {
    let sum: f64 = labels.iter().zip(log_odds).map(|(y, eta)| softplus(*eta) - y * eta).sum();
    sum / labels.len().max(1) as f64
}

/// Mean squared error of probabilities (Brier 1950). 0 without rows.
pub(crate) fn brier(labels: &[f64], probabilities: &[f64]) -> f64 {
    let sum: f64 = labels.iter().zip(probabilities).map(|(y, p)| (p - y) * (p - y)).sum();
    sum / labels.len().max(1) as f64
}

/// Expected calibration error: the mean distance between predicted and observed rate over ten bins of equal count.
pub(crate) fn calibration_error(labels: &[f64], probabilities: &[f64]) -> f64 {
    let distance = |tenth: &Tenth| (tenth.ideal as f64 - tenth.mean_probability * tenth.customers as f64).abs();
    tenths(labels, probabilities).iter().map(distance).sum::<f64>() / labels.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let labels = [1.0, 0.0];
        let half = 0.5_f64;
        assert!((log_loss(&labels, &[0.0, 0.0]) - 2.0_f64.ln()).abs() < 1e-15);
        assert!(log_loss(&labels, &[800.0, -800.0]).abs() < 1e-15);
        assert_eq!(brier(&labels, &[half, half]), 0.25);
        assert_eq!(calibration_error(&labels, &[1.0, 0.0]), 0.0);
        assert_eq!(calibration_error(&labels, &[0.0, 1.0]), 1.0);
        assert_eq!(calibration_error(&[], &[]), 0.0);
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
            prop_assert!((log_loss(&labels, &log_odds) - nats).abs() < 1e-10);
            let squares: f64 = rows().map(|(y, p)| (y - p).powi(2)).sum::<f64>() / count;
            prop_assert!((brier(&labels, &probabilities) - squares).abs() < 1e-12);
        }

        /// The error over bins lies between that of the whole and that of single rows.
        #[test]
        fn the_calibration_error_lies_between_its_bounds((labels, probabilities) in rows()) {
            let rows = || labels.iter().zip(&probabilities).map(|(y, p)| y - p);
            let count = labels.len() as f64;
            let found = calibration_error(&labels, &probabilities);
            prop_assert!(found >= (rows().sum::<f64>() / count).abs() - 1e-12);
            prop_assert!(found <= rows().map(f64::abs).sum::<f64>() / count + 1e-12);
        }
    }
}
