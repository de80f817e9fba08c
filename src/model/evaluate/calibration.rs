//! Whether probabilities can be taken at their word.

use super::by_score;
use crate::model::train::softplus;

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
    let order = by_score(probabilities);
    let bins = 10.min(order.len().max(1));
    let mut error = 0.0;
    for bin in 0..bins {
        let rows = order.get(bin * order.len() / bins..(bin + 1) * order.len() / bins).unwrap_or_default();
        let sum = |values: &[f64]| rows.iter().filter_map(|row| values.get(*row)).sum::<f64>();
        error += (sum(labels) - sum(probabilities)).abs();
    }
    error / order.len().max(1) as f64
}

#[cfg(test)]
mod tests {
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
}
