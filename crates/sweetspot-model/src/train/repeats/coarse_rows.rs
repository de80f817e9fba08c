//! A coarse fit that cannot identify accounts: its residuals show whether the outcomes within an account are
//! correlated.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use ndarray::Array1;
use rayon::prelude::*;
use sweetspot_core::Column;
use sweetspot_solver::{
    AdditiveLogistic, Design, FittedLogistic, SolverSettings, Tolerance, WarmStart, row_sums, sigmoid,
};

use super::super::duplicates::token::mix_bits;
use super::super::folds::assign_folds;
use super::super::parameter_layout::ParameterLayout;
use super::correlation::Residuals;
use crate::encoder::{Resolution, WeightedRows, encode_column, fit_feature};

/// The maximum number of Newton steps.
const MAX_NEWTON_STEPS: u32 = 100;
/// The maximum number of rows of one fit.
const MAX_ROWS: usize = 20_000;
/// The maximum number of rows of fits that leave groups out, and the number of parts that groups are divided into.
const MAX_ROWS_OUT_OF_GROUP: usize = 4_000;
const FOLDS: usize = 3;

/// A fit to all rows.
#[derive(Debug)]
pub(super) struct DraftFit {
    pub residuals: Residuals,
    /// The smoothing parameters.
    pub smoothing: Vec<f64>,
}

/// Rows with coarsely encoded attributes and their labels, from which fits are made.
#[derive(Debug)]
pub(super) struct CoarseRows<'a> {
    design: Design,
    layout: ParameterLayout,
    labels: &'a [f64],
    weights: &'a [f64],
}

impl<'a> CoarseRows<'a> {
    /// Encodes each attribute into at most 12 bins or 20 levels, without slots for single values. `labels` and case
    /// `weights` have one entry per row.
    pub(super) fn new(columns: &[&Column], rows: &[usize], labels: &'a [f64], weights: &'a [f64]) -> Self {
        let resolution = Resolution::coarse(rows.len());
        let coarse = |column: &&Column| {
            let learned = fit_feature(column, WeightedRows { rows, weights: None }, resolution).ok()?;
            let codes = encode_column(&learned.feature, column, rows);
            Some((learned, codes))
        };
        let (learned, codes): (Vec<_>, Vec<_>) =
            columns.par_iter().map(coarse).collect::<Vec<_>>().into_iter().flatten().unzip();
        Self { design: Design::new(rows.len(), codes), layout: ParameterLayout::new(&learned), labels, weights }
    }

    /// The number of rows.
    pub(super) const fn row_count(&self) -> usize {
        self.design.rows
    }

    /// One fit to all rows; `None` if it fails.
    pub(super) fn draft(&self) -> Option<DraftFit> {
        let step = self.design.rows.div_ceil(MAX_ROWS).max(1);
        let rows: Vec<usize> = (0..self.design.rows).step_by(step).collect();
        let fitted = self.fit(&rows, None, None)?;
        let log_odds = row_sums(&self.design, &fitted.effects);
        let effective = fitted.effective_parameters.iter().sum();
        let residuals = Residuals::new(self.labels, log_odds.into_iter().map(sigmoid), effective);
        Some(DraftFit { residuals, smoothing: fitted.smoothing })
    }

    /// The residuals of fits in groups that they did not see: with few groups, one fit to all rows can overfit to each
    /// group. `weights` has one entry per row; `smoothing` are fixed smoothing parameters, which are estimated if there
    /// are none. If very many rows are included, only some groups are evaluated.
    pub(super) fn out_of_group_residuals(
        &self,
        groups: &[Option<usize>],
        weights: Option<&[f64]>,
        smoothing: Option<&[f64]>,
        is_included: impl Fn(usize) -> bool,
    ) -> Option<Residuals> {
        let unit = |row: usize| groups.get(row).copied().flatten().unwrap_or(groups.len() + row);
        let rows = (0..groups.len()).filter(|row| is_included(*row)).count();
        let limit = (MAX_ROWS_OUT_OF_GROUP as f64 / rows.max(1) as f64 * u64::MAX as f64) as u64;
        let rows: Vec<usize> =
            (0..groups.len()).filter(|row| is_included(*row) && mix_bits(unit(*row) as u64 + 1) <= limit).collect();
        let labels: Vec<f64> = rows.iter().filter_map(|row| self.labels.get(*row).copied()).collect();
        let of_rows: Vec<Option<usize>> = rows.iter().map(|row| groups.get(*row).copied().flatten()).collect();
        let fold_of = assign_folds(&labels, &of_rows, FOLDS, 0);
        let side = |fold: usize, inside: bool| -> Vec<usize> {
            rows.iter()
                .zip(&fold_of)
                .filter(|(_, fold_of_row)| (**fold_of_row == fold) == inside)
                .map(|(row, _)| *row)
                .collect()
        };
        let unseen = |fold: usize| {
            let fitted = self.fit(&side(fold, false), weights, smoothing)?;
            let rows = side(fold, true);
            let log_odds = row_sums(&self.design.select_rows(&rows), &fitted.effects);
            Some((rows, log_odds, fitted.effective_parameters.iter().sum::<f64>()))
        };
        let parts: Vec<_> = (0..FOLDS).into_par_iter().map(unseen).collect::<Option<_>>()?;
        let mut all = Residuals {
            values: vec![0.0; groups.len()],
            variances: vec![0.0; groups.len()],
            effective_parameters: 0.0,
        };
        for (rows, log_odds, effective) in parts {
            let labels: Vec<f64> = rows.iter().filter_map(|row| self.labels.get(*row).copied()).collect();
            let part = Residuals::new(&labels, log_odds.into_iter().map(sigmoid), effective);
            all.effective_parameters = all.effective_parameters.max(effective);
            for ((row, value), variance) in rows.iter().zip(part.values).zip(part.variances) {
                if let (Some(slot), Some(other)) = (all.values.get_mut(*row), all.variances.get_mut(*row)) {
                    (*slot, *other) = (value, variance);
                }
            }
        }
        Some(all)
    }

    /// A rough fit to some rows.
    fn fit(&self, rows: &[usize], weights: Option<&[f64]>, smoothing: Option<&[f64]>) -> Option<FittedLogistic> {
        let design = if rows.len() == self.design.rows { self.design.clone() } else { self.design.select_rows(rows) };
        let labels: Array1<f64> = rows.iter().filter_map(|row| self.labels.get(*row).copied()).collect();
        if labels.iter().all(|label| Some(label) == labels.first()) {
            return None;
        }
        let weight = |row: &usize| {
            let repeat = weights.and_then(|weights| weights.get(*row)).copied().unwrap_or(1.0);
            self.weights.get(*row).map(|weight| weight * repeat)
        };
        let weights: Vec<f64> = rows.iter().filter_map(weight).collect();
        let estimator = AdditiveLogistic(SolverSettings {
            blocks: &self.layout.blocks,
            smoothing_count: self.layout.smoothing_count,
            offset: &[],
            case_weights: &weights,
            warm_start: smoothing
                .map(|smoothing| WarmStart { smoothing: smoothing.to_vec(), ..self.layout.start_at_priors() }),
            max_iterations: MAX_NEWTON_STEPS,
            tolerance: if smoothing.is_some() { Tolerance::Refit } else { Tolerance::Draft },
            is_cancelled: &|| false,
        });
        estimator.fit(&DatasetBase::new(&design, labels)).ok()
    }
}
