//! Metrics of each tier.

use sweetspot_core::{SamplingWeights, Tier};

/// The metrics of one tier.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TierMetrics {
    /// The tier.
    pub tier: Tier,
    /// The number of customers.
    pub customers: u64,
    /// The number of ideal customers among them.
    pub ideal: u64,
    /// The share of the tier's customers that are ideal; rows of a resampled file are weighted. `None` if the tier is
    /// empty.
    pub precision: Option<f64>,
    /// The share of all ideal customers that are in the tier; `None` if no customer is ideal.
    pub recall: Option<f64>,
    /// The precision of this tier and all better ones combined.
    pub cumulative_precision: Option<f64>,
    /// The recall of this tier and all better ones combined.
    pub cumulative_recall: Option<f64>,
    /// The positive net value of the tier's customers; `None` if no value is known, or an earlier release trained the
    /// version.
    pub value: Option<f64>,
}

/// The number of customers and of ideal customers in A, B, C and D; `cuts` are the minimum probabilities of A, B and C.
pub(crate) fn count_by_tier(labels: &[f64], probabilities: &[f64], cuts: [f64; 3]) -> [(u64, u64); 4] {
    let mut counts = [(0, 0); 4];
    for (label, probability) in labels.iter().zip(probabilities) {
        if let Some((customers, ideal)) = counts.get_mut(tier_index(*probability, cuts)) {
            *customers += 1;
            *ideal += u64::from(*label > 0.5);
        }
    }
    counts
}

/// The positive net value in A, B, C and D, of customers with these values, each times the weight of its row; `None` if
/// no value is known.
pub(crate) fn value_by_tier(values: &[(Option<f64>, f64)], probabilities: &[f64], cuts: [f64; 3]) -> Option<[f64; 4]> {
    let mut tier_weights = [0.0; 4];
    for ((value, weight), probability) in values.iter().zip(probabilities) {
        if let Some(tier_weights) = tier_weights.get_mut(tier_index(*probability, cuts)) {
            *tier_weights += weight * value.unwrap_or(0.0).max(0.0);
        }
    }
    values.iter().any(|(value, _)| value.is_some()).then_some(tier_weights)
}

/// The index of the tier of a probability.
fn tier_index(probability: f64, cuts: [f64; 3]) -> usize {
    cuts.iter().position(|cut| probability >= *cut).unwrap_or(cuts.len())
}

/// Adds the value in each tier to the metrics.
pub(crate) fn add_values(
    mut figures: Vec<TierMetrics>,
    values: impl IntoIterator<Item = Option<f64>>,
) -> Vec<TierMetrics> {
    figures.iter_mut().zip(values).for_each(|(figures, value)| figures.value = value);
    figures
}

/// The metrics for these counts, of rows with these weights, in the order of the tiers.
pub(crate) fn tier_metrics(counts: &[(u64, u64)], weights: SamplingWeights) -> Vec<TierMetrics> {
    let all: u64 = counts.iter().map(|(_, ideal)| ideal).sum();
    let share = |part: u64, total: u64| (total > 0).then(|| part as f64 / total as f64);
    let rate = |ideal: u64, customers: u64| (customers > 0).then(|| weights.rate(ideal, customers));
    let (mut customers_so_far, mut ideal_so_far) = (0, 0);
    let figures = |(tier, &(customers, ideal)): (Tier, &(u64, u64))| {
        customers_so_far += customers;
        ideal_so_far += ideal;
        TierMetrics {
            tier,
            customers,
            ideal,
            precision: rate(ideal, customers),
            recall: share(ideal, all),
            cumulative_precision: rate(ideal_so_far, customers_so_far),
            cumulative_recall: share(ideal_so_far, all),
            value: None,
        }
    };
    [Tier::A, Tier::B, Tier::C, Tier::D].into_iter().zip(counts).map(figures).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tier_metrics_of_a_worked_example() {
        let counts = count_by_tier(&[1.0, 0.0, 1.0, 0.0, 0.0], &[0.9, 0.8, 0.5, 0.2, 0.1], [0.8, 0.5, 0.5]);
        assert_eq!(counts, [(2, 1), (1, 1), (0, 0), (2, 0)]);
        let figures = tier_metrics(&counts, SamplingWeights::EVEN);
        assert_eq!((figures[0].precision, figures[0].recall), (Some(0.5), Some(0.5)));
        assert_eq!((figures[1].cumulative_precision, figures[1].cumulative_recall), (Some(2.0 / 3.0), Some(1.0)));
        assert_eq!((figures[2].precision, figures[2].recall), (None, Some(0.0)));
        assert_eq!(figures[3].cumulative_precision, Some(0.4));
        let resampled = tier_metrics(&counts, SamplingWeights::new(0.1, 2, 3));
        assert!((resampled[0].precision.unwrap() - 1.0 / 7.0).abs() < 1e-9 && resampled[0].recall == Some(0.5));
        assert!((resampled[3].cumulative_precision.unwrap() - 0.1).abs() < 1e-9);
        assert_eq!(tier_metrics(&[], SamplingWeights::EVEN), []);
        assert_eq!(tier_metrics(&[(3, 0); 4], SamplingWeights::EVEN)[0].recall, None);
        let values = [(Some(60.0), 1.0), (None, 1.0), (Some(-5.0), 1.0), (Some(40.0), 1.0), (Some(0.5), 2.0)];
        let held = value_by_tier(&values, &[0.9, 0.8, 0.5, 0.2, 0.1], [0.8, 0.5, 0.5]);
        assert_eq!(held, Some([60.0, 0.0, 0.0, 41.0]));
        assert_eq!(value_by_tier(&[(None, 1.0); 5], &[0.9; 5], [0.8, 0.5, 0.5]), None);
    }

    proptest! {
        #[test]
        fn tiers_hold_everybody(rows in prop::collection::vec((any::<bool>(), 0..=20_u8), 1..60), a in 0..=20_u8, b in 0..=20_u8) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let probabilities: Vec<f64> = rows.iter().map(|(_, step)| f64::from(*step) / 20.0).collect();
            let cuts = [a.max(b), a.min(b), 0].map(|cut| f64::from(cut) / 20.0);
            let figures = tier_metrics(&count_by_tier(&labels, &probabilities, cuts), SamplingWeights::EVEN);
            let last = figures[3];
            prop_assert_eq!(figures.iter().map(|tier| tier.customers).sum::<u64>(), rows.len() as u64);
            prop_assert_eq!(last.cumulative_precision, Some(labels.iter().sum::<f64>() / rows.len() as f64));
            prop_assert!(last.cumulative_recall.is_none_or(|recall| recall == 1.0));
            prop_assert!(figures.windows(2).all(|pair| pair[0].cumulative_recall <= pair[1].cumulative_recall));
        }
    }
}
