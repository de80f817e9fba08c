//! What the best-scored accounts hold.

use super::by_score;

/// Rate of ideal accounts in the best-scored share, over the overall rate; 1 where there are none at all.
pub(crate) fn lift(labels: &[f64], scores: &[f64], share: f64) -> f64 {
    let rate = |rows: &mut dyn Iterator<Item = usize>| {
        let picked: Vec<f64> = rows.filter_map(|row| labels.get(row).copied()).collect();
        picked.iter().sum::<f64>() / picked.len().max(1) as f64
    };
    let overall = rate(&mut (0..labels.len()));
    if overall == 0.0 {
        return 1.0;
    }
    rate(&mut best(scores, share).into_iter()) / overall
}

/// Share of all value above zero that the best-scored share of accounts holds; nothing where no value is known.
pub(crate) fn value_captured(values: &[Option<f64>], scores: &[f64], share: f64) -> Option<f64> {
    let positive = |row: usize| values.get(row).copied().flatten().unwrap_or(0.0).max(0.0);
    let all: f64 = (0..values.len()).map(positive).sum();
    (all > 0.0).then(|| best(scores, share).into_iter().map(positive).sum::<f64>() / all)
}

fn best(scores: &[f64], share: f64) -> Vec<usize> {
    let count = ((share * scores.len() as f64).round() as usize).max(1);
    let mut order = by_score(scores);
    order.truncate(count);
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_hand() {
        let scores = [5.0, 4.0, 3.0, 2.0, 1.0];
        assert_eq!(lift(&[1.0, 0.0, 0.0, 0.0, 1.0], &scores, 0.2), 2.5);
        assert_eq!(lift(&[0.0; 5], &scores, 0.2), 1.0);
        let values = [Some(60.0), Some(30.0), None, Some(10.0), Some(-50.0)];
        assert_eq!(value_captured(&values, &scores, 0.2), Some(0.6));
        assert_eq!(value_captured(&[None; 5], &scores, 0.2), None);
    }

    proptest! {
        /// Scores are distinct, so that there is one best share.
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
            prop_assert!((lift(&labels, &scores, share) - expected).abs() < 1e-12);
            let positive = |row: &usize| values[*row].unwrap_or(0.0).max(0.0);
            let all: f64 = (0..count).map(|row| positive(&row)).sum();
            let held: f64 = chosen.iter().map(positive).sum();
            if let Some(found) = value_captured(&values, &scores, share) {
                prop_assert!((found - held / all).abs() < 1e-12 && (0.0..=1.0).contains(&found));
            } else {
                prop_assert_eq!(all, 0.0);
            }
        }
    }
}
