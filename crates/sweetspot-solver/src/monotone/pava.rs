//! Pool adjacent violators: the closest ascending values.

/// Adjacent values that share one mean.
struct ValuePool {
    mean: f64,
    weight: f64,
    members: usize,
}

impl ValuePool {
    fn merge(self, other: &Self) -> Self {
        let weight = self.weight + other.weight;
        let mean = (self.weight * self.mean + other.weight * other.mean) / weight;
        Self { mean, weight, members: self.members + other.members }
    }
}

/// For the ascending values that are closest to `values` by weighted squares, returns whether the values `i` and
/// `i + 1` are in one pool. Weights are above zero. Equal neighbors are not pooled.
///
/// Pool adjacent violators (Barlow, Bartholomew, Bremner and Brunk 1972, "Statistical inference under order
/// restrictions", section 1.2; de Leeuw, Hornik and Mair 2009, "Isotone optimization in R", J. Stat. Softw. 32(5),
/// section 2), in time linear in the number of values.
pub(super) fn pool_adjacent_violators(values: &[f64], weights: &[f64]) -> Vec<bool> {
    let mut pools: Vec<ValuePool> = Vec::new();
    for (value, weight) in values.iter().zip(weights) {
        let mut pool = ValuePool { mean: *value, weight: *weight, members: 1 };
        while let Some(before) = pools.pop_if(|before| before.mean > pool.mean) {
            pool = before.merge(&pool);
        }
        pools.push(pool);
    }
    let pool_flags = |pool: &ValuePool| std::iter::repeat_n(true, pool.members - 1).chain([false]);
    let mut merged: Vec<bool> = pools.iter().flat_map(pool_flags).collect();
    // The last value has no neighbor after it.
    merged.pop();
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The mean of each value's pool.
    fn fitted(values: &[f64], weights: &[f64], one: &[bool]) -> Vec<f64> {
        let mut fitted = Vec::new();
        let mut start = 0;
        for end in (1..=values.len()).filter(|end| *end == values.len() || !one[end - 1]) {
            let weight: f64 = weights[start..end].iter().sum();
            let mean = (start..end).map(|i| weights[i] * values[i]).sum::<f64>() / weight;
            fitted.extend(std::iter::repeat_n(mean, end - start));
            start = end;
        }
        fitted
    }

    #[test]
    fn pooled_values_match_hand_calculation() {
        let of = |values: &[f64]| pool_adjacent_violators(values, &vec![1.0; values.len()]);
        assert_eq!(of(&[]), [] as [bool; 0]);
        assert_eq!(of(&[7.0]), [] as [bool; 0]);
        assert_eq!(of(&[1.0, 1.0, 2.0]), [false, false]);
        assert_eq!(of(&[1.0, 3.0, 2.0, 4.0]), [false, true, false]);
        assert_eq!(of(&[3.0, 2.0, 1.0]), [true, true]);
        assert_eq!(of(&[2.0, 3.0, 0.0]), [true, true], "the pool of the last two falls below the first");
        assert_eq!(
            pool_adjacent_violators(&[2.0, 3.0, 0.0], &[1.0, 9.0, 1.0]),
            [false, true],
            "unless its weight is low"
        );
    }

    proptest! {
        /// The conditions of the optimum: values ascend, and no pool improves if its start decreases or its end
        /// increases (Barlow et al. 1972, theorem 1.3).
        #[test]
        fn pools_are_the_nearest_ascending_values(
            rows in prop::collection::vec((-4..4_i8, 1..5_u8), 1..40),
        ) {
            let (values, weights): (Vec<f64>, Vec<f64>) =
                rows.iter().map(|(value, weight)| (f64::from(*value), f64::from(*weight))).unzip();
            let one = pool_adjacent_violators(&values, &weights);
            prop_assert_eq!(one.len(), values.len() - 1);
            let fitted = fitted(&values, &weights, &one);
            prop_assert!(fitted.windows(2).all(|pair| pair[0] <= pair[1] + 1e-12));
            let mut held = 0.0;
            for i in 0..values.len() {
                held += weights[i] * (values[i] - fitted[i]);
                prop_assert!(held > -1e-9, "{held}: the start of a pool should be lower");
                if i + 1 == values.len() || !one[i] {
                    prop_assert!(held.abs() < 1e-9);
                    held = 0.0;
                }
            }
        }
    }
}
