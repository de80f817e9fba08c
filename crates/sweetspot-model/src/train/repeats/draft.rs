//! A coarse fit that cannot know an account: what it leaves unexplained tells whether rows of one account go together.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use ndarray::Array1;
use rayon::prelude::*;
use sweetspot_core::Column;
use sweetspot_solver::{AdditiveLogistic, Design, Fitted, Precision, Settings, row_sums, sigmoid};

use super::super::folds::folds;
use super::super::layout::Layout;
use super::super::twins::token::mix;
use super::correlation::Residuals;
use crate::encoder::{Counted, Resolution, encode_column, fit_feature};

/// Newton steps after which something is wrong.
const MAX_ITERATIONS: u32 = 100;
/// Most rows that one fit learns from.
const MAX_ROWS: usize = 20_000;
/// Most rows of fits that leave groups out, and into how many parts the groups fall.
const MAX_ROWS_OUT_OF_GROUP: usize = 4_000;
const FOLDS: usize = 3;

/// Coarsely encoded rows.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    design: Design,
    layout: Layout,
    labels: &'a [f64],
    weights: &'a [f64],
}

impl<'a> Draft<'a> {
    /// Encodes each attribute into at most 12 bins or 20 levels, none for a value of its own. `labels` and case `weights` have one
    /// entry a row.
    pub(super) fn new(columns: &[&Column], rows: &[usize], labels: &'a [f64], weights: &'a [f64]) -> Self {
        let resolution = Resolution::coarse(rows.len());
        let coarse = |column: &&Column| {
            let learned = fit_feature(column, Counted { rows, weights: None }, resolution).ok()?;
            let codes = encode_column(&learned.feature, column, rows);
            Some((learned, codes))
        };
        let (learned, codes): (Vec<_>, Vec<_>) =
            columns.par_iter().map(coarse).collect::<Vec<_>>().into_iter().flatten().unzip();
        Self { design: Design::new(rows.len(), codes), layout: Layout::new(&learned), labels, weights }
    }

    /// How many rows.
    pub(super) const fn rows(&self) -> usize {
        self.design.rows
    }

    /// What one fit to all rows leaves unexplained; nothing where there is no fit.
    pub(super) fn residuals(&self) -> Option<Residuals> {
        let step = self.design.rows.div_ceil(MAX_ROWS).max(1);
        let rows: Vec<usize> = (0..self.design.rows).step_by(step).collect();
        let fitted = self.fit(&rows, None)?;
        let log_odds = row_sums(&self.design, &fitted.effects);
        Some(Residuals::new(self.labels, log_odds.into_iter().map(sigmoid), fitted.effective.iter().sum()))
    }

    /// What fits leave unexplained in groups that they did not see: with few groups one fit to all has seen each of them. `weights`
    /// has one entry a row. Of very many rows that take part, only some groups are judged.
    pub(super) fn residuals_out_of_group(
        &self,
        groups: &[Option<usize>],
        weights: Option<&[f64]>,
        takes_part: impl Fn(usize) -> bool,
    ) -> Option<Residuals> {
        let unit = |row: usize| groups.get(row).copied().flatten().unwrap_or(groups.len() + row);
        let rows = (0..groups.len()).filter(|row| takes_part(*row)).count();
        let limit = (MAX_ROWS_OUT_OF_GROUP as f64 / rows.max(1) as f64 * u64::MAX as f64) as u64;
        let rows: Vec<usize> =
            (0..groups.len()).filter(|row| takes_part(*row) && mix(unit(*row) as u64 + 1) <= limit).collect();
        let labels: Vec<f64> = rows.iter().filter_map(|row| self.labels.get(*row).copied()).collect();
        let of_rows: Vec<Option<usize>> = rows.iter().map(|row| groups.get(*row).copied().flatten()).collect();
        let fold_of = folds(&labels, &of_rows, FOLDS, 0);
        let side = |fold: usize, inside: bool| -> Vec<usize> {
            rows.iter().zip(&fold_of).filter(|(_, of)| (**of == fold) == inside).map(|(row, _)| *row).collect()
        };
        let unseen = |fold: usize| {
            let fitted = self.fit(&side(fold, false), weights)?;
            let rows = side(fold, true);
            let log_odds = row_sums(&self.design.rows(&rows), &fitted.effects);
            Some((rows, log_odds, fitted.effective.iter().sum::<f64>()))
        };
        let parts: Vec<_> = (0..FOLDS).into_par_iter().map(unseen).collect::<Option<_>>()?;
        let mut all = Residuals { values: vec![0.0; groups.len()], variances: vec![0.0; groups.len()], effective: 0.0 };
        for (rows, log_odds, effective) in parts {
            let labels: Vec<f64> = rows.iter().filter_map(|row| self.labels.get(*row).copied()).collect();
            let part = Residuals::new(&labels, log_odds.into_iter().map(sigmoid), effective);
            all.effective = all.effective.max(effective);
            for ((row, value), variance) in rows.iter().zip(part.values).zip(part.variances) {
                if let (Some(slot), Some(other)) = (all.values.get_mut(*row), all.variances.get_mut(*row)) {
                    (*slot, *other) = (value, variance);
                }
            }
        }
        Some(all)
    }

    /// A rough fit to some rows.
    fn fit(&self, rows: &[usize], weights: Option<&[f64]>) -> Option<Fitted> {
        let design = if rows.len() == self.design.rows { self.design.clone() } else { self.design.rows(rows) };
        let labels: Array1<f64> = rows.iter().filter_map(|row| self.labels.get(*row).copied()).collect();
        if labels.iter().all(|label| Some(label) == labels.first()) {
            return None;
        }
        let weight = |row: &usize| {
            let repeat = weights.and_then(|weights| weights.get(*row)).copied().unwrap_or(1.0);
            self.weights.get(*row).map(|weight| (weight * repeat) as f32)
        };
        let weights: Array1<f32> = rows.iter().filter_map(weight).collect();
        let estimator = AdditiveLogistic(Settings {
            blocks: &self.layout.blocks,
            strengths: self.layout.strengths,
            offset: &[],
            start: None,
            max_iterations: MAX_ITERATIONS,
            precision: Precision::Rough,
            stop: &|| false,
        });
        estimator.fit(&DatasetBase::new(&design, labels).with_weights(weights)).ok()
    }
}
