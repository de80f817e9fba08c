//! Customers made up for tests.

use sweetspot_core::{
    AccountTable, Column, ColumnData, Condition, Customers, Direction, Hypothesis, LabelPolicy, LabelPreset, Outcome,
    Status, Test,
};

use super::TrainingSpec;
use super::sample::Sample;

/// A category with the levels a, b, c and so on.
pub(super) fn category(codes: &[u32]) -> ColumnData {
    let dictionary = ('a'..='z').map(String::from).collect();
    ColumnData::Categories { dictionary, codes: codes.iter().copied().map(Some).collect() }
}

/// A number.
pub(super) fn number(values: impl Iterator<Item = f64>) -> ColumnData {
    ColumnData::Numbers(values.map(Some).collect())
}

/// The belief that a level of an attribute multiplies the odds so, worth so many customers.
pub(super) fn belief(attribute: usize, level: &str, odds_ratio: f64, confidence_customers: f64) -> Hypothesis {
    let attribute = format!("attribute {attribute}");
    Hypothesis {
        id: format!("{attribute} {level}"),
        statement: String::new(),
        when: Condition { attribute, test: Test::AnyOf(vec![level.to_owned()]) },
        odds_ratio,
        confidence_customers,
        author: String::new(),
        expires: None,
    }
}

/// Customers with these attributes, some of whom were won.
pub(super) fn sample(columns: Vec<ColumnData>, won: &[bool]) -> Sample {
    made(columns, won, TrainingSpec::default())
}

/// The same with beliefs about them.
pub(super) fn believing(columns: Vec<ColumnData>, won: &[bool], hypotheses: Vec<Hypothesis>) -> Sample {
    made(columns, won, TrainingSpec { hypotheses, ..TrainingSpec::default() })
}

/// The same, with some attributes, by their index, held to a direction.
pub(super) fn directed_sample(columns: Vec<ColumnData>, won: &[bool], directions: &[(usize, Direction)]) -> Sample {
    let directions = directions.iter().map(|(index, direction)| (format!("attribute {index}"), *direction)).collect();
    made(columns, won, TrainingSpec { directions, ..TrainingSpec::default() })
}

fn made(columns: Vec<ColumnData>, won: &[bool], spec: TrainingSpec) -> Sample {
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
    let spec = TrainingSpec { label_policy, ..spec };
    Sample::new(&spec, &customers, label_policy.label(&customers).unwrap()).unwrap()
}
