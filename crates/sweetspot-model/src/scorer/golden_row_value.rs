//! Conversion of the attribute values of golden rows to and from their stored form, `stored::Cell`.

use sweetspot_core::{Date, Value, ValueRef};

use crate::stored::{self, cell};

/// Converts a value to its stored form.
pub(crate) fn stored_cell(value: Option<&ValueRef<'_>>) -> stored::Cell {
    let kind = value.map(|value| match value {
        ValueRef::Number(number) => cell::Kind::Number(*number),
        ValueRef::Text(text) => cell::Kind::Text((*text).to_owned()),
        ValueRef::Flag(flag) => cell::Kind::Flag(*flag),
        ValueRef::List(items) => {
            cell::Kind::Texts(stored::Texts { values: items.iter().map(|item| (*item).to_owned()).collect() })
        }
        ValueRef::Date(date) => cell::Kind::Days(date.days),
    });
    stored::Cell { kind }
}

/// Reads a stored value; `None` if it is missing.
pub(super) fn value_from_cell(cell: &stored::Cell) -> Option<Value> {
    Some(match cell.kind.as_ref()? {
        cell::Kind::Number(number) => Value::Number(*number),
        cell::Kind::Text(text) => Value::Text(text.clone()),
        cell::Kind::Flag(flag) => Value::Flag(*flag),
        cell::Kind::Texts(stored::Texts { values }) => Value::List(values.clone()),
        cell::Kind::Days(days) => Value::Date(Date { days: *days }),
    })
}
