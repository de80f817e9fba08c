//! How strong each penalty is, found from the data.
//!
//! Fellner-Schall updates: λ ← (rank S − λ tr(H⁻¹ S)) / θᵀ S θ (Wood and Fasiolo 2017, "A generalized Fellner-Schall method for
//! smoothing parameter optimization", Biometrics 73:1071, eq. 4), with H̃ for H. They raise the Laplace-approximate evidence.
//!
//! Few customers leave a strength nearly open: the evidence alone often says "no effect at all", or trusts an accident. So the
//! standard deviation τ of a penalty's effects has a weak prior, p(τ) ∝ τ^a e^(−τ²/2s²), which keeps it off zero and off large values
//! (Chung, Rabe-Hesketh, Dorie, Gelman and Liu 2013, Psychometrika 78:685). With τ² = v/λ, where v is the variance at strength one, the
//! update becomes λ ← (rank S − λ tr(H⁻¹ S) + v / (s² λ)) / (θᵀ S θ + a / λ).
#![expect(clippy::indexing_slicing, reason = "strengths are counted from the blocks")]

use super::block::Block;
use super::problem::{Problem, TIE_BREAK};
use super::system::System;

/// Bounds of a strength: below, a penalty does nothing; above, its coefficients are zero for all that can be told.
const BOUNDS: (f64, f64) = (1e-2, 1e7);
/// The prior on the effects' standard deviation: a, and s² in log-odds².
const OFF_ZERO: f64 = 0.5;
const USUAL_VARIANCE: f64 = 0.25;
/// Largest change of one strength in one step, in log units.
const LARGEST_STEP: f64 = 3.0;
/// A strength that keeps moving one way moves by up to this many times the plain update: plain ones creep.
const FASTEST_PACE: f64 = 8.0;
/// Strengths are hurried during the first updates only, and kept as they are after the last ones: plain updates need not
/// settle where two terms say the same, and at fixed strengths Newton's method always does.
const HURRIED: u32 = 40;
const MOST_UPDATES: u32 = 80;

/// The strengths of a model on their way.
#[derive(Clone, Debug)]
pub(super) struct Strengths {
    values: Vec<f64>,
    /// Variance of the effects at strength one.
    variances: Vec<f64>,
    /// Effective parameters behind each when last updated.
    used: Vec<f64>,
    /// Last change of each, in log units, and how many times the plain update it was.
    moves: Vec<(f64, f64)>,
    updates: u32,
    /// Settled when no penalty's effective parameters change by more, or by more than this part of them.
    tolerance: f64,
    settled: bool,
}

impl Strengths {
    /// Starts from these values.
    pub(crate) fn new(blocks: &[Block], values: Vec<f64>, tolerance: f64) -> Self {
        let penalised = blocks.iter().any(|block| !block.penalties.is_empty());
        let count = values.len();
        let (used, moves, mut variances) = (vec![f64::INFINITY; count], vec![(0.0, 1.0); count], vec![1.0; count]);
        for penalty in blocks.iter().flat_map(|block| &block.penalties) {
            variances[penalty.strength] = penalty.variance();
        }
        Self { values, variances, used, moves, updates: 0, tolerance, settled: !penalised }
    }

    /// The values now.
    pub(crate) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The final values.
    pub(crate) fn into_values(self) -> Vec<f64> {
        self.values
    }

    /// The same strengths, never to be updated.
    pub(crate) fn kept(self) -> Self {
        Self { settled: true, ..self }
    }

    /// Whether they will not be updated any more.
    pub(crate) const fn settled(&self) -> bool {
        self.settled
    }

    /// One update of each, hurried where it creeps, damped and bounded.
    pub(crate) fn update(&mut self, problem: &Problem<'_>, parameters: &[f64], system: &System) {
        let mut sums = vec![(0.0, 0.0, 0.0); self.values.len()];
        for (term, (block, own)) in problem.by_term(parameters).enumerate() {
            for penalty in &block.penalties {
                let (rank, trace, quadratic) = &mut sums[penalty.strength];
                *rank += penalty.rank();
                *trace += system.trace_with(term, penalty);
                *quadratic += penalty.quadratic(own);
            }
        }
        self.updates += 1;
        let mut largest_change = 0.0_f64;
        for (index, (rank, trace, quadratic)) in sums.into_iter().enumerate() {
            largest_change = largest_change.max(self.update_one(index, rank, trace, quadratic));
        }
        self.settled = largest_change < self.tolerance || self.updates >= MOST_UPDATES;
    }

    /// Updates one strength; returns how much that changes, in effective parameters.
    fn update_one(&mut self, index: usize, rank: f64, trace: f64, quadratic: f64) -> f64 {
        // Chains that were merged into one value have nothing that could tell a strength.
        if rank == 0.0 {
            return 0.0;
        }
        let strength = self.values[index];
        let used = (rank - strength * trace).max(1e-9);
        let variance = self.variances[index] / strength;
        let plain = ((used + variance / USUAL_VARIANCE) / (strength * quadratic + OFF_ZERO)).ln();
        let (last, pace) = self.moves[index];
        let hurried = last * plain > 0.0 && self.updates <= HURRIED;
        let pace = if hurried { (pace * 1.5).min(FASTEST_PACE) } else { 1.0 };
        let change = (plain * pace).clamp(-LARGEST_STEP, LARGEST_STEP);
        self.moves[index] = (change, pace);
        self.values[index] = (strength * change.exp()).clamp(BOUNDS.0, BOUNDS.1);
        let moved = (self.values[index] / strength).ln().abs() * used.min(1.0);
        let changed = (used - self.used[index]).abs().max(moved) / used.max(1.0);
        self.used[index] = used;
        changed
    }

    /// Effective number of parameters of every term: its parameters − tr(H⁻¹ λS), where S holds its priors, too.
    pub(crate) fn effective(&self, problem: &Problem<'_>, system: &System) -> Vec<f64> {
        let of = |(term, block): (usize, &Block)| {
            let sharers = block.sharers();
            let penalised = |penalty: &super::block::Penalty| {
                let diagonal = penalty.parameters.iter().map(|i| sharers[*i] * system.covariance(term, *i, *i));
                let diagonal: f64 = diagonal.sum();
                self.values[penalty.strength] * system.trace_with(term, penalty) + TIE_BREAK * diagonal
            };
            let penalised: f64 = block.penalties.iter().map(penalised).sum();
            let believed = |prior: &super::block::Prior| {
                prior.precision * system.covariance(term, prior.parameter, prior.parameter)
            };
            let penalised = penalised + block.priors.iter().map(believed).sum::<f64>();
            (block.parameters as f64 - penalised).clamp(0.0, block.parameters as f64)
        };
        problem.blocks.iter().enumerate().map(of).collect()
    }
}
