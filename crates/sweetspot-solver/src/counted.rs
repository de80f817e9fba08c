//! Row weights, counted a slot and a pair of groups: all that is needed of the rows to build H̃.
#![expect(clippy::indexing_slicing, reason = "all tables are made to the shape of one problem")]

use super::banded::Banded;
use super::block::Block;
use super::coarse::{CoarseDesign, Groups};
use super::passes::slot_sums;
use super::problem::TIE_BREAK;
use super::system::System;
use crate::design::Design;

/// Row weights, counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Counted {
    /// In each slot.
    slots: Vec<f64>,
    /// In every group of one term with every group of another.
    tables: Vec<(usize, usize, Vec<f64>)>,
}

impl Counted {
    /// Counts these weights, one a row.
    pub(crate) fn new(design: &Design, coarse: &CoarseDesign, weights: &[f64]) -> Self {
        Self { slots: slot_sums(design, weights), tables: coarse.tables(weights) }
    }

    /// H̃ at these weights and strengths; nothing where rounding leaves it not positive definite.
    pub(crate) fn system(&self, blocks: &[Block], groups: &[Groups], strengths: &[f64]) -> Option<System> {
        let mut start = 0;
        let (mut own, mut weighed) = (Vec::<Banded>::with_capacity(blocks.len()), Vec::with_capacity(blocks.len()));
        for (block, groups) in blocks.iter().zip(groups) {
            let weights = &self.slots[start..start + block.slots.len()];
            start += block.slots.len();
            own.push(block.information(weights).plus(&block.penalty_matrix(strengths, TIE_BREAK)));
            weighed.push(groups.clone().weighing(weights));
        }
        System::new(blocks, &weighed, own, &self.tables)
    }
}
