//! Predicted and observed rates, tenth by tenth: whether probabilities can be taken at their word, and where ideal accounts are.

use super::by_score;

/// Parts of the list that are kept, so fine that where a customer stands within one does not matter.
const PARTS: usize = 200;

/// One tenth of the customers, in the order of their scores.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tenth {
    /// How many customers.
    pub customers: u64,
    /// Ideal ones among them.
    pub ideal: u64,
    /// The mean of their probabilities.
    pub mean_probability: f64,
}

impl Tenth {
    /// Observed rate of ideal customers; 0 where there is no customer.
    #[must_use]
    pub fn ideal_rate(&self) -> f64 {
        self.ideal as f64 / self.customers.max(1) as f64
    }
}

/// Ten bins of equal count, best-scored first; as many as there are customers where there are fewer. Bounds are rounded to the
/// nearest customer, halves up.
pub(super) fn tenths(labels: &[f64], probabilities: &[f64]) -> Vec<Tenth> {
    tenths_and_parts(labels, probabilities).0
}

/// Ten bins of equal count, and the ideal customers in each of [`PARTS`], both best-scored first; as many as there are customers where
/// there are fewer. Bounds are rounded to the nearest customer, halves up.
pub(crate) fn tenths_and_parts(labels: &[f64], probabilities: &[f64]) -> (Vec<Tenth>, Vec<u64>) {
    let order = by_score(probabilities);
    let tenth = |rows: &[usize]| {
        let customers = rows.len() as u64;
        let mean_probability = sum(probabilities, rows) / customers.max(1) as f64;
        Tenth { customers, ideal: sum(labels, rows) as u64, mean_probability }
    };
    let (tenths, parts) = (cut(&order, 10), cut(&order, PARTS));
    (tenths.map(tenth).collect(), parts.map(|rows| sum(labels, rows) as u64).collect())
}

/// Bins of equal count, as far as there are customers.
fn cut(order: &[usize], bins: usize) -> impl Iterator<Item = &[usize]> {
    let bins = order.len().min(bins);
    let bound = move |bin: usize| bound(bin, bins, order.len());
    (0..bins).map(move |bin| order.get(bound(bin)..bound(bin + 1)).unwrap_or_default())
}

fn sum(values: &[f64], rows: &[usize]) -> f64 {
    rows.iter().filter_map(|row| values.get(*row)).sum()
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

    #[test]
    fn by_hand() {
        let probabilities: Vec<f64> = (0..25).map(|row| f64::from(row) / 25.0).collect();
        let labels: Vec<f64> = (0..25).map(|row| f64::from(u8::from(row >= 23))).collect();
        let found = tenths(&labels, &probabilities);
        let counts: Vec<u64> = found.iter().map(|tenth| tenth.customers).collect();
        assert_eq!(counts, [3, 2, 3, 2, 3, 2, 3, 2, 3, 2]);
        assert_eq!((found[0].ideal, found[1].ideal), (2, 0));
        assert!((found[0].mean_probability - 0.92).abs() < 1e-12 && (found[0].ideal_rate() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!(tenths(&[], &[]), []);
    }

    proptest! {
        /// Every customer is in one tenth, and the first tenth is the one that the lift is told of.
        #[test]
        fn tenths_add_up(rows in prop::collection::vec((any::<bool>(), 1..20_u8), 1..80)) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let probabilities: Vec<f64> = rows.iter().map(|(_, step)| f64::from(*step) / 20.0).collect();
            let found = tenths(&labels, &probabilities);
            let ideal: u64 = found.iter().map(|tenth| tenth.ideal).sum();
            prop_assert_eq!(found.iter().map(|tenth| tenth.customers).sum::<u64>(), rows.len() as u64);
            prop_assert_eq!(ideal as f64, labels.iter().sum::<f64>());
            let (_, parts) = tenths_and_parts(&labels, &probabilities);
            prop_assert_eq!((parts.iter().sum::<u64>(), parts.len()), (ideal, rows.len().min(PARTS)));
            prop_assert!(found.is_sorted_by(|a, b| a.mean_probability >= b.mean_probability - 1e-12));
            prop_assert!(found.iter().all(|tenth| (1..=rows.len().div_ceil(10) as u64).contains(&tenth.customers)));
            if ideal > 0 {
                let expected = found[0].ideal_rate() * rows.len() as f64 / ideal as f64;
                prop_assert!((lift(&labels, &probabilities, 0.1) - expected).abs() < 1e-12);
            }
        }
    }
}
