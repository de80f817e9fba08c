//! The evaluation checked in another way: whole values of one attribute are left out, all rows of a revenue figure at once.
//!
//! Rows with the same exact value may be rows of one account that nothing else gives away. If a model ranks rows worse whose value it
//! has not seen, its figures hold for the accounts that it knows and not for new ones.

use rayon::prelude::*;
use sweetspot_core::normal::NINETY_FIVE_PERCENT;
use sweetspot_core::{Column, ColumnData};
use sweetspot_solver::Precision;

use super::fitted::FittedModel;
use super::out_of_fold::Tested;
use super::sample::Sample;
use super::task::{Rows, Task};
use super::twins::seen::repeats;
use super::twins::token::{MISSING, mix, tokens};
use super::{Progress, TrainError};
use crate::artifact::LeaveValuesOut;
use crate::evaluate::{self, Predictions};

/// Rows that share a value, at most: more are no account.
const MAX_ROWS: usize = 50;
/// Values that recur in a few rows each, at least, and the share of the rows that have one of them.
const MIN_VALUES: u32 = 50;
const MIN_SHARE: f64 = 0.2;
/// Into how many parts values fall, and rows that are judged at least, where all parts together have so many.
const PARTS: u64 = 5;
const JUDGED: usize = 1_000;
/// The two evaluations disagree from this difference in AUC on, and this many standard errors of it.
const MIN_DIFFERENCE: f64 = 0.03;
const MIN_DEVIATIONS: f64 = 3.0;

/// An attribute whose values recur in a few rows each.
#[derive(Debug)]
pub(super) struct Recurring {
    /// Its name.
    pub attribute: String,
    /// The number of each row's value, from 1 on; nothing where the value does not recur, or in many rows.
    pub values: Vec<Option<u32>>,
}

/// The attribute with the most values that recur in a few rows each, of more than one group; nothing where there is none.
pub(super) fn recurring(columns: &[&Column], rows: &[usize], groups: &[Option<usize>]) -> Option<Recurring> {
    let found: Vec<Option<(u32, Recurring)>> =
        columns.par_iter().map(|column| recurring_values(column, rows, groups)).collect();
    // The first of equals.
    let most = found.into_iter().flatten().reduce(|best, next| if next.0 > best.0 { next } else { best });
    most.map(|(_, recurring)| recurring)
}

fn recurring_values(column: &Column, rows: &[usize], groups: &[Option<usize>]) -> Option<(u32, Recurring)> {
    match column.data {
        ColumnData::Numbers(_) | ColumnData::Dates(_) | ColumnData::Categories { .. } => {}
        ColumnData::Flags(_) | ColumnData::Lists { .. } => return None,
    }
    let tokens = tokens(column, rows);
    let known = (0_u32..).zip(&tokens).filter(|(_, token)| **token != MISSING);
    let equal = repeats(known.map(|(row, token)| (*token, row)).collect());
    let group = |row: u32| groups.get(row as usize).copied().flatten();
    let several = |rows: &&[(u64, u32)]| {
        let first = rows.first().and_then(|(_, row)| group(*row));
        rows.len() <= MAX_ROWS && (first.is_none() || rows.iter().any(|(_, row)| group(*row) != first))
    };
    let (mut values, mut count, mut held) = (vec![None; rows.len()], 0_u32, 0);
    for equal in equal.chunk_by(|a, b| a.0 == b.0).filter(several) {
        (count, held) = (count + 1, held + equal.len());
        for (_, row) in equal {
            if let Some(value) = values.get_mut(*row as usize) {
                *value = Some(count);
            }
        }
    }
    let enough = count >= MIN_VALUES && held as f64 >= MIN_SHARE * rows.len() as f64;
    enough.then(|| (count, Recurring { attribute: column.name.clone(), values }))
}

/// The part that a value is left out with.
fn part_of_value(value: u32) -> u64 {
    mix(u64::from(value)) % PARTS
}

/// Log-odds of rows by fits that saw no row with the same value.
#[derive(Debug)]
pub(super) struct Unseen<'a> {
    recurring: &'a Recurring,
    /// One a row of the sample; nothing where the row was not judged.
    log_odds: Vec<Option<f64>>,
}

/// Fits without some of the values, with the pairs and the strengths of the model and from where it stands.
pub(super) fn fit_without_values<'a>(
    sample: &'a Sample,
    model: &FittedModel,
    progress: &dyn Progress,
) -> Result<Option<Unseen<'a>>, TrainError> {
    let Some(recurring) = &sample.recurring else { return Ok(None) };
    let part = |row: usize| Some(part_of_value(recurring.values.get(row).copied().flatten()?));
    let parts = (JUDGED as u64 * PARTS).div_ceil(sample.rows.len() as u64).clamp(1, PARTS);
    let without = |left_out: u64| -> Result<Vec<f64>, TrainError> {
        let weight = |(row, weight): (usize, &f64)| if part(row) == Some(left_out) { 0.0 } else { *weight };
        let weights: Vec<f64> = sample.weights.iter().enumerate().map(weight).collect();
        let rows = Rows::taking_part(sample, &weights);
        let task = Task { sample, layout: &sample.layout, rows: &rows, progress };
        let start = task.start(&model.pairs, model.attributes(sample), Some(model));
        let fitted = task.solve_with(model.pairs.clone(), start, Precision::Refit, model.alone.clone())?;
        Ok(fitted.predict(sample))
    };
    let predictions: Vec<Vec<f64>> = (0..parts).into_par_iter().map(without).collect::<Result<_, _>>()?;
    let log_odds = |row: usize| predictions.get(part(row)? as usize)?.get(row).copied();
    Ok(Some(Unseen { recurring, log_odds: (0..sample.rows.len()).map(log_odds).collect() }))
}

impl Unseen<'_> {
    /// Against the log-odds of the same rows by fits that did not see the row, but others with its value. Nothing where one label is
    /// missing.
    pub(super) fn compared(&self, sample: &Sample, tested: &Tested) -> Option<LeaveValuesOut> {
        let (mut labels, mut values) = (Vec::new(), Vec::new());
        let (mut seen, mut unseen) = (Predictions::default(), Predictions::default());
        for ((row, log_odds), fold) in tested.rows.iter().zip(&tested.log_odds).zip(&tested.fold_of) {
            let value = self.recurring.values.get(*row).copied().flatten();
            let Some((value, without)) = value.zip(self.log_odds.get(*row).copied().flatten()) else { continue };
            labels.push(*sample.labels.get(*row)?);
            values.push(value);
            seen.push(*log_odds, *fold);
            unseen.push(without, part_of_value(value) as usize);
        }
        if labels.iter().all(|label| Some(label) == labels.first()) {
            return None;
        }
        let difference = evaluate::auc_difference(&labels, &seen, &unseen, &values);
        let error = (difference.high - difference.low) / (2.0 * NINETY_FIVE_PERCENT);
        let auc = evaluate::auc_by_fold(&labels, &unseen.log_odds, &[], &unseen.fold_of);
        Some(LeaveValuesOut {
            attribute: self.recurring.attribute.clone(),
            rows: labels.len() as u64,
            auc: auc.area,
            auc_low: auc.low,
            auc_high: auc.high,
            auc_with_values: difference.champion,
            disagrees: -difference.change() >= MIN_DIFFERENCE.max(MIN_DEVIATIONS * error),
        })
    }
}

/// What a person should know where the two evaluations disagree.
pub(super) fn warning(found: &LeaveValuesOut) -> Option<String> {
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
