//! The optimum under monotonicity constraints: neighboring slots of a chain that would violate its constraint share a
//! parameter.
//!
//! An active-set method (Nocedal and Wright 2006, "Numerical optimization", chapter 16) whose active constraints are
//! merged neighbors, so that each round is an ordinary fit with fewer parameters. Each round merges all neighbors that
//! violate a constraint and releases all that need not be merged (as in the primal-dual active sets of Han and Curtis
//! 2015, "Primal-dual active-set methods for isotonic regression and trend filtering", arXiv:1508.02452), until there
//! are none of either.
#![expect(clippy::indexing_slicing, reason = "all indices are within one problem")]

mod active_set;
mod constrained_chain;
mod pava;
#[cfg(test)]
mod reference;

use self::active_set::{ActiveSet, bin_count};
use self::constrained_chain::ChainOptimum;
use super::estimator::{FitError, FittedLogistic, SolverSettings, WarmStart};
use super::newton::Newton;
use super::penalized_likelihood::{Problem, TIE_BREAK};
use super::term_block::TermBlock;

/// The rounds in which smoothing parameters are estimated; later rounds keep them.
const MAX_SMOOTHING_ROUNDS: u32 = 6;
/// The rounds in which neighbors are released; without a limit, two pools that depend on each other could alternate
/// forever.
const MAX_RELEASE_ROUNDS: u32 = 20;
/// The rounds after which a chain that still violates its constraint is made flat, so that the search ends.
const MAX_ROUNDS: u32 = 60;
/// Neighbors are released if their multiplier has the wrong sign by more than this multiple of the gradient tolerance.
const MULTIPLIER_SLACK: f64 = 10.0;

/// Fits with each chain's constraint satisfied. The parameters are those of the unmerged blocks, with merged ones
/// repeated.
pub(super) fn fit(problem: &Problem<'_>, settings: &SolverSettings<'_>) -> Result<FittedLogistic, FitError> {
    ActiveSetSearch::new(problem, settings).run(MAX_SMOOTHING_ROUNDS)
}

/// The search for the neighbors to merge.
struct ActiveSetSearch<'a> {
    problem: &'a Problem<'a>,
    settings: &'a SolverSettings<'a>,
    /// One set per term.
    active_sets: Vec<ActiveSet>,
    /// The parameters of the merged blocks; the base rate if `None`.
    warm_start: Option<WarmStart>,
}

impl<'a> ActiveSetSearch<'a> {
    /// Starts from the settings' warm start, with neighbors merged that are equal there.
    fn new(problem: &'a Problem<'a>, settings: &'a SolverSettings<'a>) -> Self {
        let mergings = problem.blocks.iter().map(ActiveSet::empty).collect();
        let mut rounds = Self { problem, settings, active_sets: mergings, warm_start: None };
        if let Some(WarmStart { parameters, smoothing }) = &settings.warm_start {
            let mergings =
                problem.split_by_term(parameters).map(|(block, own)| ActiveSet::from_parameters(block, own)).collect();
            rounds.continue_from(mergings, parameters, &vec![1.0; parameters.len()], smoothing);
        }
        rounds
    }

    /// Fits, merges and releases until nothing changes. The search ends because each round merges neighbors once none
    /// are released.
    fn run(mut self, searching: u32) -> Result<FittedLogistic, FitError> {
        let (mut round, mut iterations) = (0, 0);
        loop {
            let fitted = self.solve(round < searching)?;
            iterations += fitted.iterations;
            let parameters = self.expand(&fitted.parameters);
            let slopes = Derivatives::new(self.problem, &parameters, &fitted.smoothing);
            let mergings = self.next_active_sets(&parameters, &slopes, round);
            if mergings == self.active_sets {
                let objections = self.score_zs(&parameters, &slopes);
                return Ok(FittedLogistic { parameters, monotonicity_score_z: objections, iterations, ..fitted });
            }
            self.continue_from(mergings, &parameters, &slopes.information, &fitted.smoothing);
            round += 1;
        }
    }

