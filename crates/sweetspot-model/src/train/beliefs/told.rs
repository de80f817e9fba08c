//! What the customers say of each belief, all else equal, and how much of a contradicted belief is left.

use rayon::prelude::*;
use sweetspot_core::Effect;
use sweetspot_solver::{Precision, Prior};

use super::super::fitted::FittedModel;
use super::super::layout::Layout;
use super::super::task::Task;
use super::question::Question;
use crate::scorer::RANK;

/// Most customers who are asked: so many know the log-odds to a few hundredths.
const ASKED: usize = 20_000;
/// Where nothing is believed, a log-odds ratio lies within two and a half of zero (Gelman, Jakulin, Pittau and Su 2008, Ann. Appl.
/// Stat. 2:1360), in 1 / log-odds². It keeps the fit finite where all who are meant have one label.
pub(super) const OPEN_MIND: f64 = 1.0 / (2.5 * 2.5);

/// What the customers say of each belief: by how much the log-odds of those for whom it holds differ from those of the others.
///
/// Fitted without the attribute's own slots and pairs of it, so that the belief's coefficient is all that speaks of the attribute,
/// together with everything else, whose uncertainty counts; what is left of [`OPEN_MIND`] in the answer is taken out again. Nothing
/// is said where the belief holds for nobody or for everybody. Rows of weight zero take no part.
pub(in crate::train) fn told(task: &Task<'_>, model: &FittedModel, precision: Precision) -> Vec<Option<Effect>> {
    if task.sample.beliefs.is_empty() {
        return Vec::new();
    }
    let step = model.design.rows.div_ceil(ASKED).max(1);
    let rows = task.rows.every(step);
    let task = Task { rows: &rows, ..*task };
    let beliefs = task.sample.beliefs.len();
    (0..beliefs).into_par_iter().map(|belief| answer(&task, model, belief, step, precision)).collect()
}

fn answer(task: &Task<'_>, model: &FittedModel, belief: usize, step: usize, precision: Precision) -> Option<Effect> {
    let Question { design, layout, start, slot, term } = Question::new(task.sample, model, belief)?;
    let design = design.every(step);
    let codes = design.terms.get(term)?;
    let holds = |row: usize| codes.codes.row(row).contains(&(belief as u16));
    let counts = |wanted: bool| task.rows.weights.iter().enumerate().any(|(row, w)| *w > 0.0 && holds(row) == wanted);
    if !(counts(true) && counts(false)) {
        return None;
    }
    // A question without an answer is no reason to train no model; somebody who stops the training is heard by the next fit.
    let fitted = task.solve(&design, &layout, Some(start), precision).ok()?;
    let uncertainty = fitted.uncertainty(&design, RANK)?;
    let (log_odds, variance) = (fitted.effects.get(slot)?, uncertainty.variance(slot)?);
    let information = 1.0 / variance - OPEN_MIND;
    let told = Effect { log_odds: log_odds / variance / information, standard_error: information.sqrt().recip() };
    (information > 0.0 && told.log_odds.is_finite()).then_some(told)
}

/// The layout with beliefs that the customers contradict held less firmly.
///
/// What is left of the precision is the one that makes the customers' answer most likely, 1 / ((m − m₀)² − v), where that is
/// less: the empirical power prior (Gravestock and Held 2017, Pharm. Stat. 16:349) as an answer to prior-data conflict (Evans
/// and Moshonov 2006, Bayesian Anal. 1:893).
pub(in crate::train) fn doubted(layout: &Layout, priors: &[Prior], told: &[Option<Effect>]) -> Layout {
    let doubted = |(prior, told): (&Prior, &Option<Effect>)| {
        let excess = told.map_or(0.0, |told| (told.log_odds - prior.mean).powi(2) - told.standard_error.powi(2));
        let precision = if excess > 0.0 { prior.precision.min(1.0 / excess) } else { prior.precision };
        Prior { precision, ..*prior }
    };
    layout.believing(priors.iter().zip(told).map(doubted).collect())
}

#[cfg(test)]
mod tests;
