//! What a store contains: the kinds of its rows, and the blobs that they name.

mod row_names;
mod stats;

use std::borrow::Borrow;
use std::collections::BTreeMap;

use sweetspot_core::Digest;
use sweetspot_core::reportable_error::{ErrorKind, ReportableError};

pub(crate) use self::row_names::described_resource;
pub use self::stats::{BlobTotal, RowGroupStats, StoreStats, read_stats};
use crate::api_keys;
use crate::audit_log;
use crate::datasets;
use crate::definitions;
use crate::jobs;
use crate::registry;
use crate::store::{DigestReference, Row, RowKind, StoreError, find_digests, idempotency};

/// The kinds of all rows.
static ROW_KINDS: [&[RowKind]; 7] = [
    &registry::ROW_KINDS,
    &datasets::ROW_KINDS,
    &definitions::ROW_KINDS,
    &jobs::ROW_KINDS,
    &[idempotency::ROW_KIND],
    &[api_keys::ROW_KIND],
    &audit_log::ROW_KINDS,
];

/// The rows of a store by kind, and the blobs that they name.
#[derive(Debug)]
pub struct Inventory {
    groups: Vec<RowGroup>,
    blobs: BTreeMap<Digest, BlobNeed>,
    /// The first row that could not be read.
    fault: Option<UnreadableRow>,
}

/// The rows of one kind.
#[derive(Debug)]
struct RowGroup {
    kind: RowKind,
    rows: u64,
    /// The size of the keys and values.
    row_bytes: u64,
    /// The blobs that the rows name, in any order and with repetitions.
    blobs: Vec<Digest>,
}

/// Whether a row needs a blob that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlobNeed {
    /// It may be missing.
    Optional,
    /// It must exist.
    Required,
}

/// A row whose blobs are unknown.
#[derive(Debug, thiserror::Error)]
#[error(
    "the record {key:?} cannot be read ({cause}), so it is unknown which files it needs, and no file was removed: \
     restore a backup, or use the release that wrote the record"
)]
pub struct UnreadableRow {
    /// The key of the row.
    pub key: String,
    /// Why it cannot be read.
    pub cause: String,
}

impl ReportableError for UnreadableRow {
    fn kind(&self) -> ErrorKind {
        ErrorKind::DataLoss
    }

    fn reason(&self) -> &'static str {
        "ROW_UNREADABLE"
    }
}

impl Inventory {
    /// Reads all rows of a store, as one call of [`crate::store::Store::scan`] returns them.
    #[must_use]
    pub fn new<R: Borrow<Row>>(rows: impl IntoIterator<Item = R>) -> Self {
        let kinds = ROW_KINDS.iter().flat_map(|kinds| kinds.iter());
        let groups = kinds.map(|kind| RowGroup { kind: *kind, rows: 0, row_bytes: 0, blobs: Vec::new() }).collect();
        let mut inventory = Self { groups, blobs: BTreeMap::new(), fault: None };
        for row in rows {
            inventory.add(row.borrow());
        }
        inventory
    }

    fn add(&mut self, row: &Row) {
        let digests = row_digests(row).unwrap_or_else(|fault| {
            self.fault.get_or_insert(fault);
            find_digests(&row.value).into_iter().map(DigestReference::OptionalBlob).collect()
        });
        for digest in &digests {
            let (digest, need) = match digest {
                DigestReference::Blob(digest) => (*digest, BlobNeed::Required),
                DigestReference::OptionalBlob(digest) => (*digest, BlobNeed::Optional),
                DigestReference::Other(_) => continue,
            };
            let known = self.blobs.entry(digest).or_insert(need);
            *known = need.max(*known);
        }
        if let Some(group) = self.groups.iter_mut().find(|group| row.key.starts_with(group.kind.prefix)) {
            group.rows += 1;
            group.row_bytes += (row.key.len() + row.value.len()) as u64;
            group.blobs.extend(digests.iter().filter_map(DigestReference::blob));
        }
    }

    /// The blobs that rows name. Those of rows that could not be read are any that their bytes mention.
    #[must_use]
    pub const fn blobs(&self) -> &BTreeMap<Digest, BlobNeed> {
        &self.blobs
    }

    /// The number of rows of each kind that has any.
    #[must_use]
    pub fn row_counts(&self) -> BTreeMap<String, u64> {
        let groups = self.groups.iter().filter(|group| group.rows > 0);
        groups.map(|group| (group.kind.name.to_owned(), group.rows)).collect()
    }

    /// Fails if a row could not be read, so that not all named blobs are known.
    ///
    /// # Errors
    /// Returns the first such row.
    pub fn into_complete(self) -> Result<Self, UnreadableRow> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self),
        }
    }
}

/// Returns every digest in a row.
///
/// # Errors
/// If its kind is unknown, or it cannot be read.
pub fn row_digests(row: &Row) -> Result<Vec<DigestReference>, UnreadableRow> {
    let fault = |cause| UnreadableRow { key: row.key.clone(), cause };
    let kind = row_kind(row).ok_or_else(|| fault("its kind is unknown".to_owned()))?;
    (kind.digests)(row).map_err(|error| fault(describe(&error)))
}

/// Returns the kind of a row, if it is known.
#[must_use]
pub fn row_kind(row: &Row) -> Option<&'static RowKind> {
    ROW_KINDS.iter().flat_map(|kinds| kinds.iter()).find(|kind| row.key.starts_with(kind.prefix))
}

/// An error with the cause that its own text leaves out.
fn describe(error: &StoreError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_one_kind() {
        let prefixes: Vec<&str> = ROW_KINDS.iter().flat_map(|kinds| kinds.iter().map(|kind| kind.prefix)).collect();
        for (place, prefix) in prefixes.iter().enumerate() {
            let others = prefixes.iter().enumerate().filter(|(other, _)| *other != place);
            assert!(others.clone().all(|(_, other)| !other.starts_with(prefix)), "{prefix}");
        }
    }

    #[test]
    fn a_row_that_cannot_be_read_still_names_its_blobs() {
        let digest = Digest::new(b"a");
        for key in ["model/workspaces/w/models/m", "unknown/row"] {
            let row = Row { key: key.to_owned(), value: format!("{{\"part\":\"{digest}\"").into_bytes() };
            let inventory = Inventory::new([row]);
            assert_eq!(inventory.blobs().get(&digest), Some(&BlobNeed::Optional));
            let fault = inventory.into_complete().unwrap_err();
            assert!(fault.to_string().contains(key), "{fault}");
        }
    }
}
