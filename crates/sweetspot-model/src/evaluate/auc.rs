//! The area under the ROC curve, and its uncertainty.

use sweetspot_core::normal_quantiles::NINETY_FIVE_PERCENT;

/// An area with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Auc {
    /// The area, in `[0, 1]`.
    pub area: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// The area under the ROC curve of these scores; one half if one of the labels is absent.
///
/// The interval is normal, with the larger of two variances: DeLong, DeLong and Clarke-Pearson (1988), Biometrics
/// 44:837; and Hanley and McNeil (1982), Radiology 143:29, at an area shrunk toward one half by one additional
/// customer. If few customers are separated perfectly, the first is zero, and the second is not.
///
/// `weights` contains the weight of each row in the interval, at most 1, or is empty if each row counts as one: several
/// rows of one account do not make the interval narrower than their weight justifies. The area itself is unweighted.
pub(crate) fn auc(labels: &[f64], scores: &[f64], weights: &[f64]) -> Auc {
    auc_by_fold(labels, scores, weights, &[])
}

/// The area under the ROC curve if each fold's scores come from a separate fit: only rows of the same fold are
/// compared. `fold_of` has one entry per row, or is empty if all scores come from one fit.
///
/// A fit that did not see a fold with many ideal customers expects fewer of them. Comparing scores across folds would
/// therefore rank by what was left out, which makes the area too small (Parker, Günter and Bedo 2007, BMC
/// Bioinformatics 8:326).
pub(crate) fn auc_by_fold(labels: &[f64], scores: &[f64], weights: &[f64], fold_of: &[usize]) -> Auc {
    let (mut wins, mut pairs) = (0.0, 0.0);
    let (mut of_ideal, mut of_other) = (WinShares::default(), WinShares::default());
    for rows in rows_by_fold(fold_of, scores.len()) {
        let [ideal, other] = split_by_label(labels, rows);
        if ideal.is_empty() || other.is_empty() {
            continue;
        }
        let count = |rows: &[usize]| -> f64 { rows.iter().map(|row| weights.get(*row).copied().unwrap_or(1.0)).sum() };
        let (ideal_scores, other_scores) = (pick(scores, &ideal), pick(scores, &other));
        let beaten = share_below(&ideal_scores, &other_scores);
        wins += beaten.iter().sum::<f64>() * other.len() as f64;
        pairs += (ideal.len() * other.len()) as f64;
        of_ideal.add(beaten, count(&ideal));
        of_other.add(share_below(&other_scores, &ideal_scores), count(&other));
    }
    if pairs < 1.0 {
        return Auc { area: 0.5, low: 0.0, high: 1.0 };
    }
    let (area, m, n) = (wins / pairs, of_ideal.count, of_other.count);
    let delong = variance(&of_ideal.shares) / m + variance(&of_other.shares) / n;
    let few = m.min(n);
    let shrunk_area = (area * few + 0.5) / (few + 1.0);
    let deviation = delong.max(hanley_mcneil(shrunk_area, m, n)).sqrt();
    let (low, high) = (area - NINETY_FIVE_PERCENT * deviation, area + NINETY_FIVE_PERCENT * deviation);
    Auc { area, low: low.max(0.0), high: high.min(1.0) }
}

/// For each row of one label, the share of the other label's rows that it beats.
#[derive(Default)]
struct WinShares {
    shares: Vec<f64>,
    /// The total weight of these rows.
    count: f64,
}

impl WinShares {
    fn add(&mut self, shares: Vec<f64>, count: f64) {
        self.shares.extend(shares);
        self.count += count;
    }
}

/// The rows of each fold; all rows in one fold if `fold_of` is empty.
pub(super) fn rows_by_fold(fold_of: &[usize], rows: usize) -> Vec<Vec<usize>> {
    let mut folds = vec![Vec::new(); fold_of.iter().copied().max().unwrap_or(0) + 1];
    for row in 0..rows {
        if let Some(fold) = folds.get_mut(fold_of.get(row).copied().unwrap_or(0)) {
            fold.push(row);
        }
    }
    folds
}

/// The ideal rows, and the others.
pub(super) fn split_by_label(labels: &[f64], rows: Vec<usize>) -> [Vec<usize>; 2] {
    let (ideal, other) = rows.into_iter().partition(|row| labels.get(*row).is_some_and(|label| *label > 0.5));
    [ideal, other]
}

/// The values at these rows.
pub(super) fn pick(values: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().filter_map(|row| values.get(*row).copied()).collect()
}

/// The share of `others` that each score exceeds; ties count half.
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

    fn auc_by_counting_pairs(labels: &[f64], scores: &[f64]) -> f64 {
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
            let expected = if mixed { auc_by_counting_pairs(&labels, &scores) } else { 0.5 };
            prop_assert!((found.area - expected).abs() < 1e-12);
            prop_assert!(0.0 <= found.low && found.low <= found.area && found.area <= found.high && found.high <= 1.0);
        }
    }

    proptest! {
        /// Fits of different folds may expect different rates: only rows of the same fold are compared.
        #[test]
        fn only_rows_of_one_fold_are_compared(
            rows in prop::collection::vec((any::<bool>(), 0..6_i8, 0..3_usize), 2..60),
            shifts in [-9.0..9.0_f64, -9.0..9.0, -9.0..9.0],
        ) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, ..)| f64::from(u8::from(*ideal))).collect();
            let scores: Vec<f64> = rows.iter().map(|(_, score, _)| f64::from(*score)).collect();
            let folds: Vec<usize> = rows.iter().map(|(_, _, fold)| *fold).collect();
            let shifted: Vec<f64> = scores.iter().zip(&folds).map(|(score, fold)| score + shifts[*fold].round()).collect();
            prop_assert_eq!(auc_by_fold(&labels, &scores, &[], &folds), auc_by_fold(&labels, &shifted, &[], &folds));
            let (mut wins, mut pairs) = (0.0, 0.0);
            for (a, _) in labels.iter().enumerate().filter(|(_, label)| **label > 0.5) {
                for (b, _) in labels.iter().enumerate().filter(|(b, label)| **label < 0.5 && folds[*b] == folds[a]) {
                    pairs += 1.0;
                    wins += 0.5 * (1.0 + f64::from(scores[a].total_cmp(&scores[b]) as i8));
                }
            }
            let expected = if pairs > 0.0 { wins / pairs } else { 0.5 };
            prop_assert!((auc_by_fold(&labels, &scores, &[], &folds).area - expected).abs() < 1e-12);
            prop_assert_eq!(auc_by_fold(&labels, &scores, &[], &vec![0; rows.len()]), auc(&labels, &scores, &[]));
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
