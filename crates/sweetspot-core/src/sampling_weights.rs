//! Weights for the rows of a resampled file.

/// The weights of ideal rows and of other rows that restore the real rates of a resampled file.
///
/// A file is often resampled by outcome, for example to equal numbers of won and lost deals. With the share ȳ of ideal
/// rows in the file and the known rate π of ideal accounts, an ideal row represents π/ȳ accounts and another row (1 −
/// π)/(1 − ȳ): the weights of King and Zeng 2001, Political Analysis 9:137. Rows that were not resampled count as one
/// each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplingWeights {
    ideal: f64,
    other: f64,
}

impl Default for SamplingWeights {
    fn default() -> Self {
        Self::EVEN
    }
}

impl SamplingWeights {
    /// All rows count as one.
    pub const EVEN: Self = Self { ideal: 1.0, other: 1.0 };

    /// The weights for `base_rate`, above 0 and below 1, and a file with these numbers of rows of each label; even
    /// weights if the file lacks a label.
    #[must_use]
    pub fn new(base_rate: f64, ideal: u64, not_ideal: u64) -> Self {
        if ideal == 0 || not_ideal == 0 {
            return Self::default();
        }
        let rows = ideal as f64 + not_ideal as f64;
        Self { ideal: base_rate * rows / ideal as f64, other: (1.0 - base_rate) * rows / not_ideal as f64 }
    }

    /// Whether all rows count as one.
    #[must_use]
    pub fn is_even(self) -> bool {
        self == Self::EVEN
    }

    /// The correction of log-odds that were learned from the file: ln(π/(1 − π)) − ln(ȳ/(1 − ȳ)), the prior correction
    /// of King and Zeng 2001, eq. 7 (Prentice and Pyke 1979, Biometrika 66:403). 0 if the weights are even.
    #[must_use]
    pub fn offset(self) -> f64 {
        (self.ideal / self.other).ln()
    }

    /// The weight of a row with this label, 0 or 1.
    #[must_use]
    pub fn weight(self, label: f64) -> f64 {
        if label > 0.5 { self.ideal } else { self.other }
    }

    /// The total weight of rows with these labels; 1 if there are none, so that it can be a divisor.
    #[must_use]
    pub fn sum(self, labels: &[f64]) -> f64 {
        if labels.is_empty() { 1.0 } else { labels.iter().map(|label| self.weight(*label)).sum() }
    }

    /// The total weight of `rows` rows, `ideal` of them ideal.
    #[must_use]
    pub fn total(self, ideal: u64, rows: u64) -> f64 {
        self.ideal * ideal as f64 + self.other * rows.saturating_sub(ideal) as f64
    }

    /// The real rate of ideal accounts if `ideal` of `rows` rows of the file are ideal; 0 if there are no rows.
    #[must_use]
    pub fn rate(self, ideal: u64, rows: u64) -> f64 {
        if rows == 0 { 0.0 } else { self.ideal * ideal as f64 / self.total(ideal, rows) }
    }

    /// The real rate for a rate in the file, in `[0, 1]`; increases with it.
    #[must_use]
    pub fn corrected_rate(self, rate: f64) -> f64 {
        if self.is_even() {
            return rate;
        }
        self.ideal * rate / (self.ideal * rate + self.other * (1.0 - rate))
    }

    /// The variance of a real rate that is estimated from resampled rows, relative to the same number of rows that were
    /// not resampled: p (1 − p) / (q (1 − q)) for the real rate p and the rows' rate q. 1 if the weights are even or
    /// the rate is 0 or 1.
    #[must_use]
    pub fn variance_inflation(self, real: f64) -> f64 {
        if self.is_even() || real <= 0.0 || real >= 1.0 {
            return 1.0;
        }
        // The odds of the rows are the real odds times the ratio of the weights.
        let rows = self.other * real + self.ideal * (1.0 - real);
        rows * rows / (self.ideal * self.other)
    }

    /// The relative change of the real rate per small relative change of the file's rate: (1 − real) / (1 − file).
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
    fn row_weights_match_hand_calculation() {
        let weights = SamplingWeights::new(0.03, 50, 50);
        assert!((weights.weight(1.0) - 0.06).abs() < 1e-12 && (weights.weight(0.0) - 1.94).abs() < 1e-12);
        assert!((weights.offset() - (0.03_f64 / 0.97).ln()).abs() < 1e-12, "the log-odds of the sample are zero");
        assert!((weights.rate(50, 100) - 0.03).abs() < 1e-12);
        assert_eq!((weights.rate(7, 7), weights.rate(0, 7), weights.rate(0, 0)), (1.0, 0.0, 0.0));
        assert!(SamplingWeights::new(0.03, 0, 9).is_even() && SamplingWeights::new(0.03, 9, 0).is_even());
    }

    proptest! {
        #[test]
        fn even_weights_change_nothing(ideal in 0..500_u64, more in 0..500_u64) {
            let (even, rows) = (SamplingWeights::default(), ideal + more);
            prop_assert_eq!((even.offset(), even.total(ideal, rows)), (0.0, rows as f64));
            prop_assert_eq!(even.rate(ideal, rows), ideal as f64 / rows.max(1) as f64);
        }

        /// The rate of the file becomes the base rate, the total of rows is unchanged, and log-odds shift by the
        /// offset.
        #[test]
        fn weighted_rate_equals_the_base_rate(
            base in 0.001..0.999, ideal in 1..500_u64, other in 1..500_u64, rate in 0.001..0.999,
        ) {
            let (weights, rows) = (SamplingWeights::new(base, ideal, other), ideal + other);
            prop_assert!((weights.rate(ideal, rows) - base).abs() < 1e-9);
            prop_assert!((weights.total(ideal, rows) - rows as f64).abs() < 1e-6);
            let log_odds = |rate: f64| (rate / (1.0 - rate)).ln();
            let corrected = weights.corrected_rate(rate);
            prop_assert!((log_odds(corrected) - log_odds(rate) - weights.offset()).abs() < 1e-6);
            let of_rows = rate * (1.0 - rate);
            prop_assert!((weights.variance_inflation(corrected) * of_rows / (corrected * (1.0 - corrected)) - 1.0).abs() < 1e-6);
            prop_assert!((weights.elasticity(rate) - (1.0 - corrected) / (1.0 - rate)).abs() < 1e-6);
        }
    }
}
