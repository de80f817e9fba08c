//! Customers as they are kept. Equal customers have equal bytes, so that their digest names the data.

mod bitmap;
mod column;
mod outcome;

use prost::Message as _;

use crate::domain::{AccountTable, Customers};
use crate::generated::stored;

const FORMAT: u32 = 1;

/// The bytes that are kept.
pub(super) fn encode(customers: &Customers) -> Vec<u8> {
    let accounts = customers.accounts();
    let table = stored::CustomerTable {
        format_version: FORMAT,
        ids: accounts.ids().to_vec(),
        columns: accounts.columns().iter().map(column::encode).collect(),
        outcomes: customers.outcomes().iter().map(outcome::encode).collect(),
        currency: customers.currency().map(str::to_owned),
    };
    table.encode_to_vec()
}

/// The customers of kept bytes; nothing where they are damaged or of another format.
pub(super) fn decode(bytes: &[u8]) -> Option<Customers> {
    let table = stored::CustomerTable::decode(bytes).ok()?;
    let stored::CustomerTable { format_version, ids, columns, outcomes, currency } = table;
    if format_version != FORMAT {
        return None;
    }
    let rows = ids.len();
    let columns = columns.into_iter().map(|column| column::decode(column, rows)).collect::<Option<_>>()?;
    let outcomes = outcomes.into_iter().map(outcome::decode).collect::<Option<_>>()?;
    Customers::new(AccountTable::new(ids, columns).ok()?, outcomes, currency).ok()
}

/// The same number with one zero: zero and minus zero are equal and must have equal bytes.
fn one_zero(number: f64) -> f64 {
    number + 0.0
}

#[cfg(test)]
mod tests;
