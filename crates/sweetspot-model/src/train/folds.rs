//! Evaluation folds: stratified by label, groups kept together, determined by the seed.

use std::collections::BTreeMap;

use rand::SeedableRng as _;
use rand::seq::SliceRandom as _;
use rand_chacha::ChaCha8Rng;

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
