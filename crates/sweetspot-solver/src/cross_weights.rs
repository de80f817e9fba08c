//! Row weights summed by slot and by pair of groups, from which H̃ is built without the rows.
#![expect(clippy::indexing_slicing, reason = "all tables have the shape of one problem")]

use super::approximate_information::ApproximateInformation;
use super::banded::BandedMatrix;
use super::design_sums::slot_sums;
use super::grouped_slots::{CoarseDesign, SlotGroups};
use super::penalized_likelihood::TIE_BREAK;
use super::term_block::TermBlock;
use crate::design::Design;

/// Row weights, summed by slot, and by pair of groups of two terms.
#[derive(Clone, Debug, Default)]
pub(super) struct CrossWeights {
    /// The weight in each slot.
    slot_weights: Vec<f64>,
    /// For two terms `a` and `b`, the weight in each pair of their groups.
    tables: Vec<(usize, usize, Vec<f64>)>,
}

impl CrossWeights {
    /// Sums these weights, one per row.
    pub(crate) fn new(design: &Design, coarse: &CoarseDesign, weights: &[f64]) -> Self {
        Self { slot_weights: slot_sums(design, weights), tables: coarse.cross_tables(weights) }
    }

    /// H̃ for these weights and smoothing parameters; `None` if it is not positive definite because of rounding.
    pub(crate) fn approximate_information(
        &self,
        blocks: &[TermBlock],
        groups: &[SlotGroups],
        smoothing: &[f64],
    ) -> Option<ApproximateInformation> {
        let mut start = 0;
        let (mut own, mut weighed) =
            (Vec::<BandedMatrix>::with_capacity(blocks.len()), Vec::with_capacity(blocks.len()));
        for (block, groups) in blocks.iter().zip(groups) {
            let weights = &self.slot_weights[start..start + block.slots.len()];
            start += block.slots.len();
            own.push(block.information(weights).plus(&block.penalty_matrix(smoothing, TIE_BREAK)));
            weighed.push(groups.clone().with_weights(weights));
        }
        ApproximateInformation::new(blocks, &weighed, own, &self.tables)
    }
}
