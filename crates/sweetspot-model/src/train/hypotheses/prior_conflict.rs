//! Prior-data conflict: the customers' estimate for each hypothesis, all else equal, and the discount of a contradicted
//! prior.

use rayon::prelude::*;
use sweetspot_core::Effect;
use sweetspot_solver::{Prior, Tolerance};

use super::super::fit_task::FitTask;
use super::super::fitted_model::FittedModel;
use super::super::parameter_layout::ParameterLayout;
use super::single_hypothesis::SingleHypothesisModel;
use crate::score_uncertainty::FACTOR_COUNT;

/// The maximum number of customers used: this many determine the log-odds to a few hundredths.
const MAX_CUSTOMERS: u64 = 20_000;
/// The precision of the weak prior, in 1 / log-odds²: without prior knowledge, a log-odds ratio is within two and a
/// half of zero (Gelman, Jakulin, Pittau and Su 2008, Ann. Appl. Stat. 2:1360). It keeps the fit finite if all matching
/// customers have the same label.
pub(super) const WEAK_PRIOR_PRECISION: f64 = 1.0 / (2.5 * 2.5);

/// The customers' estimate for each hypothesis: the difference in log-odds between matching customers and the others.
///
/// Fitted without the attribute's own slots and interactions, so that the hypothesis has the only coefficient of the
/// attribute, but with everything else, whose uncertainty is included. The effect of [`WEAK_PRIOR_PRECISION`] on the
/// estimate is removed afterwards. The estimate is `None` if the hypothesis holds for no customer or for all. Rows of
/// weight zero do not take part.
pub(in crate::train) fn data_estimates(
    task: &FitTask<'_>,
    model: &FittedModel,
    precision: Tolerance,
) -> Vec<Option<Effect>> {
    if task.sample.hypothesis_set.is_empty() {
        return Vec::new();
    }
    let step = task.rows.customers().div_ceil(MAX_CUSTOMERS).max(1);
    let (indices, rows) = task.rows.every_nth(step);
    let task = FitTask { rows: &rows, ..*task };
    let hypothesis_count = task.sample.hypothesis_set.len();
    (0..hypothesis_count).into_par_iter().map(|index| data_estimate(&task, model, index, &indices, precision)).collect()
}

fn data_estimate(
    task: &FitTask<'_>,
    model: &FittedModel,
    hypothesis_index: usize,
    rows: &[usize],
    precision: Tolerance,
) -> Option<Effect> {
    let SingleHypothesisModel { design, layout, start, slot, term } =
        SingleHypothesisModel::new(task.sample, model, hypothesis_index)?;
    let design = design.select_rows(rows);
    let codes = design.terms.get(term)?;
    let holds = |row: usize| codes.codes.row(row).contains(&(hypothesis_index as u16));
    let counts = |label: bool| task.rows.weights.iter().enumerate().any(|(row, w)| *w > 0.0 && holds(row) == label);
    if !(counts(true) && counts(false)) {
        return None;
    }
    // Training continues without an estimate; a cancellation is detected by the next fit.
    let fitted = task.solve(&design, &layout, Some(start), precision).ok()?;
    let uncertainty = fitted.uncertainty(&design, &task.rows.row_counts(), FACTOR_COUNT)?;
    let (log_odds, variance) = (fitted.effects.get(slot)?, uncertainty.variance(slot)?);
    let information = 1.0 / variance - WEAK_PRIOR_PRECISION;
    let estimate = Effect { log_odds: log_odds / variance / information, standard_error: information.sqrt().recip() };
    (information > 0.0 && estimate.log_odds.is_finite()).then_some(estimate)
}

/// The layout with lower precision for hypotheses that the customers contradict.
///
/// The discounted precision is the one that maximizes the likelihood of the customers' estimate, 1 / ((m − m₀)² − v),
/// if that is lower: the empirical power prior (Gravestock and Held 2017, Pharm. Stat. 16:349) as a response to
/// prior-data conflict (Evans and Moshonov 2006, Bayesian Anal. 1:893).
pub(in crate::train) fn discount_priors(
    layout: &ParameterLayout,
    priors: &[Prior],
    estimates: &[Option<Effect>],
) -> ParameterLayout {
    let doubted = |(prior, estimates): (&Prior, &Option<Effect>)| {
        let excess = estimates
            .map_or(0.0, |estimates| (estimates.log_odds - prior.mean).powi(2) - estimates.standard_error.powi(2));
        let precision = if excess > 0.0 { prior.precision.min(1.0 / excess) } else { prior.precision };
        Prior { precision, ..*prior }
    };
    layout.with_priors(priors.iter().zip(estimates).map(doubted).collect())
}

#[cfg(test)]
mod tests;
