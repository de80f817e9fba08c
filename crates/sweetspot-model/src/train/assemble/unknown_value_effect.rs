//! The effect of an unknown value, from the customers' values: the law of total variance.

use sweetspot_solver::EffectUncertainty;

use crate::stored;

/// A mixture of slots, or of sums of slots, with weights.
///
/// With the effects θ, own variances v and factors f of the parts, the mixture has the effect E θ and the factors E f.
/// Its own variance is E v + E |f − E f|² + E (θ − E θ)². So the variance of a score that contains the mixture is the
/// mean of the variances of the scores that contain one part each, plus the variance of the parts' effects.
#[derive(Clone, Debug)]
pub(super) struct SlotMixture {
    weight: f64,
    mean: f64,
    square: f64,
    variance: f64,
    factors: Vec<f64>,
    factor_square: f64,
}

impl SlotMixture {
    /// An empty mixture; its parts have `rank` factors.
    pub(super) fn empty(rank: usize) -> Self {
        Self { weight: 0.0, mean: 0.0, square: 0.0, variance: 0.0, factors: vec![0.0; rank], factor_square: 0.0 }
    }

    /// The mixture of these parts with their weights.
    pub(super) fn from_parts<'a>(rank: usize, parts: impl IntoIterator<Item = (f64, &'a stored::Slot)>) -> Self {
        let mut mixture = Self::empty(rank);
        parts.into_iter().for_each(|(weight, slot)| mixture.add(weight, &[slot]));
        mixture
    }

    /// Adds a part: the sum of these slots.
    pub(super) fn add(&mut self, weight: f64, slots: &[&stored::Slot]) {
        let log_odds: f64 = slots.iter().map(|slot| slot.log_odds).sum();
        self.weight += weight;
        self.mean += weight * log_odds;
        self.square += weight * log_odds * log_odds;
        self.variance += weight * slots.iter().map(|slot| f64::from(slot.variance)).sum::<f64>();
        for (number, sum) in self.factors.iter_mut().enumerate() {
            let factor: f64 =
                slots.iter().filter_map(|slot| slot.factors.get(number)).map(|value| f64::from(*value)).sum();
            *sum += weight * factor;
            self.factor_square += weight * factor * factor;
        }
    }

    /// The mixture as a slot without customers, with log-odds that are not rounded yet; `None` if its weight is zero.
    pub(super) fn to_slot(&self) -> Option<stored::Slot> {
        let share = Some(1.0 / self.weight).filter(|_| self.weight > 0.0)?;
        let (mean, factors) = (self.mean * share, self.factors.iter().map(|factor| factor * share).collect::<Vec<_>>());
        let shared: f64 = factors.iter().map(|factor| factor * factor).sum();
        let spread = (self.square * share - mean * mean).max(0.0) + (self.factor_square * share - shared).max(0.0);
        Some(stored::Slot {
            log_odds: mean,
            variance: (self.variance * share + spread) as f32,
            factors: factors.into_iter().map(|factor| factor as f32).collect(),
            ..stored::Slot::default()
        })
    }

    /// The variance of the mixture about its mean, including its factors, in log-odds²; `None` if its weight is zero.
    pub(super) fn total_variance(&self) -> Option<f64> {
        let slot = self.to_slot()?;
        let factors: Vec<f64> = slot.factors.iter().map(|factor| f64::from(*factor)).collect();
        let alone = EffectUncertainty { rank: factors.len(), variances: vec![f64::from(slot.variance)], factors };
        alone.variance(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RANK: usize = 3;

    fn slot() -> impl Strategy<Value = stored::Slot> {
        (-3.0..3.0_f64, 0.0..2.0_f32, prop::collection::vec(-1.0..1.0_f32, RANK)).prop_map(
            |(log_odds, variance, factors)| stored::Slot { log_odds, variance, factors, ..stored::Slot::default() },
        )
    }

    /// The variance of a sum of slots.
    fn variance(slots: &[&stored::Slot]) -> f64 {
        let own: f64 = slots.iter().map(|slot| f64::from(slot.variance)).sum();
        let shared = (0..RANK).map(|number| slots.iter().map(|slot| f64::from(slot.factors[number])).sum::<f64>());
        own + shared.map(|sum| sum * sum).sum::<f64>()
    }

    proptest! {
        #[test]
        fn the_variance_of_a_sum_with_a_mixture_is_the_mean_of_the_variances_and_the_variance_of_the_effects(
            parts in prop::collection::vec((0.1..5.0_f64, slot()), 1..6),
            others in prop::collection::vec(slot(), 0..4),
        ) {
            let mixed = SlotMixture::from_parts(RANK, parts.iter().map(|(weight, slot)| (*weight, slot))).to_slot().unwrap();
            let all: f64 = parts.iter().map(|(weight, _)| weight).sum();
            let mean = |of: &dyn Fn(&stored::Slot) -> f64| -> f64 {
                parts.iter().map(|(weight, slot)| weight * of(slot)).sum::<f64>() / all
            };
            let with = |slot: &stored::Slot| variance(&others.iter().chain([slot]).collect::<Vec<_>>());
            let effect = mean(&|slot| slot.log_odds);
            prop_assert!((mixed.log_odds - effect).abs() < 1e-12);
            let expected = mean(&with) + mean(&|slot| (slot.log_odds - effect).powi(2));
            prop_assert!((with(&mixed) - expected).abs() < 1e-4, "{} {expected}", with(&mixed));
        }
    }

    #[test]
    fn an_empty_mixture_has_no_slot() {
        assert_eq!(SlotMixture::empty(RANK).to_slot(), None);
        assert_eq!(SlotMixture::empty(RANK).total_variance(), None);
    }
}
