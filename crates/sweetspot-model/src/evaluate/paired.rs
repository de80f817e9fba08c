//! Paired metrics: the difference between two predictions of the same rows, and its uncertainty.

use sweetspot_core::SamplingWeights;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_solver::softplus;

use super::auc::{auc_by_fold, pick, rows_by_fold, share_below, split_by_label};

/// A metric of two versions, with the 95% interval of the challenger's minus the champion's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricDifference {
    /// The champion's value.
    pub champion: f64,
    /// The challenger's value.
    pub challenger: f64,
    /// The lower end of the interval of challenger − champion.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl MetricDifference {
    /// Challenger − champion.
    #[must_use]
    pub fn change(&self) -> f64 {
        self.challenger - self.champion
    }

    /// The metrics of independent rows, each with its standard error.
    #[must_use]
    pub fn from_independent(champion: (f64, f64), challenger: (f64, f64)) -> Self {
        Self::from_variance(champion.0, challenger.0, champion.1 * champion.1 + challenger.1 * challenger.1)
    }

    fn from_variance(champion: f64, challenger: f64, variance: f64) -> Self {
        let (change, margin) = (challenger - champion, NINETY_FIVE_PERCENT * variance.max(0.0).sqrt());
        Self { champion, challenger, low: change - margin, high: change + margin }
    }
}

/// The log-odds of rows, each with the fold of its fit.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoldPredictions {
    /// The log-odds of each row.
    pub log_odds: Vec<f64>,
    /// The fold of each row, from 0: predictions of different folds come from different fits. Empty if all come from
    /// one fit.
    pub row_folds: Vec<usize>,
}

impl FoldPredictions {
    /// Adds a row.
    pub(crate) fn push(&mut self, log_odds: f64, fold: usize) {
        self.log_odds.push(log_odds);
        self.row_folds.push(fold);
    }
}

/// The areas under the ROC curves of two predictions of the same rows. Each compares only rows of the same fold, as in
/// [`auc_by_fold`]. `labels` are 0 or 1. Rows with the same number above zero in `groups` belong to one customer; each
/// row without a number is a customer of its own.
///
/// The interval is that of DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44:837. If rows share a group, their
/// influences are summed by group before they are squared (Obuchowski 1997, Biometrics 53:567). Both areas are one half
/// if one of the predictions has no fold with both labels.
pub(crate) fn auc_difference(
    labels: &[f64],
    champion: &FoldPredictions,
    challenger: &FoldPredictions,
    groups: &[u32],
) -> MetricDifference {
    let Some((before, since)) = auc_influences(labels, champion).zip(auc_influences(labels, challenger)) else {
        return MetricDifference { champion: 0.5, challenger: 0.5, low: -1.0, high: 1.0 };
    };
    let changes: Vec<f64> = since.1.iter().zip(&before.1).map(|(since, before)| since - before).collect();
    MetricDifference::from_variance(before.0, since.0, variance(&changes, groups))
}

/// The area, and the influence of each row on its error: 0 if the row's fold has no row of the other label. `None` if
/// no fold has both labels.
fn auc_influences(labels: &[f64], predictions: &FoldPredictions) -> Option<(f64, Vec<f64>)> {
    let area = auc_by_fold(labels, &predictions.log_odds, &[], &predictions.row_folds).area;
    let mut influences = vec![0.0; labels.len()];
    let mut pairs = 0;
    let mut counts = [0_usize; 2];
    for fold in rows_by_fold(&predictions.row_folds, labels.len()) {
        let sides = split_by_label(labels, fold);
        let [ideal, other] = &sides;
        if ideal.is_empty() || other.is_empty() {
            continue;
        }
        pairs += ideal.len() * other.len();
        // For a row that is not ideal, the share of ideal rows that it beats lowers the area.
        for (side, (rows, others), sign) in [(0, (ideal, other), 1.0), (1, (other, ideal), -1.0)] {
            let expected = if side == 0 { area } else { 1.0 - area };
            let shares = share_below(&pick(&predictions.log_odds, rows), &pick(&predictions.log_odds, others));
            for (row, share) in rows.iter().zip(shares) {
                if let Some(slot) = influences.get_mut(*row) {
                    *slot = sign * others.len() as f64 * (share - expected);
                }
            }
            if let Some(count) = counts.get_mut(side) {
                *count += rows.len();
            }
        }
    }
    let scale = |count: usize| (count as f64 / (count as f64 - 1.0).max(1.0)).sqrt() / pairs as f64;
    let [ideal, other] = counts.map(scale);
    for (influence, label) in influences.iter_mut().zip(labels) {
        *influence *= if *label > 0.5 { ideal } else { other };
    }
    (pairs > 0).then_some((area, influences))
}

