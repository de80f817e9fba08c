//! The optimiser: penalised Newton steps by conjugate gradients, interleaved with updates of the strengths.
#![expect(clippy::indexing_slicing, reason = "all indices come from the shape of one problem")]

use rayon::prelude::*;

use super::banded::Banded;
use super::block::Block;
use super::coarse::{CoarseDesign, Groups, most_groups};
use super::counted::Counted;
use super::estimator::{FitError, Fitted, Precision, Settings};
use super::evidence;
use super::passes::{row_sums, slot_sums, weighted_slot_sums};
use super::problem::{Point, Problem, TIE_BREAK, row_derivatives};
use super::strengths::Strengths;
use super::system::System;
use super::uncertainty::Geometry;

/// Largest change of one coefficient in one step, in log-odds.
const LARGEST_STEP: f64 = 4.0;
/// Weights are counted again when log-odds have moved by more, in the root of the mean square: what is made of them only preconditions.
const STALE: f64 = 0.1;
/// Most halvings of one step.
const HALVINGS: u32 = 25;
/// A step is good enough when the equations it solves are met to this part: while strengths move, and when they have settled.
const STEP_ACCURACY: (f64, f64) = (0.1, 0.003);
/// Most rounds of conjugate gradients for one step; about ten are needed.
const MOST_ROUNDS: u32 = 200;

/// One run of the optimiser.
pub(super) struct Newton<'a> {
    problem: &'a Problem<'a>,
    settings: &'a Settings<'a>,
    point: Point,
    strengths: Strengths,
    groups: Vec<Groups>,
    coarse: CoarseDesign,
    counted: Counted,
    /// How far log-odds have moved since the weights were counted: the root of the mean square.
    drift: f64,
}

/// The second-order view of one point.
struct Curvature {
    /// Gradient of the penalised log-likelihood, one entry a parameter.
    gradient: Vec<f64>,
    /// w p (1 − p), one a row.
    weights: Vec<f64>,
    /// Every term's penalties as a matrix.
    penalties: Vec<Banded>,
    system: System,
}

impl<'a> Newton<'a> {
    /// Starts from the settings' start, or from the base rate.
    pub(crate) fn new(problem: &'a Problem<'a>, settings: &'a Settings<'a>) -> Self {
        let (parameters, strengths) = match &settings.start {
            Some(start) => (start.parameters.clone(), start.strengths.clone()),
            None => (base_rate(problem), vec![1.0; settings.strengths]),
        };
        let counts = slot_sums(problem.design, problem.weights);
        let most = most_groups(problem.blocks.len());
        let offsets = problem.design.offsets();
        let of = |(term, block): (usize, &Block)| {
            Groups::new(block, &problem.design.terms[term].codes, &counts[offsets[term]..offsets[term + 1]], most)
        };
        let groups: Vec<Groups> = problem.blocks.iter().enumerate().map(of).collect();
        let coarse = CoarseDesign::new(problem.design, &groups);
        let strengths = Strengths::new(problem.blocks, strengths, settings.precision.strengths());
        let strengths = if settings.precision == Precision::Refit { strengths.kept() } else { strengths };
        Self {
            problem,
            settings,
            point: problem.at(parameters),
            strengths,
            groups,
            coarse,
            counted: Counted::default(),
            drift: f64::INFINITY,
        }
    }

    /// The same run with the strengths that it starts from.
    pub(crate) fn keeping_strengths(self) -> Self {
        Self { strengths: self.strengths.kept(), ..self }
    }

    /// Steps until gradient and strengths have settled.
    pub(crate) fn run(mut self) -> Result<Fitted, FitError> {
        let total: f64 = self.problem.weights.iter().sum();
        // Without any customer, beliefs alone are fitted.
        let total = if total > 0.0 { total } else { 1.0 };
        let mut gradient = f64::INFINITY;
        for iterations in 1..=self.settings.max_iterations {
            if (self.settings.stop)() {
                return Err(FitError::Stopped);
            }
            let failed = FitError::NotConverged { iterations, gradient };
            let Some(curvature) = self.curvature() else { return Err(failed) };
            gradient = curvature.gradient.iter().fold(0.0_f64, |most, part| most.max(part.abs())) / total;
            if self.strengths.settled() && gradient < self.settings.precision.gradient() {
                // What is read off H̃ belongs to the optimum itself.
                if self.drift > 0.0 && self.settings.precision == Precision::Full {
                    self.drift = f64::INFINITY;
                    continue;
                }
                return Ok(self.fitted(&curvature.system, iterations, gradient));
            }
            self.step(&curvature);
            if !self.strengths.settled() {
                self.strengths.update(self.problem, &self.point.parameters, &curvature.system);
            }
        }
        Err(FitError::NotConverged { iterations: self.settings.max_iterations, gradient })
    }

