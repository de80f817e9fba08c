//! The prospects of one request.

use bytes::Bytes;
use prost::Message as _;
use sweetspot_ingest::Prospect;
use sweetspot_proto::v1;

use super::encoded_request::ProspectAccount;
use crate::cli::import_messages::MAX_MESSAGE_BYTES;

/// The maximum number of accounts in one request.
const MAX_ACCOUNTS: usize = 500;

/// The maximum number of attributes, issues and reasons that one request can cause: they determine the size of
/// responses.
const MAX_PARTS: usize = 40_000;

/// The limits of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchLimits {
    /// The parts that each account adds by itself: the model's attributes and the requested reasons.
    pub(crate) parts_per_account: usize,
}

/// The prospects of one request, under ids that count from 0.
///
/// The caller's ids are kept here: they may be duplicates or too long for the API, and the server does not need them.
#[derive(Debug)]
pub(crate) struct AccountBatch {
    limits: BatchLimits,
    source_rows: Vec<SourceRow>,
    /// The accounts as `AccountRows`.
    encoded_rows: Vec<u8>,
    bytes: usize,
    parts: usize,
}

/// The source of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SourceRow {
    /// The row in the file, from 1.
    pub(crate) row: u64,
    /// The id in the file.
    pub(crate) id: String,
    /// The cells of the copied columns.
    pub(crate) kept_cells: Vec<String>,
}

impl AccountBatch {
    /// Creates an empty batch.
    pub(crate) const fn new(limits: BatchLimits) -> Self {
        Self { limits, source_rows: Vec::new(), encoded_rows: Vec::new(), bytes: 0, parts: 0 }
    }

    /// Adds a prospect. If it does not fit, it starts a new batch, and the full one is returned.
    pub(crate) fn push(&mut self, prospect: Prospect) -> Option<Self> {
        let Prospect { row, id, account, extra_cells } = prospect;
        let mut account = ProspectAccount::new(account.attributes);
        let extra_bytes: usize = extra_cells.iter().map(String::len).sum();
        let (bytes, parts) =
            (account.encoded_len() + extra_bytes + 20, account.attributes.len() + self.limits.parts_per_account);
        let fits =
            self.len() < MAX_ACCOUNTS && self.bytes + bytes <= MAX_MESSAGE_BYTES && self.parts + parts <= MAX_PARTS;
        // An account too large for any batch gets one of its own, and the server returns the error.
        let full = (!fits && !self.is_empty()).then(|| std::mem::replace(self, Self::new(self.limits)));
        account.account_id = self.len().to_string();
        account.append_to(&mut self.encoded_rows);
        self.source_rows.push(SourceRow { row, id, kept_cells: extra_cells });
        self.bytes += bytes;
        self.parts += parts;
        full
    }

    /// Whether there are no prospects.
    pub(crate) fn is_empty(&self) -> bool {
        self.source_rows.is_empty()
    }

    /// Returns the number of prospects.
    pub(crate) fn len(&self) -> usize {
        self.source_rows.len()
    }

    /// Returns the accounts of the request, encoded as `AccountRows`.
    pub(crate) fn encoded_rows(&self) -> Bytes {
        Bytes::copy_from_slice(&self.encoded_rows)
    }

    /// Decodes the accounts of the request.
    pub(crate) fn accounts(&self) -> Vec<v1::Account> {
        // They were encoded here.
        v1::AccountRows::decode(&*self.encoded_rows).unwrap_or_default().rows
    }

    /// Decodes the account with this id in the request.
    pub(crate) fn account(&self, wire_id: &str) -> Option<v1::Account> {
        self.accounts().into_iter().nth(wire_id.parse().ok()?)
    }

    /// Returns the source of the account with this id in the request.
    pub(crate) fn source_row(&self, wire_id: &str) -> Option<&SourceRow> {
        self.source_rows.get(wire_id.parse::<usize>().ok()?)
    }

    /// Returns the source of the account at this position.
    pub(crate) fn source_row_at(&self, position: u32) -> Option<&SourceRow> {
        self.source_rows.get(position as usize)
    }
}

#[cfg(test)]
mod tests {
    use sweetspot_core::{Account, Value};

    use super::*;

    fn prospect(row: u64, bytes: usize) -> Prospect {
        let attributes = [("a".to_owned(), Value::Text("x".repeat(bytes)))].into();
        Prospect { row, id: "same".into(), account: Account { id: "same".into(), attributes }, extra_cells: Vec::new() }
    }

    fn batch_sizes(prospects: impl Iterator<Item = Prospect>, parts_each: usize) -> Vec<usize> {
        let mut batch = AccountBatch::new(BatchLimits { parts_per_account: parts_each });
        let mut sizes: Vec<_> = prospects.filter_map(|prospect| batch.push(prospect)).map(|full| full.len()).collect();
        sizes.push(batch.len());
        sizes
    }

    #[test]
    fn batches_are_bounded_by_accounts_bytes_and_parts() {
        assert_eq!(batch_sizes((0..1_001).map(|row| prospect(row, 1)), 10), [500, 500, 1]);
        assert_eq!(batch_sizes((0..5).map(|row| prospect(row, 400_000)), 10), [2, 2, 1]);
        assert_eq!(batch_sizes((0..5).map(|row| prospect(row, 1)), 19_999), [2, 2, 1]);
        assert_eq!(batch_sizes((0..2).map(|row| prospect(row, 2_000_000)), 10), [1, 1]);
    }

    #[test]
    fn repeated_ids_are_distinguished_by_position() {
        let mut batch = AccountBatch::new(BatchLimits { parts_per_account: 1 });
        assert!(batch.is_empty());
        for row in 1..=3 {
            assert!(batch.push(prospect(row, 1)).is_none());
        }
        let ids: Vec<_> = batch.accounts().into_iter().map(|account| account.account_id).collect();
        assert_eq!(ids, ["0", "1", "2"]);
        assert_eq!(batch.source_row("2").unwrap().row, 3);
        assert_eq!(batch.source_row_at(1).unwrap(), &SourceRow { row: 2, id: "same".into(), kept_cells: Vec::new() });
        assert_eq!(batch.source_row("x"), None);
    }
}