/// The mean negative log-likelihoods, in nats, of two predictions in log-odds of the same rows with these weights. The
/// interval is that of a mean of differences, summed by group as in [`auc_difference`].
pub(crate) fn log_loss_difference(
    labels: &[f64],
    champion: &[f64],
    challenger: &[f64],
    groups: &[u32],
    weights: SamplingWeights,
) -> MetricDifference {
    let (first, second) = (losses(labels, champion, weights), losses(labels, challenger, weights));
    let changes: Vec<f64> = second.iter().zip(&first).map(|(since, before)| since - before).collect();
    MetricDifference::from_variance(mean(&first), mean(&second), variance(&influences(&changes), groups))
}

/// The mean negative log-likelihood of a prediction in log-odds of rows with these weights, and its standard error.
pub(crate) fn log_loss_with_error(
    labels: &[f64],
    log_odds: &[f64],
    groups: &[u32],
    weights: SamplingWeights,
) -> (f64, f64) {
    let losses = losses(labels, log_odds, weights);
    (mean(&losses), variance(&influences(&losses), groups).max(0.0).sqrt())
}

/// The contribution of each row to the mean: its negative log-likelihood times its weight, with weights scaled to a
/// mean of one.
fn losses(labels: &[f64], log_odds: &[f64], weights: SamplingWeights) -> Vec<f64> {
    let scale = labels.len() as f64 / weights.sum(labels);
    let loss = |(y, eta): (&f64, &f64)| scale * weights.weight(*y) * (softplus(*eta) - y * eta);
    labels.iter().zip(log_odds).map(loss).collect()
}

/// The influence of each value on the error of their mean.
fn influences(values: &[f64]) -> Vec<f64> {
    let (mean, count) = (mean(values), values.len() as f64);
    let scale = (count / (count - 1.0).max(1.0)).sqrt() / count.max(1.0);
    values.iter().map(|value| (value - mean) * scale).collect()
}

/// The variance of a sum of influences, which are summed by group.
fn variance(influence: &[f64], groups: &[u32]) -> f64 {
    let last = groups.iter().copied().max().unwrap_or(0) as usize;
    let (mut sums, mut ungrouped) = (vec![0.0; last], 0.0);
    let mut units = 0_usize;
    for (row, value) in influence.iter().enumerate() {
        let group = groups.get(row).map_or(0, |group| *group as usize);
        if let Some(sum) = group.checked_sub(1).and_then(|index| sums.get_mut(index)) {
            *sum += value;
        } else {
            ungrouped += value * value;
            units += 1;
        }
    }
    if last == 0 {
        return ungrouped;
    }
    let mut present = vec![false; last];
    for group in groups {
        if let Some(seen) = (*group as usize).checked_sub(1).and_then(|index| present.get_mut(index)) {
            *seen = true;
        }
    }
    units += present.iter().filter(|seen| **seen).count();
    // With fewer groups than rows, the small-sample correction is that of the groups.
    let correction = |count: usize| count as f64 / (count as f64 - 1.0).max(1.0);
    let grouped: f64 = sums.iter().map(|sum| sum * sum).sum();
    (ungrouped + grouped) * correction(units) / correction(influence.len())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests;
