//! Predicted and observed rates, tenth by tenth: whether probabilities can be taken at their word, and where ideal accounts are.

use sweetspot_core::RowWeights;

use super::by_score;

/// Parts of the list that are kept, so fine that where a customer stands within one does not matter.
const PARTS: usize = 200;

/// One tenth of the customers, in the order of their scores. Counts are those of the rows, also where these were resampled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tenth {
    /// How many customers.
    pub customers: u64,
    /// Ideal ones among them.
    pub ideal: u64,
    /// The mean of their probabilities, rows of a resampled file weighted.
    pub mean_probability: f64,
}

impl Tenth {
    /// Observed rate of ideal customers, of rows with these weights; 0 where there is no customer.
    #[must_use]
    pub fn ideal_rate(&self, weights: RowWeights) -> f64 {
        weights.rate(self.ideal, self.customers)
    }
}

/// Ten bins of equal weight, best-scored first; as many as there are customers where there are fewer. Bounds are rounded to the
/// nearest customer, halves up.
pub(super) fn tenths(labels: &[f64], probabilities: &[f64], weights: RowWeights) -> Vec<Tenth> {
    tenths_and_parts(labels, probabilities, weights).0
}

/// Ten bins of equal weight, and the ideal customers in each of [`PARTS`], both best-scored first; as many as there are customers where
/// there are fewer. Bounds are rounded to the nearest customer, halves up. Of a resampled file a row may weigh more than a bin, so
/// that bins behind it are empty.
pub(crate) fn tenths_and_parts(labels: &[f64], probabilities: &[f64], weights: RowWeights) -> (Vec<Tenth>, Vec<u64>) {
    let order = by_score(probabilities);
    let of = |values: &[f64], rows: &[usize]| -> Vec<f64> {
        rows.iter().filter_map(|row| values.get(*row).copied()).collect()
    };
    let ideal = |rows: &[usize]| of(labels, rows).iter().sum::<f64>() as u64;
    let tenth = |rows: &[usize]| {
        let (labels, probabilities) = (of(labels, rows), of(probabilities, rows));
        let sum: f64 = labels.iter().zip(&probabilities).map(|(label, p)| weights.weight(*label) * p).sum();
        Tenth { customers: rows.len() as u64, ideal: ideal(rows), mean_probability: sum / weights.sum(&labels) }
    };
    let cut = |bins: usize| cut(&order, &of(labels, &order), weights, bins);
    (cut(10).into_iter().map(tenth).collect(), cut(PARTS).into_iter().map(ideal).collect())
}

/// Bins of equal weight, as far as there are customers; `labels` are those of the customers in their order.
fn cut<'a>(order: &'a [usize], labels: &[f64], weights: RowWeights, bins: usize) -> Vec<&'a [usize]> {
    let bins = order.len().min(bins);
    let total = weights.sum(labels);
    let (mut start, mut so_far) = (0, 0.0);
    let bin = |bin: usize| {
        let mut end = start;
        if weights.is_even() {
            end = bound(bin, bins, order.len());
        } else {
            let wanted = total * bin as f64 / bins as f64;
            while let Some(weight) = labels.get(end).map(|label| weights.weight(*label)) {
                // The last bin takes what rounding has left.
                if bin < bins && so_far + weight / 2.0 > wanted {
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

/// How many customers stand before a bin.
pub(super) const fn bound(bin: usize, bins: usize, customers: usize) -> usize {
    (2 * bin * customers + bins) / (2 * bins)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lift;
    use super::*;

    const EVEN: RowWeights = RowWeights::EVEN;

    /// Six ideal rows ahead of six others that stand for ten accounts each, nine times as many.
    #[test]
    fn tenths_of_a_resampled_file_hold_equal_weights() {
        let labels: Vec<f64> = (0..12).map(|row| f64::from(u8::from(row < 6))).collect();
        let probabilities: Vec<f64> = (0..12).map(|row| 1.0 - f64::from(row) / 12.0).collect();
        let weights = RowWeights::new(0.1, 6, 6);
        let (tenths, parts) = tenths_and_parts(&labels, &probabilities, weights);
        let counts: Vec<(u64, u64)> = tenths.iter().map(|tenth| (tenth.customers, tenth.ideal)).collect();
        assert_eq!(counts[0], (6, 6), "the ideal ones are the best tenth: {counts:?}");
        assert_eq!((counts.iter().map(|count| count.0).sum::<u64>(), counts.len()), (12, 10));
        assert_eq!((parts.len(), parts.iter().sum::<u64>()), (12, 6));
        assert_eq!((tenths[0].ideal_rate(weights), tenths[9].ideal_rate(weights)), (1.0, 0.0));
    }

    #[test]
    fn by_hand() {
        let probabilities: Vec<f64> = (0..25).map(|row| f64::from(row) / 25.0).collect();
        let labels: Vec<f64> = (0..25).map(|row| f64::from(u8::from(row >= 23))).collect();
        let found = tenths(&labels, &probabilities, EVEN);
        let counts: Vec<u64> = found.iter().map(|tenth| tenth.customers).collect();
        assert_eq!(counts, [3, 2, 3, 2, 3, 2, 3, 2, 3, 2]);
        assert_eq!((found[0].ideal, found[1].ideal), (2, 0));
        assert!(
            (found[0].mean_probability - 0.92).abs() < 1e-12 && (found[0].ideal_rate(EVEN) - 2.0 / 3.0).abs() < 1e-12
        );
        assert_eq!(tenths(&[], &[], EVEN), []);
    }

    proptest! {
        /// Every customer is in one tenth, and the first tenth is the one that the lift is told of.
        #[test]
        fn tenths_add_up(rows in prop::collection::vec((any::<bool>(), 1..20_u8), 1..80)) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let probabilities: Vec<f64> = rows.iter().map(|(_, step)| f64::from(*step) / 20.0).collect();
            let found = tenths(&labels, &probabilities, EVEN);
            let ideal: u64 = found.iter().map(|tenth| tenth.ideal).sum();
            prop_assert_eq!(found.iter().map(|tenth| tenth.customers).sum::<u64>(), rows.len() as u64);
            prop_assert_eq!(ideal as f64, labels.iter().sum::<f64>());
            let (_, parts) = tenths_and_parts(&labels, &probabilities, EVEN);
            prop_assert_eq!((parts.iter().sum::<u64>(), parts.len()), (ideal, rows.len().min(PARTS)));
            prop_assert!(found.is_sorted_by(|a, b| a.mean_probability >= b.mean_probability - 1e-12));
            prop_assert!(found.iter().all(|tenth| (1..=rows.len().div_ceil(10) as u64).contains(&tenth.customers)));
            if ideal > 0 {
                let expected = found[0].ideal_rate(EVEN) * rows.len() as f64 / ideal as f64;
                prop_assert!((lift(&labels, &probabilities, 0.1, EVEN) - expected).abs() < 1e-12);
            }
        }
    }
}
