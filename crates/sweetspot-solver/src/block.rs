//! One term's parameters: how they make its slots' effects, and what keeps them small or smooth.
#![expect(clippy::indexing_slicing, reason = "all indices come from one block")]

use super::banded::Banded;
use crate::monotonicity::Monotonicity;

/// How a penalty's parameters hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Each towards zero: Σ θᵢ².
    Ridge,
    /// Each towards its neighbour: Σ (θᵢ₊₁ − θᵢ)², a first-order random walk.
    RandomWalk,
}

/// A quadratic penalty ½ λ θᵀ S θ on some parameters of one term.
#[derive(Clone, Debug, PartialEq)]
pub struct Penalty {
    /// How the parameters hang together.
    pub form: Form,
    /// Which parameters of the term, neighbours next to each other.
    pub parameters: Vec<usize>,
    /// Which of the model's strengths is its λ; penalties may share one.
    pub strength: usize,
}

/// What was believed about one parameter before: its mean, and the precision of that belief (1 / variance, above zero).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// The parameter of the term.
    pub parameter: usize,
    /// In log-odds.
    pub mean: f64,
    /// In 1 / log-odds².
    pub precision: f64,
}

/// One term's parameters. A slot's effect is the sum of the parameters that it has: one, and for a recurring value of a
/// number one more of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// The parameters of each slot.
    pub slots: Vec<(usize, Option<usize>)>,
    /// How many parameters; neighbours in a penalty or in a slot are at most `width` apart.
    pub parameters: usize,
    /// Every parameter is in exactly one, but for the base's and those of beliefs.
    pub penalties: Vec<Penalty>,
    /// Beliefs, if any.
    pub priors: Vec<Prior>,
    /// Which way the effects of a chain may go, from its first slot on; the slot for missing behind it is free.
    pub direction: Option<Monotonicity>,
}

impl Block {
    /// The base: one parameter without penalty.
    #[must_use]
    pub fn base() -> Self {
        Self { slots: vec![(0, None)], parameters: 1, ..Self::default() }
    }

    /// One parameter a slot, each with a prior of its own; the priors stand in the order of the slots.
    #[must_use]
    pub fn beliefs(priors: Vec<Prior>) -> Self {
        let parameters = priors.len();
        Self {
            slots: (0..parameters).map(|slot| (slot, None)).collect(),
            parameters,
            penalties: vec![],
            priors,
            direction: None,
        }
    }

    /// One parameter a slot, each towards zero.
    #[must_use]
    pub fn ridge(slots: usize, strength: usize) -> Self {
        let penalty = Penalty { form: Form::Ridge, parameters: (0..slots).collect(), strength };
        Self {
            slots: (0..slots).map(|slot| (slot, None)).collect(),
            parameters: slots,
            penalties: vec![penalty],
            ..Self::default()
        }
    }

    /// A chain of slots, each towards its neighbour; those in `recurring` have a parameter of their own besides, towards
    /// zero; behind the chain stands one slot for missing.
    #[must_use]
    pub fn chain(slots: usize, recurring: &[usize], strengths: ChainStrengths) -> Self {
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
        block.penalties.push(Penalty { form: Form::RandomWalk, parameters: walk, strength: strengths.walk });
        if let Some(strength) = strengths.own.filter(|_| !own.is_empty()) {
            block.penalties.push(Penalty { form: Form::Ridge, parameters: own, strength });
        }
        block.penalties.push(Penalty { form: Form::Ridge, parameters: missing, strength: strengths.missing });
        block
    }

    /// A chain whose effects may only go one way: recurring values have nothing of their own, for that could go the other way.
    #[must_use]
    pub fn directed(slots: usize, direction: Monotonicity, strengths: ChainStrengths) -> Self {
        let strengths = ChainStrengths { own: None, ..strengths };
        Self { direction: Some(direction), ..Self::chain(slots, &[], strengths) }
    }

    /// Whether neighbouring slots are alike.
    pub(crate) fn is_chain(&self) -> bool {
        self.penalties.iter().any(|penalty| penalty.form == Form::RandomWalk)
    }

    /// How far from the diagonal entries can lie.
    pub(crate) fn width(&self) -> usize {
        let own = self.slots.iter().any(|(_, own)| own.is_some());
        usize::from(self.is_chain()) + usize::from(own)
    }

    /// The number of each slot's own effect, in the order of the slots: neighbours that were merged have one.
    pub(crate) fn units(&self) -> Vec<usize> {
        let (mut units, mut last) = (Vec::<usize>::with_capacity(self.slots.len()), None);
        for (first, _) in &self.slots {
            let unit = units.last().map_or(0, |unit| unit + usize::from(last != Some(first)));
            units.push(unit);
            last = Some(first);
        }
        units
    }

    /// How many slots have each parameter: one, unless slots were merged.
    pub(crate) fn sharers(&self) -> Vec<f64> {
        self.gather(&vec![1.0; self.slots.len()])
    }

    /// The effects of all slots.
    pub(crate) fn effects(&self, parameters: &[f64]) -> Vec<f64> {
        self.slots.iter().map(|(first, own)| parameters[*first] + own.map_or(0.0, |own| parameters[own])).collect()
    }

