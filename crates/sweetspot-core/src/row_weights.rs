//! What the rows of a resampled file stand for.

/// How much an ideal row and another row count where rates are those of reality, not of the file.
///
/// A file is often resampled by its outcome, such as to as many won as lost deals. With the share ȳ of ideal rows in the file and the
/// known rate π of ideal accounts, an ideal row stands for π/ȳ accounts and another one for (1 − π)/(1 − ȳ): the weights of King and
/// Zeng 2001, Political Analysis 9:137. Rows that were not resampled count as one each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RowWeights {
    ideal: f64,
    other: f64,
}

impl Default for RowWeights {
    fn default() -> Self {
        Self::EVEN
    }
}

impl RowWeights {
    /// Every row counts as one.
    pub const EVEN: Self = Self { ideal: 1.0, other: 1.0 };

    /// The weights that make `base_rate`, above 0 and below 1, the rate of a file with this many rows of either label; even weights
    /// where the file lacks a label.
    #[must_use]
    pub fn new(base_rate: f64, ideal: u64, not_ideal: u64) -> Self {
        if ideal == 0 || not_ideal == 0 {
            return Self::default();
        }
        let rows = ideal as f64 + not_ideal as f64;
        Self { ideal: base_rate * rows / ideal as f64, other: (1.0 - base_rate) * rows / not_ideal as f64 }
    }

    /// Whether every row counts as one.
    #[must_use]
    pub fn is_even(self) -> bool {
        self == Self::EVEN
    }

    /// What to add to the log-odds that were learned from the file: ln(π/(1 − π)) − ln(ȳ/(1 − ȳ)), the prior correction of
    /// King and Zeng 2001, eq. 7 (Prentice and Pyke 1979, Biometrika 66:403). 0 where weights are even.
    #[must_use]
    pub fn offset(self) -> f64 {
        (self.ideal / self.other).ln()
    }

    /// What a row of a label, 0 or 1, counts for.
    #[must_use]
    pub fn weight(self, label: f64) -> f64 {
        if label > 0.5 { self.ideal } else { self.other }
    }

    /// What rows with these labels count for together; 1 where there is none, so that it can be divided by.
    #[must_use]
    pub fn sum(self, labels: &[f64]) -> f64 {
        if labels.is_empty() { 1.0 } else { labels.iter().map(|label| self.weight(*label)).sum() }
    }

    /// What so many rows count for together, `ideal` of them ideal.
    #[must_use]
    pub fn total(self, ideal: u64, rows: u64) -> f64 {
        self.ideal * ideal as f64 + self.other * rows.saturating_sub(ideal) as f64
    }

    /// The real rate of ideal accounts where so many rows of the file are ideal; 0 where there is no row.
    #[must_use]
    pub fn rate(self, ideal: u64, rows: u64) -> f64 {
        if rows == 0 { 0.0 } else { self.ideal * ideal as f64 / self.total(ideal, rows) }
    }

    /// The real rate where the file's is `rate`, in `[0, 1]`; it grows with the file's.
    #[must_use]
    pub fn corrected(self, rate: f64) -> f64 {
        if self.is_even() {
            return rate;
        }
        self.ideal * rate / (self.ideal * rate + self.other * (1.0 - rate))
    }

    /// The variance of a real rate that is estimated from resampled rows, over that of as many rows that were not resampled:
    /// p (1 − p) / (q (1 − q)) for the real rate p and the rows' q; 1 where weights are even or the rate is 0 or 1.
    #[must_use]
    pub fn inflation(self, real: f64) -> f64 {
        if self.is_even() || real <= 0.0 || real >= 1.0 {
            return 1.0;
        }
        // The rows' odds are the real ones times the ratio of the weights.
        let rows = self.other * real + self.ideal * (1.0 - real);
        rows * rows / (self.ideal * self.other)
    }

    /// By how much a small relative change of the file's rate changes the real one, relatively: (1 − real) / (1 − file).
    #[must_use]
    pub fn elasticity(self, rate: f64) -> f64 {
        self.other / (self.ideal * rate + self.other * (1.0 - rate))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let weights = RowWeights::new(0.03, 50, 50);
        assert!((weights.weight(1.0) - 0.06).abs() < 1e-12 && (weights.weight(0.0) - 1.94).abs() < 1e-12);
        assert!((weights.offset() - (0.03_f64 / 0.97).ln()).abs() < 1e-12, "the sample's own log-odds are zero");
        assert!((weights.rate(50, 100) - 0.03).abs() < 1e-12);
        assert_eq!((weights.rate(7, 7), weights.rate(0, 7), weights.rate(0, 0)), (1.0, 0.0, 0.0));
        assert!(RowWeights::new(0.03, 0, 9).is_even() && RowWeights::new(0.03, 9, 0).is_even());
    }

    proptest! {
        #[test]
        fn even_weights_change_nothing(ideal in 0..500_u64, more in 0..500_u64) {
            let (even, rows) = (RowWeights::default(), ideal + more);
            prop_assert_eq!((even.offset(), even.total(ideal, rows)), (0.0, rows as f64));
            prop_assert_eq!(even.rate(ideal, rows), ideal as f64 / rows.max(1) as f64);
        }

        /// The file's own rate becomes the base rate, rows keep their number, and rates move as log-odds do.
        #[test]
        fn the_rate_of_the_file_becomes_the_base_rate(
            base in 0.001..0.999, ideal in 1..500_u64, other in 1..500_u64, rate in 0.001..0.999,
        ) {
            let (weights, rows) = (RowWeights::new(base, ideal, other), ideal + other);
            prop_assert!((weights.rate(ideal, rows) - base).abs() < 1e-9);
            prop_assert!((weights.total(ideal, rows) - rows as f64).abs() < 1e-6);
            let log_odds = |rate: f64| (rate / (1.0 - rate)).ln();
            let corrected = weights.corrected(rate);
            prop_assert!((log_odds(corrected) - log_odds(rate) - weights.offset()).abs() < 1e-6);
            let of_rows = rate * (1.0 - rate);
            prop_assert!((weights.inflation(corrected) * of_rows / (corrected * (1.0 - corrected)) - 1.0).abs() < 1e-6);
            prop_assert!((weights.elasticity(rate) - (1.0 - corrected) / (1.0 - rate)).abs() < 1e-6);
        }
    }
}
