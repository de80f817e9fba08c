//! The parameters of each attribute.

use sweetspot_solver::{ChainSmoothingIndices, Prior, TermBlock, WarmStart};

use super::monotonicity::monotonicity_from_direction;
use crate::encoder::{FeatureEncoder, FittedFeature};

/// The parameters of a model: one block per term of the design, the base first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ParameterLayout {
    /// The block of each term.
    pub blocks: Vec<TermBlock>,
    /// The number of smoothing parameters of their penalties.
    pub smoothing_count: usize,
}

impl ParameterLayout {
    /// A random walk over each attribute's bins with a ridge on recurring values, a ridge over each attribute's levels,
    /// and one ridge shared by the missing slots of all binned attributes, each of which has too few customers to
    /// estimate its own smoothing parameter. Bins with a monotonicity constraint have the walk alone.
    pub(crate) fn new(learned: &[FittedFeature]) -> Self {
        const MISSING_INDEX: usize = 0;
        let mut smoothing_count = 1;
        let mut next = || {
            smoothing_count += 1;
            smoothing_count - 1
        };
        let mut block = |learned: &FittedFeature| match &learned.feature.encoder {
            FeatureEncoder::Number(bins) | FeatureEncoder::Date(bins) => {
                let walk = next();
                if let Some(direction) = learned.direction {
                    return TermBlock::monotone(
                        bins.len(),
                        monotonicity_from_direction(direction),
                        ChainSmoothingIndices { walk, own: None, missing: MISSING_INDEX },
                    );
                }
                let own = (!learned.recurring_bins.is_empty()).then(&mut next);
                TermBlock::chain(
                    bins.len(),
                    &learned.recurring_bins,
                    ChainSmoothingIndices { walk, own, missing: MISSING_INDEX },
                )
            }
            FeatureEncoder::Category(_) | FeatureEncoder::Flag | FeatureEncoder::List(_) => {
                TermBlock::ridge(learned.feature.slot_count(), next())
            }
        };
        let blocks = std::iter::once(TermBlock::base()).chain(learned.iter().map(&mut block)).collect();
        Self { blocks, smoothing_count }
    }

    /// The same blocks, followed by one ridge for each interaction with the given number of cells.
    pub(crate) fn with_interactions(&self, pairs: impl Iterator<Item = usize>) -> Self {
        let mut layout = self.clone();
        for cells in pairs {
            layout.blocks.push(TermBlock::ridge(cells, layout.smoothing_count));
            layout.smoothing_count += 1;
        }
        layout
    }

    /// The same blocks, followed by one of hypotheses, unless there are none; `base` is the prior of the base, if any.
    pub(crate) fn with_hypotheses(mut self, priors: Vec<Prior>, base: Option<Prior>) -> Self {
        if let Some(block) = self.blocks.first_mut() {
            block.priors.extend(base);
        }
        if !priors.is_empty() {
            self.blocks.push(TermBlock::hypotheses(priors));
        }
        self
    }

    /// The same blocks with other priors for the hypotheses, whose block is the last one if there are any.
    pub(crate) fn with_priors(&self, priors: Vec<Prior>) -> Self {
        let mut layout = self.clone();
        if let Some(last) = layout.blocks.last_mut().filter(|_| !priors.is_empty()) {
            *last = TermBlock::hypotheses(priors);
        }
        layout
    }

    /// The starting point if nothing but the priors is known.
    pub(crate) fn start_at_priors(&self) -> WarmStart {
        let mut parameters = Vec::with_capacity(self.parameter_count());
        for block in &self.blocks {
            let mut own = vec![0.0; block.parameters];
            for prior in &block.priors {
                if let Some(parameter) = own.get_mut(prior.parameter) {
                    *parameter = prior.mean;
                }
            }
            parameters.append(&mut own);
        }
        WarmStart { parameters, smoothing: vec![1.0; self.smoothing_count] }
    }

    /// The number of parameters.
    pub(crate) fn parameter_count(&self) -> usize {
        self.blocks.iter().map(|block| block.parameters).sum()
    }