    /// Sums over slots, as sums over parameters: the transpose of [`Self::effects`].
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

    /// The term's own information, from the weight in each slot, without penalty.
    pub(super) fn information(&self, weights: &[f64]) -> Banded {
        let mut information = Banded::zeros(self.parameters, self.width());
        for ((first, own), weight) in self.slots.iter().zip(weights) {
            information.add(*first, *first, *weight);
            if let Some(own) = own {
                information.add(*own, *own, *weight);
                information.add(*own, *first, *weight);
            }
        }
        information
    }

    /// All penalties at these strengths, the tie-break of every slot and the beliefs as a matrix.
    pub(super) fn penalty_matrix(&self, strengths: &[f64], tie_break: f64) -> Banded {
        let mut matrix = Banded::zeros(self.parameters, self.width());
        let sharers = self.sharers();
        for penalty in &self.penalties {
            penalty.entries(|i, j, s| matrix.add(i, j, strengths[penalty.strength] * s));
            penalty.parameters.iter().for_each(|i| matrix.add(*i, *i, tie_break * sharers[*i]));
        }
        self.priors.iter().for_each(|prior| matrix.add(prior.parameter, prior.parameter, prior.precision));
        matrix
    }
}

/// Which of the model's strengths a chain's penalties have.
#[derive(Clone, Copy, Debug)]
pub struct ChainStrengths {
    /// Of the random walk.
    pub walk: usize,
    /// Of the recurring values' own parameters; none where no value recurs.
    pub own: Option<usize>,
    /// Of the slot for missing.
    pub missing: usize,
}

impl Penalty {
    /// The rank of S.
    pub(crate) fn rank(&self) -> f64 {
        let parameters = self.parameters.len();
        match self.form {
            Form::Ridge => parameters as f64,
            Form::RandomWalk => parameters.saturating_sub(1) as f64,
        }
    }

    /// The mean variance of the effects at strength one; at another strength it is this divided by the strength.
    pub(crate) fn variance(&self) -> f64 {
        let parameters = self.parameters.len() as f64;
        match self.form {
            Form::Ridge => 1.0,
            // Of a walk about its own mean.
            Form::RandomWalk => (parameters * parameters - 1.0) / (6.0 * parameters),
        }
    }

    /// Visits every non-zero entry `(i, j, Sᵢⱼ)` of the lower triangle.
    pub(crate) fn entries(&self, mut visit: impl FnMut(usize, usize, f64)) {
        match self.form {
            Form::Ridge => self.parameters.iter().for_each(|i| visit(*i, *i, 1.0)),
            Form::RandomWalk => {
                for neighbours in self.parameters.windows(2) {
                    visit(neighbours[0], neighbours[0], 1.0);
                    visit(neighbours[1], neighbours[1], 1.0);
                    visit(neighbours[1], neighbours[0], -1.0);
                }
            }
        }
    }

    /// θᵀ S θ.
    pub(crate) fn quadratic(&self, parameters: &[f64]) -> f64 {
        match self.form {
            Form::Ridge => self.parameters.iter().map(|i| parameters[*i] * parameters[*i]).sum(),
            Form::RandomWalk => {
                self.parameters.windows(2).map(|pair| (parameters[pair[1]] - parameters[pair[0]]).powi(2)).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chain() -> Block {
        Block::chain(5, &[1, 2, 4], ChainStrengths { walk: 0, own: Some(1), missing: 2 })
    }

    #[test]
    fn a_chain_keeps_neighbours_within_its_band() {
        let block = chain();
        assert_eq!(block.parameters, 9);
        assert_eq!(block.width(), 2);
        assert_eq!(block.slots, [(0, None), (1, Some(2)), (3, Some(4)), (5, None), (6, Some(7)), (8, None)]);
        assert_eq!(block.penalties[0].rank(), 4.0);
        let plain = Block::chain(3, &[], ChainStrengths { walk: 0, own: None, missing: 1 });
        assert_eq!((plain.width(), plain.parameters), (1, 4));
        assert_eq!(Block::ridge(3, 0).width(), 0);
    }

    proptest! {
        #[test]
        fn the_penalty_matrix_is_the_quadratic_form(values in prop::collection::vec(-3.0..3.0_f64, 9)) {
            let block = chain();
            let strengths = [0.7, 2.0, 5.0];
            let matrix = block.penalty_matrix(&strengths, 0.0);
            let form: f64 = matrix.times(&values).iter().zip(&values).map(|(a, b)| a * b).sum();
            let sum: f64 = block.penalties.iter().map(|penalty| strengths[penalty.strength] * penalty.quadratic(&values)).sum();
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
        for block in
            [chain(), Block::ridge(4, 0), Block::chain(3, &[], ChainStrengths { walk: 0, own: None, missing: 1 })]
        {
            let mut times = vec![0; block.parameters];
            block.penalties.iter().flat_map(|penalty| &penalty.parameters).for_each(|parameter| times[*parameter] += 1);
            assert!(times.iter().all(|times| *times == 1), "{times:?}");
        }
    }
}