    /// The optimum for the current merged neighbors.
    fn solve(&self, searching: bool) -> Result<FittedLogistic, FitError> {
        let merged =
            self.problem.blocks.iter().zip(&self.active_sets).map(|(block, merging)| merging.merged_block(block));
        let blocks: Vec<TermBlock> = merged.collect();
        let Problem { design, labels, weights, offset, blocks: _ } = *self.problem;
        let problem = Problem { design, blocks: &blocks, labels, weights, offset };
        let settings = SolverSettings { blocks: &blocks, warm_start: self.warm_start.clone(), ..self.settings.clone() };
        let newton = Newton::new(&problem, &settings);
        if searching { newton.run() } else { newton.with_fixed_smoothing().run() }
    }

    /// Each term at an optimum, with its chain if it has a constraint.
    fn chains<'s>(
        &'s self,
        parameters: &'s [f64],
        slopes: &'s Derivatives,
    ) -> impl Iterator<Item = (&'s TermBlock, Option<ChainOptimum<'s>>)> {
        let mut first = 0;
        self.problem.blocks.iter().zip(&self.active_sets).map(move |(block, merging)| {
            let own = first..first + bin_count(block);
            first += block.parameters;
            let [effects, gradient, information] =
                [parameters, &slopes.gradient, &slopes.information].map(|values| &values[own.clone()]);
            (
                block,
                block.monotonicity.map(|direction| ChainOptimum {
                    monotonicity: direction,
                    active_set: merging,
                    effects,
                    gradient,
                    information,
                }),
            )
        })
    }

    /// The neighbors to merge after an optimum.
    fn next_active_sets(&self, parameters: &[f64], slopes: &Derivatives, round: u32) -> Vec<ActiveSet> {
        let slack = MULTIPLIER_SLACK * self.settings.tolerance.gradient() * self.problem.weights.iter().sum::<f64>();
        let next = |(block, chain): (&TermBlock, Option<ChainOptimum<'_>>)| match chain {
            None => ActiveSet::empty(block),
            Some(chain) if round >= MAX_ROUNDS && !chain.is_monotone() => ActiveSet::all_merged(block),
            Some(chain) => chain.next_active_set(slack, round < MAX_RELEASE_ROUNDS),
        };
        self.chains(parameters, slopes).map(next).collect()
    }

    /// The evidence against each term's constraint, in standard errors.
    fn score_zs(&self, parameters: &[f64], slopes: &Derivatives) -> Vec<f64> {
        let score = |(_, chain): (_, Option<ChainOptimum<'_>>)| chain.map_or(0.0, |chain| chain.score_z());
        self.chains(parameters, slopes).map(score).collect()
    }

    /// Continues with these merged neighbors, from the parameters of the unmerged blocks and the information of each
    /// parameter.
    fn continue_from(&mut self, mergings: Vec<ActiveSet>, parameters: &[f64], information: &[f64], smoothing: &[f64]) {
        let terms = self.problem.split_by_term(parameters).zip(self.problem.split_by_term(information)).zip(&mergings);
        let means = terms.flat_map(|(((_, values), (_, weights)), merging)| merging.merged_parameters(values, weights));
        self.warm_start = Some(WarmStart { parameters: means.collect(), smoothing: smoothing.to_vec() });
        self.active_sets = mergings;
    }

    /// The parameters of the unmerged blocks, from those of the merged blocks.
    fn expand(&self, merged: &[f64]) -> Vec<f64> {
        let mut rest = merged;
        let merged_block = |(block, merging): (&TermBlock, &ActiveSet)| {
            let (own, others) = rest.split_at(merging.merged_block(block).parameters);
            rest = others;
            merging.expand(block, own)
        };
        self.problem.blocks.iter().zip(&self.active_sets).flat_map(merged_block).collect()
    }
}

/// The derivatives at a point of the unmerged problem, one entry per parameter.
struct Derivatives {
    /// The gradient of the penalized log-likelihood.
    gradient: Vec<f64>,
    /// The curvature of the log-likelihood plus the tie-break, above zero.
    information: Vec<f64>,
}

impl Derivatives {
    fn new(problem: &Problem<'_>, parameters: &[f64], smoothing: &[f64]) -> Self {
        let point = problem.evaluate(parameters.to_vec());
        let pull = problem.penalty_gradient(parameters, smoothing);
        let slopes = problem.gather(&point.likelihood.residuals);
        let gradient = slopes.into_iter().zip(pull).map(|(slope, pull)| slope - pull);
        let information = problem.gather(&point.likelihood.curvatures).into_iter().map(|weight| weight + TIE_BREAK);
        Self { gradient: gradient.collect(), information: information.collect() }
    }
}

#[cfg(test)]
mod tests;
