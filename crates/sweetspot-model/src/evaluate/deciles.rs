//! Predicted and observed rates by decile.

use sweetspot_core::SamplingWeights;

use super::order_by_score;

/// The number of parts of the list that are stored: enough to make the order within a part negligible.
const PARTS: usize = 200;

/// One tenth of the customers, in the order of their scores. Counts are of rows, even if the file was resampled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Decile {
    /// The number of customers.
    pub customers: u64,
    /// The number of ideal customers among them.
    pub ideal: u64,
    /// The mean of their probabilities; rows of a resampled file are weighted.
    pub mean_probability: f64,
}

impl Decile {
    /// The observed rate of ideal customers, of rows with these weights; 0 without customers.
    #[must_use]
    pub fn ideal_rate(&self, weights: SamplingWeights) -> f64 {
        weights.rate(self.ideal, self.customers)
    }
}

/// Ten bins of equal weight, or one per customer if there are fewer than ten, best-scored first. Bounds are rounded to
/// the nearest customer, halves up.
pub(super) fn deciles(labels: &[f64], probabilities: &[f64], weights: SamplingWeights) -> Vec<Decile> {
    deciles_and_parts(labels, probabilities, weights).0
}

/// Ten bins of equal weight, and the number of ideal customers in each of [`PARTS`], both best-scored first; one per
/// customer if there are fewer. Bounds are rounded to the nearest customer, halves up. A row of a resampled file may
/// weigh more than a bin, so that the bins after it are empty.
pub(crate) fn deciles_and_parts(
    labels: &[f64],
    probabilities: &[f64],
    weights: SamplingWeights,
) -> (Vec<Decile>, Vec<u64>) {
    let order = order_by_score(probabilities);
    let values_of_rows = |values: &[f64], rows: &[usize]| -> Vec<f64> {
        rows.iter().filter_map(|row| values.get(*row).copied()).collect()
    };
    let ideal = |rows: &[usize]| values_of_rows(labels, rows).iter().sum::<f64>() as u64;
    let decile = |rows: &[usize]| {
        let (labels, probabilities) = (values_of_rows(labels, rows), values_of_rows(probabilities, rows));
        let sum: f64 = labels.iter().zip(&probabilities).map(|(label, p)| weights.weight(*label) * p).sum();
        Decile { customers: rows.len() as u64, ideal: ideal(rows), mean_probability: sum / weights.sum(&labels) }
    };
    let cut = |bins: usize| equal_weight_bins(&order, &values_of_rows(labels, &order), weights, bins);
    (cut(10).into_iter().map(decile).collect(), cut(PARTS).into_iter().map(ideal).collect())
}

/// Bins of equal weight; `labels` are those of the customers in the given order.
fn equal_weight_bins<'a>(
    order: &'a [usize],
    labels: &[f64],
    weights: SamplingWeights,
    bins: usize,
) -> Vec<&'a [usize]> {
    let bins = order.len().min(bins);
    let total = weights.sum(labels);
    let (mut start, mut so_far) = (0, 0.0);
    let bin = |bin: usize| {
        let mut end = start;
        if weights.is_even() {
            end = bin_start(bin, bins, order.len());
        } else {
            let weight_up_to_bin = total * bin as f64 / bins as f64;
            while let Some(weight) = labels.get(end).map(|label| weights.weight(*label)) {
                // The last bin gets the remainder.
                if bin < bins && so_far + weight / 2.0 > weight_up_to_bin {
                    break;
                }
                (end, so_far) = (end + 1, so_far + weight);
            }
        }
        let rows = order.get(start..end).unwrap_or_default();
        start = end;
        rows
    };
    (1..=bins).map(bin).collect()
}

/// The number of customers before a bin.
pub(super) const fn bin_start(bin: usize, bins: usize, customers: usize) -> usize {
    (2 * bin * customers + bins) / (2 * bins)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lift;
    use super::*;

    const EVEN: SamplingWeights = SamplingWeights::EVEN;

    /// Six ideal rows ahead of six others that represent ten accounts each, nine times as many.
    #[test]
    fn deciles_of_a_resampled_file_have_equal_weights() {
        let labels: Vec<f64> = (0..12).map(|row| f64::from(u8::from(row < 6))).collect();
        let probabilities: Vec<f64> = (0..12).map(|row| 1.0 - f64::from(row) / 12.0).collect();
        let weights = SamplingWeights::new(0.1, 6, 6);
        let (deciles, parts) = deciles_and_parts(&labels, &probabilities, weights);
        let counts: Vec<(u64, u64)> = deciles.iter().map(|decile| (decile.customers, decile.ideal)).collect();
        assert_eq!(counts[0], (6, 6), "the ideal rows are the best decile: {counts:?}");
        assert_eq!((counts.iter().map(|count| count.0).sum::<u64>(), counts.len()), (12, 10));
        assert_eq!((parts.len(), parts.iter().sum::<u64>()), (12, 6));
        assert_eq!((deciles[0].ideal_rate(weights), deciles[9].ideal_rate(weights)), (1.0, 0.0));
    }

    #[test]
    fn deciles_of_a_worked_example() {
        let probabilities: Vec<f64> = (0..25).map(|row| f64::from(row) / 25.0).collect();
        let labels: Vec<f64> = (0..25).map(|row| f64::from(u8::from(row >= 23))).collect();
        let found = deciles(&labels, &probabilities, EVEN);
        let counts: Vec<u64> = found.iter().map(|decile| decile.customers).collect();
        assert_eq!(counts, [3, 2, 3, 2, 3, 2, 3, 2, 3, 2]);
        assert_eq!((found[0].ideal, found[1].ideal), (2, 0));
        assert!(
            (found[0].mean_probability - 0.92).abs() < 1e-12 && (found[0].ideal_rate(EVEN) - 2.0 / 3.0).abs() < 1e-12
        );
        assert_eq!(deciles(&[], &[], EVEN), []);
    }

    proptest! {
        /// Every customer is in one decile, and the first decile is the one that the lift is computed for.
        #[test]
        fn deciles_add_up_to_all_customers(rows in prop::collection::vec((any::<bool>(), 1..20_u8), 1..80)) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let probabilities: Vec<f64> = rows.iter().map(|(_, step)| f64::from(*step) / 20.0).collect();
            let found = deciles(&labels, &probabilities, EVEN);
            let ideal: u64 = found.iter().map(|decile| decile.ideal).sum();
            prop_assert_eq!(found.iter().map(|decile| decile.customers).sum::<u64>(), rows.len() as u64);
            prop_assert_eq!(ideal as f64, labels.iter().sum::<f64>());
            let (_, parts) = deciles_and_parts(&labels, &probabilities, EVEN);
            prop_assert_eq!((parts.iter().sum::<u64>(), parts.len()), (ideal, rows.len().min(PARTS)));
            prop_assert!(found.is_sorted_by(|a, b| a.mean_probability >= b.mean_probability - 1e-12));
            prop_assert!(found.iter().all(|decile| (1..=rows.len().div_ceil(10) as u64).contains(&decile.customers)));
            if ideal > 0 {
                let expected = found[0].ideal_rate(EVEN) * rows.len() as f64 / ideal as f64;
                prop_assert!((lift(&labels, &probabilities, 0.1, EVEN) - expected).abs() < 1e-12);
            }
        }
    }
}
