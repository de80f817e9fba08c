//! Counts and sizes of what a store contains.

use std::collections::{BTreeMap, BTreeSet};

use sweetspot_core::Digest;

use super::{Inventory, RowGroup, UnreadableRow};
use crate::store::{DiskUsage, Store, StoreError};

/// Counts and sizes of a store.
#[derive(Debug)]
pub struct StoreStats {
    /// The rows of each kind.
    pub groups: Vec<RowGroupStats>,
    /// All blobs.
    pub blobs: BlobTotal,
    /// The blobs that no row names; unknown if a row cannot be read.
    pub unnamed_blobs: Result<BlobTotal, UnreadableRow>,
    /// The sizes of other files, and the free space.
    pub disk: DiskUsage,
}

/// The rows of one kind, and the blobs that they name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowGroupStats {
    /// What the rows are, in words and in the plural.
    pub name: &'static str,
    /// The number of rows.
    pub rows: u64,
    /// The size of their keys and values in bytes.
    pub row_bytes: u64,
    /// The existing blobs that they name. Other kinds of rows may name them, too.
    pub blobs: BlobTotal,
}

/// A number of blobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlobTotal {
    /// The number.
    pub count: u64,
    /// Their total size in bytes.
    pub bytes: u64,
}

impl BlobTotal {
    /// Adds a blob.
    pub const fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

/// Reads the counts and sizes of a store.
///
/// # Errors
/// If the store fails.
pub fn read_stats(store: &dyn Store) -> Result<StoreStats, StoreError> {
    let inventory = Inventory::new(store.scan("", None, usize::MAX)?);
    let mut sizes = BTreeMap::new();
    let (mut blobs, mut unnamed) = (BlobTotal::default(), BlobTotal::default());
    for first_byte in u8::MIN..=u8::MAX {
        for blob in store.maintenance().list_blobs(first_byte)? {
            blobs.add(blob.bytes);
            if inventory.blobs.contains_key(&blob.digest) {
                sizes.insert(blob.digest, blob.bytes);
            } else {
                unnamed.add(blob.bytes);
            }
        }
    }
    let groups = inventory.groups.iter().map(|group| group_stats(group, &sizes)).collect();
    let unnamed_blobs = inventory.into_complete().map(|_complete| unnamed);
    Ok(StoreStats { groups, blobs, unnamed_blobs, disk: store.maintenance().disk_usage()? })
}

fn group_stats(group: &RowGroup, sizes: &BTreeMap<Digest, u64>) -> RowGroupStats {
    let RowGroup { kind, rows, row_bytes, blobs } = group;
    let mut total = BlobTotal::default();
    let distinct: BTreeSet<&Digest> = blobs.iter().collect();
    for bytes in distinct.into_iter().filter_map(|digest| sizes.get(digest)) {
        total.add(*bytes);
    }
    RowGroupStats { name: kind.name, rows: *rows, row_bytes: *row_bytes, blobs: total }
}
