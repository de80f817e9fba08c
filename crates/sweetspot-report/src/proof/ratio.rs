//! How many times one rate is another.

use sweetspot_core::RowWeights;
use sweetspot_core::normal::NINETY_FIVE_PERCENT;

use crate::figure::Share;

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
    /// One rate over another; nothing where either is a rate of nothing or both are zero.
    ///
    /// The interval is normal on the logarithm (Katz et al. 1978, Biometrics 34:469). Half an account is added to each count,
    /// so that a rate of zero does not make it endless (Walter 1975, Biometrika 62:371).
    #[must_use]
    pub fn of(one: Share, other: Share) -> Option<Self> {
        if one.of == 0 || other.of == 0 || one.part + other.part == 0 {
            return None;
        }
        let more = |count: u64| count as f64 + 0.5;
        let value = more(one.part) / more(one.of) / (more(other.part) / more(other.of));
        let variance = 1.0 / more(one.part) - 1.0 / more(one.of) + 1.0 / more(other.part) - 1.0 / more(other.of);
        let factor = (NINETY_FIVE_PERCENT * variance.max(0.0).sqrt()).exp();
        Some(Self { value, low: value / factor, high: value * factor })
    }

    /// One real rate of ideal accounts over another, of rows with these weights; the interval follows from that of [`Self::of`] by the
    /// delta method.
    #[must_use]
    pub fn weighted(one: Share, other: Share, weights: RowWeights) -> Option<Self> {
        let plain = Self::of(one, other)?;
        if weights.is_even() {
            return Some(plain);
        }
        let more = |count: u64| count as f64 + 0.5;
        let rate = |share: Share| more(share.part) / more(share.of);
        let variance = |share: Share| {
            let of_log = 1.0 / more(share.part) - 1.0 / more(share.of);
            weights.elasticity(rate(share)).powi(2) * of_log.max(0.0)
        };
        let value = weights.corrected(rate(one)) / weights.corrected(rate(other));
        let factor = (NINETY_FIVE_PERCENT * (variance(one) + variance(other)).sqrt()).exp();
        Some(Self { value, low: value / factor, high: value * factor })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let ratio = Ratio::of(Share { part: 40, of: 50 }, Share { part: 5, of: 50 }).unwrap();
        assert!((ratio.value - 40.5 / 5.5).abs() < 1e-12, "{ratio:?}");
        assert!(ratio.low > 3.0 && ratio.high < 17.0, "{ratio:?}");
        assert!(Ratio::of(Share { part: 0, of: 50 }, Share { part: 0, of: 50 }).is_none());
        assert!(Ratio::of(Share::default(), Share { part: 1, of: 1 }).is_none());
        // Where ideal accounts are very rare, a rate is as good as the odds, whose ratio resampling leaves as it is.
        let weights = RowWeights::new(1e-6, 45, 55);
        let rare = Ratio::weighted(Share { part: 40, of: 50 }, Share { part: 5, of: 50 }, weights).unwrap();
        assert!((rare.value / (40.5 / 10.0 / (5.5 / 45.0)) - 1.0).abs() < 1e-3, "{rare:?}");
        assert!(rare.low < rare.value && rare.value / rare.low > ratio.value / ratio.low, "{rare:?}");
    }

    proptest! {
        #[test]
        fn a_ratio_lies_in_its_interval(a in 0..50_u64, b in 0..50_u64, c in 0..50_u64, d in 0..50_u64) {
            let (one, other) = (Share { part: a, of: a + b }, Share { part: c, of: c + d });
            if let Some(ratio) = Ratio::of(one, other) {
                prop_assert!(0.0 < ratio.low && ratio.low <= ratio.value && ratio.value <= ratio.high && ratio.high.is_finite());
                let back = Ratio::of(other, one).unwrap();
                prop_assert!((back.value * ratio.value - 1.0).abs() < 1e-9);
            }
        }
    }
}
