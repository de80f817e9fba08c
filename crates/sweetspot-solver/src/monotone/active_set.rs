//! Neighbors of a chain that share a parameter, where the data would violate the monotonicity constraint.
#![expect(clippy::indexing_slicing, reason = "each parameter of a block has an index")]

use crate::term_block::{Penalty, Prior, TermBlock};

/// The merged neighbors of one term's chain. Terms without a constraint have none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ActiveSet {
    /// Whether parameters `i` and `i + 1` are merged.
    pub(super) merged: Vec<bool>,
}

impl ActiveSet {
    /// Merges no neighbors.
    pub(super) fn empty(block: &TermBlock) -> Self {
        Self { merged: vec![false; bin_count(block).saturating_sub(1)] }
    }

    /// Merges neighbors of a constrained chain that have exactly the same value.
    pub(super) fn from_parameters(block: &TermBlock, parameters: &[f64]) -> Self {
        let equal = |pair: &[f64]| pair[0] == pair[1];
        Self { merged: parameters.get(..bin_count(block)).unwrap_or_default().windows(2).map(equal).collect() }
    }

    /// Merges all of a constrained chain: a flat effect satisfies any constraint.
    pub(super) fn all_merged(block: &TermBlock) -> Self {
        Self { merged: vec![true; bin_count(block).saturating_sub(1)] }
    }

    /// The index of each parameter among the merged parameters.
    fn merged_indices(&self, parameters: usize) -> Vec<usize> {
        let mut number = 0;
        let weight = |parameter: usize| {
            let new = parameter > 0 && !self.merged.get(parameter - 1).copied().unwrap_or(false);
            number += usize::from(new);
            number
        };
        (0..parameters).map(weight).collect()
    }

    /// The block with the merged parameters. Its penalties and priors equal those of the unmerged block when neighbors
    /// are equal: a difference of merged neighbors is zero and adds no rank.
    pub(super) fn merged_block(&self, block: &TermBlock) -> TermBlock {
        let numbers = self.merged_indices(block.parameters);
        let penalty = |penalty: &Penalty| {
            let mut parameters: Vec<usize> = penalty.parameters.iter().map(|i| numbers[*i]).collect();
            parameters.dedup();
            Penalty { parameters, ..penalty.clone() }
        };
        let prior = |prior: &Prior| Prior { parameter: numbers[prior.parameter], ..*prior };
        TermBlock {
            slots: block.slots.iter().map(|(first, own)| (numbers[*first], own.map(|own| numbers[own]))).collect(),
            parameters: numbers.last().map_or(0, |last| last + 1),
            penalties: block.penalties.iter().map(penalty).collect(),
            priors: block.priors.iter().map(prior).collect(),
            monotonicity: block.monotonicity,
        }
    }

    /// The merged parameters, each the weighted mean of those that it replaces. Weights are above zero.
    pub(super) fn merged_parameters(&self, parameters: &[f64], weights: &[f64]) -> Vec<f64> {
        let numbers = self.merged_indices(parameters.len());
        let mut sums = vec![(0.0, 0.0); numbers.last().map_or(0, |last| last + 1)];
        for ((number, value), weight) in numbers.iter().zip(parameters).zip(weights) {
            sums[*number].0 += weight * value;
            sums[*number].1 += weight;
        }
        sums.into_iter().map(|(sum, weight)| sum / weight).collect()
    }

    /// All parameters of a block, from the merged parameters.
    pub(super) fn expand(&self, block: &TermBlock, left: &[f64]) -> Vec<f64> {
        self.merged_indices(block.parameters).into_iter().map(|number| left[number]).collect()
    }
}

/// The number of slots of a constrained chain, except the slot for missing; zero if there is no constraint.
pub(super) fn bin_count(block: &TermBlock) -> usize {
    block.monotonicity.map_or(0, |_| block.slots.len().saturating_sub(1))
}

#[cfg(test)]
mod tests;
