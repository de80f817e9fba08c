//! Temporal holdout: evaluation on the newest customers by a fit that learned from the older ones only.
//!
//! Out of fold, a model may learn from customers that are newer than those it is evaluated on. In production, accounts
//! are always new.

use sweetspot_core::Date;
use sweetspot_solver::probability;

use super::calibrate::Calibration;
use super::fitted_model::FittedModel;
use super::out_of_fold::{OutOfFoldEvaluation, predict_unseen};
use super::training_sample::Sample;
use super::{Progress, TrainError};
use crate::artifact::{Evaluation, TemporalHoldoutEvaluation};
use crate::evaluate;

/// The share of the dated customers in the holdout.
const HOLDOUT_SHARE: f64 = 0.2;
/// The minimum share of dated customers.
const MIN_DATED_SHARE: f64 = 0.9;
/// The minimum number of customers of each label among the newest, and among the older ones.
const MIN_PER_LABEL: usize = 20;
/// The maximum number of customers whose rows have weights: with more, every k-th of them is evaluated.
const MAX_WEIGHTED_CUSTOMERS: u64 = 5_000_000;

/// Newest and older customers, and the log-odds that a fit to the older ones predicts for all.
#[derive(Debug)]
pub(super) struct TemporalHoldoutPredictions {
    first_day: Date,
    /// The side of each row.
    sides: Vec<HoldoutSide>,
    /// The rows of the newest customers; a row occurs once for each of them.
    newest: Vec<usize>,
    /// The log-odds of each row.
    log_odds: Vec<f64>,
}

/// The side of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HoldoutSide {
    Older,
    Newest,
    /// No date: used neither for training nor for evaluation.
    Unknown,
}

impl HoldoutSide {
    fn new(date: Option<Date>, first_day: Date) -> Self {
        match date {
            Some(date) if date >= first_day => Self::Newest,
            Some(_) => Self::Older,
            None => Self::Unknown,
        }
    }
}

/// Fits to the older customers; `None` unless customers are dated and there are enough of each label on both sides.
pub(super) fn fit_temporal_holdout(
    sample: &Sample,
    model: &FittedModel,
    progress: &dyn Progress,
) -> Result<Option<TemporalHoldoutPredictions>, TrainError> {
    let dates = customer_dates(&sample.since, &sample.groups);
    // Rows without weights are all evaluated.
    let step = if sample.counts.are_weighted() { sample.counts.total().div_ceil(MAX_WEIGHTED_CUSTOMERS) } else { 1 };
    let customers = sample.counts.every_nth(0..sample.rows.len(), step.max(1));
    let labels: Vec<f64> = customers.iter().filter_map(|row| sample.labels.get(*row).copied()).collect();
    let customer_dates: Vec<Option<Date>> = customers.iter().filter_map(|row| dates.get(*row).copied()).collect();
    let Some((first_day, _)) = split_by_date(&labels, &customer_dates) else { return Ok(None) };
    let sides: Vec<HoldoutSide> = dates.iter().map(|date| HoldoutSide::new(*date, first_day)).collect();
    let unseen = |row: usize| if sides.get(row) == Some(&HoldoutSide::Older) { 0 } else { u64::MAX };
    let log_odds = predict_unseen(sample, model, unseen, progress)?;
    let is_newest = |row: &usize| sides.get(*row) == Some(&HoldoutSide::Newest);
    let newest = customers.into_iter().filter(is_newest).collect();
    Ok(Some(TemporalHoldoutPredictions { first_day, sides, newest, log_odds }))
}

impl TemporalHoldoutPredictions {
    /// The evaluation on the newest customers. The calibration is that of the older ones, too.
    pub(super) fn evaluation(&self, sample: &Sample, tested: &OutOfFoldEvaluation) -> TemporalHoldoutEvaluation {
        let of_newest =
            |values: &[f64]| -> Vec<f64> { self.newest.iter().filter_map(|row| values.get(*row).copied()).collect() };
        let line = self.older_calibration(sample, tested);
        let labels = of_newest(&sample.labels);
        let weights = sample.row_weights;
        let log_odds: Vec<f64> =
            of_newest(&self.log_odds).into_iter().map(|raw| line.apply(raw) + weights.offset()).collect();
        let probabilities: Vec<f64> = log_odds.iter().map(|eta| probability(*eta)).collect();
        let auc = evaluate::auc(&labels, &log_odds, &of_newest(&sample.repeat_weights));
        TemporalHoldoutEvaluation {
            first_day: self.first_day,
            rows: labels.len() as u64,
            positives: labels.iter().filter(|label| **label > 0.5).count() as u64,
            auc: auc.area,
            auc_low: auc.low,
            auc_high: auc.high,
            log_loss: evaluate::log_loss(&labels, &log_odds, weights),
            calibration_error: evaluate::calibration_error(&labels, &probabilities, weights),
        }
    }
}

