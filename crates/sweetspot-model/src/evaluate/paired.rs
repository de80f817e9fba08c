//! Two predictions of the same rows: how far their figures differ, and how sure that is.

use sweetspot_core::RowWeights;
use sweetspot_core::normal::NINETY_FIVE_PERCENT;
use sweetspot_solver::softplus;

use super::auc::{auc_by_fold, pick, rows_by_fold, share_below, split_by_label};

/// A figure of two versions and the 95% interval of the second's minus the first's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The champion's figure.
    pub champion: f64,
    /// The challenger's figure.
    pub challenger: f64,
    /// Lower end of the interval of challenger − champion.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Difference {
    /// Challenger − champion.
    #[must_use]
    pub fn change(&self) -> f64 {
        self.challenger - self.champion
    }

    /// The figures of rows that have nothing to do with each other, each with its standard error.
    #[must_use]
    pub fn from_independent(champion: (f64, f64), challenger: (f64, f64)) -> Self {
        Self::from_variance(champion.0, challenger.0, champion.1 * champion.1 + challenger.1 * challenger.1)
    }

    fn from_variance(champion: f64, challenger: f64, variance: f64) -> Self {
        let (change, reach) = (challenger - champion, NINETY_FIVE_PERCENT * variance.max(0.0).sqrt());
        Self { champion, challenger, low: change - reach, high: change + reach }
    }
}

/// Predictions of some rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Predictions {
    /// In log-odds, one a row.
    pub log_odds: Vec<f64>,
    /// The fold of each row, from 0: predictions of two folds come from two fits. Empty where all come from one fit.
    pub fold_of: Vec<usize>,
}

impl Predictions {
    /// Adds a row.
    pub(crate) fn push(&mut self, log_odds: f64, fold: usize) {
        self.log_odds.push(log_odds);
        self.fold_of.push(fold);
    }
}

/// The areas under the ROC curves of two predictions of the same rows, each over pairs of rows of one of its folds as in [`auc_by_fold`].
/// `labels` are 0 or 1; rows of one number above zero in `groups` are one customer's, and rows without a number stand for
/// themselves.
///
/// The interval is that of DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44:837; where rows share a group, what they
/// add is summed by group before it is squared (Obuchowski 1997, Biometrics 53:567). One half each where one of the two has no fold with both labels.
pub(crate) fn auc_difference(
    labels: &[f64],
    champion: &Predictions,
    challenger: &Predictions,
    groups: &[u32],
) -> Difference {
    let Some((before, since)) = area_and_influences(labels, champion).zip(area_and_influences(labels, challenger))
    else {
        return Difference { champion: 0.5, challenger: 0.5, low: -1.0, high: 1.0 };
    };
    let changes: Vec<f64> = since.1.iter().zip(&before.1).map(|(since, before)| since - before).collect();
    Difference::from_variance(before.0, since.0, variance(&changes, groups))
}

/// The area, and what each row adds to its error: 0 where the row's fold has no row of the other label. Nothing where no fold has
/// both labels.
fn area_and_influences(labels: &[f64], predictions: &Predictions) -> Option<(f64, Vec<f64>)> {
    let area = auc_by_fold(labels, &predictions.log_odds, &[], &predictions.fold_of).area;
    let mut influences = vec![0.0; labels.len()];
    let mut pairs = 0;
    let mut counts = [0_usize; 2];
    for fold in rows_by_fold(&predictions.fold_of, labels.len()) {
        let sides = split_by_label(labels, fold);
        let [ideal, other] = &sides;
        if ideal.is_empty() || other.is_empty() {
            continue;
        }
        pairs += ideal.len() * other.len();
        // Of a customer that is not ideal the share of ideal ones that it beats counts against the area.
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

/// The mean negative log-likelihoods, in nats, of two predictions in log-odds of the same rows with these weights; the interval is
/// that of a mean of differences, summed by group as in [`auc_difference`].
pub(crate) fn log_loss_difference(
    labels: &[f64],
    champion: &[f64],
    challenger: &[f64],
    groups: &[u32],
    weights: RowWeights,
) -> Difference {
    let (first, second) = (losses(labels, champion, weights), losses(labels, challenger, weights));
    let changes: Vec<f64> = second.iter().zip(&first).map(|(since, before)| since - before).collect();
    Difference::from_variance(mean(&first), mean(&second), variance(&influences(&changes), groups))
}

/// The mean negative log-likelihood of a prediction in log-odds of rows with these weights, and its standard error.
pub(crate) fn log_loss_with_error(labels: &[f64], log_odds: &[f64], groups: &[u32], weights: RowWeights) -> (f64, f64) {
    let losses = losses(labels, log_odds, weights);
    (mean(&losses), variance(&influences(&losses), groups).max(0.0).sqrt())
}

/// What each row adds to the mean: its negative log-likelihood times its weight, where weights are one in the mean.
fn losses(labels: &[f64], log_odds: &[f64], weights: RowWeights) -> Vec<f64> {
    let scale = labels.len() as f64 / weights.sum(labels);
    let loss = |(y, eta): (&f64, &f64)| scale * weights.weight(*y) * (softplus(*eta) - y * eta);
    labels.iter().zip(log_odds).map(loss).collect()
}

/// What each value adds to the error of their mean.
fn influences(values: &[f64]) -> Vec<f64> {
    let (mean, count) = (mean(values), values.len() as f64);
    let scale = (count / (count - 1.0).max(1.0)).sqrt() / count.max(1.0);
    values.iter().map(|value| (value - mean) * scale).collect()
}

/// The variance of the sum of influences, those of one group taken together.
fn variance(influence: &[f64], groups: &[u32]) -> f64 {
    let last = groups.iter().copied().max().unwrap_or(0) as usize;
    let (mut sums, mut alone) = (vec![0.0; last], 0.0);
    let mut units = 0_usize;
    for (row, value) in influence.iter().enumerate() {
        let group = groups.get(row).map_or(0, |group| *group as usize);
        if let Some(sum) = group.checked_sub(1).and_then(|index| sums.get_mut(index)) {
            *sum += value;
        } else {
            alone += value * value;
            units += 1;
        }
    }
    if last == 0 {
        return alone;
    }
    let mut present = vec![false; last];
    for group in groups {
        if let Some(seen) = (*group as usize).checked_sub(1).and_then(|index| present.get_mut(index)) {
            *seen = true;
        }
    }
    units += present.iter().filter(|seen| **seen).count();
    // Fewer units than rows: the correction for small counts is theirs.
    let correction = |count: usize| count as f64 / (count as f64 - 1.0).max(1.0);
    let together: f64 = sums.iter().map(|sum| sum * sum).sum();
    (alone + together) * correction(units) / correction(influence.len())
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

#[cfg(test)]
mod tests;
