//! The stored form of customers. Equal customers have equal bytes, so the digest of the bytes identifies the data.
//!
//! The concatenation of encoded fields is a valid protobuf message, and so is any part of it that consists of whole
//! fields. Customers are therefore written and read in pieces, which limits the memory needed besides the customers
//! themselves.

mod account_review;
mod column;
mod document_settings;
mod outcome;
mod split_message;

use std::collections::BTreeMap;

use prost::Message as _;
use sweetspot_core::{
    AccountReviews, AccountTable, Column, ColumnMetadata, Customers, DocumentSettings, FrequencyWeights, Outcomes,
    Texts,
};

use self::split_message::pieces;
use crate::stored::{CustomerTable, ReadError};

/// The format of customers without weights and binned columns, which earlier releases read.
const FORMAT_VERSION: u32 = 1;
/// The format of customers with weights or binned columns, which earlier releases would read as if they had none.
const WEIGHTED_FORMAT_VERSION: u32 = 2;
/// The key of the field with the format.
const FORMAT_FIELD: u8 = 8;
/// Rows that are written at a time.
const PIECE_ROWS: usize = 4096;
/// The minimum number of bytes that are read at a time.
const PIECE_BYTES: usize = 1 << 16;

/// Encodes customers.
pub(super) fn encode(customers: &Customers) -> Vec<u8> {
    let accounts = customers.accounts();
    let rows = || (0..accounts.rows()).step_by(PIECE_ROWS).map(|from| from..accounts.rows().min(from + PIECE_ROWS));
    let mut bytes = Vec::new();
    let mut add = |piece: CustomerTable| bytes.append(&mut piece.encode_to_vec());
    add(CustomerTable { format_version: format_version(customers), ..CustomerTable::default() });
    for rows in rows() {
        let ids = rows.filter_map(|row| accounts.ids().get(row)).map(str::to_owned).collect();
        add(CustomerTable { ids, ..CustomerTable::default() });
    }
    for column in accounts.columns() {
        add(CustomerTable {
            columns: vec![column::encode(column, accounts.metadata(&column.name))],
            ..CustomerTable::default()
        });
    }
    for rows in rows() {
        let outcomes = customers.outcomes().range(rows).map(outcome::encode).collect();
        add(CustomerTable { outcomes, ..CustomerTable::default() });
    }
    for weights in customers.weights().as_slice().chunks(PIECE_ROWS) {
        add(CustomerTable { weights: weights.to_vec(), ..CustomerTable::default() });
    }
    add(CustomerTable { currency: customers.currency().map(str::to_owned), ..CustomerTable::default() });
    if let Some(settings) = document_settings::encode(customers.document_settings()) {
        add(CustomerTable { document_settings: Some(settings), ..CustomerTable::default() });
    }
    for (field, values) in customers.review().columns() {
        add(CustomerTable { review: vec![account_review::encode(field, values)], ..CustomerTable::default() });
    }
    bytes
}

/// The oldest format that has everything that these customers have.
fn format_version(customers: &Customers) -> u32 {
    let accounts = customers.accounts();
    let has_bins = accounts.columns().iter().any(|column| accounts.is_binned(&column.name));
    if customers.weights().are_stated() || has_bins { WEIGHTED_FORMAT_VERSION } else { FORMAT_VERSION }
}

/// Decodes customers. Returns `None` if the bytes are damaged or in another format.
pub(super) fn decode(bytes: &[u8]) -> Option<Customers> {
    let mut read = DecodedTable::default();
    for piece in pieces(bytes, PIECE_BYTES) {
        read.add(CustomerTable::decode(piece?).ok()?)?;
    }
    let DecodedTable { format, ids, columns, metadata, outcomes, currency, review, document_settings, weights } = read;
    if !(FORMAT_VERSION..=WEIGHTED_FORMAT_VERSION).contains(&format) {
        return None;
    }
    let accounts = AccountTable::new(ids, columns).ok()?.with_metadata(metadata);
    let customers = Customers::new(accounts, outcomes, currency).ok()?;
    let customers = customers.with_review(review).ok()?.with_weights(FrequencyWeights::new(weights).ok()?).ok()?;
    let customers = customers.with_document_settings(document_settings);
    (format_version(&customers) == format).then_some(customers)
}

/// The error of customers in a format that this program does not know. `None` if the format is known, or the bytes are
/// damaged.
pub(super) fn unknown_format(bytes: &[u8]) -> Option<ReadError> {
    // The format is the first field, whatever follows it.
    let mut varint = bytes.strip_prefix(&[FORMAT_FIELD])?;
    let found = u32::try_from(prost::encoding::decode_varint(&mut varint).ok()?).ok()?;
    let known = WEIGHTED_FORMAT_VERSION;
    (found > known).then_some(ReadError::UnknownFormat { name: "customers", found, known })
}

/// The part of a table that has been decoded so far.
#[derive(Default)]
struct DecodedTable {
    format: u32,
    ids: Texts,
    columns: Vec<Column>,
    metadata: BTreeMap<String, ColumnMetadata>,
    outcomes: Outcomes,
    currency: Option<String>,
    review: AccountReviews,
    document_settings: DocumentSettings,
    weights: Vec<u32>,
}

impl DecodedTable {
    fn add(&mut self, piece: CustomerTable) -> Option<()> {
        let CustomerTable { format_version, ids, columns, outcomes, currency, review, document_settings, weights } =
            piece;
        self.format = self.format.max(format_version);
        self.ids.extend(ids);
        self.weights.extend(weights);
        for column in columns {
            let (column, metadata) = column::decode(column)?;
            self.metadata.insert(column.name.clone(), metadata);
            self.columns.push(column);
        }
        for outcome in &outcomes {
            self.outcomes.push(outcome::decode(outcome)?);
        }
        for column in review {
            let (field, values) = account_review::decode(column)?;
            self.review.set(field, values);
        }
        self.currency = currency.or(self.currency.take());
        if let Some(settings) = &document_settings {
            self.document_settings = document_settings::decode(settings)?;
        }
        Some(())
    }
}

/// Turns minus zero into zero: both are equal and must have equal bytes.
fn normalize_zero(number: f64) -> f64 {
    number + 0.0
}

#[cfg(test)]
mod tests;
