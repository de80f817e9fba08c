//! The area under the ROC curve, and how sure it is.

use crate::domain::normal::NINETY_FIVE_PERCENT;

/// An area with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Auc {
    /// The area, in `[0, 1]`.
    pub area: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The area under the ROC curve of these scores; one half where a label is missing altogether.
///
/// The interval is normal with the larger of two variances: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44:837; and
/// Hanley and McNeil (1982), Radiology 143:29, at an area drawn to one half by one more customer. The first vanishes where
/// few customers are separated perfectly, the second does not.
///
/// `worth` is what each row counts for, at most 1, or empty where each counts as one: rows of one account make the interval no
/// narrower than they are worth. The area itself is that of the rows.
pub(crate) fn auc(labels: &[f64], scores: &[f64], worth: &[f64]) -> Auc {
    let is_ideal = |row: &usize| labels.get(*row).is_some_and(|label| *label > 0.5);
    let (ideal, other): (Vec<usize>, Vec<usize>) = (0..scores.len()).partition(is_ideal);
    if ideal.is_empty() || other.is_empty() {
        return Auc { area: 0.5, low: 0.0, high: 1.0 };
    }
    let pick = |rows: &[usize]| -> Vec<f64> { rows.iter().filter_map(|row| scores.get(*row).copied()).collect() };
    let (of_ideal, of_other) = (pick(&ideal), pick(&other));
    let count = |rows: &[usize]| -> f64 { rows.iter().map(|row| worth.get(*row).copied().unwrap_or(1.0)).sum() };
    let (m, n) = (count(&ideal), count(&other));
    // The share of the other group that each score beats, ties counting half.
    let beaten_by_ideal = share_below(&of_ideal, &of_other);
    let beaten_by_other = share_below(&of_other, &of_ideal);
    let area = mean(&beaten_by_ideal);
    let delong = variance(&beaten_by_ideal) / m + variance(&beaten_by_other) / n;
    let few = m.min(n);
    let drawn = (area * few + 0.5) / (few + 1.0);
    let deviation = delong.max(hanley_mcneil(drawn, m, n)).sqrt();
    let (low, high) = (area - NINETY_FIVE_PERCENT * deviation, area + NINETY_FIVE_PERCENT * deviation);
    Auc { area, low: low.max(0.0), high: high.min(1.0) }
}

/// The share of `others` that each score beats, ties counting half.
pub(super) fn share_below(scores: &[f64], others: &[f64]) -> Vec<f64> {
    let mut sorted = others.to_vec();
    sorted.sort_by(f64::total_cmp);
    let share = |score: &f64| {
        let below = sorted.partition_point(|other| other < score);
        let up_to = sorted.partition_point(|other| other <= score);
        (below + up_to) as f64 / (2.0 * sorted.len() as f64)
    };
    scores.iter().map(share).collect()
}

fn hanley_mcneil(area: f64, m: f64, n: f64) -> f64 {
    let q1 = area / (2.0 - area);
    let q2 = 2.0 * area * area / (1.0 + area);
    let square = area * area;
    (area * (1.0 - area) + (m - 1.0) * (q1 - square) + (n - 1.0) * (q2 - square)) / (m * n)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    squares / (values.len() as f64 - 1.0).max(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_pairs(labels: &[f64], scores: &[f64]) -> f64 {
        let (mut wins, mut pairs) = (0.0, 0.0);
        for (a, x) in labels.iter().zip(scores) {
            for (b, y) in labels.iter().zip(scores) {
                if *a > 0.5 && *b < 0.5 {
                    pairs += 1.0;
                    wins += if x > y {
                        1.0
                    } else if x == y {
                        0.5
                    } else {
                        0.0
                    };
                }
            }
        }
        wins / pairs
    }

    proptest! {
        #[test]
        fn the_area_counts_pairs(rows in prop::collection::vec((any::<bool>(), 0..6_i8), 2..60)) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let scores: Vec<f64> = rows.iter().map(|(_, score)| f64::from(*score) - 3.0).collect();
            let found = auc(&labels, &scores, &[]);
            let mixed = labels.contains(&0.0) && labels.contains(&1.0);
            let expected = if mixed { by_pairs(&labels, &scores) } else { 0.5 };
            prop_assert!((found.area - expected).abs() < 1e-12);
            prop_assert!(0.0 <= found.low && found.low <= found.area && found.area <= found.high && found.high <= 1.0);
        }
    }

    #[test]
    fn rows_that_count_for_half_have_the_interval_of_half_the_rows() {
        let labels: Vec<f64> = (0..2000).map(|row| f64::from(u8::from(row % 4 < 2))).collect();
        let scores: Vec<f64> =
            (0..2000).map(|row| f64::from(row * 7919 % 1000) + 100.0 * labels[row as usize]).collect();
        let half = auc(&labels, &scores, &[0.5; 2000]);
        let every_second = |values: &[f64]| values.iter().copied().step_by(2).collect::<Vec<f64>>();
        let fewer = auc(&every_second(&labels), &every_second(&scores), &[]);
        let all = auc(&labels, &scores, &[]);
        assert_eq!((half.area, auc(&labels, &scores, &[1.0; 2000])), (all.area, all));
        let width = |auc: Auc| auc.high - auc.low;
        assert!((width(half) / width(fewer) - 1.0).abs() < 0.05, "{half:?} {fewer:?}");
        assert!((width(half) / width(all) - 2.0_f64.sqrt()).abs() < 0.02, "{half:?} {all:?}");
    }

    #[test]
    fn few_customers_separated_by_luck_are_no_proof() {
        let small = auc(&[1.0, 1.0, 0.0, 0.0], &[4.0, 3.0, 2.0, 1.0], &[]);
        assert_eq!(small.area, 1.0);
        assert!(small.low < 0.6, "{small:?}");
    }
}
