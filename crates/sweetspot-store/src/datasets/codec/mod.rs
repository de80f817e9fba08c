//! Customers as they are kept. Equal customers have equal bytes, so that their digest names the data.
//!
//! A message is its fields, one behind the other, and every run of fields is a message too. So customers are written and
//! read piece by piece, and no more than a piece is there in the kept form beside the customers themselves.

mod column;
mod outcome;
mod pieces;
mod review;

use std::collections::BTreeMap;

use prost::Message as _;
use sweetspot_core::{AccountTable, Column, Customers, Outcomes, Review, TextFormat, Texts};

use self::pieces::pieces;
use crate::stored::CustomerTable;

const FORMAT: u32 = 1;
/// Rows that are written at once.
const PIECE_ROWS: usize = 4096;
/// Bytes that are read at once, at least.
const PIECE_BYTES: usize = 1 << 16;

/// The bytes that are kept.
pub(super) fn encode(customers: &Customers) -> Vec<u8> {
    let accounts = customers.accounts();
    let rows = || (0..accounts.rows()).step_by(PIECE_ROWS).map(|from| from..accounts.rows().min(from + PIECE_ROWS));
    let mut bytes = Vec::new();
    let mut add = |piece: CustomerTable| bytes.append(&mut piece.encode_to_vec());
    add(CustomerTable { format_version: FORMAT, ..CustomerTable::default() });
    for rows in rows() {
        let ids = rows.filter_map(|row| accounts.ids().get(row)).map(str::to_owned).collect();
        add(CustomerTable { ids, ..CustomerTable::default() });
    }
    for column in accounts.columns() {
        add(CustomerTable {
            columns: vec![column::encode(column, accounts.format(&column.name))],
            ..CustomerTable::default()
        });
    }
    for rows in rows() {
        let outcomes = customers.outcomes().range(rows).map(outcome::encode).collect();
        add(CustomerTable { outcomes, ..CustomerTable::default() });
    }
    add(CustomerTable { currency: customers.currency().map(str::to_owned), ..CustomerTable::default() });
    for (field, values) in customers.review().columns() {
        add(CustomerTable { review: vec![review::encode(field, values)], ..CustomerTable::default() });
    }
    bytes
}

/// The customers of kept bytes; nothing where they are damaged or of another format.
pub(super) fn decode(bytes: &[u8]) -> Option<Customers> {
    let mut read = Read::default();
    for piece in pieces(bytes, PIECE_BYTES) {
        read.add(CustomerTable::decode(piece?).ok()?)?;
    }
    let Read { format, ids, columns, formats, outcomes, currency, review } = read;
    if format != FORMAT {
        return None;
    }
    let accounts = AccountTable::new(ids, columns).ok()?.with_formats(formats);
    let customers = Customers::new(accounts, outcomes, currency).ok()?;
    customers.with_review(review).ok()
}

/// What has been read.
#[derive(Default)]
struct Read {
    format: u32,
    ids: Texts,
    columns: Vec<Column>,
    formats: BTreeMap<String, TextFormat>,
    outcomes: Outcomes,
    currency: Option<String>,
    review: Review,
}

impl Read {
    fn add(&mut self, piece: CustomerTable) -> Option<()> {
        let CustomerTable { format_version, ids, columns, outcomes, currency, review } = piece;
        self.format = self.format.max(format_version);
        self.ids.extend(ids);
        for column in columns {
            let (column, format) = column::decode(column)?;
            self.formats.insert(column.name.clone(), format);
            self.columns.push(column);
        }
        for outcome in &outcomes {
            self.outcomes.push(outcome::decode(outcome)?);
        }
        for kept in review {
            let (field, values) = review::decode(kept)?;
            self.review.set(field, values);
        }
        self.currency = currency.or(self.currency.take());
        Some(())
    }
}

/// The same number with one zero: zero and minus zero are equal and must have equal bytes.
fn one_zero(number: f64) -> f64 {
    number + 0.0
}

#[cfg(test)]
mod tests;
