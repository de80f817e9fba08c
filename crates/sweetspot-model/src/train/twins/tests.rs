use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sweetspot_core::ColumnData;

use super::*;

/// Rows of numbers, one column a place; `None` is missing.
type Rows = Vec<Vec<Option<f64>>>;

fn columns(rows: &Rows) -> Vec<Column> {
    let column = |place: usize| Column {
        name: place.to_string(),
        data: ColumnData::Numbers(rows.iter().map(|row| row[place]).collect()),
    };
    (0..rows.first().map_or(0, Vec::len)).map(column).collect()
}

fn found(rows: &Rows) -> Vec<Option<usize>> {
    let columns = columns(rows);
    let all: Vec<usize> = (0..rows.len()).collect();
    twins(&columns.iter().collect::<Vec<_>>(), &all)
}

fn none(rows: &Rows) -> bool {
    found(rows).iter().all(Option::is_none)
}

/// Ten attributes that hardly ever agree.
fn noise(rows: usize, seed: u64) -> Rows {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..rows).map(|_| (0..10).map(|_| Some(rng.random::<f64>())).collect()).collect()
}

/// Numbers below their limits, one limit an attribute.
fn steps(rows: usize, limits: &[u32], seed: u64) -> Rows {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let row = |_| limits.iter().map(|limit| Some(f64::from(rng.random_range(0..*limit)))).collect();
    (0..rows).map(row).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn independent_noise_has_no_twins(rows in 0_usize..300, seed in any::<u64>()) {
        prop_assert!(none(&noise(rows, seed)));
    }

    #[test]
    fn a_row_that_is_there_twice_is_found(rows in 20_usize..200, seed in any::<u64>(), place in any::<prop::sample::Index>()) {
        let mut table = noise(rows, seed);
        let first = place.index(rows);
        table.push(table[first].clone());
        let mut expected = vec![None; rows + 1];
        (expected[first], expected[rows]) = (Some(first), Some(first));
        prop_assert_eq!(found(&table), expected);
    }

    /// The order of the rows and that of the attributes mean nothing.
    #[test]
    fn twins_of_a_shuffled_table_are_the_same(rows in 60_usize..150, again in 1_usize..15, seed in any::<u64>()) {
        let mut table = steps(rows, &[50, 200, 400, 1000, 90, 7, 300, 800], seed);
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
        let straight = sets(found(&table), &|row| row);
        prop_assert!(straight.len() >= again);
        prop_assert_eq!(straight, sets(found(&shuffled), &|row| order[row]));
    }
}

#[test]
fn tables_of_flags_repeat_themselves_and_are_left_alone() {
    for (rows, flags) in [(2000, 5), (2000, 12), (2000, 25), (500, 40)] {
        assert!(none(&steps(rows, &vec![2; flags], 1)), "{rows} rows, {flags} flags");
    }
}

/// Eight copies of one attribute look eight times as rare as they are: the near misses tell.
#[test]
fn attributes_that_say_the_same_do_not_make_twins() {
    let mut table = steps(3000, &[60, 60, 2], 2);
    for row in &mut table {
        row.extend_from_within(..1);
        row.extend_from_within(..1);
        row.extend_from_within(..2);
        row.extend_from_within(..2);
    }
    assert!(none(&table));
}

#[test]
fn what_is_missing_together_is_no_evidence() {
    let mut table = noise(400, 3);
    for row in &mut table[..60] {
        row[1..].fill(None);
        row[0] = Some(0.5);
    }
    assert!(none(&table));
}

#[test]
fn rows_that_differ_in_one_attribute_are_no_twins() {
    let mut table = noise(100, 4);
    table.push(table[7].clone());
    table[100][3] = None;
    assert!(none(&table));
}

/// Twins are found beside rows that agree in much by chance.
#[test]
fn real_twins_stand_out_of_near_misses() {
    let mut table = steps(3000, &[72, 3, 4, 2, 2, 2, 1500, 40, 300, 20], 5);
    let others = found(&table).iter().flatten().count();
    table.extend_from_within(..60);
    let all = found(&table);
    assert!(others < 10 && (0..60).all(|row| all[row].is_some() && all[row] == all[3000 + row]), "{others}");
}

#[test]
fn a_crowd_is_a_profile_and_not_one_account() {
    let mut table = noise(200, 6);
    let one = table[0].clone();
    table.extend(vec![one; 30]);
    assert!(none(&table));
}

#[test]
fn only_the_rows_that_take_part_are_looked_at() {
    let mut table = noise(60, 7);
    table.push(table[10].clone());
    let columns = columns(&table);
    let columns: Vec<&Column> = columns.iter().collect();
    let rows: Vec<usize> = (5..61).collect();
    let found = twins(&columns, &rows);
    assert_eq!((found[5], found[55]), (Some(5), Some(5)), "places among the rows, not of the table");
    assert!(twins(&columns, &[]).is_empty() && twins(&[], &rows).iter().all(Option::is_none));
}
