//! Figures with what they stand on.

use sweetspot_core::RowWeights;
use sweetspot_core::normal::NINETY_FIVE_PERCENT as Z;

/// Cells that stand on fewer are told faintly.
pub(crate) const FEW: u64 = 10;

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub of: u64,
}

impl Share {
    /// So many that hold, of those that are.
    pub fn of(items: impl IntoIterator<Item = bool>) -> Self {
        let add = |share: Self, holds| Self { part: share.part + u64::from(holds), of: share.of + 1 };
        items.into_iter().fold(Self::default(), add)
    }

    /// The share, in `[0, 1]`; nothing of nothing.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.of > 0).then(|| self.part as f64 / self.of as f64)
    }

    /// The 95% interval of the rate (Wilson 1927, J. Am. Stat. Assoc. 22:209); everything where there is nothing.
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        let Some(rate) = self.rate() else { return (0.0, 1.0) };
        let n = self.of as f64;
        let spread = Z * Z / n;
        let centre = (rate + spread / 2.0) / (1.0 + spread);
        let half = Z / (1.0 + spread) * (rate * (1.0 - rate) / n + spread / (4.0 * n)).sqrt();
        // Exactly, at the ends; rounding would miss them.
        let low = if self.part == 0 { 0.0 } else { (centre - half).max(0.0) };
        let high = if self.part == self.of { 1.0 } else { (centre + half).min(1.0) };
        (low, high)
    }

    /// The real rate of ideal accounts, of rows with these weights of which the part is ideal.
    pub(crate) fn weighted_rate(self, weights: RowWeights) -> Option<f64> {
        (self.of > 0).then(|| weights.rate(self.part, self.of))
    }

    /// The 95% interval of that rate: the ends of the rows' own, corrected.
    pub(crate) fn weighted_interval(self, weights: RowWeights) -> (f64, f64) {
        let (low, high) = self.interval();
        (weights.corrected(low), weights.corrected(high))
    }

    /// Whether it stands on too few to be told aloud.
    #[must_use]
    pub const fn is_faint(self) -> bool {
        self.of < FEW
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
            let (found_low, found_high) = Share { part, of }.interval();
            assert!((found_low - low).abs() < 5e-5 && (found_high - high).abs() < 5e-5, "{part}/{of}");
        }
        assert_eq!(Share::default().interval(), (0.0, 1.0));
        assert_eq!(Share::of([true, false, true]), Share { part: 2, of: 3 });
    }

    #[test]
    fn a_weighted_rate_lies_in_its_interval() {
        let weights = RowWeights::new(0.03, 300, 300);
        let share = Share { part: 40, of: 60 };
        let (rate, (low, high)) = (share.weighted_rate(weights).unwrap(), share.weighted_interval(weights));
        assert!((rate - 0.06 * 40.0 / (0.06 * 40.0 + 1.94 * 20.0)).abs() < 1e-12, "{rate}");
        assert!(low < rate && rate < high && high < 0.15, "{low} {rate} {high}");
        assert_eq!(share.weighted_interval(RowWeights::EVEN), share.interval());
    }

    proptest! {
        #[test]
        fn a_rate_lies_in_its_interval(of in 1..5000_u64, part in 0..5000_u64) {
            let share = Share { part: part.min(of), of };
            let (low, high) = share.interval();
            let rate = share.rate().unwrap();
            prop_assert!(0.0 <= low && low <= rate && rate <= high && high <= 1.0);
        }
    }
}
