//! The optimiser behind the estimator.
#![expect(clippy::indexing_slicing, reason = "all indices come from the shape of one problem")]

use faer::linalg::solvers::{Llt, Solve as _};
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::{Mat, Par, Side};

use super::estimator::{FitError, Fitted, Settings};
use super::objective::{Point, Problem, TIE_BREAK, penalty_sum};
use super::penalty::Penalty;

/// Bounds of a strength: below, a penalty does nothing; above, its coefficients are zero for all that can be told.
const STRENGTH_BOUNDS: (f64, f64) = (1e-2, 1e7);
/// Largest change of one strength in one step, in log units.
const LARGEST_STRENGTH_STEP: f64 = 3.0;
/// A strength that keeps moving one way moves by up to this many times the plain update: plain ones creep.
const FASTEST_PACE: f64 = 8.0;
/// Strengths have settled when no penalty's effective parameters change by more.
const SETTLED: f64 = 0.02;
/// Largest change of one coefficient in one step, in log-odds.
const LARGEST_STEP: f64 = 4.0;
/// Strengths are hurried during the first steps only, and kept as they are after the last ones: plain updates need not
/// settle where two terms say the same, and at fixed strengths Newton's method always does.
const HURRIED_STEPS: u32 = 40;
const MOST_UPDATES: u32 = 80;
/// Most halvings of one step.
const HALVINGS: u32 = 25;

/// One run of the optimiser.
pub(super) struct Newton<'a> {
    problem: &'a Problem<'a>,
    settings: &'a Settings<'a>,
    point: Point,
    strengths: Vec<f64>,
    /// Effective parameters of each penalty when strengths were last updated.
    used: Vec<f64>,
    /// Last change of each strength, in log units, and how many times the plain update it was.
    moves: Vec<(f64, f64)>,
    settled: bool,
}

impl<'a> Newton<'a> {
    /// Starts from the settings' start, or from the base rate.
    pub(crate) fn new(problem: &'a Problem<'a>, settings: &'a Settings<'a>) -> Self {
        let (parameters, strengths) = match &settings.start {
            Some(start) => (start.parameters.clone(), start.strengths.clone()),
            None => (base_rate(problem), vec![1.0; settings.penalties.len()]),
        };
        let used = vec![f64::INFINITY; settings.penalties.len()];
        let moves = vec![(0.0, 1.0); settings.penalties.len()];
        Self { problem, settings, point: problem.at(parameters), strengths, used, moves, settled: false }
    }

    /// Steps until gradient and strengths have settled.
    pub(crate) fn run(mut self) -> Result<Fitted, FitError> {
        let total: f64 = self.problem.weights.iter().sum();
        let mut gradient = f64::INFINITY;
        for iterations in 1..=self.settings.max_iterations {
            if (self.settings.stop)() {
                return Err(FitError::Stopped);
            }
            let mut curvature = self.problem.curvature(&self.point);
            curvature.penalise(&self.point.parameters, &self.settings.penalties, &self.strengths);
            gradient = curvature.gradient.iter().fold(0.0_f64, |most, part| most.max(part.abs())) / total;
            let failed = FitError::NotConverged { iterations, gradient };
            let Ok(factor) = curvature.information.llt(Side::Lower) else { return Err(failed) };
            if self.settled && gradient < self.settings.tolerance {
                let inverse = Inverse::of(&factor);
                let effective = self.effective(&inverse);
                let Self { point, strengths, .. } = self;
                return Ok(Fitted { parameters: point.parameters, strengths, effective, iterations, gradient });
            }
            self.step(&factor, &curvature.gradient);
            if !self.settled {
                self.update_strengths(&Inverse::of(&factor), iterations);
            }
        }
        Err(FitError::NotConverged { iterations: self.settings.max_iterations, gradient })
    }

    fn objective(&self, point: &Point) -> f64 {
        let penalty = penalty_sum(&point.parameters, &self.settings.penalties, &self.strengths);
        self.problem.log_likelihood(point) - penalty
    }

