//! The optimum under directions: neighbouring slots of a directed chain that would go the wrong way share a parameter.
//!
//! An active set (Nocedal and Wright 2006, "Numerical optimization", chapter 16), whose members are merged neighbours, so that
//! every round is an ordinary fit with fewer parameters. What goes the wrong way is merged, what need not be merged is parted, all
//! at once (as in the primal-dual active sets of Han and Curtis 2015, "Primal-dual active-set methods for isotonic regression
//! and trend filtering", arXiv:1508.02452), until neither is left.
#![expect(clippy::indexing_slicing, reason = "all numbers are of one problem")]

mod chain;
mod merging;
mod pool;
#[cfg(test)]
mod reference;

use self::chain::Chain;
use self::merging::{Merging, bins};
use super::block::Block;
use super::estimator::{FitError, Fitted, Settings, Start};
use super::newton::Newton;
use super::problem::{Problem, TIE_BREAK, row_derivatives};

/// Rounds in which strengths are looked for; later ones keep them.
const SEARCHING: u32 = 6;
/// Rounds in which neighbours are parted again: two parts that need each other could go on for ever.
const PARTING: u32 = 20;
/// Rounds after which a chain that still goes against its direction is held flat, so that there is an end.
const MOST_ROUNDS: u32 = 60;
/// Neighbours are parted where the multiplier has the wrong sign by more than this many times the gradient that is taken for zero.
const SLACK: f64 = 10.0;

/// Fits with every chain held to its direction. Parameters are those of the whole blocks, merged ones repeated.
pub(super) fn fit(problem: &Problem<'_>, settings: &Settings<'_>) -> Result<Fitted, FitError> {
    Rounds::new(problem, settings).run(SEARCHING)
}

/// The search for the neighbours that must be merged.
struct Rounds<'a> {
    problem: &'a Problem<'a>,
    settings: &'a Settings<'a>,
    /// One a term.
    mergings: Vec<Merging>,
    /// Of the merged blocks; none at the base rate.
    start: Option<Start>,
}

impl<'a> Rounds<'a> {
    /// Starts from the settings' start, and with those neighbours merged that are equal there.
    fn new(problem: &'a Problem<'a>, settings: &'a Settings<'a>) -> Self {
        let mergings = problem.blocks.iter().map(Merging::none).collect();
        let mut rounds = Self { problem, settings, mergings, start: None };
        if let Some(Start { parameters, strengths }) = &settings.start {
            let mergings = problem.by_term(parameters).map(|(block, own)| Merging::of(block, own)).collect();
            rounds.go_on(mergings, parameters, &vec![1.0; parameters.len()], strengths);
        }
        rounds
    }

    /// Fits, merges and parts until nothing changes. It ends: once nothing is parted any more, every round merges something.
    fn run(mut self, searching: u32) -> Result<Fitted, FitError> {
        let (mut round, mut iterations) = (0, 0);
        loop {
            let fitted = self.solve(round < searching)?;
            iterations += fitted.iterations;
            let parameters = self.spread(&fitted.parameters);
            let slopes = Slopes::at(self.problem, &parameters, &fitted.strengths);
            let mergings = self.revised(&parameters, &slopes, round);
            if mergings == self.mergings {
                let objections = self.objections(&parameters, &slopes);
                return Ok(Fitted { parameters, objections, iterations, ..fitted });
            }
            self.go_on(mergings, &parameters, &slopes.information, &fitted.strengths);
            round += 1;
        }
    }

    /// The optimum for the neighbours that are merged now.
    fn solve(&self, searching: bool) -> Result<Fitted, FitError> {
        let merged = self.problem.blocks.iter().zip(&self.mergings).map(|(block, merging)| merging.block(block));
        let blocks: Vec<Block> = merged.collect();
        let Problem { design, labels, weights, offset, blocks: _ } = *self.problem;
        let problem = Problem { design, blocks: &blocks, labels, weights, offset };
        let settings = Settings { blocks: &blocks, start: self.start.clone(), ..self.settings.clone() };
        let newton = Newton::new(&problem, &settings);
        if searching { newton.run() } else { newton.keeping_strengths().run() }
    }

    /// Every term at an optimum, with its chain where it has a direction.
    fn chains<'s>(
        &'s self,
        parameters: &'s [f64],
        slopes: &'s Slopes,
    ) -> impl Iterator<Item = (&'s Block, Option<Chain<'s>>)> {
        let mut first = 0;
        self.problem.blocks.iter().zip(&self.mergings).map(move |(block, merging)| {
            let own = first..first + bins(block);
            first += block.parameters;
            let [effects, gradient, information] =
                [parameters, &slopes.gradient, &slopes.information].map(|values| &values[own.clone()]);
            (block, block.direction.map(|direction| Chain { direction, merging, effects, gradient, information }))
        })
    }

    /// What is to be merged after an optimum.
    fn revised(&self, parameters: &[f64], slopes: &Slopes, round: u32) -> Vec<Merging> {
        let slack = SLACK * self.settings.precision.gradient() * self.problem.weights.iter().sum::<f64>();
        let of = |(block, chain): (&Block, Option<Chain<'_>>)| match chain {
            None => Merging::none(block),
            Some(chain) if round >= MOST_ROUNDS && !chain.keeps_direction() => Merging::flat(block),
            Some(chain) => chain.revised(slack, round < PARTING),
        };
        self.chains(parameters, slopes).map(of).collect()
    }

    /// How much the data speak against each term's direction.
    fn objections(&self, parameters: &[f64], slopes: &Slopes) -> Vec<f64> {
        let of = |(_, chain): (_, Option<Chain<'_>>)| chain.map_or(0.0, |chain| chain.objection());
        self.chains(parameters, slopes).map(of).collect()
    }

    /// Goes on with these neighbours merged, from parameters of the whole blocks and the information in each.
    fn go_on(&mut self, mergings: Vec<Merging>, parameters: &[f64], information: &[f64], strengths: &[f64]) {
        let terms = self.problem.by_term(parameters).zip(self.problem.by_term(information)).zip(&mergings);
        let means = terms.flat_map(|(((_, values), (_, weights)), merging)| merging.means(values, weights));
        self.start = Some(Start { parameters: means.collect(), strengths: strengths.to_vec() });
        self.mergings = mergings;
    }

    /// Parameters of the whole blocks, from those of the merged ones.
    fn spread(&self, merged: &[f64]) -> Vec<f64> {
        let mut rest = merged;
        let of = |(block, merging): (&Block, &Merging)| {
            let (own, others) = rest.split_at(merging.block(block).parameters);
            rest = others;
            merging.spread(block, own)
        };
        self.problem.blocks.iter().zip(&self.mergings).flat_map(of).collect()
    }
}

/// What a point of the whole problem tells, one entry a parameter.
struct Slopes {
    /// Of the penalised log-likelihood.
    gradient: Vec<f64>,
    /// The data's curvature and the tie-break, above zero.
    information: Vec<f64>,
}

impl Slopes {
    fn at(problem: &Problem<'_>, parameters: &[f64], strengths: &[f64]) -> Self {
        let log_odds = problem.at(parameters.to_vec()).log_odds;
        let (residuals, curvature) = row_derivatives(problem.labels, problem.weights, &log_odds);
        let pull = problem.penalty_gradient(parameters, strengths);
        let gradient = problem.gather(&residuals).into_iter().zip(pull).map(|(slope, pull)| slope - pull);
        let information = problem.gather(&curvature).into_iter().map(|weight| weight + TIE_BREAK);
        Self { gradient: gradient.collect(), information: information.collect() }
    }
}

#[cfg(test)]
mod tests;
