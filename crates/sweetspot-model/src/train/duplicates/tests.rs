use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::ColumnData;

use super::*;

/// Rows of numbers, one column per attribute; `None` is missing.
type RowValues = Vec<Vec<Option<f64>>>;

fn columns(rows: &RowValues) -> Vec<Column> {
    let column = |place: usize| Column {
        name: place.to_string(),
        data: ColumnData::Numbers(rows.iter().map(|row| row[place]).collect()),
    };
    (0..rows.first().map_or(0, Vec::len)).map(column).collect()
}

fn duplicates_in(rows: &RowValues) -> Vec<Option<usize>> {
    let columns = columns(rows);
    let all: Vec<usize> = (0..rows.len()).collect();
    find_duplicates(&columns.iter().collect::<Vec<_>>(), &all)
}

fn has_no_duplicates(rows: &RowValues) -> bool {
    duplicates_in(rows).iter().all(Option::is_none)
}

/// Ten attributes that rarely agree.
fn noise(rows: usize, seed: u64) -> RowValues {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..rows).map(|_| (0..10).map(|_| Some(rng.random::<f64>())).collect()).collect()
}

/// Numbers below their limits, one limit per attribute.
fn coarse_values(rows: usize, limits: &[u32], seed: u64) -> RowValues {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let row = |_| limits.iter().map(|limit| Some(f64::from(rng.random_range(0..*limit)))).collect();
    (0..rows).map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn independent_noise_has_no_duplicates(rows in 0_usize..300, seed in any::<u64>()) {
        prop_assert!(has_no_duplicates(&noise(rows, seed)));
    }

    #[test]
    fn a_row_that_appears_twice_is_a_duplicate(rows in 20_usize..200, seed in any::<u64>(), place in any::<prop::sample::Index>()) {
        let mut table = noise(rows, seed);
        let first = place.index(rows);
        table.push(table[first].clone());
        let mut expected = vec![None; rows + 1];
        (expected[first], expected[rows]) = (Some(first), Some(first));
        prop_assert_eq!(duplicates_in(&table), expected);
    }

    /// The result does not depend on the order of the rows or of the attributes.
    #[test]
    fn a_shuffled_table_has_the_same_duplicates(rows in 60_usize..150, again in 1_usize..15, seed in any::<u64>()) {
        let mut table = coarse_values(rows, &[50, 200, 400, 1000, 90, 7, 300, 800], seed);
        table.extend_from_within(..again);
        let mut order: Vec<usize> = (0..table.len()).collect();
        let mut places: Vec<usize> = (0..8).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        order.shuffle(&mut rng);
        places.shuffle(&mut rng);
        let shuffled = order.iter().map(|row| places.iter().map(|place| table[*row][*place]).collect()).collect();
        let sets = |found: Vec<Option<usize>>, name: &dyn Fn(usize) -> usize| -> BTreeSet<BTreeSet<usize>> {
            let mut sets: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
            for (row, first) in found.iter().enumerate() {
                if let Some(first) = first {
                    sets.entry(*first).or_default().insert(name(row));
                }
            }
            sets.into_values().collect()
        };
        let straight = sets(duplicates_in(&table), &|row| row);
        prop_assert!(straight.len() >= again);
        prop_assert_eq!(straight, sets(duplicates_in(&shuffled), &|row| order[row]));
    }
}

#[test]
fn tables_of_flags_have_no_duplicates() {
    for (rows, flags) in [(2000, 5), (2000, 12), (2000, 25), (500, 40)] {
        assert!(has_no_duplicates(&coarse_values(rows, &vec![2; flags], 1)), "{rows} rows, {flags} flags");
    }
}

/// Eight copies of one attribute look eight times as rare as they are; near misses reveal it.
#[test]
fn redundant_attributes_do_not_create_duplicates() {
    let mut table = coarse_values(3000, &[60, 60, 2], 2);
    for row in &mut table {
        row.extend_from_within(..1);
        row.extend_from_within(..1);
        row.extend_from_within(..2);
        row.extend_from_within(..2);
    }
    assert!(has_no_duplicates(&table));
}

#[test]
fn shared_missing_values_do_not_create_duplicates() {
    let mut table = noise(400, 3);
    for row in &mut table[..60] {
        row[1..].fill(None);
        row[0] = Some(0.5);
    }
    assert!(has_no_duplicates(&table));
}

#[test]
fn rows_that_differ_in_one_attribute_are_not_duplicates() {
    let mut table = noise(100, 4);
    table.push(table[7].clone());
    table[100][3] = None;
    assert!(has_no_duplicates(&table));
}

/// Duplicates are found among rows that agree in many attributes by chance.
#[test]
fn real_duplicates_are_found_among_near_misses() {
    let mut table = coarse_values(3000, &[72, 3, 4, 2, 2, 2, 1500, 40, 300, 20], 5);
    let others = duplicates_in(&table).iter().flatten().count();
    table.extend_from_within(..60);
    let all = duplicates_in(&table);
    assert!(others < 10 && (0..60).all(|row| all[row].is_some() && all[row] == all[3000 + row]), "{others}");
}

#[test]
fn a_large_group_of_equal_rows_is_not_one_account() {
    let mut table = noise(200, 6);
    let one = table[0].clone();
    table.extend(vec![one; 30]);
    assert!(has_no_duplicates(&table));
}

#[test]
fn only_the_given_rows_are_searched_for_duplicates() {
    let mut table = noise(60, 7);
    table.push(table[10].clone());
    let columns = columns(&table);
    let columns: Vec<&Column> = columns.iter().collect();
    let rows: Vec<usize> = (5..61).collect();
    let found = find_duplicates(&columns, &rows);
    assert_eq!((found[5], found[55]), (Some(5), Some(5)), "positions are relative to the rows, not to the table");
    assert!(find_duplicates(&columns, &[]).is_empty() && find_duplicates(&[], &rows).iter().all(Option::is_none));
}
