//! Agreement of two clusterings of the same customers.

/// The adjusted Rand index (Hubert and Arabie 1985, J. Classif. 2:193, eq. 5): 1 if they are the same, about 0 if they
/// agree by chance; also 1 if both have one cluster. Clusters are numbered from 0.
pub(super) fn adjusted_rand_index(left: &[usize], right: &[usize]) -> f64 {
    let cluster_count = |clusters: &[usize]| clusters.iter().max().map_or(0, |last| last + 1);
    let (first, second) = (cluster_count(left), cluster_count(right));
    let mut table = vec![0_u64; first * second];
    for (a, b) in left.iter().zip(right) {
        if let Some(cell) = table.get_mut(a * second + b) {
            *cell += 1;
        }
    }
    let pairs = |count: u64| (count * count.saturating_sub(1)) as f64 / 2.0;
    let rows: f64 = table.chunks(second.max(1)).map(|row| pairs(row.iter().sum())).sum();
    let columns: f64 = (0..second).map(|b| pairs(table.iter().skip(b).step_by(second).sum())).sum();
    let together: f64 = table.iter().map(|count| pairs(*count)).sum();
    let all = pairs(left.len().min(right.len()) as u64);
    let by_chance = if all > 0.0 { rows * columns / all } else { 0.0 };
    let max_agreement = f64::midpoint(rows, columns);
    if max_agreement == by_chance { 1.0 } else { (together - by_chance) / (max_agreement - by_chance) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_adjusted_rand_index_matches_published_values() {
        // Hubert and Arabie 1985, table 2 and below eq. 5, by hand: 6 objects.
        let (one, other) = ([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]);
        let expected = (2.0 - 6.0 * 3.0 / 15.0) / (4.5 - 6.0 * 3.0 / 15.0);
        assert!((adjusted_rand_index(&one, &other) - expected).abs() < 1e-12);
        assert_eq!(adjusted_rand_index(&[0, 0], &[0, 0]), 1.0);
        assert_eq!(adjusted_rand_index(&[], &[]), 1.0);
    }

    proptest! {
        #[test]
        fn the_adjusted_rand_index_ignores_names_and_order_of_clusters(pairs in prop::collection::vec((0..4_usize, 0..3_usize), 2..60)) {
            let (one, other): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let index = adjusted_rand_index(&one, &other);
            prop_assert!(index <= 1.0 + 1e-12);
            prop_assert!((index - adjusted_rand_index(&other, &one)).abs() < 1e-12);
            let renamed: Vec<_> = one.iter().map(|cluster| 3 - cluster).collect();
            prop_assert!((adjusted_rand_index(&renamed, &other) - index).abs() < 1e-12);
            prop_assert!((adjusted_rand_index(&one, &renamed) - 1.0).abs() < 1e-12);
        }
    }
}
