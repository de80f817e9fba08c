//! Report inputs for tests.

use std::sync::OnceLock;

use sweetspot_core::{
    AccountReviews, AccountTable, Column, ColumnData, Customers, Date, Definition, Digest, Outcome, OutcomeStatus,
    ReviewField,
};
use sweetspot_model::{ModelArtifact, NoProgress, Scorer, TrainingSpec, train};

use crate::ReportInput;

/// A retained customer with this revenue.
pub(super) fn won(value: f64) -> Outcome {
    Outcome { status: Some(OutcomeStatus::Won), value: Some(value), ..Outcome::default() }
}

/// A numeric field of the reviews.
pub(super) fn numbers(field: ReviewField, values: &[Option<f64>]) -> (ReviewField, ColumnData) {
    (field, ColumnData::Numbers(values.iter().copied().collect()))
}

/// An attribute with one text per customer.
pub(super) fn texts(name: &str, values: &[&str]) -> Column {
    let dictionary: Vec<String> = {
        let mut distinct: Vec<String> = values.iter().map(|text| (*text).to_owned()).collect();
        distinct.sort();
        distinct.dedup();
        distinct
    };
    let code = |text: &&str| dictionary.iter().position(|entry| entry == text).map(|code| code as u32);
    let codes = values.iter().map(code).collect();
    Column { name: name.to_owned(), data: ColumnData::Categories { dictionary, codes } }
}

/// Customers with an uninformative attribute, and with these reviews.
pub(super) fn input<const N: usize>(outcomes: Vec<Outcome>, review: [(ReviewField, ColumnData); N]) -> ReportInput {
    let codes = (0..outcomes.len()).map(|row| Some(row as u32 % 2)).collect();
    let dictionary = ["a", "b"].map(str::to_owned).to_vec();
    let column = Column { name: "industry".to_owned(), data: ColumnData::Categories { dictionary, codes } };
    with_attributes(outcomes, vec![column], review)
}

/// Customers with these attributes and reviews. The model has learned industries a (ideal) and b (not ideal).
pub(super) fn with_attributes<const N: usize>(
    outcomes: Vec<Outcome>,
    columns: Vec<Column>,
    review: [(ReviewField, ColumnData); N],
) -> ReportInput {
    let ids: Vec<String> = (0..outcomes.len()).map(|row| format!("c-{row}")).collect();
    let customers = customers(ids, columns, outcomes);
    let mut answers = AccountReviews::default();
    for (field, values) in review {
        answers.set(field, values);
    }
    let customers = customers.with_review(answers).unwrap();
    let model = model().clone();
    let scorer = Scorer::compile(&model).unwrap();
    let day = Date { days: 20_000 };
    ReportInput::new("workspaces/w/models/m/versions/1".into(), model, &scorer, customers, Definition::default(), day)
        .unwrap()
}

fn customers(ids: Vec<String>, columns: Vec<Column>, outcomes: Vec<Outcome>) -> Customers {
    let table = AccountTable::new(ids.into(), columns).unwrap();
    Customers::new(table, outcomes.into(), Some("USD".into())).unwrap()
}

/// A model in which industry a is ideal and industry b is not.
fn model() -> &'static ModelArtifact {
    static MODEL: OnceLock<ModelArtifact> = OnceLock::new();
    MODEL.get_or_init(|| {
        let rows = 80_usize;
        let industries: Vec<&str> = (0..rows).map(|row| if row.is_multiple_of(2) { "a" } else { "b" }).collect();
        let status = |row: usize| {
            if row.is_multiple_of(2) == row.is_multiple_of(9) { OutcomeStatus::Lost } else { OutcomeStatus::Won }
        };
        let outcomes = (0..rows).map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
        let ids = (0..rows).map(|row| format!("m-{row}")).collect();
        let columns = ["industry", "pain", "growth rate"].map(|name| texts(name, &industries)).to_vec();
        let spec = TrainingSpec::default();
        train(&spec, &customers(ids, columns, outcomes), Digest::new(b"made up"), &NoProgress).unwrap()
    })
}
