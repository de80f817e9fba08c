//! Ratios of rates.

use sweetspot_core::SamplingWeights;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;

use crate::frequency_ratio::FrequencyRatio;
use crate::proportion::Proportion;

/// A ratio of two rates with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// The ratio, above zero.
    pub value: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Ratio {
    /// The ratio of two rates; `None` if a total is zero or both rates are zero.
    ///
    /// The interval is that of the logarithm of the ratio; a rate of zero counts as half a case.
    #[must_use]
    pub fn from_proportions(numerator: Proportion, denominator: Proportion) -> Option<Self> {
        if numerator.total == 0 || denominator.total == 0 || numerator.part + denominator.part == 0 {
            return None;
        }
        let FrequencyRatio { ratio: value, low, high, z: _ } = FrequencyRatio::new(numerator, denominator);
        Some(Self { value, low, high })
    }

    /// The ratio of two real rates of ideal accounts, for rows with these weights. The interval follows from that of
    /// [`Self::from_proportions`] by the delta method.
    #[must_use]
    pub fn from_weighted_proportions(
        numerator: Proportion,
        denominator: Proportion,
        weights: SamplingWeights,
    ) -> Option<Self> {
        let plain = Self::from_proportions(numerator, denominator)?;
        if weights.is_even() {
            return Some(plain);
        }
        let more = correction(numerator, denominator);
        let rate = |share: Proportion| more(share.part) / more(share.total);
        let variance = |share: Proportion| {
            let of_log = 1.0 / more(share.part) - 1.0 / more(share.total);
            weights.elasticity(rate(share)).powi(2) * of_log.max(0.0)
        };
        let value = weights.corrected_rate(rate(numerator)) / weights.corrected_rate(rate(denominator));
        let factor = (NINETY_FIVE_PERCENT * (variance(numerator) + variance(denominator)).sqrt()).exp();
        Some(Self { value, low: value / factor, high: value * factor })
    }
}

/// Adds half an account to each count if a rate is zero.
fn correction(numerator: Proportion, denominator: Proportion) -> impl Fn(u64) -> f64 + Copy {
    let added = if numerator.part == 0 || denominator.part == 0 { 0.5 } else { 0.0 };
    move |count: u64| count as f64 + added
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_ratio_and_its_interval_match_a_calculation_by_hand() {
        let ratio =
            Ratio::from_proportions(Proportion { part: 40, total: 50 }, Proportion { part: 5, total: 50 }).unwrap();
        assert!((ratio.value - 8.0).abs() < 1e-12, "{ratio:?}");
        assert!(ratio.low > 3.4 && ratio.high < 18.6, "{ratio:?}");
        assert!(
            Ratio::from_proportions(Proportion { part: 0, total: 50 }, Proportion { part: 0, total: 50 }).is_none()
        );
        assert!(Ratio::from_proportions(Proportion::default(), Proportion { part: 1, total: 1 }).is_none());
        // If ideal accounts are very rare, rates approximate odds, whose ratio does not depend on the resampling.
        let weights = SamplingWeights::new(1e-6, 45, 55);
        let rare = Ratio::from_weighted_proportions(
            Proportion { part: 40, total: 50 },
            Proportion { part: 5, total: 50 },
            weights,
        )
        .unwrap();
        assert!((rare.value / (40.0 / 10.0 / (5.0 / 45.0)) - 1.0).abs() < 1e-3, "{rare:?}");
        let none =
            Ratio::from_proportions(Proportion { part: 40, total: 50 }, Proportion { part: 0, total: 50 }).unwrap();
        assert!((none.value - 40.5 / 0.5).abs() < 1e-9, "{none:?}");
        assert!(rare.low < rare.value && rare.value / rare.low > ratio.value / ratio.low, "{rare:?}");
    }

    proptest! {
        #[test]
        fn a_ratio_lies_in_its_interval(a in 0..50_u64, b in 0..50_u64, c in 0..50_u64, d in 0..50_u64) {
            let (one, other) = (Proportion { part: a, total: a + b }, Proportion { part: c, total: c + d });
            if let Some(ratio) = Ratio::from_proportions(one, other) {
                prop_assert!(0.0 < ratio.low && ratio.low <= ratio.value && ratio.value <= ratio.high && ratio.high.is_finite());
                let back = Ratio::from_proportions(other, one).unwrap();
                prop_assert!((back.value * ratio.value - 1.0).abs() < 1e-9);
            }
        }
    }
}
