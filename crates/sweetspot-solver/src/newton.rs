//! The optimizer: penalized Newton steps by conjugate gradients, alternating with updates of the smoothing parameters.
#![expect(clippy::indexing_slicing, reason = "all indices are within the shape of one problem")]

use rayon::prelude::*;

use super::approximate_information::ApproximateInformation;
use super::banded::BandedMatrix;
use super::bayes_factor;
use super::cross_weights::CrossWeights;
use super::design_sums::{row_sums, slot_sums, weighted_slot_sums};
use super::estimator::{FitError, FittedLogistic, SolverSettings, Tolerance};
use super::grouped_slots::{CoarseDesign, SlotGroups, max_groups};
use super::penalized_likelihood::{Iterate, Problem, TIE_BREAK};
use super::smoothing::SmoothingParameters;
use super::term_block::TermBlock;
use super::uncertainty::LaplaceInputs;

/// The largest change of one coefficient in one step, in log-odds.
const MAX_COEFFICIENT_STEP: f64 = 4.0;
/// Weights are summed again when the root mean square of the change of the log-odds exceeds this. Until then, they only
/// precondition.
const MAX_DRIFT: f64 = 0.1;
/// The maximum number of halvings of a step.
const MAX_HALVINGS: u32 = 25;
/// The relative accuracy of the Newton equations: while smoothing parameters change, and after they have converged.
const STEP_ACCURACY: (f64, f64) = (0.1, 0.003);
/// The maximum number of conjugate gradient rounds in a step; about ten are needed.
const MAX_CG_ROUNDS: u32 = 200;

/// One run of the optimizer.
pub(super) struct Newton<'a> {
    problem: &'a Problem<'a>,
    settings: &'a SolverSettings<'a>,
    point: Iterate,
    smoothing: SmoothingParameters,
    groups: Vec<SlotGroups>,
    coarse: CoarseDesign,
    cross_counts: CrossWeights,
    /// The root mean square of the change of the log-odds since the weights were summed.
    drift: f64,
    /// The last matrices, unless the cross counts or the smoothing parameters have changed since.
    matrices: Option<Matrices>,
}

/// The gradient and the curvature at one point.
struct Curvature {
    /// The gradient of the penalized log-likelihood, one entry per parameter.
    gradient: Vec<f64>,
    matrices: Matrices,
}

/// The matrices that do not change with every step.
struct Matrices {
    /// The penalty matrix of each term.
    penalties: Vec<BandedMatrix>,
    information: ApproximateInformation,
}

impl<'a> Newton<'a> {
    /// Starts from the settings' warm start, or from the base rate.
    pub(crate) fn new(problem: &'a Problem<'a>, settings: &'a SolverSettings<'a>) -> Self {
        let (parameters, smoothing) = match &settings.warm_start {
            Some(start) => (start.parameters.clone(), start.smoothing.clone()),
            None => (base_rate_parameters(problem), vec![1.0; settings.smoothing_count]),
        };
        let counts = slot_sums(problem.design, problem.weights);
        let group_limit = max_groups(problem.blocks.len());
        let offsets = problem.design.offsets();
        let groups_of_term = |(term, block): (usize, &TermBlock)| {
            SlotGroups::new(
                block,
                &problem.design.terms[term].codes,
                &counts[offsets[term]..offsets[term + 1]],
                group_limit,
            )
        };
        let groups: Vec<SlotGroups> = problem.blocks.iter().enumerate().map(groups_of_term).collect();
        let coarse = CoarseDesign::new(problem.design, &groups);
        let smoothing = SmoothingParameters::new(problem.blocks, smoothing, settings.tolerance.smoothing());
        let smoothing = if settings.tolerance == Tolerance::Refit { smoothing.fixed() } else { smoothing };
        Self {
            problem,
            settings,
            point: problem.evaluate(parameters),
            smoothing,
            groups,
            coarse,
            cross_counts: CrossWeights::default(),
            drift: f64::INFINITY,
            matrices: None,
        }
    }

