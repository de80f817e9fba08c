//! Hypotheses about the customers of the tests, and helpers for models with them.

use sweetspot_core::{
    Account, Condition, Customers, Digest, Hypothesis, Outcome, OutcomeRef, OutcomeStatus, Test, Value, ValueRef,
};
use sweetspot_model::{HypothesisSummary, ModelArtifact, NoProgress, Scorer, TrainError, TrainingSpec, train};

use crate::customer_fixtures::spec;

pub(crate) fn hypothesis(
    id: &str,
    attribute: &str,
    test: Test,
    odds_ratio: f64,
    confidence_customers: f64,
) -> Hypothesis {
    let when = Condition { attribute: attribute.to_owned(), test };
    let (statement, author) = (String::new(), "ann".to_owned());
    Hypothesis { id: id.to_owned(), statement, when, odds_ratio, confidence_customers, author, expires: None }
}

pub(crate) fn industry_hypothesis(name: &str, odds_ratio: f64, confidence_customers: f64) -> Hypothesis {
    hypothesis(name, "industry", Test::AnyOf(vec![name.to_uppercase()]), odds_ratio, confidence_customers)
}

pub(crate) fn spec_with_hypotheses(hypotheses: Vec<Hypothesis>) -> TrainingSpec {
    TrainingSpec { hypotheses, ..spec() }
}

pub(crate) fn train_with_hypotheses(
    hypotheses: Vec<Hypothesis>,
    customers: &Customers,
) -> Result<ModelArtifact, TrainError> {
    train(&spec_with_hypotheses(hypotheses), customers, Digest::new(b"made up"), &NoProgress)
}

fn to_owned_value(value: &ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(*number),
        ValueRef::Text(text) => Value::Text((*text).to_owned()),
        ValueRef::Flag(flag) => Value::Flag(*flag),
        ValueRef::List(items) => Value::List(items.iter().map(|item| (*item).to_owned()).collect()),
        ValueRef::Date(date) => Value::Date(*date),
    }
}

pub(crate) fn account_from_row(customers: &Customers, row: usize) -> Account {
    let columns = customers.accounts().columns().iter();
    let known = columns.filter_map(|column| Some((column.name.clone(), to_owned_value(&column.data.get(row)?))));
    Account { id: String::new(), attributes: known.collect() }
}

/// The mean log-loss of a model on these customers.
pub(crate) fn log_loss(artifact: &ModelArtifact, customers: &Customers) -> f64 {
    let scorer = Scorer::compile(artifact).unwrap();
    let loss = |(row, outcome): (usize, OutcomeRef<'_>)| {
        let probability = scorer.score(&account_from_row(customers, row)).probability;
        if outcome.status == Some(OutcomeStatus::Won) { -probability.ln() } else { -(1.0 - probability).ln() }
    };
    customers.outcomes().iter().enumerate().map(loss).sum::<f64>() / customers.outcomes().len() as f64
}

/// The same accounts with these outcomes.
pub(crate) fn with_outcomes(customers: &Customers, outcome: impl Fn(usize) -> Outcome) -> Customers {
    let outcomes = (0..customers.accounts().rows()).map(outcome).collect();
    Customers::new(customers.accounts().clone(), outcomes, None).unwrap()
}

pub(crate) fn won_outcome(won: bool) -> Outcome {
    Outcome { status: Some(if won { OutcomeStatus::Won } else { OutcomeStatus::Lost }), ..Outcome::default() }
}

pub(crate) fn hypothesis_summary(artifact: &ModelArtifact, id: &str) -> HypothesisSummary {
    artifact.hypotheses().into_iter().find(|hypothesis| hypothesis.id == id).unwrap()
}

/// One hypothesis with each test.
pub(crate) fn example_hypotheses() -> Vec<Hypothesis> {
    let several = Test::AnyOf(vec!["Fintech".to_owned(), " RETAIL".to_owned()]);
    vec![
        hypothesis("several", "industry", several, 3.0, 20.0),
        hypothesis("large", "employees", Test::Range { gte: Some(200.0), lt: None }, 0.4, 15.5),
        hypothesis("remote", "remote", Test::Flag(true), 1.7, 1e6),
        hypothesis("tools", "tools", Test::AnyOf(vec!["sap".to_owned()]), 1000.0, 1e-3),
        hypothesis("no date", "founded", Test::Present(false), 0.001, 3.0),
    ]
}
