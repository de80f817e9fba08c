//! Accounts whose scores are stored with a model.

use sweetspot_core::{Account, Customers, Value, ValueRef};

use super::super::training_sample::Sample;
use crate::scorer::golden_row_value::stored_cell;
use crate::{Scorer, stored};

/// The number of rows whose score is stored, to be checked each time the artifact is loaded.
const GOLDEN_ROWS: usize = 16;

/// Customers spread evenly over the sample, with their scores. A model without customers has one account without known
/// values.
pub(super) fn golden_rows(scorer: &Scorer, sample: &Sample, customers: &Customers) -> Vec<stored::GoldenRow> {
    let step = sample.rows.len().div_ceil(GOLDEN_ROWS).max(1);
    let chosen = sample.rows.iter().step_by(step).copied().map(Some);
    // A row that does not exist has no values.
    let no_account = sample.rows.is_empty().then_some(None);
    chosen.chain(no_account).map(|row| golden_row(scorer, customers, row)).collect()
}

fn golden_row(scorer: &Scorer, customers: &Customers, row: Option<usize>) -> stored::GoldenRow {
    let value = |name: &str| customers.accounts().column(name).and_then(|column| column.data.get(row?));
    let cells = scorer.attribute_names().map(|name| stored_cell(value(name).as_ref())).collect();
    let known = scorer.attribute_names().filter_map(|name| Some((name.to_owned(), to_owned_value(&value(name)?))));
    let account = Account { id: String::new(), attributes: known.collect() };
    stored::GoldenRow { cells, log_odds: scorer.score(&account).log_odds }
}

pub(super) fn to_owned_value(value: &ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(*number),
        ValueRef::Text(text) => Value::Text((*text).to_owned()),
        ValueRef::Flag(flag) => Value::Flag(*flag),
        ValueRef::List(items) => Value::List(items.iter().map(|item| (*item).to_owned()).collect()),
        ValueRef::Date(date) => Value::Date(*date),
    }
}
