//! Which parameters each attribute has.

use sweetspot_solver::{Block, ChainStrengths, Prior, Start};

use super::directions::monotonicity;
use crate::encoder::{Encoder, Learned};

/// The parameters of a model: one block a term of the design, the base first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Layout {
    /// The blocks.
    pub blocks: Vec<Block>,
    /// How many strengths their penalties have.
    pub strengths: usize,
}

impl Layout {
    /// A random walk over each attribute's bins with a ridge on the values that recur, a ridge over each one's levels, and one
    /// ridge shared by the missing slots of all binned attributes, each of which has too little to tell a strength of its own.
    /// Where bins may only go one way, the walk is all that they have.
    pub(crate) fn new(learned: &[Learned]) -> Self {
        const MISSING: usize = 0;
        let mut strengths = 1;
        let mut next = || {
            strengths += 1;
            strengths - 1
        };
        let mut block = |learned: &Learned| match &learned.feature.encoder {
            Encoder::Number(bins) | Encoder::Date(bins) => {
                let walk = next();
                if let Some(direction) = learned.direction {
                    return Block::directed(
                        bins.len(),
                        monotonicity(direction),
                        ChainStrengths { walk, own: None, missing: MISSING },
                    );
                }
                let own = (!learned.recurring.is_empty()).then(&mut next);
                Block::chain(bins.len(), &learned.recurring, ChainStrengths { walk, own, missing: MISSING })
            }
            Encoder::Category(_) | Encoder::Flag | Encoder::List(_) => Block::ridge(learned.feature.slots(), next()),
        };
        let blocks = std::iter::once(Block::base()).chain(learned.iter().map(&mut block)).collect();
        Self { blocks, strengths }
    }

    /// The same blocks, and behind them one ridge of its own for each pair with so many cells.
    pub(crate) fn with(&self, pairs: impl Iterator<Item = usize>) -> Self {
        let mut layout = self.clone();
        for cells in pairs {
            layout.blocks.push(Block::ridge(cells, layout.strengths));
            layout.strengths += 1;
        }
        layout
    }

    /// The same blocks, and behind them one of beliefs, unless there are none; the base has a prior where one is given.
    pub(crate) fn with_beliefs(mut self, beliefs: Vec<Prior>, base: Option<Prior>) -> Self {
        if let Some(block) = self.blocks.first_mut() {
            block.priors.extend(base);
        }
        if !beliefs.is_empty() {
            self.blocks.push(Block::beliefs(beliefs));
        }
        self
    }

    /// The same blocks with other priors for the beliefs, whose block is the last one wherever there are any.
    pub(crate) fn believing(&self, beliefs: Vec<Prior>) -> Self {
        let mut layout = self.clone();
        if let Some(last) = layout.blocks.last_mut().filter(|_| !beliefs.is_empty()) {
            *last = Block::beliefs(beliefs);
        }
        layout
    }

    /// Where to start if nothing is known but the priors.
    pub(crate) fn at_priors(&self) -> Start {
        let mut parameters = Vec::with_capacity(self.parameters());
        for block in &self.blocks {
            let mut own = vec![0.0; block.parameters];
            for prior in &block.priors {
                if let Some(parameter) = own.get_mut(prior.parameter) {
                    *parameter = prior.mean;
                }
            }
            parameters.append(&mut own);
        }
        Start { parameters, strengths: vec![1.0; self.strengths] }
    }

    /// How many parameters.
    pub(crate) fn parameters(&self) -> usize {
        self.blocks.iter().map(|block| block.parameters).sum()
    }

