//! How much more frequent something is in one group than in another, and whether that is beyond chance.

use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT as Z;

use super::Proportion;

/// The ratio of two frequencies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FrequencyRatio {
    /// The ratio. If nothing in one of the groups has the property, half an account is added to every count, so that the
    /// ratio is finite (Walter 1975, Biometrika 62:371).
    pub(super) ratio: f64,
    /// The lower end of its 95% interval (Katz et al. 1978, Biometrics 34:469).
    pub(super) low: f64,
    /// The upper end.
    pub(super) high: f64,
    /// The number of standard errors by which the logarithm of the ratio exceeds 0; 0 if all accounts have the property.
    pub(super) z: f64,
}

impl FrequencyRatio {
    /// The frequency in a group over that in another one; neither may be empty.
    pub(super) fn new(group: Proportion, rest: Proportion) -> Self {
        let add = if group.part == 0 || rest.part == 0 { 0.5 } else { 0.0 };
        let [(a, of_a), (b, of_b)] = [group, rest].map(|share| (share.part as f64 + add, share.total as f64 + add));
        let log_ratio = ((a / of_a) / (b / of_b)).ln();
        let error = (1.0 / a - 1.0 / of_a + 1.0 / b - 1.0 / of_b).max(0.0).sqrt();
        let z = if error > 0.0 { log_ratio / error } else { 0.0 };
        let (low, high) = ((log_ratio - Z * error).exp(), (log_ratio + Z * error).exp());
        Self { ratio: log_ratio.exp(), low, high, z }
    }
}

/// The minimum number of standard errors of a finding: what the maximum of this many null effects would reach by chance
/// (Donoho and Johnstone 1994, Biometrika 81:425), but at least the bound for a single one.
pub(super) fn min_z(tested: usize) -> f64 {
    (2.0 * (tested.max(1) as f64).ln()).sqrt().max(Z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_tested_values_require_stronger_evidence() {
        assert_eq!((min_z(0), min_z(1)), (Z, Z));
        assert!(min_z(1000) > 3.7);
    }
}