    /// Returns the run with its initial smoothing parameters fixed.
    pub(crate) fn with_fixed_smoothing(self) -> Self {
        Self { smoothing: self.smoothing.fixed(), ..self }
    }

    /// Steps until the gradient and the smoothing parameters have converged.
    pub(crate) fn run(mut self) -> Result<FittedLogistic, FitError> {
        let total: f64 = self.problem.weights.iter().sum();
        // Without customers, only the priors are fitted.
        let total = if total > 0.0 { total } else { 1.0 };
        let mut gradient = f64::INFINITY;
        for iterations in 1..=self.settings.max_iterations {
            if (self.settings.is_cancelled)() {
                return Err(FitError::Cancelled);
            }
            let failed = FitError::NotConverged { iterations, gradient };
            let Some(curvature) = self.curvature() else { return Err(failed) };
            gradient = curvature.gradient.iter().fold(0.0_f64, |max, part| max.max(part.abs())) / total;
            if self.smoothing.is_settled() && gradient < self.settings.tolerance.gradient() {
                // Results that are derived from H̃ need its value at the optimum.
                if self.drift > 0.0 && self.settings.tolerance == Tolerance::Final {
                    self.drift = f64::INFINITY;
                    continue;
                }
                return Ok(self.into_fitted(&curvature.matrices.information, iterations, gradient));
            }
            self.step(&curvature);
            if self.smoothing.is_settled() {
                self.matrices = Some(curvature.matrices);
            } else {
                self.smoothing.update(self.problem, &self.point.parameters, &curvature.matrices.information);
            }
        }
        Err(FitError::NotConverged { iterations: self.settings.max_iterations, gradient })
    }

    fn curvature(&mut self) -> Option<Curvature> {
        let previous = self.matrices.take();
        let smoothing = self.smoothing.values();
        let matrices = if let Some(matrices) = previous.filter(|_| self.drift <= MAX_DRIFT) {
            matrices
        } else {
            if self.drift > MAX_DRIFT {
                let weights = &self.point.likelihood.curvatures;
                self.cross_counts = CrossWeights::new(self.problem.design, &self.coarse, weights);
                self.drift = 0.0;
            }
            let blocks = self.problem.blocks;
            let penalties = blocks.iter().map(|block| block.penalty_matrix(smoothing, TIE_BREAK)).collect();
            let information = self.cross_counts.approximate_information(blocks, &self.groups, smoothing)?;
            Matrices { penalties, information }
        };
        let mut gradient = self.problem.gather(&self.point.likelihood.residuals);
        let pull = self.problem.penalty_gradient(&self.point.parameters, smoothing);
        gradient.iter_mut().zip(pull).for_each(|(slope, pull)| *slope -= pull);
        Some(Curvature { gradient, matrices })
    }

    fn objective(&self, point: &Iterate) -> f64 {
        point.likelihood.value - self.problem.penalty_sum(&point.parameters, self.smoothing.values())
    }

    /// Takes a Newton step, halved until the objective does not fall.
    fn step(&mut self, curvature: &Curvature) {
        let direction = self.newton_direction(curvature);
        let longest = direction.iter().fold(0.0_f64, |max, part| max.max(part.abs()));
        let mut length = if longest > MAX_COEFFICIENT_STEP { MAX_COEFFICIENT_STEP / longest } else { 1.0 };
        let along = row_sums(self.problem.design, &self.problem.effects(&direction));
        let before = self.objective(&self.point);
        // Close to the optimum, differences of the objective are below its rounding error.
        let noise = 1e-12 * (1.0 + before.abs());
        let moved = |from: &[f64], along: &[f64], length: f64| -> Vec<f64> {
            from.par_iter().zip(along).with_min_len(8192).map(|(from, along)| from + length * along).collect()
        };
        for _ in 0..MAX_HALVINGS {
            let parameters = moved(&self.point.parameters, &direction, length);
            let log_odds = moved(&self.point.log_odds, &along, length);
            let point = self.problem.iterate(parameters, log_odds);
            if self.objective(&point) >= before - noise {
                self.point = point;
                self.drift += length * self.problem.root_mean_square(&along);
                return;
            }
            length /= 2.0;
        }
    }