    /// The smoothing parameter of a term's first penalty.
    pub(crate) fn smoothing_of_term(&self, term: usize, smoothing: &[f64]) -> f64 {
        let penalty = self.blocks.get(term).and_then(|block| block.penalties.first());
        penalty.and_then(|penalty| smoothing.get(penalty.smoothing)).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sweetspot_core::MonotonicityConstraint;

    use super::*;
    use crate::fixtures::feature;

    /// A feature of any kind; a number may have a recurring value, and a binned feature a monotonicity constraint.
    fn learned() -> impl Strategy<Value = FittedFeature> {
        let direction = prop::option::of(prop::sample::select(vec![
            MonotonicityConstraint::Increasing,
            MonotonicityConstraint::Decreasing,
        ]));
        (feature(), any::<bool>(), direction).prop_map(|(feature, recurs, direction)| {
            let number = matches!(feature.encoder, FeatureEncoder::Number(_));
            let direction = direction.filter(|_| number || matches!(feature.encoder, FeatureEncoder::Date(_)));
            FittedFeature { feature, recurring_bins: if number && recurs { vec![0] } else { vec![] }, direction }
        })
    }

    #[test]
    fn hypotheses_follow_attributes_and_their_priors_are_the_start() {
        let prior = |parameter, mean, precision| Prior { parameter, mean, precision };
        let attribute = FittedFeature { feature: feature_with_flag(), recurring_bins: vec![], direction: None };
        let base = prior(0, -1.5, 2.0);
        let layout = ParameterLayout::new(&[attribute])
            .with_hypotheses(vec![prior(0, 0.5, 3.0), prior(1, -0.25, 4.0)], Some(base));
        assert_eq!(layout.blocks.iter().map(|block| block.parameters).collect::<Vec<_>>(), [1, 3, 2]);
        assert_eq!(layout.start_at_priors().parameters, [-1.5, 0.0, 0.0, 0.0, 0.5, -0.25]);
        let doubted = layout.with_priors(vec![prior(0, 0.5, 1.0), prior(1, -0.25, 1.0)]);
        assert_eq!(doubted.start_at_priors().parameters, layout.start_at_priors().parameters);
        assert_eq!(doubted.blocks[2].priors[0].precision, 1.0);
        assert_eq!(doubted.blocks[..2], layout.blocks[..2]);
        assert_eq!(doubted.smoothing_of_term(2, &[9.0; 2]), 0.0, "hypotheses have no smoothing parameter");
        let plain = ParameterLayout::new(&[]).with_hypotheses(vec![], None);
        assert_eq!(plain.with_priors(vec![]), plain);
    }

    fn feature_with_flag() -> crate::encoder::Feature {
        crate::encoder::Feature {
            attribute: "a".to_owned(),
            encoder: FeatureEncoder::Flag,
            format: sweetspot_core::TextFormat::default(),
        }
    }

    proptest! {
        #[test]
        fn every_term_has_a_block_and_every_smoothing_parameter_a_penalty(
            learned in prop::collection::vec(learned(), 0..8),
            cells in prop::collection::vec(1_usize..20, 0..4),
        ) {
            let alone = ParameterLayout::new(&learned);
            let layout = alone.with_interactions(cells.iter().copied());
            prop_assert_eq!(&layout.blocks[..alone.blocks.len()], &alone.blocks[..], "interactions come last");
            let slots: Vec<usize> = layout.blocks.iter().map(|block| block.slots.len()).collect();
            let expected = learned.iter().map(|learned| learned.feature.slot_count()).chain(cells.iter().copied());
            prop_assert_eq!(slots, std::iter::once(1).chain(expected).collect::<Vec<_>>());
            let directions: Vec<Option<MonotonicityConstraint>> =
                layout.blocks.iter().map(|block| block.monotonicity.map(crate::train::monotonicity::direction_from_monotonicity)).collect();
            let asked = learned.iter().map(|learned| learned.direction).chain(cells.iter().map(|_| None));
            prop_assert_eq!(directions, std::iter::once(None).chain(asked).collect::<Vec<_>>());
            let free = learned.iter().filter(|learned| learned.direction.is_none());
            let recurring: usize = free.map(|learned| learned.recurring_bins.len()).sum();
            let all: usize = layout.blocks.iter().map(|block| block.slots.len()).sum();
            prop_assert_eq!(layout.parameter_count(), all + recurring);
            let mut behind = vec![0; layout.smoothing_count];
            let penalties = layout.blocks.iter().flat_map(|block| &block.penalties);
            penalties.for_each(|penalty| behind[penalty.smoothing] += 1);
            let binned = learned.iter().filter(|learned| matches!(learned.feature.encoder, FeatureEncoder::Number(_) | FeatureEncoder::Date(_)));
            prop_assert_eq!(behind[0], binned.count(), "missing slots share one smoothing parameter");
            prop_assert!(behind[1..].iter().all(|count| *count == 1), "{:?}", behind);
            let smoothing: Vec<f64> = (0..layout.smoothing_count).map(|index| index as f64).collect();
            let last = layout.smoothing_of_term(layout.blocks.len() - 1, &smoothing);
            prop_assert!(cells.is_empty() || last == (layout.smoothing_count - 1) as f64);
            prop_assert_eq!(layout.smoothing_of_term(0, &smoothing), 0.0, "the base has no smoothing parameter");
        }
    }
}
