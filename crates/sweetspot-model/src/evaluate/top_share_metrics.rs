//! Metrics of the best-scored accounts.

use sweetspot_core::SamplingWeights;

use super::order_by_score;

/// The rate of ideal accounts in the best-scored share, divided by the overall rate, of rows with these weights; 1 if
/// no account is ideal.
pub(crate) fn lift(labels: &[f64], scores: &[f64], share: f64, weights: SamplingWeights) -> f64 {
    let rate = |rows: &mut dyn Iterator<Item = usize>| {
        let labels: Vec<f64> = rows.filter_map(|row| labels.get(row).copied()).collect();
        labels.iter().map(|label| weights.weight(*label) * label).sum::<f64>() / weights.sum(&labels)
    };
    let overall = rate(&mut (0..labels.len()));
    if overall == 0.0 {
        return 1.0;
    }
    rate(&mut top_rows(labels, scores, share, weights).into_iter()) / overall
}

/// The share of all positive value that is in the best-scored share of accounts, of rows with these labels and weights;
/// `None` if no value is known.
pub(crate) fn value_captured(
    values: &[Option<f64>],
    labels: &[f64],
    scores: &[f64],
    share: f64,
    weights: SamplingWeights,
) -> Option<f64> {
    let weight = |row: usize| labels.get(row).map_or(1.0, |label| weights.weight(*label));
    let positive = |row: usize| weight(row) * values.get(row).copied().flatten().unwrap_or(0.0).max(0.0);
    let all: f64 = (0..values.len()).map(positive).sum();
    (all > 0.0).then(|| top_rows(labels, scores, share, weights).into_iter().map(positive).sum::<f64>() / all)
}

/// The best-scored rows with this share of the weight, rounded to the nearest row; at least one.
fn top_rows(labels: &[f64], scores: &[f64], share: f64, weights: SamplingWeights) -> Vec<usize> {
    let mut order = order_by_score(scores);
    let count = if weights.is_even() {
        (share * scores.len() as f64).round() as usize
    } else {
        let target_weight = share * weights.sum(labels);
        let mut so_far = 0.0;
        let is_within = |row: &&usize| {
            let weight = labels.get(**row).map_or(0.0, |label| weights.weight(*label));
            so_far += weight;
            so_far - weight / 2.0 <= target_weight
        };
        order.iter().take_while(is_within).count()
    };
    order.truncate(count.max(1));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EVEN: SamplingWeights = SamplingWeights::EVEN;

    /// Ten ideal and ten other rows at a base rate of one tenth: the best tenth of all accounts consists of the ten
    /// ideal rows.
    #[test]
    fn the_lift_of_a_resampled_file_is_that_of_all_accounts() {
        let labels: Vec<f64> = (0..20).map(|row| f64::from(u8::from(row < 10))).collect();
        let scores: Vec<f64> = (0..20).map(|row| 20.0 - f64::from(row)).collect();
        let weights = SamplingWeights::new(0.1, 10, 10);
        assert!((lift(&labels, &scores, 0.1, weights) - 10.0).abs() < 1e-9);
        assert_eq!(lift(&labels, &scores, 0.1, EVEN), 2.0);
        let worth = [Some(1.0); 20];
        assert!((value_captured(&worth, &labels, &scores, 0.1, weights).unwrap() - 0.1).abs() < 1e-9);
    }

    #[test]
    fn lift_and_captured_value_of_a_worked_example() {
        let scores = [5.0, 4.0, 3.0, 2.0, 1.0];
        assert_eq!(lift(&[1.0, 0.0, 0.0, 0.0, 1.0], &scores, 0.2, EVEN), 2.5);
        assert_eq!(lift(&[0.0; 5], &scores, 0.2, EVEN), 1.0);
        let values = [Some(60.0), Some(30.0), None, Some(10.0), Some(-50.0)];
        assert_eq!(value_captured(&values, &[0.0; 5], &scores, 0.2, EVEN), Some(0.6));
        assert_eq!(value_captured(&[None; 5], &[0.0; 5], &scores, 0.2, EVEN), None);
    }

    proptest! {
        /// Scores are distinct, so that the best share is unique.
        #[test]
        fn the_best_share_agrees_with_counting_betters(
            rows in prop::collection::vec((any::<bool>(), prop::option::of(-50..100_i8)), 1..60),
            turn in any::<prop::sample::Index>(),
            share in 0.01..0.99_f64,
        ) {
            let count = rows.len();
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let values: Vec<Option<f64>> = rows.iter().map(|(_, value)| value.map(f64::from)).collect();
            let scores: Vec<f64> = (0..count).map(|row| ((row + turn.index(count)) % count) as f64).collect();
            let places = ((share * count as f64).round() as usize).max(1);
            let is_best = |row: usize| scores.iter().filter(|score| **score > scores[row]).count() < places;
            let chosen: Vec<usize> = (0..count).filter(|row| is_best(*row)).collect();
            let rate = chosen.iter().map(|row| labels[*row]).sum::<f64>() / chosen.len() as f64;
            let overall = labels.iter().sum::<f64>() / count as f64;
            let expected = if overall > 0.0 { rate / overall } else { 1.0 };
            prop_assert!((lift(&labels, &scores, share, EVEN) - expected).abs() < 1e-12);
            let positive = |row: &usize| values[*row].unwrap_or(0.0).max(0.0);
            let all: f64 = (0..count).map(|row| positive(&row)).sum();
            let held: f64 = chosen.iter().map(positive).sum();
            if let Some(found) = value_captured(&values, &labels, &scores, share, EVEN) {
                prop_assert!((found - held / all).abs() < 1e-12 && (0.0..=1.0).contains(&found));
            } else {
                prop_assert_eq!(all, 0.0);
            }
        }
    }
}
