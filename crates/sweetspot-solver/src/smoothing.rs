//! Estimates the smoothing parameter of each penalty from the data.
//!
//! Fellner-Schall updates: λ ← (rank S − λ tr(H⁻¹ S)) / θᵀ S θ (Wood and Fasiolo 2017, "A generalized Fellner-Schall
//! method for smoothing parameter optimization", Biometrics 73:1071, eq. 4), with H̃ for H. They increase the
//! Laplace-approximate evidence.
//!
//! A small sample hardly determines λ: the evidence alone often removes an effect entirely, or fits noise. So the
//! standard deviation τ of a penalty's effects has a weak prior, p(τ) ∝ τ^a e^(−τ²/2s²), which keeps it away from zero
//! and from large values (Chung, Rabe-Hesketh, Dorie, Gelman and Liu 2013, Psychometrika 78:685). With τ² = v/λ, where
//! v is the variance at λ = 1, the update becomes λ ← (rank S − λ tr(H⁻¹ S) + v / (s² λ)) / (θᵀ S θ + a / λ).
#![expect(clippy::indexing_slicing, reason = "the blocks determine the number of smoothing parameters")]

use super::approximate_information::ApproximateInformation;
use super::penalized_likelihood::{Problem, TIE_BREAK};
use super::term_block::TermBlock;

/// The bounds of a smoothing parameter: below, a penalty has no effect; above, its coefficients are zero for practical
/// purposes.
const SMOOTHING_BOUNDS: (f64, f64) = (1e-2, 1e7);
/// The prior on the standard deviation of the effects: a, and s² in log-odds².
const PRIOR_EXPONENT: f64 = 0.5;
const PRIOR_VARIANCE: f64 = 0.25;
/// The largest change of one smoothing parameter in one step, in log units.
const MAX_LOG_STEP: f64 = 3.0;
/// A smoothing parameter that keeps moving in one direction moves by up to this multiple of the plain update, which
/// converges slowly.
const MAX_ACCELERATION: f64 = 8.0;
/// Updates are accelerated only up to this number, and stop after the maximum. Plain updates need not converge if two
/// terms are collinear; at fixed smoothing parameters Newton's method always does.
const ACCELERATED_UPDATES: u32 = 40;
const MAX_UPDATES: u32 = 80;

/// The smoothing parameters of a model during a fit.
#[derive(Clone, Debug)]
pub(super) struct SmoothingParameters {
    values: Vec<f64>,
    /// The variance of the effects at λ = 1.
    variances: Vec<f64>,
    /// The effective parameters of each at its last update.
    effective: Vec<f64>,
    /// The last change of each, in log units, and its multiple of the plain update.
    last_changes: Vec<(f64, f64)>,
    updates: u32,
    /// Converged when the effective parameters of each penalty change by less than this, absolutely or relatively.
    tolerance: f64,
    settled: bool,
}

impl SmoothingParameters {
    /// Starts from these values.
    pub(crate) fn new(blocks: &[TermBlock], values: Vec<f64>, tolerance: f64) -> Self {
        let penalized = blocks.iter().any(|block| !block.penalties.is_empty());
        let count = values.len();
        let (used, moves, mut variances) = (vec![f64::INFINITY; count], vec![(0.0, 1.0); count], vec![1.0; count]);
        for penalty in blocks.iter().flat_map(|block| &block.penalties) {
            variances[penalty.smoothing] = penalty.variance();
        }
        Self { values, variances, effective: used, last_changes: moves, updates: 0, tolerance, settled: !penalized }
    }

    /// The current values.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The final values.
    pub(crate) fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// Returns the same smoothing parameters, excluded from updates.
    pub(crate) fn fixed(self) -> Self {
        Self { settled: true, ..self }
    }

    /// Whether updates have ended.
    pub(crate) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Updates each once: accelerated if it keeps its direction, damped and bounded.
    pub(crate) fn update(&mut self, problem: &Problem<'_>, parameters: &[f64], information: &ApproximateInformation) {
        let mut sums = vec![(0.0, 0.0, 0.0); self.values.len()];
        for (term, (block, own)) in problem.split_by_term(parameters).enumerate() {
            for penalty in &block.penalties {
                let (rank, trace, quadratic) = &mut sums[penalty.smoothing];
                *rank += penalty.rank();
                *trace += information.covariance_trace(term, penalty);
                *quadratic += penalty.quadratic(own);
            }
        }
        self.updates += 1;
        let mut largest_change = 0.0_f64;
        for (index, (rank, trace, quadratic)) in sums.into_iter().enumerate() {
            largest_change = largest_change.max(self.update_one(index, rank, trace, quadratic));
        }
        self.settled = largest_change < self.tolerance || self.updates >= MAX_UPDATES;
    }

    /// Updates one smoothing parameter; returns the change in effective parameters.
    fn update_one(&mut self, index: usize, rank: f64, trace: f64, quadratic: f64) -> f64 {
        // A chain that is merged into one value contains no information about its smoothing parameter.
        if rank == 0.0 {
            return 0.0;
        }
        let smoothing = self.values[index];
        let used = (rank - smoothing * trace).max(1e-9);
        let variance = self.variances[index] / smoothing;
        let plain = ((used + variance / PRIOR_VARIANCE) / (smoothing * quadratic + PRIOR_EXPONENT)).ln();
        let (last, pace) = self.last_changes[index];
        let hurried = last * plain > 0.0 && self.updates <= ACCELERATED_UPDATES;
        let pace = if hurried { (pace * 1.5).min(MAX_ACCELERATION) } else { 1.0 };
        let change = (plain * pace).clamp(-MAX_LOG_STEP, MAX_LOG_STEP);
        self.last_changes[index] = (change, pace);
        self.values[index] = (smoothing * change.exp()).clamp(SMOOTHING_BOUNDS.0, SMOOTHING_BOUNDS.1);
        let moved = (self.values[index] / smoothing).ln().abs() * used.min(1.0);
        let changed = (used - self.effective[index]).abs().max(moved) / used.max(1.0);
        self.effective[index] = used;
        changed
    }

    /// The effective number of parameters of each term: its parameters − tr(H⁻¹ λS), where S includes its priors.
    pub(crate) fn effective_parameters(&self, problem: &Problem<'_>, information: &ApproximateInformation) -> Vec<f64> {
        let effective = |(term, block): (usize, &TermBlock)| {
            let sharers = block.multiplicity();
            let penalized = |penalty: &super::term_block::Penalty| {
                let diagonal = penalty.parameters.iter().map(|i| sharers[*i] * information.covariance(term, *i, *i));
                let diagonal: f64 = diagonal.sum();
                self.values[penalty.smoothing] * information.covariance_trace(term, penalty) + TIE_BREAK * diagonal
            };
            let penalized: f64 = block.penalties.iter().map(penalized).sum();
            let prior_precision = |prior: &super::term_block::Prior| {
                prior.precision * information.covariance(term, prior.parameter, prior.parameter)
            };
            let penalized = penalized + block.priors.iter().map(prior_precision).sum::<f64>();
            (block.parameters as f64 - penalized).clamp(0.0, block.parameters as f64)
        };
        problem.blocks.iter().enumerate().map(effective).collect()
    }
}
