//! Accounts whose score is kept with a model.

use sweetspot_core::{Account, Customers, Value, ValueRef};

use super::super::sample::Sample;
use crate::scorer::cell::to_cell;
use crate::{Scorer, stored};

/// Rows whose score is kept, to be checked whenever the artifact is loaded.
const GOLDEN_ROWS: usize = 16;

/// Customers spread over the sample with their scores; of a model without any, an account of which nothing is known.
pub(super) fn golden_rows(scorer: &Scorer, sample: &Sample, customers: &Customers) -> Vec<stored::GoldenRow> {
    let step = sample.rows.len().div_ceil(GOLDEN_ROWS).max(1);
    let chosen = sample.rows.iter().step_by(step).copied().map(Some);
    // A row that is not there has no values.
    let nobody = sample.rows.is_empty().then_some(None);
    chosen.chain(nobody).map(|row| golden_row(scorer, customers, row)).collect()
}

fn golden_row(scorer: &Scorer, customers: &Customers, row: Option<usize>) -> stored::GoldenRow {
    let value = |name: &str| customers.accounts().column(name).and_then(|column| column.data.get(row?));
    let cells = scorer.in_order().map(|name| to_cell(value(name).as_ref())).collect();
    let known = scorer.in_order().filter_map(|name| Some((name.to_owned(), owned(&value(name)?))));
    let account = Account { id: String::new(), attributes: known.collect() };
    stored::GoldenRow { cells, log_odds: scorer.score(&account).log_odds }
}

pub(super) fn owned(value: &ValueRef<'_>) -> Value {
    match value {
        ValueRef::Number(number) => Value::Number(*number),
        ValueRef::Text(text) => Value::Text((*text).to_owned()),
        ValueRef::Flag(flag) => Value::Flag(*flag),
        ValueRef::List(items) => Value::List(items.iter().map(|item| (*item).to_owned()).collect()),
        ValueRef::Date(date) => Value::Date(*date),
    }
}
