//! Evidence made up for tests.

use std::sync::OnceLock;

use sweetspot_core::{
    AccountTable, Column, ColumnData, Customers, Date, Definition, Digest, Outcome, Review, ReviewField, Status,
};
use sweetspot_model::{ModelArtifact, Scorer, TrainingSpec, Unattended, train};

use crate::Evidence;

/// A customer that was kept and paid so much.
pub(super) fn won(value: f64) -> Outcome {
    Outcome { status: Some(Status::Won), value: Some(value), ..Outcome::default() }
}

/// What reviews say in numbers.
pub(super) fn numbers(field: ReviewField, values: &[Option<f64>]) -> (ReviewField, ColumnData) {
    (field, ColumnData::Numbers(values.iter().copied().collect()))
}

/// One text a customer as an attribute.
pub(super) fn texts(name: &str, values: &[&str]) -> Column {
    let dictionary: Vec<String> = {
        let mut distinct: Vec<String> = values.iter().map(|text| (*text).to_owned()).collect();
        distinct.sort();
        distinct.dedup();
        distinct
    };
    let code = |text: &&str| dictionary.iter().position(|one| one == text).map(|code| code as u32);
    let codes = values.iter().map(code).collect();
    Column { name: name.to_owned(), data: ColumnData::Categories { dictionary, codes } }
}

/// Customers with an attribute that says nothing, and with these reviews.
pub(super) fn evidence<const N: usize>(outcomes: Vec<Outcome>, review: [(ReviewField, ColumnData); N]) -> Evidence {
    let codes = (0..outcomes.len()).map(|row| Some(row as u32 % 2)).collect();
    let dictionary = ["a", "b"].map(str::to_owned).to_vec();
    let column = Column { name: "industry".to_owned(), data: ColumnData::Categories { dictionary, codes } };
    with_attributes(outcomes, vec![column], review)
}

/// Customers with these attributes and reviews. The model knows industries a (ideal) and b (not).
pub(super) fn with_attributes<const N: usize>(
    outcomes: Vec<Outcome>,
    columns: Vec<Column>,
    review: [(ReviewField, ColumnData); N],
) -> Evidence {
    let ids: Vec<String> = (0..outcomes.len()).map(|row| format!("c-{row}")).collect();
    let customers = customers(ids, columns, outcomes);
    let mut said = Review::default();
    for (field, values) in review {
        said.set(field, values);
    }
    let customers = customers.with_review(said).unwrap();
    let model = model().clone();
    let scorer = Scorer::compile(&model).unwrap();
    let day = Date { days: 20_000 };
    Evidence::new("workspaces/w/models/m/versions/1".into(), model, &scorer, customers, Definition::default(), day)
        .unwrap()
}

fn customers(ids: Vec<String>, columns: Vec<Column>, outcomes: Vec<Outcome>) -> Customers {
    let table = AccountTable::new(ids.into(), columns).unwrap();
    Customers::new(table, outcomes.into(), Some("USD".into())).unwrap()
}

/// A model by which industry a is ideal and industry b is not.
fn model() -> &'static ModelArtifact {
    static MODEL: OnceLock<ModelArtifact> = OnceLock::new();
    MODEL.get_or_init(|| {
        let rows = 80_usize;
        let industries: Vec<&str> = (0..rows).map(|row| if row.is_multiple_of(2) { "a" } else { "b" }).collect();
        let status =
            |row: usize| if row.is_multiple_of(2) == row.is_multiple_of(9) { Status::Lost } else { Status::Won };
        let outcomes = (0..rows).map(|row| Outcome { status: Some(status(row)), ..Outcome::default() }).collect();
        let ids = (0..rows).map(|row| format!("m-{row}")).collect();
        let columns = ["industry", "pain", "growth rate"].map(|name| texts(name, &industries)).to_vec();
        let spec = TrainingSpec::default();
        train(&spec, &customers(ids, columns, outcomes), Digest::of(b"made up"), &Unattended).unwrap()
    })
}
