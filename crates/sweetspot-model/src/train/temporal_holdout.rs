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

/// Newest and older customers, and the log-odds that a fit to the older ones predicts for all.
#[derive(Debug)]
pub(super) struct TemporalHoldoutPredictions {
    first_day: Date,
    sides: Vec<HoldoutSide>,
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

/// Fits to the older customers; `None` unless customers are dated and there are enough of each label on both sides.
pub(super) fn fit_temporal_holdout(
    sample: &Sample,
    model: &FittedModel,
    progress: &dyn Progress,
) -> Result<Option<TemporalHoldoutPredictions>, TrainError> {
    let Some((from, sides)) = split_by_date(&sample.labels, &customer_dates(&sample.since, &sample.groups)) else {
        return Ok(None);
    };
    let unseen = |row: usize| sides.get(row) != Some(&HoldoutSide::Older);
    let log_odds = predict_unseen(sample, model, unseen, progress)?;
    Ok(Some(TemporalHoldoutPredictions { first_day: from, sides, log_odds }))
}

impl TemporalHoldoutPredictions {
    /// The evaluation on the newest customers. The calibration is that of the older ones, too.
    pub(super) fn evaluation(&self, sample: &Sample, tested: &OutOfFoldEvaluation) -> TemporalHoldoutEvaluation {
        let values_of_side = |values: &[f64], side: HoldoutSide| -> Vec<f64> {
            values
                .iter()
                .zip(&self.sides)
                .filter(|(_, values_of_side)| **values_of_side == side)
                .map(|(value, _)| *value)
                .collect()
        };
        let line = self.older_calibration(sample, tested);
        let labels = values_of_side(&sample.labels, HoldoutSide::Newest);
        let raw = self.log_odds.iter().zip(&self.sides).filter(|(_, side)| **side == HoldoutSide::Newest);
        let weights = sample.row_weights;
        let log_odds: Vec<f64> = raw.map(|(raw, _)| line.apply(*raw) + weights.offset()).collect();
        let probabilities: Vec<f64> = log_odds.iter().map(|eta| probability(*eta)).collect();
        let auc = evaluate::auc(&labels, &log_odds, &values_of_side(&sample.repeat_weights, HoldoutSide::Newest));
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
    let side = |age: &Option<Date>| match age {
        Some(age) if *age >= from => HoldoutSide::Newest,
        Some(_) => HoldoutSide::Older,
        None => HoldoutSide::Unknown,
    };
    let sides: Vec<HoldoutSide> = ages.iter().map(side).collect();
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
