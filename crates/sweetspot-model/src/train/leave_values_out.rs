//! A second evaluation: whole values of one attribute are left out, such as all rows of one revenue figure.
//!
//! Rows with the same exact value may be rows of one account that cannot be detected otherwise. If a model ranks rows
//! with unseen values worse, its metrics hold for the accounts that it knows and not for new ones.

use rayon::prelude::*;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;
use sweetspot_core::{Column, ColumnData};
use sweetspot_solver::Tolerance;

use super::duplicates::count_min::repeated_hashes;
use super::duplicates::token::{MISSING, column_tokens, mix_bits};
use super::fit_task::{FitRows, FitTask};
use super::fitted_model::FittedModel;
use super::out_of_fold::OutOfFoldEvaluation;
use super::training_sample::Sample;
use super::{Progress, TrainError};
use crate::artifact::LeaveValuesOut;
use crate::evaluate::{self, FoldPredictions};

/// The maximum number of rows that share a value: more cannot be one account.
const MAX_ROWS_PER_VALUE: usize = 50;
/// The minimum number of values that recur in a few rows each, and the minimum share of rows that have one of them.
const MIN_VALUES: u32 = 50;
const MIN_SHARE: f64 = 0.2;
/// The number of parts that values are divided into, and the minimum number of rows to evaluate if there are as many.
const PARTS: u64 = 5;
const MIN_EVALUATED_ROWS: usize = 1_000;
/// The two evaluations disagree from this difference in AUC on, if it is also this many standard errors.
const MIN_DIFFERENCE: f64 = 0.03;
const MIN_DEVIATIONS: f64 = 3.0;

/// An attribute whose values recur in a few rows each.
#[derive(Debug)]
pub(super) struct RecurringValues {
    /// The attribute's name, as in the dataset.
    pub attribute: String,
    /// The number of each row's value, from 1; `None` if the value does not recur, or recurs in too many rows.
    pub values: Vec<Option<u32>>,
}

/// The attribute with the most values that recur in a few rows each, across more than one group; `None` if there is
/// none.
pub(super) fn find_recurring(columns: &[&Column], rows: &[usize], groups: &[Option<usize>]) -> Option<RecurringValues> {
    let found: Vec<Option<(u32, RecurringValues)>> =
        columns.par_iter().map(|column| recurring_values(column, rows, groups)).collect();
    // The first one in case of a tie.
    let largest = found.into_iter().flatten().reduce(|best, next| if next.0 > best.0 { next } else { best });
    largest.map(|(_, recurring)| recurring)
}

fn recurring_values(column: &Column, rows: &[usize], groups: &[Option<usize>]) -> Option<(u32, RecurringValues)> {
    match column.data {
        ColumnData::Numbers(_) | ColumnData::Dates(_) | ColumnData::Categories { .. } => {}
        ColumnData::Flags(_) | ColumnData::Lists { .. } => return None,
    }
    let tokens = column_tokens(column, rows);
    let known = (0_u32..).zip(&tokens).filter(|(_, token)| **token != MISSING);
    let equal = repeated_hashes(known.map(|(row, token)| (*token, row)).collect());
    let group = |row: u32| groups.get(row as usize).copied().flatten();
    let several = |rows: &&[(u64, u32)]| {
        let first = rows.first().and_then(|(_, row)| group(*row));
        rows.len() <= MAX_ROWS_PER_VALUE && (first.is_none() || rows.iter().any(|(_, row)| group(*row) != first))
    };
    let (mut values, mut count, mut row_count) = (vec![None; rows.len()], 0_u32, 0);
    for equal in equal.chunk_by(|a, b| a.0 == b.0).filter(several) {
        (count, row_count) = (count + 1, row_count + equal.len());
        for (_, row) in equal {
            if let Some(value) = values.get_mut(*row as usize) {
                *value = Some(count);
            }
        }
    }
    let enough = count >= MIN_VALUES && row_count as f64 >= MIN_SHARE * rows.len() as f64;
    enough.then(|| (count, RecurringValues { attribute: column.name.clone(), values }))
}

/// The part that a value is left out with.
fn value_part(value: u32) -> u64 {
    mix_bits(u64::from(value)) % PARTS
}

/// Log-odds of rows by fits that did not see their value.
#[derive(Debug)]
pub(super) struct UnseenValuePredictions<'a> {
    recurring_values: &'a RecurringValues,
    /// One entry per row of the sample; `None` if the row was not evaluated.
    log_odds: Vec<Option<f64>>,
}