    /// The strength of a term's first penalty.
    pub(crate) fn strength_of(&self, term: usize, strengths: &[f64]) -> f64 {
        let penalty = self.blocks.get(term).and_then(|block| block.penalties.first());
        penalty.and_then(|penalty| strengths.get(penalty.strength)).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::Direction;

    use super::*;
    use crate::made_up::feature;

    /// A feature of any kind; a number may have a recurring value, and what has bins a direction.
    fn learned() -> impl Strategy<Value = Learned> {
        let direction = prop::option::of(prop::sample::select(vec![Direction::Increasing, Direction::Decreasing]));
        (feature(), any::<bool>(), direction).prop_map(|(feature, recurs, direction)| {
            let number = matches!(feature.encoder, Encoder::Number(_));
            let direction = direction.filter(|_| number || matches!(feature.encoder, Encoder::Date(_)));
            Learned { feature, recurring: if number && recurs { vec![0] } else { vec![] }, direction }
        })
    }

    #[test]
    fn beliefs_stand_behind_attributes_and_are_where_a_fit_starts() {
        let prior = |parameter, mean, precision| Prior { parameter, mean, precision };
        let attribute = Learned { feature: feature_with_flag(), recurring: vec![], direction: None };
        let base = prior(0, -1.5, 2.0);
        let layout = Layout::new(&[attribute]).with_beliefs(vec![prior(0, 0.5, 3.0), prior(1, -0.25, 4.0)], Some(base));
        assert_eq!(layout.blocks.iter().map(|block| block.parameters).collect::<Vec<_>>(), [1, 3, 2]);
        assert_eq!(layout.at_priors().parameters, [-1.5, 0.0, 0.0, 0.0, 0.5, -0.25]);
        let doubted = layout.believing(vec![prior(0, 0.5, 1.0), prior(1, -0.25, 1.0)]);
        assert_eq!(doubted.at_priors().parameters, layout.at_priors().parameters);
        assert_eq!(doubted.blocks[2].priors[0].precision, 1.0);
        assert_eq!(doubted.blocks[..2], layout.blocks[..2]);
        assert_eq!(doubted.strength_of(2, &[9.0; 2]), 0.0, "beliefs have no strength");
        let plain = Layout::new(&[]).with_beliefs(vec![], None);
        assert_eq!(plain.believing(vec![]), plain);
    }

    fn feature_with_flag() -> crate::encoder::Feature {
        crate::encoder::Feature {
            attribute: "a".to_owned(),
            encoder: Encoder::Flag,
            format: sweetspot_core::TextFormat::default(),
        }
    }

    proptest! {
        #[test]
        fn every_term_has_a_block_and_every_strength_a_penalty(
            learned in prop::collection::vec(learned(), 0..8),
            cells in prop::collection::vec(1_usize..20, 0..4),
        ) {
            let alone = Layout::new(&learned);
            let layout = alone.with(cells.iter().copied());
            prop_assert_eq!(&layout.blocks[..alone.blocks.len()], &alone.blocks[..], "pairs come behind");
            let slots: Vec<usize> = layout.blocks.iter().map(|block| block.slots.len()).collect();
            let expected = learned.iter().map(|learned| learned.feature.slots()).chain(cells.iter().copied());
            prop_assert_eq!(slots, std::iter::once(1).chain(expected).collect::<Vec<_>>());
            let directions: Vec<Option<Direction>> =
                layout.blocks.iter().map(|block| block.direction.map(crate::train::directions::direction)).collect();
            let asked = learned.iter().map(|learned| learned.direction).chain(cells.iter().map(|_| None));
            prop_assert_eq!(directions, std::iter::once(None).chain(asked).collect::<Vec<_>>());
            let free = learned.iter().filter(|learned| learned.direction.is_none());
            let recurring: usize = free.map(|learned| learned.recurring.len()).sum();
            let all: usize = layout.blocks.iter().map(|block| block.slots.len()).sum();
            prop_assert_eq!(layout.parameters(), all + recurring);
            let mut behind = vec![0; layout.strengths];
            let penalties = layout.blocks.iter().flat_map(|block| &block.penalties);
            penalties.for_each(|penalty| behind[penalty.strength] += 1);
            let binned = learned.iter().filter(|learned| matches!(learned.feature.encoder, Encoder::Number(_) | Encoder::Date(_)));
            prop_assert_eq!(behind[0], binned.count(), "missing slots share one strength");
            prop_assert!(behind[1..].iter().all(|count| *count == 1), "{:?}", behind);
            let strengths: Vec<f64> = (0..layout.strengths).map(|index| index as f64).collect();
            let last = layout.strength_of(layout.blocks.len() - 1, &strengths);
            prop_assert!(cells.is_empty() || last == (layout.strengths - 1) as f64);
            prop_assert_eq!(layout.strength_of(0, &strengths), 0.0, "the base has none");
        }
    }
}
