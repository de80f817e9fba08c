//! The uncertainty of a score.

use std::iter::Sum;
use std::ops::AddAssign;

use crate::stored;

/// The number of factors that describe the covariance of slots.
pub(crate) const FACTOR_COUNT: usize = 16;
/// The half-width of a 90% interval in standard errors. At this value, it contains the probabilities of nine of ten new
/// accounts in simulations. A normal posterior would need 1.645, but most effects are smoother than the penalties
/// assume, and many attributes have none, so that standard errors are too large on average
/// (`docs/adr/0022-the-reach-of-an-interval.md`).
pub(crate) const INTERVAL_STANDARD_ERRORS: f64 = 1.4;

/// The uncertainty of a sum of slots: the Laplace covariance, in an additive form.
///
/// The variance of a sum is the sum of variances plus the squared length of the sum of factors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct ScoreUncertainty {
    variance: f32,
    factors: [f32; FACTOR_COUNT],
}

impl ScoreUncertainty {
    /// Reads a stored uncertainty; `None` if it has too many factors, or is negative or not finite.
    pub(super) fn from_stored(variance: f32, factors: &[f32]) -> Option<Self> {
        let finite = variance.is_finite() && variance >= 0.0 && factors.iter().all(|factor| factor.is_finite());
        let mut padded = [0.0; FACTOR_COUNT];
        padded.get_mut(..factors.len())?.copy_from_slice(factors);
        finite.then_some(Self { variance, factors: padded })
    }

    /// The uncertainty of a stored slot.
    pub(super) fn from_slot(slot: &stored::Slot) -> Option<Self> {
        Self::from_stored(slot.variance, &slot.factors)
    }

    /// The standard error, in log-odds.
    pub(super) fn standard_error(&self) -> f64 {
        let shared: f64 = self.factors.iter().map(|factor| f64::from(*factor) * f64::from(*factor)).sum();
        (f64::from(self.variance) + shared).sqrt()
    }

    /// The 90% interval around `log_odds`.
    pub(super) fn interval(&self, log_odds: f64) -> (f64, f64) {
        let margin = INTERVAL_STANDARD_ERRORS * self.standard_error();
        (log_odds - margin, log_odds + margin)
    }
}

/// The standard error of a stored slot, in log-odds; NaN if the slot is damaged.
pub(crate) fn slot_standard_error(slot: &stored::Slot) -> f64 {
    ScoreUncertainty::from_slot(slot).map_or(f64::NAN, |uncertainty| uncertainty.standard_error())
}

impl AddAssign<&Self> for ScoreUncertainty {
    #[inline]
    fn add_assign(&mut self, other: &Self) {
        self.variance += other.variance;
        self.factors.iter_mut().zip(&other.factors).for_each(|(factor, more)| *factor += more);
    }
}

impl Sum for ScoreUncertainty {
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
        let one = ScoreUncertainty::from_stored(0.25, &[1.0, 0.5]).unwrap();
        let against = ScoreUncertainty::from_stored(0.75, &[-1.0, -0.5]).unwrap();
        let both: ScoreUncertainty = [one, against].into_iter().sum();
        assert_eq!(both.standard_error(), 1.0);
        assert_eq!([one, one].into_iter().sum::<ScoreUncertainty>().standard_error(), (0.5_f64 + 4.0 + 1.0).sqrt());
        let (low, high) = both.interval(2.0);
        assert!((low - 0.6).abs() < 1e-12 && (high - 3.4).abs() < 1e-12);
    }

    #[test]
    fn an_invalid_variance_is_refused() {
        for (variance, factors) in [(f32::NAN, &[][..]), (-0.1, &[]), (f32::INFINITY, &[]), (0.1, &[f32::NAN])] {
            assert_eq!(ScoreUncertainty::from_stored(variance, factors), None);
        }
        assert_eq!(ScoreUncertainty::from_stored(0.1, &[0.0; FACTOR_COUNT + 1]), None);
    }
}