impl TemporalHoldoutPredictions {
    /// The calibration from the older customers alone.
    fn older_calibration(&self, sample: &Sample, tested: &OutOfFoldEvaluation) -> Calibration {
        if tested.calibration == Calibration::IDENTITY || tested.calibration.slope == 0.0 {
            return tested.calibration;
        }
        let older = |row: &usize| self.sides.get(*row) == Some(&HoldoutSide::Older);
        let subset = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&tested.rows).filter(|(_, row)| older(row)).map(|(value, _)| *value).collect()
        };
        let row_weights: Vec<f64> = tested
            .rows
            .iter()
            .filter(|row| older(row))
            .filter_map(|row| sample.repeat_weights.get(*row).copied())
            .collect();
        Calibration::fit(&subset(&tested.labels), &subset(&tested.log_odds), &row_weights)
    }
}

/// The warning if the newest customers are clearly ranked worse: the intervals do not overlap.
pub(super) fn holdout_warning(newest: &TemporalHoldoutEvaluation, all: &Evaluation) -> Option<String> {
    let TemporalHoldoutEvaluation { first_day: from, auc, auc_low, auc_high, .. } = newest;
    (*auc_high < all.auc_low).then(|| {
        format!(
            "the newest customers, since {from}, are ranked worse (AUC {auc:.3}, {auc_low:.3} to {auc_high:.3}, \
             against {:.3}, {:.3} to {:.3}): the market or the attributes may have changed",
            all.auc, all.auc_low, all.auc_high
        )
    })
}

/// The date of each customer: an account has the date of its oldest row, so that a group stays on one side.
fn customer_dates(since: &[Option<Date>], groups: &[Option<usize>]) -> Vec<Option<Date>> {
    let mut oldest: Vec<Option<Date>> = vec![None; groups.iter().flatten().max().map_or(0, |last| last + 1)];
    for (since, group) in since.iter().zip(groups) {
        if let Some(slot) = group.and_then(|group| oldest.get_mut(group)) {
            *slot = [*slot, *since].into_iter().flatten().min();
        }
    }
    let age = |(since, group): (&Option<Date>, &Option<usize>)| match group {
        Some(group) => oldest.get(*group).copied().flatten(),
        None => *since,
    };
    since.iter().zip(groups).map(age).collect()
}

/// The first day of the newest customers, and the side of each customer; `None` if there are too few customers.
fn split_by_date(labels: &[f64], ages: &[Option<Date>]) -> Option<(Date, Vec<HoldoutSide>)> {
    let mut sorted: Vec<Date> = ages.iter().copied().flatten().collect();
    if (sorted.len() as f64) < MIN_DATED_SHARE * ages.len() as f64 {
        return None;
    }
    sorted.sort_unstable();
    let holdout_size = (HOLDOUT_SHARE * sorted.len() as f64).round() as usize;
    let day = *sorted.get(sorted.len() - holdout_size.max(1).min(sorted.len()))?;
    // All customers of one day are on one side: of the two possible splits, the one closer to the wanted share is used.
    let (with, without) = (sorted.partition_point(|age| *age < day), sorted.partition_point(|age| *age <= day));
    let miss = |start: usize| (sorted.len() - start).abs_diff(holdout_size);
    let start = if miss(without) < miss(with) { without } else { with };
    let from = *sorted.get(start)?;
    let sides: Vec<HoldoutSide> = ages.iter().map(|age| HoldoutSide::new(*age, from)).collect();
    let count = |side: HoldoutSide, ideal: bool| {
        labels
            .iter()
            .zip(&sides)
            .filter(|(label, side_of_row)| **side_of_row == side && (**label > 0.5) == ideal)
            .count()
    };
    let enough = |side| count(side, true) >= MIN_PER_LABEL && count(side, false) >= MIN_PER_LABEL;
    (enough(HoldoutSide::Newest) && enough(HoldoutSide::Older)).then_some((from, sides))
}

#[cfg(test)]
mod tests;