/// Fits without some of the values, with the interactions and smoothing parameters of the model, starting from its
/// solution.
pub(super) fn fit_without_values<'a>(
    sample: &'a Sample,
    model: &FittedModel,
    progress: &dyn Progress,
) -> Result<Option<UnseenValuePredictions<'a>>, TrainError> {
    let Some(recurring) = &sample.recurring_values else { return Ok(None) };
    let part = |row: usize| Some(value_part(recurring.values.get(row).copied().flatten()?));
    let parts = (MIN_EVALUATED_ROWS as u64 * PARTS).div_ceil(sample.rows.len() as u64).clamp(1, PARTS);
    let without = |left_out: u64| -> Result<Vec<f64>, TrainError> {
        let weight = |(row, weight): (usize, &f64)| if part(row) == Some(left_out) { 0.0 } else { *weight };
        let weights: Vec<f64> = sample.weights.iter().enumerate().map(weight).collect();
        let rows = FitRows::from_weights(sample, &weights);
        let task = FitTask { sample, layout: &sample.layout, rows: &rows, progress };
        let start = task.warm_start(&model.interactions, model.attribute_start(sample), Some(model));
        let fitted = task.solve_with_interactions(
            model.interactions.clone(),
            start,
            Tolerance::Refit,
            model.main_effects.clone(),
        )?;
        Ok(fitted.predict(sample))
    };
    let predictions: Vec<Vec<f64>> = (0..parts).into_par_iter().map(without).collect::<Result<_, _>>()?;
    let log_odds = |row: usize| predictions.get(part(row)? as usize)?.get(row).copied();
    Ok(Some(UnseenValuePredictions {
        recurring_values: recurring,
        log_odds: (0..sample.rows.len()).map(log_odds).collect(),
    }))
}

impl UnseenValuePredictions<'_> {
    /// Compares these log-odds with the out-of-fold log-odds of the same rows, whose fits saw other rows with the same
    /// value. `None` if the rows lack one of the labels.
    pub(super) fn comparison(&self, sample: &Sample, tested: &OutOfFoldEvaluation) -> Option<LeaveValuesOut> {
        let (mut labels, mut values) = (Vec::new(), Vec::new());
        let (mut seen, mut unseen) = (FoldPredictions::default(), FoldPredictions::default());
        for ((row, log_odds), fold) in tested.rows.iter().zip(&tested.log_odds).zip(&tested.row_folds) {
            let value = self.recurring_values.values.get(*row).copied().flatten();
            let Some((value, without)) = value.zip(self.log_odds.get(*row).copied().flatten()) else { continue };
            labels.push(*sample.labels.get(*row)?);
            values.push(value);
            seen.push(*log_odds, *fold);
            unseen.push(without, value_part(value) as usize);
        }
        if labels.iter().all(|label| Some(label) == labels.first()) {
            return None;
        }
        let difference = evaluate::auc_difference(&labels, &seen, &unseen, &values);
        let error = (difference.high - difference.low) / (2.0 * NINETY_FIVE_PERCENT);
        let auc = evaluate::auc_by_fold(&labels, &unseen.log_odds, &[], &unseen.row_folds);
        Some(LeaveValuesOut {
            attribute: self.recurring_values.attribute.clone(),
            rows: labels.len() as u64,
            auc: auc.area,
            auc_low: auc.low,
            auc_high: auc.high,
            auc_with_values: difference.champion,
            disagrees: -difference.change() >= MIN_DIFFERENCE.max(MIN_DEVIATIONS * error),
        })
    }
}

/// The warning if the two evaluations disagree.
pub(super) fn disagreement_warning(found: &LeaveValuesOut) -> Option<String> {
    let LeaveValuesOut { attribute, rows, auc, auc_with_values, disagrees, .. } = found;
    disagrees.then(|| {
        format!(
            "rows whose {attribute:?} the model has not seen are ranked worse: AUC {auc:.3} where all rows of a \
             value are left out, {auc_with_values:.3} where only the row is ({rows} rows). Rows with the same value \
             look like one account: map a group, leave the attribute out (train --exclude), or declare the rows \
             independent (train --independent-rows)"
        )
    })
}

#[cfg(test)]
mod tests;
