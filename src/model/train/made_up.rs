//! Customers made up for tests.

use super::TrainingSpec;
use super::sample::Sample;
use crate::domain::{
    AccountTable, Column, ColumnData, Customers, Direction, LabelPolicy, LabelPreset, Outcome, Status,
};

/// A category with the levels a, b, c and so on.
pub(super) fn category(codes: &[u32]) -> ColumnData {
    let dictionary = ('a'..='z').map(String::from).collect();
    ColumnData::Categories { dictionary, codes: codes.iter().copied().map(Some).collect() }
}

/// A number.
pub(super) fn number(values: impl Iterator<Item = f64>) -> ColumnData {
    ColumnData::Numbers(values.map(Some).collect())
}

/// Customers with these attributes, some of whom were won.
pub(super) fn sample(columns: Vec<ColumnData>, won: &[bool]) -> Sample {
    directed_sample(columns, won, &[])
}

/// The same, with some attributes, by their index, held to a direction.
pub(super) fn directed_sample(columns: Vec<ColumnData>, won: &[bool], directions: &[(usize, Direction)]) -> Sample {
    let outcome = |won: &bool| {
        let status = Some(if *won { Status::Won } else { Status::Lost });
        Outcome { status, ..Outcome::default() }
    };
    let named = |(index, data): (usize, ColumnData)| Column { name: format!("attribute {index}"), data };
    let columns = columns.into_iter().enumerate().map(named).collect();
    let ids = (0..won.len()).map(|row| row.to_string()).collect();
    let accounts = AccountTable::new(ids, columns).unwrap();
    let customers = Customers::new(accounts, won.iter().map(outcome).collect(), None).unwrap();
    let label_policy = LabelPolicy { preset: LabelPreset::Won, ..LabelPolicy::default() };
    let directions = directions.iter().map(|(index, direction)| (format!("attribute {index}"), *direction)).collect();
    let spec = TrainingSpec { label_policy, directions, ..TrainingSpec::default() };
    Sample::new(&spec, &customers, label_policy.label(&customers).unwrap()).unwrap()
}
