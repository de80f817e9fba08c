//! Small problems of every shape, generated for tests.

use std::sync::Arc;

use faer::linalg::solvers::DenseSolveCore as _;
use faer::{Mat, Side};
use proptest::prelude::*;

use super::approximate_information::ApproximateInformation;
use super::cross_weights::CrossWeights;
use super::design_sums::slot_sums;
use super::grouped_slots::{CoarseDesign, SlotGroups};
use super::penalized_likelihood::{Problem, TIE_BREAK};
use super::term_block::{ChainSmoothingIndices, TermBlock};
use crate::design::{Design, EncodedTerm, TermSlots};

/// The rows of a [`ProblemFixture`].
pub(super) const ROWS: usize = 41;
/// The smoothing parameters of a [`ProblemFixture`].
pub(super) const SMOOTHING_COUNT: usize = 5;
/// The parameters of a [`ProblemFixture`]: the base, a chain of six bins with two recurring values and a slot for
/// missing, four items of a list, three levels.
pub(super) const PARAMETERS: usize = 1 + 9 + 4 + 3;
const BINS: usize = 6;
const ITEMS: usize = 4;
const LEVELS: usize = 3;

/// A small fitting problem with one term of each shape: a base, a chain with recurring values, a list and a ridge.
#[derive(Clone, Debug)]
pub(super) struct ProblemFixture {
    pub(super) design: Design,
    pub(super) blocks: Vec<TermBlock>,
    pub(super) smoothing: Vec<f64>,
    pub(super) weights: Vec<f64>,
    pub(super) labels: Vec<f64>,
}

impl ProblemFixture {
    pub(super) fn problem(&self) -> Problem<'_> {
        let Self { design, blocks, labels, weights, .. } = self;
        Problem { design, blocks, labels, weights, offset: &[] }
    }

    /// Rows × parameters: how often each parameter occurs in a row's log-odds.
    pub(super) fn matrix(&self) -> Mat<f64> {
        let mut matrix = Mat::zeros(self.design.rows, PARAMETERS);
        let mut start = 0;
        for (term, block) in self.design.terms.iter().zip(&self.blocks) {
            for row in 0..self.design.rows {
                for slot in term.codes.row(row) {
                    let (first, own) = block.slots[usize::from(*slot)];
                    matrix[(row, start + first)] += 1.0;
                    if let Some(own) = own {
                        matrix[(row, start + own)] += 1.0;
                    }
                }
            }
            start += block.parameters;
        }
        matrix
    }

    /// All penalties as one matrix.
    pub(super) fn penalties(&self) -> Mat<f64> {
        let mut all = Mat::zeros(PARAMETERS, PARAMETERS);
        let mut start = 0;
        for block in &self.blocks {
            let penalty = block.penalty_matrix(&self.smoothing, TIE_BREAK);
            for i in 0..block.parameters {
                for j in 0..block.parameters {
                    if i.abs_diff(j) <= block.bandwidth() {
                        all[(start + i, start + j)] = penalty.get(i, j);
                    }
                }
            }
            start += block.parameters;
        }
        all
    }

    /// Xᵀ W X + λS, entry by entry.
    pub(super) fn information(&self) -> Mat<f64> {
        let x = self.matrix();
        let weighted = Mat::from_fn(ROWS, PARAMETERS, |row, i| self.weights[row] * x[(row, i)]);
        x.transpose() * weighted + self.penalties()
    }
}

impl ProblemFixture {
    /// H̃ with at most `max_groups` groups per term, as the program builds it, with the groups and coarse rows it is
    /// built from.
    pub(super) fn approximation(&self, max_groups: usize) -> (ApproximateInformation, Vec<SlotGroups>, CoarseDesign) {
        let (sums, offsets) = (slot_sums(&self.design, &self.weights), self.design.offsets());
        let terms = self.blocks.iter().zip(&self.design.terms).enumerate();
        let groups_of_term = |(index, (block, term)): (usize, (&TermBlock, &Arc<EncodedTerm>))| {
            SlotGroups::new(block, &term.codes, &sums[offsets[index]..offsets[index + 1]], max_groups)
        };
        let groups: Vec<SlotGroups> = terms.map(groups_of_term).collect();
        let coarse = CoarseDesign::new(&self.design, &groups);
        let counted = CrossWeights::new(&self.design, &coarse, &self.weights);
        let information = counted.approximate_information(&self.blocks, &groups, &self.smoothing).unwrap();
        (information, groups, coarse)
    }

