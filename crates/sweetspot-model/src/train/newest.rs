//! Evaluation on the newest customers by a fit that learned from the older ones only.
//!
//! Out of fold, a model may learn from customers that came later than those it is judged on. What it will be asked in
//! earnest is always new.

use sweetspot_core::Date;
use sweetspot_solver::probability;

use super::calibrate::Calibration;
use super::fitted::FittedModel;
use super::out_of_fold::{Tested, predictions_without};
use super::sample::Sample;
use super::{Progress, TrainError};
use crate::artifact::{Evaluation, NewestEvaluation};
use crate::evaluate;

/// The share of the dated customers that is newest.
const SHARE: f64 = 0.2;
/// Fewest dated customers, as a share of all.
const DATED: f64 = 0.9;
/// Fewest customers of either label among the newest, and among the older ones.
const FEWEST: usize = 20;

/// Newest and older customers, and what the older ones make one expect of all.
#[derive(Debug)]
pub(super) struct Newest {
    from: Date,
    sides: Vec<Side>,
    log_odds: Vec<f64>,
}

/// When a customer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Older,
    Newest,
    /// Not told: neither learned from nor judged.
    Unknown,
}

/// Fits to the older customers, where customers are dated and there are enough of either label on both sides.
pub(super) fn fit_to_older(
    sample: &Sample,
    model: &FittedModel,
    progress: &dyn Progress,
) -> Result<Option<Newest>, TrainError> {
    let Some((from, sides)) = split(&sample.labels, &ages(&sample.since, &sample.groups)) else { return Ok(None) };
    let unseen = |row: usize| sides.get(row) != Some(&Side::Older);
    let log_odds = predictions_without(sample, model, unseen, progress)?;
    Ok(Some(Newest { from, sides, log_odds }))
}

impl Newest {
    /// How well the older customers foretold the newest. The calibration is that of the older ones, too.
    pub(super) fn evaluation(&self, sample: &Sample, tested: &Tested) -> NewestEvaluation {
        let of = |values: &[f64], side: Side| -> Vec<f64> {
            values.iter().zip(&self.sides).filter(|(_, of)| **of == side).map(|(value, _)| *value).collect()
        };
        let line = self.line(sample, tested);
        let labels = of(&sample.labels, Side::Newest);
        let raw = self.log_odds.iter().zip(&self.sides).filter(|(_, side)| **side == Side::Newest);
        let weights = sample.row_weights;
        let log_odds: Vec<f64> = raw.map(|(raw, _)| line.apply(*raw) + weights.offset()).collect();
        let probabilities: Vec<f64> = log_odds.iter().map(|eta| probability(*eta)).collect();
        let auc = evaluate::auc(&labels, &log_odds, &of(&sample.worth, Side::Newest));
        NewestEvaluation {
            from: self.from,
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

impl Newest {
    /// The calibration that the older customers alone would have led to.
    fn line(&self, sample: &Sample, tested: &Tested) -> Calibration {
        if tested.calibration == Calibration::NONE || tested.calibration.slope == 0.0 {
            return tested.calibration;
        }
        let older = |row: &usize| self.sides.get(*row) == Some(&Side::Older);
        let of = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&tested.rows).filter(|(_, row)| older(row)).map(|(value, _)| *value).collect()
        };
        let worth: Vec<f64> =
            tested.rows.iter().filter(|row| older(row)).filter_map(|row| sample.worth.get(*row).copied()).collect();
        Calibration::fit(&of(&tested.labels), &of(&tested.log_odds), &worth)
    }
}

/// What a person should know where the newest customers are clearly ranked worse: the intervals have nothing in common.
pub(super) fn warning(newest: &NewestEvaluation, all: &Evaluation) -> Option<String> {
    let NewestEvaluation { from, auc, auc_low, auc_high, .. } = newest;
    (*auc_high < all.auc_low).then(|| {
        format!(
            "the newest customers, since {from}, are ranked worse (AUC {auc:.3}, {auc_low:.3} to {auc_high:.3}, \
             against {:.3}, {:.3} to {:.3}): the market or the attributes may have changed",
            all.auc, all.auc_low, all.auc_high
        )
    })
}

/// Since when each customer is known: an account is as old as its oldest row, so that a group stays on one side.
fn ages(since: &[Option<Date>], groups: &[Option<usize>]) -> Vec<Option<Date>> {
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

/// The first day of the newest, and everybody's side; nothing where the customers do not carry it.
fn split(labels: &[f64], ages: &[Option<Date>]) -> Option<(Date, Vec<Side>)> {
    let mut sorted: Vec<Date> = ages.iter().copied().flatten().collect();
    if (sorted.len() as f64) < DATED * ages.len() as f64 {
        return None;
    }
    sorted.sort_unstable();
    let wanted = (SHARE * sorted.len() as f64).round() as usize;
    let day = *sorted.get(sorted.len() - wanted.max(1).min(sorted.len()))?;
    // A day is on one side: of the two bounds the one that is closer to the wanted share.
    let (with, without) = (sorted.partition_point(|age| *age < day), sorted.partition_point(|age| *age <= day));
    let miss = |start: usize| (sorted.len() - start).abs_diff(wanted);
    let start = if miss(without) < miss(with) { without } else { with };
    let from = *sorted.get(start)?;
    let side = |age: &Option<Date>| match age {
        Some(age) if *age >= from => Side::Newest,
        Some(_) => Side::Older,
        None => Side::Unknown,
    };
    let sides: Vec<Side> = ages.iter().map(side).collect();
    let count = |side: Side, ideal: bool| {
        labels.iter().zip(&sides).filter(|(label, of)| **of == side && (**label > 0.5) == ideal).count()
    };
    let enough = |side| count(side, true) >= FEWEST && count(side, false) >= FEWEST;
    (enough(Side::Newest) && enough(Side::Older)).then_some((from, sides))
}

#[cfg(test)]
mod tests;
