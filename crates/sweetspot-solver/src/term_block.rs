//! The parameters of one term: how they determine the effects of its slots, and their penalties.
#![expect(clippy::indexing_slicing, reason = "all indices are within one block")]

use super::banded::BandedMatrix;
use crate::monotonicity::Monotonicity;

/// The form of a penalty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PenaltyForm {
    /// Shrinks each parameter to zero: Σ θᵢ².
    Ridge,
    /// Shrinks each parameter to its neighbor: Σ (θᵢ₊₁ − θᵢ)², a first-order random walk.
    RandomWalk,
}

/// A quadratic penalty ½ λ θᵀ S θ on some parameters of one term.
#[derive(Clone, Debug, PartialEq)]
pub struct Penalty {
    /// The form of S.
    pub form: PenaltyForm,
    /// The indices of the penalized parameters in the term, with neighbors adjacent.
    pub parameters: Vec<usize>,
    /// The index of λ among the model's smoothing parameters; penalties can share one.
    pub smoothing: usize,
}

/// A normal prior on one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// The index of the parameter in the term.
    pub parameter: usize,
    /// The mean, in log-odds.
    pub mean: f64,
    /// The precision, 1 / variance, in 1 / log-odds²; above zero.
    pub precision: f64,
}

/// The parameters of one term. The effect of a slot is the sum of its parameters: one, plus one of its own for a
/// recurring value of a number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TermBlock {
    /// The parameter of each slot, and its own parameter if its value recurs.
    pub slots: Vec<(usize, Option<usize>)>,
    /// The number of parameters. Neighbors in a penalty or a slot are at most `bandwidth` apart.
    pub parameters: usize,
    /// The penalties. Each parameter is in exactly one, except the base and parameters with a prior.
    pub penalties: Vec<Penalty>,
    /// The priors, if any.
    pub priors: Vec<Prior>,
    /// The constraint on the effects of a chain from its first slot on; the slot for missing at the end is
    /// unconstrained.
    pub monotonicity: Option<Monotonicity>,
}

impl TermBlock {
    /// The base: one unpenalized parameter.
    #[must_use]
    pub fn base() -> Self {
        Self { slots: vec![(0, None)], parameters: 1, ..Self::default() }
    }

    /// One parameter per slot, each with its own prior, in the order of the slots.
    #[must_use]
    pub fn hypotheses(priors: Vec<Prior>) -> Self {
        let parameters = priors.len();
        Self {
            slots: (0..parameters).map(|slot| (slot, None)).collect(),
            parameters,
            penalties: vec![],
            priors,
            monotonicity: None,
        }
    }

    /// One parameter per slot, each shrunk to zero.
    #[must_use]
    pub fn ridge(slots: usize, smoothing_index: usize) -> Self {
        let penalty =
            Penalty { form: PenaltyForm::Ridge, parameters: (0..slots).collect(), smoothing: smoothing_index };
        Self {
            slots: (0..slots).map(|slot| (slot, None)).collect(),
            parameters: slots,
            penalties: vec![penalty],
            ..Self::default()
        }
    }

    /// A chain of slots, each shrunk to its neighbor, followed by one slot for missing. The slots in `recurring` also
    /// have a parameter of their own, shrunk to zero.
    #[must_use]
    pub fn chain(slots: usize, recurring: &[usize], smoothing: ChainSmoothingIndices) -> Self {
        let mut block = Self::default();
        let (mut walk, mut own) = (Vec::with_capacity(slots), Vec::with_capacity(recurring.len()));
        let mut next = recurring.iter().copied().peekable();
        for slot in 0..slots {
            walk.push(block.parameters);
            block.parameters += 1;
            let recurs = next.next_if_eq(&slot).is_some();
            block.slots.push((block.parameters - 1, recurs.then_some(block.parameters)));
            if recurs {
                own.push(block.parameters);
                block.parameters += 1;
            }
        }
        block.slots.push((block.parameters, None));
        let missing = vec![block.parameters];
        block.parameters += 1;
        block.penalties.push(Penalty { form: PenaltyForm::RandomWalk, parameters: walk, smoothing: smoothing.walk });
        if let Some(smoothing_index) = smoothing.own.filter(|_| !own.is_empty()) {
            block.penalties.push(Penalty { form: PenaltyForm::Ridge, parameters: own, smoothing: smoothing_index });
        }
        block.penalties.push(Penalty { form: PenaltyForm::Ridge, parameters: missing, smoothing: smoothing.missing });
        block
    }

