//! How good predictions are, on customers that the model did not learn from. All in f64, scores of any size.

mod auc;
mod calibration;
mod top;

pub(crate) use auc::auc;
pub(crate) use calibration::{brier, calibration_error, log_loss};
pub(crate) use top::{lift, value_captured};

/// Indices in descending order of score; ties in the order of the rows.
fn by_score(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let score = |row: usize| scores.get(row).copied().unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|a, b| score(*b).total_cmp(&score(*a)));
    order
}
