//! Erased accounts: a salted hash of each id with the time of its erasure, so that a later import of the account is
//! noticed. The ids themselves are not stored.

use std::collections::{BTreeSet, HashSet};

use sweetspot_core::{Digest, Id, Texts};
use uuid::Uuid;

use super::{DatasetError, Datasets};
use crate::store::{Commit, Row, RowKind, StoreError};

const TOMBSTONE_PREFIX: &str = "erased-account/";
const SALT_PREFIX: &str = "erased-salt/";
/// The number of hexadecimal digits of a hash: with a million ids, the probability that two are equal is 10⁻²⁷.
const HASH_DIGITS: usize = 32;
/// The maximum number of erased accounts that a workspace remembers. The oldest are forgotten.
pub(super) const MAX_TOMBSTONES: usize = 100_000;
/// The number of rows that are read or written at a time.
const PAGE_ROWS: usize = 1_000;
/// The maximum number of erased ids that an import lists.
pub const MAX_LISTED_IDS: usize = 100;

/// The kind of rows of erased accounts, which contain no digests.
pub(super) const TOMBSTONE_KIND: RowKind =
    RowKind { prefix: TOMBSTONE_PREFIX, name: "erased accounts", digests: |_| Ok(Vec::new()) };
/// The kind of rows of salts, which contain no digests.
pub(super) const SALT_KIND: RowKind =
    RowKind { prefix: SALT_PREFIX, name: "salts of erased accounts", digests: |_| Ok(Vec::new()) };

/// Imported accounts that were erased before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReimportedAccounts {
    /// Their number.
    pub count: u64,
    /// The ids of the first [`MAX_LISTED_IDS`] of them. Empty in the answer to a repeated request.
    pub ids: Vec<String>,
}

impl Datasets {
    /// Remembers that these accounts of a workspace were erased.
    pub(super) fn remember_erased(&self, workspace: &Id, ids: &BTreeSet<String>) -> Result<(), DatasetError> {
        let salt = self.salt(workspace)?;
        let seconds = self.clock.now().as_second().to_string().into_bytes();
        let rows: Vec<_> =
            ids.iter().map(|id| (tombstone_key(workspace, &hash(&salt, id)), Some(seconds.clone()))).collect();
        for writes in rows.chunks(PAGE_ROWS) {
            self.store.commit(&Commit { lease: None, expectations: Vec::new(), writes: writes.to_vec() })?;
        }
        self.forget_oldest(workspace)
    }

    /// Removes the oldest tombstones beyond the limit.
    fn forget_oldest(&self, workspace: &Id) -> Result<(), DatasetError> {
        let mut rows = self.tombstones(workspace)?;
        let Some(surplus) = rows.len().checked_sub(MAX_TOMBSTONES).filter(|surplus| *surplus > 0) else {
            return Ok(());
        };
        let seconds = |row: &Row| std::str::from_utf8(&row.value).ok()?.parse::<i64>().ok();
        rows.sort_by_key(seconds);
        rows.truncate(surplus);
        let writes: Vec<_> = rows.into_iter().map(|row| (row.key, None)).collect();
        for writes in writes.chunks(PAGE_ROWS) {
            self.store.commit(&Commit { lease: None, expectations: Vec::new(), writes: writes.to_vec() })?;
        }
        Ok(())
    }

    /// Returns those of these accounts that were erased from the workspace before.
    pub(super) fn find_erased(&self, workspace: &Id, ids: &Texts) -> Result<ReimportedAccounts, DatasetError> {
        let mut found = ReimportedAccounts::default();
        let Some(salt) = self.stored_salt(workspace)? else { return Ok(found) };
        let hashes: HashSet<String> = self
            .tombstones(workspace)?
            .into_iter()
            .filter_map(|row| Some(row.key.rsplit_once('/')?.1.to_owned()))
            .collect();
        for id in ids.iter().filter(|id| hashes.contains(&hash(&salt, id))) {
            found.count += 1;
            if found.ids.len() < MAX_LISTED_IDS {
                found.ids.push(id.to_owned());
            }
        }
        Ok(found)
    }

    fn tombstones(&self, workspace: &Id) -> Result<Vec<Row>, StoreError> {
        let prefix = format!("{TOMBSTONE_PREFIX}{workspace}/");
        let mut rows = Vec::<Row>::new();
        loop {
            let after = rows.last().map(|row| row.key.clone());
            let page = self.store.scan(&prefix, after.as_deref(), PAGE_ROWS)?;
            if page.is_empty() {
                return Ok(rows);
            }
            rows.extend(page);
        }
    }

    /// Returns the salt of a workspace, which is created with its first erasure.
    fn salt(&self, workspace: &Id) -> Result<Vec<u8>, StoreError> {
        if let Some(salt) = self.stored_salt(workspace)? {
            return Ok(salt);
        }
        let salt = format!("{} {}", Uuid::new_v4(), Uuid::new_v4()).into_bytes();
        self.store.commit(&Commit::default().create(salt_key(workspace), salt.clone()))?;
        Ok(salt)
    }

    fn stored_salt(&self, workspace: &Id) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(&salt_key(workspace))
    }
}

fn hash(salt: &[u8], id: &str) -> String {
    let mut digest = Digest::new(&[salt, id.as_bytes()].concat()).to_string();
    digest.truncate(HASH_DIGITS);
    digest
}

fn salt_key(workspace: &Id) -> String {
    format!("{SALT_PREFIX}{workspace}")
}

fn tombstone_key(workspace: &Id, hash: &str) -> String {
    format!("{TOMBSTONE_PREFIX}{workspace}/{hash}")
}