    /// H̃ for these groups, entry by entry: each term's own block, and U C Uᵀ between terms.
    pub(super) fn approximate_information(&self, groups: &[SlotGroups]) -> Mat<f64> {
        let exact = self.information();
        let starts: Vec<usize> = self.starts();
        let term_of = |parameter: usize| starts.iter().rposition(|start| *start <= parameter).unwrap();
        let mut all = Mat::from_fn(PARAMETERS, PARAMETERS, |i, j| {
            let list = matches!(self.design.terms[term_of(i)].codes, TermSlots::Many { .. });
            if term_of(i) == term_of(j) && (!list || i == j) { exact[(i, j)] } else { 0.0 }
        });
        let count: usize = groups.iter().map(|groups| groups.count).sum();
        let spread = self.spread(groups, count);
        let mut shared = Mat::<f64>::zeros(count, count);
        for (row, weight) in self.weights.iter().enumerate() {
            let mut filled = Vec::new();
            let mut before = 0;
            for (index, (term, groups)) in self.design.terms.iter().zip(groups).enumerate() {
                let slots = term.codes.row(row).iter();
                filled.extend(slots.filter_map(|slot| Some((index, before + groups.group(usize::from(*slot))?))));
                before += groups.count;
            }
            for (a, i) in &filled {
                filled.iter().filter(|(b, j)| a != b || i != j).for_each(|(_, j)| shared[(*i, *j)] += weight);
            }
        }
        all += &spread * shared * spread.transpose();
        all
    }

    /// U: the share of each parameter in its group.
    fn spread(&self, groups: &[SlotGroups], count: usize) -> Mat<f64> {
        let mut spread = Mat::zeros(PARAMETERS, count);
        let mut before = 0;
        for ((block, groups), start) in self.blocks.iter().zip(groups).zip(self.starts()) {
            for (slot, (first, own)) in block.slots.iter().enumerate() {
                for parameter in [Some(*first), *own].into_iter().flatten() {
                    if let Some(group) = groups.group(slot) {
                        spread[(start + parameter, before + group)] = groups.slot_shares[slot];
                    }
                }
            }
            before += groups.count;
        }
        spread
    }

    /// The index of each term's first parameter.
    pub(super) fn starts(&self) -> Vec<usize> {
        let mut next = 0;
        let start = |block: &TermBlock| {
            next += block.parameters;
            next - block.parameters
        };
        self.blocks.iter().map(start).collect()
    }
}

/// The inverse of a positive definite matrix.
pub(super) fn inverse(matrix: &Mat<f64>) -> Mat<f64> {
    matrix.llt(Side::Lower).unwrap().inverse()
}

/// One slot per row.
pub(super) fn single_codes(slots: usize, rows: usize) -> impl Strategy<Value = EncodedTerm> {
    let codes = prop::collection::vec(0..slots as u16, rows);
    codes.prop_map(move |codes| EncodedTerm { slots, codes: TermSlots::One(codes) })
}

/// Any number of slots per row.
pub(super) fn list_codes(slots: usize, rows: usize) -> impl Strategy<Value = EncodedTerm> {
    let row = prop::sample::subsequence((0..slots as u16).collect::<Vec<_>>(), 0..=slots);
    prop::collection::vec(row, rows).prop_map(move |rows| EncodedTerm { slots, codes: codes_from_lists(&rows) })
}

/// The codes of these lists.
pub(super) fn codes_from_lists(rows: &[Vec<u16>]) -> TermSlots {
    let mut offsets = vec![0];
    for row in rows {
        offsets.push(offsets[offsets.len() - 1] + row.len() as u32);
    }
    TermSlots::Many { offsets, slots: rows.concat() }
}

/// Positive and negative numbers.
pub(super) fn numbers(count: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.5..1.5, count)
}

pub(super) fn problem_fixture() -> impl Strategy<Value = ProblemFixture> {
    let terms = (single_codes(BINS + 1, ROWS), list_codes(ITEMS, ROWS), single_codes(LEVELS, ROWS));
    let smoothing = prop::collection::vec(0.05..20.0_f64, SMOOTHING_COUNT);
    let weights = prop::collection::vec(prop_oneof![Just(0.0), 0.05..2.0_f64], ROWS);
    let labels = prop::collection::vec(any::<bool>().prop_map(|ideal| f64::from(u8::from(ideal))), ROWS);
    (terms, smoothing, weights, labels).prop_map(|((a, b, c), smoothing, mut weights, labels)| {
        // At least one row has a positive weight.
        weights[0] += 1.0;
        let chain = TermBlock::chain(BINS, &[1, 4], ChainSmoothingIndices { walk: 0, own: Some(1), missing: 2 });
        let blocks = vec![TermBlock::base(), chain, TermBlock::ridge(ITEMS, 3), TermBlock::ridge(LEVELS, 4)];
        ProblemFixture { design: Design::new(ROWS, [a, b, c]), blocks, smoothing, weights, labels }
    })
}