    /// A Newton step, shortened until the objective does not fall.
    fn step(&mut self, factor: &Llt<f64>, gradient: &[f64]) {
        let direction = factor.solve(Mat::from_fn(gradient.len(), 1, |i, _| gradient[i]));
        let longest = (0..gradient.len()).fold(0.0_f64, |most, i| most.max(direction[(i, 0)].abs()));
        let mut length = if longest > LARGEST_STEP { LARGEST_STEP / longest } else { 1.0 };
        let before = self.objective(&self.point);
        // Close to the optimum the objective cannot tell steps apart any more.
        let noise = 1e-12 * (1.0 + before.abs());
        for _ in 0..HALVINGS {
            let moved = |(i, value): (usize, &f64)| value + length * direction[(i, 0)];
            let point = self.problem.at(self.point.parameters.iter().enumerate().map(moved).collect());
            if self.objective(&point) >= before - noise {
                self.point = point;
                return;
            }
            length /= 2.0;
        }
    }

    /// Fellner-Schall: λ ← (rank S − λ tr(H⁻¹ S)) / βᵀ S β, hurried where it creeps, damped and bounded.
    fn update_strengths(&mut self, inverse: &Inverse, iterations: u32) {
        let beta = &self.point.parameters[1..];
        let mut largest_change = 0.0_f64;
        for (index, penalty) in self.settings.penalties.iter().enumerate() {
            let strength = self.strengths[index];
            let used = (penalty.rank() - strength * inverse.trace_with(penalty)).max(1e-9);
            let target = used / penalty.quadratic(beta).max(1e-12);
            let plain = (target / strength).ln();
            let (last, pace) = self.moves[index];
            let pace =
                if last * plain > 0.0 && iterations <= HURRIED_STEPS { (pace * 1.5).min(FASTEST_PACE) } else { 1.0 };
            let change = (plain * pace).clamp(-LARGEST_STRENGTH_STEP, LARGEST_STRENGTH_STEP);
            self.moves[index] = (change, pace);
            self.strengths[index] = (strength * change.exp()).clamp(STRENGTH_BOUNDS.0, STRENGTH_BOUNDS.1);
            let moved = (self.strengths[index] / strength).ln().abs() * used.min(1.0);
            largest_change = largest_change.max((used - self.used[index]).abs()).max(moved);
            self.used[index] = used;
        }
        self.settled = largest_change < SETTLED || iterations >= MOST_UPDATES;
    }

    /// Effective parameters behind each parameter: the diagonal of H⁻¹ (H − λS).
    fn effective(&self, inverse: &Inverse) -> Vec<f64> {
        let mut effective = vec![1.0; self.problem.parameters()];
        for (penalty, strength) in self.settings.penalties.iter().zip(&self.strengths) {
            penalty.entries(|i, j, s| {
                let part = strength * s * inverse.at(1 + i, 1 + j);
                effective[1 + i] -= part;
                if i != j {
                    effective[1 + j] -= part;
                }
            });
        }
        for (i, value) in effective.iter_mut().enumerate().skip(1) {
            *value = (*value - TIE_BREAK * inverse.at(i, i)).clamp(0.0, 1.0);
        }
        effective
    }
}

fn base_rate(problem: &Problem<'_>) -> Vec<f64> {
    let total: f64 = problem.weights.iter().sum();
    let ideal: f64 = problem.weights.iter().zip(problem.labels).map(|(weight, label)| weight * label).sum();
    let mut parameters = vec![0.0; problem.parameters()];
    parameters[0] = (ideal / (total - ideal)).ln();
    parameters
}

/// The inverse of H by way of its Cholesky factor, for single entries.
struct Inverse {
    /// L⁻¹, where H = L Lᵀ.
    lower: Mat<f64>,
}

impl Inverse {
    fn of(factor: &Llt<f64>) -> Self {
        let factor = factor.L();
        let mut lower = Mat::zeros(factor.nrows(), factor.ncols());
        invert_lower_triangular(lower.as_mut(), factor, Par::Seq);
        Self { lower }
    }

    /// (H⁻¹)ᵢⱼ.
    fn at(&self, i: usize, j: usize) -> f64 {
        let from = i.max(j);
        let (left, right) = (self.lower.col(i), self.lower.col(j));
        (from..self.lower.nrows()).map(|k| left[k] * right[k]).sum()
    }

    /// tr(H⁻¹ S).
    fn trace_with(&self, penalty: &Penalty) -> f64 {
        let mut trace = 0.0;
        penalty.entries(|i, j, s| trace += if i == j { 1.0 } else { 2.0 } * s * self.at(1 + i, 1 + j));
        trace
    }
}

#[cfg(test)]
mod tests;
