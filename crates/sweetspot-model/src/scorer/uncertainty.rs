//! How sure a score is.

use std::iter::Sum;
use std::ops::AddAssign;

use crate::stored;

/// How many numbers tell what slots share.
pub(crate) const RANK: usize = 16;
/// Standard errors between a score and either end of its 90% interval: with these it holds nine of ten new accounts' probabilities
/// in made-up worlds. A normal posterior would need 1.645, but effects are mostly smoother than the penalties allow for, and many
/// attributes have none, so that standard errors are too large on average (`docs/adr/0022-the-reach-of-an-interval.md`).
pub(crate) const INTERVAL_REACH: f64 = 1.4;

/// What is not known of a sum of slots: the Laplace covariance, in a form that adds up.
///
/// The variance of a sum is the sum of variances plus the squared length of the sum of factors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Uncertainty {
    variance: f32,
    factors: [f32; RANK],
}

impl Uncertainty {
    /// From what is kept; nothing where it is too long, negative or not finite.
    pub(super) fn from_stored(variance: f32, factors: &[f32]) -> Option<Self> {
        let finite = variance.is_finite() && variance >= 0.0 && factors.iter().all(|factor| factor.is_finite());
        let mut padded = [0.0; RANK];
        padded.get_mut(..factors.len())?.copy_from_slice(factors);
        finite.then_some(Self { variance, factors: padded })
    }

    /// Of a kept slot.
    pub(super) fn of(slot: &stored::Slot) -> Option<Self> {
        Self::from_stored(slot.variance, &slot.factors)
    }

    /// The standard error, in log-odds.
    pub(super) fn standard_error(&self) -> f64 {
        let shared: f64 = self.factors.iter().map(|factor| f64::from(*factor) * f64::from(*factor)).sum();
        (f64::from(self.variance) + shared).sqrt()
    }

    /// The 90% interval around some log-odds.
    pub(super) fn interval(&self, log_odds: f64) -> (f64, f64) {
        let reach = INTERVAL_REACH * self.standard_error();
        (log_odds - reach, log_odds + reach)
    }
}

/// The standard error of a kept slot, in log-odds; NaN where the slot is damaged.
pub(crate) fn standard_error(slot: &stored::Slot) -> f64 {
    Uncertainty::of(slot).map_or(f64::NAN, |uncertainty| uncertainty.standard_error())
}

impl AddAssign<&Self> for Uncertainty {
    #[inline]
    fn add_assign(&mut self, other: &Self) {
        self.variance += other.variance;
        self.factors.iter_mut().zip(&other.factors).for_each(|(factor, more)| *factor += more);
    }
}

impl Sum for Uncertainty {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |mut sum, part| {
            sum += &part;
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variances_add_up_and_factors_add_up_before_they_are_squared() {
        let one = Uncertainty::from_stored(0.25, &[1.0, 0.5]).unwrap();
        let against = Uncertainty::from_stored(0.75, &[-1.0, -0.5]).unwrap();
        let both: Uncertainty = [one, against].into_iter().sum();
        assert_eq!(both.standard_error(), 1.0);
        assert_eq!([one, one].into_iter().sum::<Uncertainty>().standard_error(), (0.5_f64 + 4.0 + 1.0).sqrt());
        let (low, high) = both.interval(2.0);
        assert!((low - 0.6).abs() < 1e-12 && (high - 3.4).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_variance_is_refused() {
        for (variance, factors) in [(f32::NAN, &[][..]), (-0.1, &[]), (f32::INFINITY, &[]), (0.1, &[f32::NAN])] {
            assert_eq!(Uncertainty::from_stored(variance, factors), None);
        }
        assert_eq!(Uncertainty::from_stored(0.1, &[0.0; RANK + 1]), None);
    }
}
