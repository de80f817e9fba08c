//! Finds the blobs of a store that are damaged or missing, which a backup cannot contain, and what uses them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};
use sweetspot_core::Digest;

use crate::inventory::{BlobNeed, Inventory, described_resource, row_digests, row_kind};
use crate::store::{DigestReference, MaintenanceAccess, Row, StoreError, find_digests};

/// The maximum number of damaged files that are named.
const MAX_NAMED: usize = 100;
/// The maximum number of uses that are named for each file.
const MAX_USES: usize = 3;
/// The size in bytes above which an error names no further file.
const MAX_TEXT_BYTES: usize = 1200;

/// Blobs that are damaged or missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DamagedBlobs {
    /// The number of all of them.
    pub count: u64,
    /// The first 100 of them, by digest.
    pub first: Vec<DamagedBlob>,
}

/// A blob that is damaged or missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DamagedBlob {
    /// The SHA-256 by which records name it.
    pub sha256: String,
    /// What is wrong with it.
    pub cause: String,
    /// The number of records that need it.
    pub use_count: u64,
    /// What the first three of these describe, such as `model version workspaces/w/models/m/versions/3`.
    pub uses: Vec<String>,
}

impl DamagedBlobs {
    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Names the blobs with these digests, each with its cause and with the rows that need it.
    pub(super) fn new(causes: &BTreeMap<Digest, String>, rows: &[Row]) -> Self {
        let named: BTreeMap<Digest, &String> =
            causes.iter().take(MAX_NAMED).map(|(digest, cause)| (*digest, cause)).collect();
        let mut uses = BTreeMap::<Digest, BTreeSet<String>>::new();
        let rows = if named.is_empty() { &[] } else { rows };
        for row in rows {
            for digest in needed_blobs(row).into_iter().filter(|digest| named.contains_key(digest)) {
                let kind = row_kind(row).map_or("unknown records", |kind| kind.name);
                uses.entry(digest).or_default().insert(described_resource(kind, &row.key));
            }
        }
        let first = named.into_iter().map(|(digest, cause)| {
            let uses = uses.remove(&digest).unwrap_or_default();
            DamagedBlob {
                sha256: digest.to_string(),
                cause: cause.clone(),
                use_count: uses.len() as u64,
                uses: uses.into_iter().take(MAX_USES).collect(),
            }
        });
        Self { count: causes.len() as u64, first: first.collect() }
    }
}

impl fmt::Display for DamagedBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let mut named = 0;
        for file in &self.first {
            let next = file.to_string();
            if named > 0 && text.len() + next.len() > MAX_TEXT_BYTES {
                break;
            }
            text = if named > 0 { format!("{text}; {next}") } else { next };
            named += 1;
        }
        match self.count - named {
            0 => f.write_str(&text),
            more => write!(f, "{text}; and {more} more"),
        }
    }
}

impl fmt::Display for DamagedBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sha256, cause, use_count, uses } = self;
        write!(f, "blob {sha256} {cause}")?;
        if !uses.is_empty() {
            write!(f, " (used by {}", uses.join(", "))?;
            match use_count.saturating_sub(uses.len() as u64) {
                0 => f.write_str(")")?,
                more => write!(f, ", and {more} more)")?,
            }
        }
        Ok(())
    }
}

/// The blobs of a backup: the size of each one that is named and exists, and those that are needed and missing.
#[derive(Debug)]
pub(super) struct BackupBlobs {
    pub(super) existing: BTreeMap<Digest, u64>,
    pub(super) causes: BTreeMap<Digest, String>,
}

impl BackupBlobs {
    /// Lists the blobs that rows name. Their bytes are not read.
    pub(super) fn list(store: &dyn MaintenanceAccess, inventory: &Inventory) -> Result<Self, StoreError> {
        let mut existing = BTreeMap::new();
        for first_byte in u8::MIN..=u8::MAX {
            let listed = store.list_blobs(first_byte)?.into_iter();
            let named = listed.filter(|blob| inventory.blobs().contains_key(&blob.digest));
            existing.extend(named.map(|blob| (blob.digest, blob.bytes)));
        }
        let needed = inventory.blobs().iter().filter(|(_, need)| **need == BlobNeed::Required);
        let missing = needed.filter(|(digest, _)| !existing.contains_key(digest));
        let causes = missing.map(|(digest, _)| (*digest, "is missing".to_owned())).collect();
        Ok(Self { existing, causes })
    }

    /// Reads every blob, and moves those that are damaged from the existing ones.
    pub(super) fn read_all(&mut self, store: &dyn MaintenanceAccess) -> Result<(), StoreError> {
        for digest in self.existing.keys() {
            if let Some(cause) = damage(store, digest)? {
                self.causes.insert(*digest, cause);
            }
        }
        self.existing.retain(|digest, _| !self.causes.contains_key(digest));
        Ok(())
    }
}

/// Reads a blob. Returns what is wrong with it.
fn damage(store: &dyn MaintenanceAccess, digest: &Digest) -> Result<Option<String>, StoreError> {
    let mut content = match store.open_blob(digest) {
        Err(StoreError::BlobMissing { .. }) => return Ok(Some("is missing".to_owned())),
        opened => opened?.content,
    };
    let Err(error) = io::copy(&mut content, &mut io::sink()) else { return Ok(None) };
    let error = StoreError::from_read(error);
    if let StoreError::Backend { source, .. } = &error {
        return Ok(Some(format!("cannot be read: {source}")));
    }
    let is_changed = matches!(error, StoreError::BlobCorrupt { .. });
    if is_changed { Ok(Some("is damaged: its bytes have a different SHA-256".to_owned())) } else { Err(error) }
}

/// The blobs that a row needs: if it cannot be read, any that its bytes mention.
fn needed_blobs(row: &Row) -> Vec<Digest> {
    let needed =
        |digest: &DigestReference| if let DigestReference::Blob(digest) = digest { Some(*digest) } else { None };
    row_digests(row).map_or_else(|_| find_digests(&row.value), |found| found.iter().filter_map(needed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_many_damaged_files_is_bounded() {
        let causes: BTreeMap<Digest, String> =
            (0..250_u8).map(|byte| (Digest::new(&[byte]), "is missing".to_owned())).collect();
        let first = *causes.keys().next().unwrap();
        let rows: Vec<Row> = (0..5)
            .map(|number| Row { key: format!("unknown/{number}"), value: first.to_string().into_bytes() })
            .collect();
        let found = DamagedBlobs::new(&causes, &rows);
        assert_eq!((found.count, found.first.len()), (250, MAX_NAMED));
        let text = found.to_string();
        assert!(text.starts_with(&format!("blob {first} is missing (used by record unknown/0, ")), "{text}");
        assert!(text.contains("record unknown/2, and 2 more); blob "), "{text}");
        assert!(text.len() < MAX_TEXT_BYTES + 300 && text.contains("; and 2"), "{text}");
    }
}