    /// A chain with a monotonicity constraint. Recurring values have no parameters of their own, which could violate
    /// it.
    #[must_use]
    pub fn monotone(slots: usize, direction: Monotonicity, smoothing: ChainSmoothingIndices) -> Self {
        let smoothing = ChainSmoothingIndices { own: None, ..smoothing };
        Self { monotonicity: Some(direction), ..Self::chain(slots, &[], smoothing) }
    }

    /// Whether neighboring slots are penalized for their difference.
    pub(crate) fn is_chain(&self) -> bool {
        self.penalties.iter().any(|penalty| penalty.form == PenaltyForm::RandomWalk)
    }

    /// The distance of the furthest non-zero entry from the diagonal.
    pub(crate) fn bandwidth(&self) -> usize {
        let own = self.slots.iter().any(|(_, own)| own.is_some());
        usize::from(self.is_chain()) + usize::from(own)
    }

    /// The index of each slot's effect, in the order of the slots; merged neighbors share one.
    pub(crate) fn slot_units(&self) -> Vec<usize> {
        let (mut units, mut last) = (Vec::<usize>::with_capacity(self.slots.len()), None);
        for (first, _) in &self.slots {
            let unit = units.last().map_or(0, |unit| unit + usize::from(last != Some(first)));
            units.push(unit);
            last = Some(first);
        }
        units
    }

    /// The number of slots of each parameter: one, unless slots were merged.
    pub(crate) fn multiplicity(&self) -> Vec<f64> {
        self.gather(&vec![1.0; self.slots.len()])
    }

    /// The effects of all slots, in log-odds.
    pub(crate) fn effects(&self, parameters: &[f64]) -> Vec<f64> {
        self.slots.iter().map(|(first, own)| parameters[*first] + own.map_or(0.0, |own| parameters[own])).collect()
    }

    /// Sums values, one per slot, over the slots of each parameter: the transpose of [`Self::effects`].
    pub(crate) fn gather(&self, sums: &[f64]) -> Vec<f64> {
        let mut gathered = vec![0.0; self.parameters];
        for ((first, own), sum) in self.slots.iter().zip(sums) {
            gathered[*first] += sum;
            if let Some(own) = own {
                gathered[*own] += sum;
            }
        }
        gathered
    }

    /// The term's own information for the weight in each slot, without penalties.
    pub(super) fn information(&self, weights: &[f64]) -> BandedMatrix {
        let mut information = BandedMatrix::zeros(self.parameters, self.bandwidth());
        for ((first, own), weight) in self.slots.iter().zip(weights) {
            information.add(*first, *first, *weight);
            if let Some(own) = own {
                information.add(*own, *own, *weight);
                information.add(*own, *first, *weight);
            }
        }
        information
    }

    /// The matrix of all penalties at these smoothing parameters, with the tie-break of each slot and the priors.
    pub(super) fn penalty_matrix(&self, smoothing: &[f64], tie_break: f64) -> BandedMatrix {
        let mut matrix = BandedMatrix::zeros(self.parameters, self.bandwidth());
        let sharers = self.multiplicity();
        for penalty in &self.penalties {
            penalty.for_each_entry(|i, j, s| matrix.add(i, j, smoothing[penalty.smoothing] * s));
            penalty.parameters.iter().for_each(|i| matrix.add(*i, *i, tie_break * sharers[*i]));
        }
        self.priors.iter().for_each(|prior| matrix.add(prior.parameter, prior.parameter, prior.precision));
        matrix
    }
}

/// The indices of a chain's smoothing parameters among those of the model.
#[derive(Clone, Copy, Debug)]
pub struct ChainSmoothingIndices {
    /// For the random walk.
    pub walk: usize,
    /// For the own parameters of recurring values; `None` if no value recurs.
    pub own: Option<usize>,
    /// For the slot for missing.
    pub missing: usize,
}

impl Penalty {
    /// The rank of S.
    pub(crate) fn rank(&self) -> f64 {
        let parameters = self.parameters.len();
        match self.form {
            PenaltyForm::Ridge => parameters as f64,
            PenaltyForm::RandomWalk => parameters.saturating_sub(1) as f64,
        }
    }

    /// The mean variance of the effects at λ = 1; at another λ it is divided by λ.
    pub(crate) fn variance(&self) -> f64 {
        let parameters = self.parameters.len() as f64;
        match self.form {
            PenaltyForm::Ridge => 1.0,
            // Of a walk around its own mean.
            PenaltyForm::RandomWalk => (parameters * parameters - 1.0) / (6.0 * parameters),
        }
    }

