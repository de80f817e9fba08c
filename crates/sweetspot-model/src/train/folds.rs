//! Evaluation folds: stratified by label, groups kept together, determined by the seed.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand::seq::{SliceRandom as _, index};
use rand_chacha::ChaCha8Rng;

use super::row_classes::RowClasses;
use super::training_sample::Sample;

/// The number of folds with enough customers; with fewer, more folds leave each fit more customers to learn from.
const FOLDS: usize = 5;
const SMALL_SAMPLE_FOLDS: usize = 10;
/// A sample with fewer customers than this is small.
pub(super) const SMALL_SAMPLE: u64 = 200;
/// The minimum number of customers to evaluate: with very many customers, folds are evaluated one by one until this
/// number is reached.
const MIN_EVALUATED: usize = 10_000;
/// The maximum number of customers in a fold of equal rows, as long as it has this many of each label.
const MAX_IN_FOLD: u64 = 1_000_000;
const MIN_PER_LABEL_IN_FOLD: u64 = 1_000;

/// The customers that are evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EvaluationFolds {
    /// The rows of the evaluated customers, ascending: a row occurs once for each of its customers.
    pub rows: Vec<usize>,
    /// The fold of each of these customers, below `evaluated`.
    pub row_folds: Vec<usize>,
    /// The number of folds that are evaluated.
    pub evaluated: usize,
}

impl EvaluationFolds {
    /// Assigns customers to folds. The customers of one row are independent of each other, as other customers are.
    pub(super) fn new(sample: &Sample, seed: u64) -> Self {
        let fewest = sample.card.ideal.min(sample.card.not_ideal);
        if let Some(classes) = sample.classes.as_ref().filter(|_| sample.groups.iter().all(Option::is_none)) {
            return Self::one_fold(sample, classes, fewest, seed);
        }
        let customers = sample.counts.every_nth(0..sample.rows.len(), 1);
        let max_folds = if (customers.len() as u64) < SMALL_SAMPLE { SMALL_SAMPLE_FOLDS } else { FOLDS };
        let count = max_folds.min(fewest as usize);
        let labels: Vec<f64> = customers.iter().filter_map(|row| sample.labels.get(*row).copied()).collect();
        let groups: Vec<Option<usize>> = customers.iter().filter_map(|row| sample.groups.get(*row).copied()).collect();
        let fold_of = assign_folds(&labels, &groups, count, seed);
        let evaluated = (MIN_EVALUATED * count).div_ceil(customers.len()).clamp(1, count);
        let folds = customers.into_iter().zip(fold_of).filter(|(_, fold)| *fold < evaluated);
        let (rows, row_folds) = folds.unzip();
        Self { rows, row_folds, evaluated }
    }

    /// One fold of very many customers. They are drawn class by class of equal rows, so that it does not matter how
    /// the customers of a class are divided among rows.
    fn one_fold(sample: &Sample, classes: &RowClasses, fewest: u64, seed: u64) -> Self {
        let max_folds = (fewest / MIN_PER_LABEL_IN_FOLD).max(FOLDS as u64);
        let folds = sample.counts.total().div_ceil(MAX_IN_FOLD).clamp(FOLDS as u64, max_folds);
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut rows = Vec::new();
        for ideal in [true, false] {
            let has_label = |row: &u32| sample.labels.get(*row as usize).is_some_and(|label| (*label > 0.5) == ideal);
            let of_label = || classes.order.iter().filter(|row| has_label(row)).map(|row| *row as usize);
            let count = sample.counts.of_rows(of_label());
            let mut sampled = index::sample(&mut random, count as usize, (count / folds).max(1) as usize).into_vec();
            sampled.sort_unstable();
            let mut sampled = sampled.into_iter().peekable();
            let mut end = 0;
            for row in of_label() {
                end += sample.counts.get(row) as usize;
                while sampled.next_if(|customer| *customer < end).is_some() {
                    rows.push(row);
                }
            }
        }
        rows.sort_unstable();
        Self { row_folds: vec![0; rows.len()], rows, evaluated: 1 }
    }
}

/// The fold of each row, below `folds`. Rows of the same group share a fold; labels are spread evenly.
pub(super) fn assign_folds(labels: &[f64], groups: &[Option<usize>], folds: usize, seed: u64) -> Vec<usize> {
    let mut named: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut units: Vec<Vec<usize>> = Vec::new();
    for (row, group) in groups.iter().enumerate() {
        match group {
            Some(group) => named.entry(*group).or_default().push(row),
            None => units.push(vec![row]),
        }
    }
    units.extend(named.into_values());
    units.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let ideal =
        |unit: &Vec<usize>| unit.iter().filter(|row| labels.get(**row).is_some_and(|label| *label > 0.5)).count();
    // Units that are hard to spread go first: many ideal rows, then many rows.
    units.sort_by_key(|unit| std::cmp::Reverse((ideal(unit), unit.len())));
    let mut filled = vec![(0_usize, 0_usize); folds];
    let mut fold_of = vec![0; labels.len()];
    for unit in units {
        let count = ideal(&unit);
        let emptiest = filled
            .iter()
            .enumerate()
            .min_by_key(|(_, (ideal, rows))| if count > 0 { (*ideal, *rows) } else { (*rows, 0) });
        let Some(fold) = emptiest.map(|(fold, _)| fold) else { break };
        if let Some((ideal, rows)) = filled.get_mut(fold) {
            *ideal += count;
            *rows += unit.len();
        }
        for row in unit {
            if let Some(slot) = fold_of.get_mut(row) {
                *slot = fold;
            }
        }
    }
    fold_of
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn labels_are_spread_and_groups_whole(
            rows in prop::collection::vec((any::<bool>(), prop::option::of(0..200_u8)), 50..300),
            count in 2_usize..8,
            seed in any::<u64>(),
        ) {
            let labels: Vec<f64> = rows.iter().map(|(ideal, _)| f64::from(u8::from(*ideal))).collect();
            let groups: Vec<Option<usize>> = rows.iter().map(|(_, group)| group.map(usize::from)).collect();
            let found = assign_folds(&labels, &groups, count, seed);
            prop_assert_eq!(&found, &assign_folds(&labels, &groups, count, seed));
            for (i, a) in groups.iter().enumerate() {
                for (j, b) in groups.iter().enumerate() {
                    prop_assert!(a.is_none() || a != b || found[i] == found[j]);
                }
            }
        }

        #[test]
        fn ungrouped_folds_differ_by_one_at_most(labels in prop::collection::vec(any::<bool>(), 20..300), seed in any::<u64>()) {
            let labels: Vec<f64> = labels.into_iter().map(|ideal| f64::from(u8::from(ideal))).collect();
            let found = assign_folds(&labels, &vec![None; labels.len()], 5, seed);
            let count = |fold: usize, ideal: f64| found.iter().zip(&labels).filter(|(f, l)| **f == fold && **l == ideal).count();
            let positives: Vec<usize> = (0..5).map(|fold| count(fold, 1.0)).collect();
            let sizes: Vec<usize> = (0..5).map(|fold| count(fold, 1.0) + count(fold, 0.0)).collect();
            prop_assert!(positives.iter().max().unwrap() - positives.iter().min().unwrap() <= 1, "{positives:?}");
            prop_assert!(sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 1, "{sizes:?}");
        }
    }
}
