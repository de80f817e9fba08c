//! Which parameters each attribute has.

use crate::model::encoder::{Encoder, Learned};
use crate::model::solve::{Block, ChainStrengths};

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
                        direction,
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

    use super::*;
    use crate::domain::Direction;
    use crate::model::made_up::feature;

    /// A feature of any kind; a number may have a recurring value, and what has bins a direction.
    fn learned() -> impl Strategy<Value = Learned> {
        let direction = prop::option::of(prop::sample::select(vec![Direction::Increasing, Direction::Decreasing]));
        (feature(), any::<bool>(), direction).prop_map(|(feature, recurs, direction)| {
            let number = matches!(feature.encoder, Encoder::Number(_));
            let direction = direction.filter(|_| number || matches!(feature.encoder, Encoder::Date(_)));
            Learned { feature, recurring: if number && recurs { vec![0] } else { vec![] }, direction }
        })
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
            let directions: Vec<Option<Direction>> = layout.blocks.iter().map(|block| block.direction).collect();
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
