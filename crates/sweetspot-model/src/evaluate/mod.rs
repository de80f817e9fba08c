//! Metrics of predictions, on customers that the model was not trained on. All in f64, for scores of any size.

mod auc;
mod bootstrap;
mod calibration;
mod deciles;
mod gains_intervals;
mod paired;
mod tier_metrics;
mod top_share_metrics;

pub(crate) use auc::{auc, auc_by_fold};
pub use bootstrap::{RESAMPLES, draw_resample, percentile_interval};
pub(crate) use calibration::{brier, calibration_error, log_loss};
pub use deciles::Decile;
use deciles::deciles;
pub(crate) use deciles::deciles_and_parts;
pub(crate) use gains_intervals::gains_intervals;
pub use paired::MetricDifference;
pub(crate) use paired::{FoldPredictions, auc_difference, log_loss_difference, log_loss_with_error};
pub use tier_metrics::TierMetrics;
pub(crate) use tier_metrics::{add_values, count_by_tier, tier_metrics, value_by_tier};
pub(crate) use top_share_metrics::{lift, value_captured};

/// Indices in descending order of score. Ties are ordered independently of the order of rows, which are often sorted by
/// outcome.
fn order_by_score(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let score = |row: usize| scores.get(row).copied().unwrap_or(f64::NEG_INFINITY);
    // Fibonacci hashing (Knuth 1998, The Art of Computer Programming 3, 6.4): adjacent rows end up far apart.
    let lot = |row: usize| (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    order.sort_unstable_by(|a, b| score(*b).total_cmp(&score(*a)).then(lot(*a).cmp(&lot(*b))));
    order
}

#[cfg(test)]
mod tests {
    use sweetspot_core::SamplingWeights;

    use super::*;

    #[test]
    fn a_model_that_tells_no_one_apart_gains_nothing_from_sorted_rows() {
        let labels: Vec<f64> = (0..1000).map(|row| f64::from(u8::from(row < 300))).collect();
        let same = vec![0.3; 1000];
        assert!(
            (lift(&labels, &same, 0.1, SamplingWeights::EVEN) - 1.0).abs() < 0.1,
            "{}",
            lift(&labels, &same, 0.1, SamplingWeights::EVEN)
        );
        assert!(
            calibration_error(&labels, &same, SamplingWeights::EVEN) < 0.03,
            "{}",
            calibration_error(&labels, &same, SamplingWeights::EVEN)
        );
    }
}
