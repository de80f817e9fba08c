//! Whether outcomes within groups are correlated beyond what a model that does not know the groups explains.

/// The residuals of a model, one entry per row.
#[derive(Clone, Debug, Default)]
pub(super) struct Residuals {
    /// Label minus probability; 0 for rows that were not evaluated.
    pub values: Vec<f64>,
    /// p (1 − p); 0 for rows that were not evaluated.
    pub variances: Vec<f64>,
    /// The effective number of parameters of the model.
    pub effective_parameters: f64,
}

/// The minimum distance of probabilities from 0 and 1.
const MIN_PROBABILITY: f64 = 0.005;

impl Residuals {
    /// The residuals of these labels.
    pub(super) fn new(labels: &[f64], probabilities: impl Iterator<Item = f64>, effective: f64) -> Self {
        let clipped = probabilities.map(|p| p.clamp(MIN_PROBABILITY, 1.0 - MIN_PROBABILITY));
        let (values, variances) = labels.iter().zip(clipped).map(|(label, p)| (label - p, p * (1.0 - p))).unzip();
        Self { values, variances, effective_parameters: effective }
    }
}

/// The correlation of outcomes within groups.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct IntraclassCorrelation {
    /// The mean correlation of two rows of one group: 0 if they are independent, 1 if one determines the other.
    pub rho: f64,
    /// The correlation in standard errors under independence.
    pub z: f64,
    /// The standard error of ρ between groups: large if a few large groups determine it.
    pub standard_error: f64,
}

impl IntraclassCorrelation {
    /// The correlation within groups of rows.
    ///
    /// With a = 1 / (k − 1), so that a group of k weighs as its rows do, and sums over pairs i < j within groups:
    /// ρ = Σ a rᵢ rⱼ / Σ a √(vᵢ vⱼ) and z = Σ a rᵢ rⱼ / √(Σ a² vᵢ vⱼ). Products of different pairs are uncorrelated if
    /// rows are independent, so this variance is exact. Each sum over pairs is half of (Σ x)² − Σ x².
    pub(super) fn new<'a>(groups: impl Iterator<Item = &'a [u32]>, residuals: &Residuals) -> Self {
        let (mut products, mut scale, mut variance) = (0.0, 0.0, 0.0);
        let mut by_group = Vec::new();
        for group in groups {
            let a = 1.0 / (group.len() as f64 - 1.0).max(1.0);
            let sum_by_group = |values: &[f64], f: fn(f64) -> f64| {
                let values = || group.iter().filter_map(|row| values.get(*row as usize)).map(|value| f(*value));
                let (sum, squares): (f64, f64) = (values().sum(), values().map(|value| value * value).sum());
                (sum * sum - squares) / 2.0
            };
            let (product, size) =
                (a * sum_by_group(&residuals.values, |r| r), a * sum_by_group(&residuals.variances, f64::sqrt));
            (products, scale) = (products + product, scale + size);
            by_group.push((product, size));
            variance += a * a * sum_by_group(&residuals.variances, |v| v);
        }
        if scale > 0.0 && variance > 0.0 {
            let rho = products / scale;
            // The standard error of a ratio of sums (Cochran 1977, Sampling Techniques, 6.4).
            let squares: f64 = by_group.iter().map(|(product, size)| (product - rho * size).powi(2)).sum();
            Self { rho, z: products / variance.sqrt(), standard_error: squares.sqrt() / scale }
        } else {
            Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Groups of three rows whose labels are the same coin flip with probability `together`, and independent flips
    /// otherwise.
    fn simulated_correlation(together: f64, seed: u64) -> IntraclassCorrelation {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let groups: Vec<Vec<u32>> = (0..2000).map(|group| vec![3 * group, 3 * group + 1, 3 * group + 2]).collect();
        let labels: Vec<f64> = groups
            .iter()
            .flat_map(|_| {
                let (one, coin) = (rng.random_bool(together), rng.random_bool(0.3));
                [(); 3].map(|()| f64::from(u8::from(if one { coin } else { rng.random_bool(0.3) })))
            })
            .collect();
        let residuals = Residuals::new(&labels, std::iter::repeat(0.3), 1.0);
        IntraclassCorrelation::new(groups.iter().map(Vec::as_slice), &residuals)
    }

    #[test]
    fn rho_is_the_share_of_groups_with_one_outcome() {
        for (together, seed) in [(0.0, 1), (0.2, 2), (0.7, 3), (1.0, 4)] {
            let found = simulated_correlation(together, seed);
            assert!((0.003..0.04).contains(&found.standard_error) || together == 1.0, "{found:?}");
            assert!((found.rho - together).abs() < 0.05, "{together}: {found:?}");
            assert_eq!(found.z > 5.0, together > 0.0, "{together}: {found:?}");
        }
    }

    #[test]
    fn independent_rows_have_z_of_about_one() {
        let squares: f64 = (0..100).map(|seed| simulated_correlation(0.0, 100 + seed).z.powi(2)).sum();
        assert!((0.7..1.4).contains(&(squares / 100.0)), "{squares}");
    }

    #[test]
    fn no_groups_have_no_correlation() {
        assert_eq!(
            IntraclassCorrelation::new(std::iter::empty(), &Residuals::default()),
            IntraclassCorrelation::default()
        );
    }
}
