//! Neighbours of a chain that have one parameter: what a direction makes of them where the data would go the other way.
#![expect(clippy::indexing_slicing, reason = "every parameter of a block has a number")]

use crate::block::{Block, Penalty, Prior};

/// Which neighbours of one term's chain are one. Other terms have no neighbours that could be.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Merging {
    /// Whether the parameters `i` and `i + 1` are one.
    pub(super) one: Vec<bool>,
}

impl Merging {
    /// Nothing is merged.
    pub(super) fn none(block: &Block) -> Self {
        Self { one: vec![false; bins(block).saturating_sub(1)] }
    }

    /// As these parameters of a block are: neighbours of a directed chain with the very same value are one.
    pub(super) fn of(block: &Block, parameters: &[f64]) -> Self {
        let equal = |pair: &[f64]| pair[0] == pair[1];
        Self { one: parameters.get(..bins(block)).unwrap_or_default().windows(2).map(equal).collect() }
    }

    /// All of a directed chain is one: a flat effect goes against no direction.
    pub(super) fn flat(block: &Block) -> Self {
        Self { one: vec![true; bins(block).saturating_sub(1)] }
    }

    /// The number of each parameter among those that are left.
    fn numbers(&self, parameters: usize) -> Vec<usize> {
        let mut number = 0;
        let of = |parameter: usize| {
            let new = parameter > 0 && !self.one.get(parameter - 1).copied().unwrap_or(false);
            number += usize::from(new);
            number
        };
        (0..parameters).map(of).collect()
    }

    /// The block with the parameters that are left. Penalties and beliefs are those of the whole block where neighbours are
    /// equal: their difference is nothing, and has no rank.
    pub(super) fn block(&self, block: &Block) -> Block {
        let numbers = self.numbers(block.parameters);
        let penalty = |penalty: &Penalty| {
            let mut parameters: Vec<usize> = penalty.parameters.iter().map(|i| numbers[*i]).collect();
            parameters.dedup();
            Penalty { parameters, ..penalty.clone() }
        };
        let prior = |prior: &Prior| Prior { parameter: numbers[prior.parameter], ..*prior };
        Block {
            slots: block.slots.iter().map(|(first, own)| (numbers[*first], own.map(|own| numbers[own]))).collect(),
            parameters: numbers.last().map_or(0, |last| last + 1),
            penalties: block.penalties.iter().map(penalty).collect(),
            priors: block.priors.iter().map(prior).collect(),
            direction: block.direction,
        }
    }

    /// The parameters that are left, each the weighted mean of those that it stands for. Weights are above zero.
    pub(super) fn means(&self, parameters: &[f64], weights: &[f64]) -> Vec<f64> {
        let numbers = self.numbers(parameters.len());
        let mut sums = vec![(0.0, 0.0); numbers.last().map_or(0, |last| last + 1)];
        for ((number, value), weight) in numbers.iter().zip(parameters).zip(weights) {
            sums[*number].0 += weight * value;
            sums[*number].1 += weight;
        }
        sums.into_iter().map(|(sum, weight)| sum / weight).collect()
    }

    /// All of a block's parameters, from those that are left.
    pub(super) fn spread(&self, block: &Block, left: &[f64]) -> Vec<f64> {
        self.numbers(block.parameters).into_iter().map(|number| left[number]).collect()
    }
}

/// How many slots a directed chain has without the one for missing; none where there is no direction.
pub(super) fn bins(block: &Block) -> usize {
    block.direction.map_or(0, |_| block.slots.len().saturating_sub(1))
}

#[cfg(test)]
mod tests;
