//! Synthetic customers for tests.

use sweetspot_core::{
    AccountTable, Column, ColumnData, Condition, Customers, Hypothesis, LabelPolicy, LabelPreset,
    MonotonicityConstraint, Outcome, OutcomeStatus, Test,
};

use super::TrainingSpec;
use super::training_sample::Sample;

/// A category with the levels a, b, c and so on.
pub(super) fn category(codes: &[u32]) -> ColumnData {
    let dictionary = ('a'..='z').map(String::from).collect();
    ColumnData::Categories { dictionary, codes: codes.iter().copied().map(Some).collect() }
}

/// A number.
pub(super) fn number(values: impl Iterator<Item = f64>) -> ColumnData {
    ColumnData::Numbers(values.map(Some).collect())
}

/// A hypothesis that a level of an attribute multiplies the odds by `odds_ratio`, with the confidence of this many
/// customers.
pub(super) fn hypothesis(attribute: usize, level: &str, odds_ratio: f64, confidence_customers: f64) -> Hypothesis {
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

/// Customers with these attributes; `won` has their outcomes.
pub(super) fn sample(columns: Vec<ColumnData>, won: &[bool]) -> Sample {
    sample_from_spec(columns, won, TrainingSpec::default())
}

/// The same with hypotheses.
pub(super) fn sample_with_hypotheses(columns: Vec<ColumnData>, won: &[bool], hypotheses: Vec<Hypothesis>) -> Sample {
    sample_from_spec(columns, won, TrainingSpec { hypotheses, ..TrainingSpec::default() })
}

/// The same with monotonicity constraints on attributes, by index.
pub(super) fn sample_with_directions(
    columns: Vec<ColumnData>,
    won: &[bool],
    directions: &[(usize, MonotonicityConstraint)],
) -> Sample {
    let directions = directions.iter().map(|(index, direction)| (format!("attribute {index}"), *direction)).collect();
    sample_from_spec(columns, won, TrainingSpec { directions, ..TrainingSpec::default() })
}

fn sample_from_spec(columns: Vec<ColumnData>, won: &[bool], spec: TrainingSpec) -> Sample {
    let outcome = |won: &bool| {
        let status = Some(if *won { OutcomeStatus::Won } else { OutcomeStatus::Lost });
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