    /// Visits each non-zero entry `(i, j, Sᵢⱼ)` of the lower triangle.
    pub(crate) fn for_each_entry(&self, mut visit: impl FnMut(usize, usize, f64)) {
        match self.form {
            PenaltyForm::Ridge => self.parameters.iter().for_each(|i| visit(*i, *i, 1.0)),
            PenaltyForm::RandomWalk => {
                for neighbors in self.parameters.windows(2) {
                    visit(neighbors[0], neighbors[0], 1.0);
                    visit(neighbors[1], neighbors[1], 1.0);
                    visit(neighbors[1], neighbors[0], -1.0);
                }
            }
        }
    }

    /// θᵀ S θ.
    pub(crate) fn quadratic(&self, parameters: &[f64]) -> f64 {
        match self.form {
            PenaltyForm::Ridge => self.parameters.iter().map(|i| parameters[*i] * parameters[*i]).sum(),
            PenaltyForm::RandomWalk => {
                self.parameters.windows(2).map(|pair| (parameters[pair[1]] - parameters[pair[0]]).powi(2)).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chain() -> TermBlock {
        TermBlock::chain(5, &[1, 2, 4], ChainSmoothingIndices { walk: 0, own: Some(1), missing: 2 })
    }

    #[test]
    fn a_chain_keeps_neighbors_within_its_band() {
        let block = chain();
        assert_eq!(block.parameters, 9);
        assert_eq!(block.bandwidth(), 2);
        assert_eq!(block.slots, [(0, None), (1, Some(2)), (3, Some(4)), (5, None), (6, Some(7)), (8, None)]);
        assert_eq!(block.penalties[0].rank(), 4.0);
        let plain = TermBlock::chain(3, &[], ChainSmoothingIndices { walk: 0, own: None, missing: 1 });
        assert_eq!((plain.bandwidth(), plain.parameters), (1, 4));
        assert_eq!(TermBlock::ridge(3, 0).bandwidth(), 0);
    }

    proptest! {
        #[test]
        fn the_penalty_matrix_is_the_quadratic_form(values in prop::collection::vec(-3.0..3.0_f64, 9)) {
            let block = chain();
            let smoothing = [0.7, 2.0, 5.0];
            let matrix = block.penalty_matrix(&smoothing, 0.0);
            let form: f64 = matrix.times(&values).iter().zip(&values).map(|(a, b)| a * b).sum();
            let sum: f64 = block.penalties.iter().map(|penalty| smoothing[penalty.smoothing] * penalty.quadratic(&values)).sum();
            prop_assert!((form - sum).abs() < 1e-9);
        }

        #[test]
        fn a_random_walk_leaves_a_common_level_alone(values in prop::collection::vec(-3.0..3.0_f64, 9), shift in -3.0..3.0_f64) {
            let walk = &chain().penalties[0];
            let moved: Vec<f64> = values.iter().map(|value| value + shift).collect();
            prop_assert!((walk.quadratic(&moved) - walk.quadratic(&values)).abs() < 1e-9);
        }

        #[test]
        fn gathering_is_the_transpose_of_effects(values in prop::collection::vec(-3.0..3.0_f64, 9), sums in prop::collection::vec(-3.0..3.0_f64, 6)) {
            let block = chain();
            let left: f64 = block.effects(&values).iter().zip(&sums).map(|(a, b)| a * b).sum();
            let right: f64 = block.gather(&sums).iter().zip(&values).map(|(a, b)| a * b).sum();
            prop_assert!((left - right).abs() < 1e-9);
        }

        #[test]
        fn information_is_the_weighted_square_of_effects(values in prop::collection::vec(-3.0..3.0_f64, 9), weights in prop::collection::vec(0.0..3.0_f64, 6)) {
            let block = chain();
            let form: f64 = block.information(&weights).times(&values).iter().zip(&values).map(|(a, b)| a * b).sum();
            let square: f64 = block.effects(&values).iter().zip(&weights).map(|(effect, weight)| weight * effect * effect).sum();
            prop_assert!((form - square).abs() < 1e-9);
        }
    }

    #[test]
    fn every_parameter_but_the_base_has_one_penalty() {
        for block in [
            chain(),
            TermBlock::ridge(4, 0),
            TermBlock::chain(3, &[], ChainSmoothingIndices { walk: 0, own: None, missing: 1 }),
        ] {
            let mut times = vec![0; block.parameters];
            block.penalties.iter().flat_map(|penalty| &penalty.parameters).for_each(|parameter| times[*parameter] += 1);
            assert!(times.iter().all(|times| *times == 1), "{times:?}");
        }
    }
}
