//! Proportions with intervals.

use sweetspot_core::SamplingWeights;
use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT as Z;

/// The sample size below which cells are shown faintly.
pub(crate) const MIN_SAMPLE: u64 = 10;

/// A count as part of a total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proportion {
    /// The count.
    pub part: u64,
    /// The total.
    pub total: u64,
}

impl Proportion {
    /// Counts the items that are true.
    pub fn from_bools(items: impl IntoIterator<Item = bool>) -> Self {
        let add = |share: Self, holds| Self { part: share.part + u64::from(holds), total: share.total + 1 };
        items.into_iter().fold(Self::default(), add)
    }

    /// The share, in `[0, 1]`; `None` if the total is zero.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.total > 0).then(|| self.part as f64 / self.total as f64)
    }

    /// The 95% interval of the rate (Wilson 1927, J. Am. Stat. Assoc. 22:209); `(0, 1)` if the total is zero.
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        let Some(rate) = self.rate() else { return (0.0, 1.0) };
        let n = self.total as f64;
        let spread = Z * Z / n;
        let center = (rate + spread / 2.0) / (1.0 + spread);
        let half = Z / (1.0 + spread) * (rate * (1.0 - rate) / n + spread / (4.0 * n)).sqrt();
        // Exact at the ends, where the formula has rounding errors.
        let low = if self.part == 0 { 0.0 } else { (center - half).max(0.0) };
        let high = if self.part == self.total { 1.0 } else { (center + half).min(1.0) };
        (low, high)
    }

    /// The real rate of ideal accounts, for rows with these weights, where the part is the ideal rows.
    pub(crate) fn weighted_rate(self, weights: SamplingWeights) -> Option<f64> {
        (self.total > 0).then(|| weights.rate(self.part, self.total))
    }

    /// The 95% interval of that rate: the interval of the rows, with corrected ends.
    pub(crate) fn weighted_interval(self, weights: SamplingWeights) -> (f64, f64) {
        let (low, high) = self.interval();
        (weights.corrected_rate(low), weights.corrected_rate(high))
    }

    /// Whether the sample is so small that the figure is shown faintly.
    #[must_use]
    pub const fn is_faint(self) -> bool {
        self.total < MIN_SAMPLE
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_interval_is_that_of_the_books() {
        // Newcombe 1998, Stat. Med. 17:857, table I, method 3.
        for (part, of, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (found_low, found_high) = Proportion { part, total: of }.interval();
            assert!((found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5, "{part}/{of}");
        }
        assert_eq!(Proportion::default().interval(), (0.0, 1.0));
        assert_eq!(Proportion::from_bools([true, false, true]), Proportion { part: 2, total: 3 });
    }

    #[test]
    fn a_weighted_rate_lies_in_its_interval() {
        let weights = SamplingWeights::new(0.03, 300, 300);
        let share = Proportion { part: 40, total: 60 };
        let (rate, (low, high)) = (share.weighted_rate(weights).unwrap(), share.weighted_interval(weights));
        assert!((rate - 0.06 * 40.0 / (0.06 * 40.0 + 1.94 * 20.0)).abs() < 1e-12, "{rate}");
        assert!(low < rate && rate < high && high < 0.15, "{low} {rate} {high}");
        assert_eq!(share.weighted_interval(SamplingWeights::EVEN), share.interval());
    }

    proptest! {
        #[test]
        fn a_rate_lies_in_its_interval(of in 1..5000_u64, part in 0..5000_u64) {
            let share = Proportion { part: part.min(of), total: of };
            let (low, high) = share.interval();
            let rate = share.rate().unwrap();
            prop_assert!(0.0 <= low && low <= rate && rate <= high && high <= 1.0);
        }
    }
}