    /// Solves H d = g by preconditioned conjugate gradients (Shewchuk 1994, section B3); H is never built.
    fn newton_direction(&self, curvature: &Curvature) -> Vec<f64> {
        let mut residual = curvature.gradient.clone();
        let mut solution = vec![0.0; residual.len()];
        let mut search = curvature.matrices.information.precondition(&residual);
        let mut size = dot(&residual, &search);
        let accuracy = if self.smoothing.is_settled() { STEP_ACCURACY.1 } else { STEP_ACCURACY.0 };
        let enough = size * accuracy * accuracy;
        for _ in 0..MAX_CG_ROUNDS {
            let image = self.times_information(curvature, &search);
            let length = size / dot(&search, &image);
            if !length.is_finite() {
                break;
            }
            solution.iter_mut().zip(&search).for_each(|(x, d)| *x += length * d);
            residual.iter_mut().zip(&image).for_each(|(r, q)| *r -= length * q);
            let next = curvature.matrices.information.precondition(&residual);
            let smaller = dot(&residual, &next);
            if smaller <= enough {
                break;
            }
            let keep = smaller / size;
            search.iter_mut().zip(&next).for_each(|(d, s)| *d = s + keep * *d);
            size = smaller;
        }
        solution
    }

    /// H x, by two passes over the rows.
    fn times_information(&self, curvature: &Curvature, x: &[f64]) -> Vec<f64> {
        let sums = weighted_slot_sums(self.problem.design, &self.point.likelihood.curvatures, &self.problem.effects(x));
        let mut image = self.problem.gather_slots(&sums);
        let penalties = &curvature.matrices.penalties;
        let pulls = self.problem.split_by_term(x).zip(penalties).flat_map(|((_, own), penalty)| penalty.times(own));
        image.iter_mut().zip(pulls).for_each(|(value, pull)| *value += pull);
        image
    }

    fn into_fitted(self, information: &ApproximateInformation, iterations: u32, gradient: f64) -> FittedLogistic {
        let effective = self.smoothing.effective_parameters(self.problem, information);
        let effects = self.problem.effects(&self.point.parameters);
        let values = self.smoothing.values();
        let evidence = |(term, (block, own)): (usize, (&TermBlock, &[f64]))| {
            bayes_factor::log_bayes_factor(information, term, block, own, values)
        };
        let evidence = self.problem.split_by_term(&self.point.parameters).enumerate().map(evidence).collect();
        let Self { problem, point, smoothing, groups, coarse, cross_counts: counted, .. } = self;
        let laplace_inputs = LaplaceInputs { blocks: problem.blocks.to_vec(), cross_counts: counted, groups, coarse };
        let smoothing = smoothing.into_values();
        let objections = vec![0.0; problem.blocks.len()];
        FittedLogistic {
            parameters: point.parameters,
            effects,
            smoothing,
            effective_parameters: effective,
            log_bayes_factors: evidence,
            monotonicity_score_z: objections,
            iterations,
            gradient,
            laplace_inputs,
        }
    }
}

/// Σ aᵢ bᵢ.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn base_rate_parameters(problem: &Problem<'_>) -> Vec<f64> {
    let total: f64 = problem.weights.iter().sum();
    let ideal: f64 = problem.weights.iter().zip(problem.labels).map(|(weight, label)| weight * label).sum();
    let mut parameters = vec![0.0; problem.parameters()];
    parameters[0] = (ideal / (total - ideal)).ln();
    parameters
}

#[cfg(test)]
mod tests;
