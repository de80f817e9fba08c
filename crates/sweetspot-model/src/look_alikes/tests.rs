use proptest::prelude::*;
use sweetspot_core::{Account, Column, ColumnData, Value};

use super::*;
use crate::fixtures::{artifact, pair};

fn scorer() -> Scorer {
    let mut kept = artifact().0;
    kept.pairs = vec![pair()];
    Scorer::compile(&crate::ModelArtifact(kept)).unwrap()
}

fn table(customers: &[(u8, Option<bool>)]) -> AccountTable {
    let employees = customers.iter().map(|(employees, _)| Some(f64::from(*employees))).collect();
    let remote = customers.iter().map(|(_, remote)| *remote).collect();
    let columns = vec![
        Column { name: "employees".to_owned(), data: ColumnData::Numbers(employees) },
        Column { name: "remote".to_owned(), data: ColumnData::Flags(remote) },
    ];
    AccountTable::new((0..customers.len()).map(|row| format!("c{row}")).collect(), columns).unwrap()
}

fn customers() -> impl Strategy<Value = Vec<(u8, Option<bool>)>> {
    prop::collection::vec((0..99_u8, any::<Option<bool>>()), 0..40)
}

proptest! {
    #[test]
    fn look_alikes_equal_those_of_a_full_comparison(customers in customers(), employees in 0..99_u8, own in 0..40_usize) {
        let (scorer, table) = (scorer(), table(&customers));
        let rows: Vec<usize> = (0..customers.len()).collect();
        let alike = LookAlikePoints::new(&scorer, &table, &rows);
        let attributes = [("employees".to_owned(), Value::Number(employees.into()))].into();
        let point = scorer.contribution_vector(&scorer.encode_account(&Account { id: String::new(), attributes }));
        let away = |row: usize| -> f64 {
            let other = scorer.contribution_vector(&scorer.encode_row(&table, row));
            other.iter().zip(&point).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
        };
        let mut expected: Vec<f64> = rows.iter().filter(|row| **row != own).map(|row| away(*row)).collect();
        expected.sort_by(f64::total_cmp);
        expected.truncate(MAX_LOOK_ALIKES);
        for questions in [1, 10_000] {
            let found = alike.search(questions).nearest(&point, |row| row == own);
            prop_assert!(found.iter().all(|one| one.row != own && one.distance == away(one.row)));
            prop_assert_eq!(found.iter().map(|one| one.distance).collect::<Vec<_>>(), expected.clone());
        }
    }
}

#[test]
fn a_tree_finds_the_same_look_alikes_as_a_full_search() {
    let points: Vec<f64> = (0..3_000_u32).map(|number| f64::from(number.wrapping_mul(2_654_435_761) >> 16)).collect();
    let points = Array2::from_shape_vec((600, 5), points).unwrap();
    let alike = LookAlikePoints { rows: (0..600).map(|row| vec![row]).collect(), points };
    for question in [[0.0; 5], [30_000.0; 5], [1.0, 60_000.0, 2.0, 5e4, 1e4]] {
        let nobody = |_| false;
        assert_eq!(alike.search(600).nearest(&question, nobody), alike.search(1).nearest(&question, nobody));
    }
}

#[test]
fn an_empty_index_has_no_look_alikes() {
    let (scorer, table) = (scorer(), table(&[]));
    let alike = LookAlikePoints::new(&scorer, &table, &[]);
    assert_eq!(alike.search(1).nearest(&scorer.contribution_vector(&scorer.blank_account()), |_| false), []);
}