    fn curvature(&mut self) -> Option<Curvature> {
        let Problem { labels, weights, .. } = self.problem;
        let (residuals, weights) = row_derivatives(labels, weights, &self.point.log_odds);
        let mut gradient = self.problem.gather(&residuals);
        let strengths = self.strengths.values();
        let pull = self.problem.penalty_gradient(&self.point.parameters, strengths);
        gradient.iter_mut().zip(pull).for_each(|(slope, pull)| *slope -= pull);
        if self.drift > STALE {
            self.counted = Counted::new(self.problem.design, &self.coarse, &weights);
            self.drift = 0.0;
        }
        let penalties = self.problem.blocks.iter().map(|block| block.penalty_matrix(strengths, TIE_BREAK)).collect();
        let system = self.counted.system(self.problem.blocks, &self.groups, strengths)?;
        Some(Curvature { gradient, weights, penalties, system })
    }

    fn objective(&self, parameters: &[f64], log_odds: &[f64]) -> f64 {
        self.problem.log_likelihood(log_odds) - self.problem.penalty_sum(parameters, self.strengths.values())
    }

    /// A Newton step, shortened until the objective does not fall.
    fn step(&mut self, curvature: &Curvature) {
        let direction = self.direction(curvature);
        let longest = direction.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
        let mut length = if longest > LARGEST_STEP { LARGEST_STEP / longest } else { 1.0 };
        let along = row_sums(self.problem.design, &self.problem.effects(&direction));
        let before = self.objective(&self.point.parameters, &self.point.log_odds);
        // Close to the optimum the objective cannot tell steps apart any more.
        let noise = 1e-12 * (1.0 + before.abs());
        let moved = |from: &[f64], along: &[f64], length: f64| -> Vec<f64> {
            from.par_iter().zip(along).with_min_len(8192).map(|(from, along)| from + length * along).collect()
        };
        for _ in 0..HALVINGS {
            let parameters = moved(&self.point.parameters, &direction, length);
            let log_odds = moved(&self.point.log_odds, &along, length);
            if self.objective(&parameters, &log_odds) >= before - noise {
                self.point = Point { parameters, log_odds };
                self.drift += length * self.problem.root_mean_square(&along);
                return;
            }
            length /= 2.0;
        }
    }

    /// Solves H d = g by preconditioned conjugate gradients (Shewchuk 1994, section B3); H is never built.
    fn direction(&self, curvature: &Curvature) -> Vec<f64> {
        let mut residual = curvature.gradient.clone();
        let mut solution = vec![0.0; residual.len()];
        let mut search = curvature.system.precondition(&residual);
        let mut size = dot(&residual, &search);
        let accuracy = if self.strengths.settled() { STEP_ACCURACY.1 } else { STEP_ACCURACY.0 };
        let enough = size * accuracy * accuracy;
        for _ in 0..MOST_ROUNDS {
            let image = self.times(curvature, &search);
            let length = size / dot(&search, &image);
            if !length.is_finite() {
                break;
            }
            solution.iter_mut().zip(&search).for_each(|(x, d)| *x += length * d);
            residual.iter_mut().zip(&image).for_each(|(r, q)| *r -= length * q);
            let next = curvature.system.precondition(&residual);
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
    fn times(&self, curvature: &Curvature, x: &[f64]) -> Vec<f64> {
        let sums = weighted_slot_sums(self.problem.design, &curvature.weights, &self.problem.effects(x));
        let mut image = self.problem.gather_slots(&sums);
        let pulls =
            self.problem.by_term(x).zip(&curvature.penalties).flat_map(|((_, own), penalty)| penalty.times(own));
        image.iter_mut().zip(pulls).for_each(|(value, pull)| *value += pull);
        image
    }

    fn fitted(self, system: &System, iterations: u32, gradient: f64) -> Fitted {
        let effective = self.strengths.effective(self.problem, system);
        let effects = self.problem.effects(&self.point.parameters);
        let values = self.strengths.values();
        let evidence =
            |(term, (block, own)): (usize, (&Block, &[f64]))| evidence::of_term(system, term, block, own, values);
        let evidence = self.problem.by_term(&self.point.parameters).enumerate().map(evidence).collect();
        let Self { problem, point, strengths, groups, coarse, counted, .. } = self;
        let geometry = Geometry { blocks: problem.blocks.to_vec(), counted, groups, coarse };
        let strengths = strengths.into_values();
        let objections = vec![0.0; problem.blocks.len()];
        Fitted {
            parameters: point.parameters,
            effects,
            strengths,
            effective,
            evidence,
            objections,
            iterations,
            gradient,
            geometry,
        }
    }
}

/// Σ aᵢ bᵢ.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn base_rate(problem: &Problem<'_>) -> Vec<f64> {
    let total: f64 = problem.weights.iter().sum();
    let ideal: f64 = problem.weights.iter().zip(problem.labels).map(|(weight, label)| weight * label).sum();
    let mut parameters = vec![0.0; problem.parameters()];
    parameters[0] = (ideal / (total - ideal)).ln();
    parameters
}

#[cfg(test)]
mod tests;
