//! Versions of a dataset: import, list, restore, delete.
//!
//! The caller provides the uses of a version, such as model versions, through a function. It is called under the lock
//! of [`Datasets::lock`], so that no use of a version can start while the version is deleted.

use std::sync::PoisonError;

use sweetspot_core::{Customers, DatasetName, DatasetVersionName, Digest};

use super::row::{self, DatasetHeadRow};
use super::{
    DatasetError, DatasetRecord, DatasetReference, Datasets, ImportOptions, ImportResult, MAX_REMOVED_VERSIONS, scope,
};
use crate::retention::{RetentionCandidate, RetentionPolicy};
use crate::store::{Commit, RequestKey, StoreError, idempotency};

/// The prefix of versions.
pub(super) const VERSION_PREFIX: &str = "dataset-version/";
/// The prefix of heads.
pub(crate) const HEAD_PREFIX: &str = "dataset/";
/// The number of versions that are read at a time.
const PAGE_ROWS: usize = 256;

/// A head and the bytes that it was read from.
pub(super) struct StoredDatasetHead {
    pub(super) head: DatasetHeadRow,
    /// The only version, if a release without dataset versions wrote the row.
    only: Option<DatasetRecord>,
    pub(super) bytes: Vec<u8>,
}

/// Lists the uses of stored customers. It must read runs before model versions, because a run publishes before it ends.
pub type ListUses<'a> = &'a dyn Fn() -> Result<Vec<DatasetReference>, StoreError>;

impl Datasets {
    /// Stores customers as the next version of a dataset, atomically, and removes the oldest unused versions beyond
    /// `options.max_versions` and `options.max_days`. A repeated request returns the first answer.
    ///
    /// # Errors
    /// If the request id was used for a different request, or the store fails.
    pub fn import(
        &self,
        name: &DatasetName,
        customers: &Customers,
        request: &RequestKey,
        options: ImportOptions,
        uses: ListUses<'_>,
    ) -> Result<ImportResult, DatasetError> {
        if let Some(imported) = self.find_answer(name, request)? {
            return Ok(imported);
        }
        let importing = self.blob_lock.read().unwrap_or_else(PoisonError::into_inner);
        let record = self.put_customers(name, customers)?;
        let (imported, removed) = self.commit_import(record, customers, request, options, uses)?;
        drop(importing);
        self.remove_unused(&removed, uses)?;
        Ok(imported)
    }

    /// Commits a version. Returns the digests of the removed versions as well.
    fn commit_import(
        &self,
        record: DatasetRecord,
        customers: &Customers,
        request: &RequestKey,
        options: ImportOptions,
        uses: ListUses<'_>,
    ) -> Result<(ImportResult, Vec<Digest>), DatasetError> {
        let _changing = self.lock();
        let name = record.name.clone();
        let erased = self.check_erased(&name, customers, options.refuse_erased)?;
        let before = self.head(&name)?;
        let head = match &before {
            Some(row) => row.head,
            None => DatasetHeadRow { newest: self.deleted(&name)?.map_or(0, |row| row.newest), current: None },
        };
        let number = head.newest + 1;
        let stays = head.current.filter(|_| options.is_staged);
        let record = DatasetRecord { version: Some(number), ..record };
        let removed = self.versions_to_remove(&name, options, stays, uses)?;
        let imported = ImportResult {
            is_current: stays.is_none(),
            removed: removed.iter().filter_map(|record| record.version).collect(),
            record,
            erased,
        };
        let head = DatasetHeadRow { newest: number, current: stays.or(Some(number)) };
        let answer = row::encode_answer(&imported)?;
        let mut commit = idempotency::record_answer(&scope(&name), request, &answer, self.clock.now())
            .create(version_key(&name, number), row::encode_version(&imported.record)?)
            .merge(replace_head(&name, before.as_ref(), head)?)
            .merge(self.undo_replacement(&imported.record.data)?);
        for record in &removed {
            commit.writes.push((version_key(&name, record.version.unwrap_or_default()), None));
        }
        match self.store.commit(&commit) {
            Ok(()) => Ok((imported, removed.into_iter().map(|record| record.data).collect())),
            Err(StoreError::Conflict { key }) => match self.find_answer(&name, request)? {
                Some(first) => Ok((first, Vec::new())),
                None => Err(StoreError::Conflict { key }.into()),
            },
            Err(other) => Err(other.into()),
        }
    }

    /// Returns the oldest versions beyond the limits that are neither current nor in use. The next version, created
    /// now, is included in the count.
    fn versions_to_remove(
        &self,
        name: &DatasetName,
        options: ImportOptions,
        current: Option<u64>,
        uses: ListUses<'_>,
    ) -> Result<Vec<DatasetRecord>, DatasetError> {
        let mut records = self.versions(name, None, usize::MAX)?;
        let max_versions = options.max_versions.max(1);
        let policy = RetentionPolicy { max_versions: None, max_days: options.max_days };
        if records.len() < max_versions && policy.keeps_all() {
            return Ok(Vec::new());
        }
        let uses = uses()?;
        let is_used = |record: &DatasetRecord| uses.iter().any(|one| one.refers_to(record));
        let is_protected = |record: &DatasetRecord| record.version == current || is_used(record);
        let counted = 1 + records.iter().filter(|record| !is_used(record)).count();
        let beyond = counted.saturating_sub(max_versions).min(MAX_REMOVED_VERSIONS);
        let next = RetentionCandidate { number: u64::MAX, created: Some(self.clock.now()), is_protected: true };
        let expired = policy.expired(&[&[next], retention_candidates(&records, is_protected).as_slice()].concat());
        records.retain(|record| !is_protected(record));
        records.reverse();
        let mut place = 0;
        records.retain(|record| {
            place += 1;
            place <= beyond || record.version.is_some_and(|number| expired.contains(&number))
        });
        Ok(records)
    }

    /// Deletes the versions of a dataset that are too old, with their customers.
    ///
    /// # Errors
    /// If the store fails.
    pub fn delete_expired(
        &self,
        name: &DatasetName,
        policy: RetentionPolicy,
        uses: ListUses<'_>,
    ) -> Result<(), DatasetError> {
        let (records, current, list) = (self.versions(name, None, usize::MAX)?, self.current(name)?, uses()?);
        let is_protected =
            |record: &DatasetRecord| record.version == current || list.iter().any(|one| one.refers_to(record));
        for number in policy.expired(&retention_candidates(&records, is_protected)) {
            let version = DatasetVersionName { dataset: name.clone(), number };
            match self.delete(&version, &RequestKey::none(), uses) {
                // It came into use, or was deleted, in the meantime.
                Err(DatasetError::InUse { .. } | DatasetError::VersionNotFound { .. }) => {}
                deleted => {
                    deleted?;
                    tracing::info!(%version, "old dataset version deleted");
                }
            }
        }
        Ok(())
    }

    /// Returns the record of a version.
    ///
    /// # Errors
    /// If the dataset or the version does not exist.
    pub fn version(&self, name: &DatasetVersionName) -> Result<DatasetRecord, DatasetError> {
        let DatasetVersionName { dataset, number } = name;
        let missing = || DatasetError::VersionNotFound { version: name.clone() };
        if let Some(row) = self.store.get(&version_key(dataset, *number))? {
            return row::decode(dataset, *number, &row);
        }
        let head = self.existing_head(dataset)?;
        head.only.filter(|only| only.version == Some(*number)).ok_or_else(missing)
    }

    /// Returns the number of the current version. `None` if there is no current version or the dataset does not exist.
    ///
    /// # Errors
    /// If the store fails.
    pub fn current(&self, name: &DatasetName) -> Result<Option<u64>, DatasetError> {
        Ok(self.head(name)?.and_then(|row| row.head.current))
    }

    /// Returns up to `limit` versions with numbers below `before`, newest first.
    ///
    /// # Errors
    /// If the store fails.
    pub fn versions(
        &self,
        name: &DatasetName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DatasetRecord>, DatasetError> {
        let only = self.head(name)?.and_then(|row| row.only);
        if let Some(only) = only {
            let is_included = limit > 0 && before.is_none_or(|before| before > 1);
            return Ok(if is_included { vec![only] } else { Vec::new() });
        }
        let prefix = versions_prefix(name);
        let mut after = before.map(|number| version_key(name, number));
        let mut records = Vec::new();
        while records.len() < limit {
            let page = self.store.scan(&prefix, after.as_deref(), PAGE_ROWS.min(limit - records.len()))?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for row in &page {
                let number = version_number(&row.key).ok_or_else(|| DatasetError::Corrupt { name: name.clone() })?;
                records.push(row::decode(name, number, &row.value)?);
            }
        }
        Ok(records)
    }

    /// Makes a version the current one. A repeated request has no effect.
    ///
    /// # Errors
    /// If the dataset or the version does not exist.
    pub fn restore(&self, name: &DatasetVersionName, request: &RequestKey) -> Result<DatasetRecord, DatasetError> {
        let scope = format!("{}/restore-dataset-version", name.dataset.workspace);
        let _changing = self.lock();
        let is_repeated = idempotency::find_answer(self.store.as_ref(), &scope, request)?.is_some();
        let record = self.version(name)?;
        let before = self.head(&name.dataset)?;
        if let Some(row) = before.as_ref().filter(|_| !is_repeated) {
            let head = DatasetHeadRow { current: Some(name.number), ..row.head };
            let commit = replace_head(&name.dataset, before.as_ref(), head)?;
            self.store.commit(&commit.merge(idempotency::record_answer(&scope, request, b"", self.clock.now())))?;
        }
        Ok(record)
    }

    /// Deletes a version, and its customers if they are not in use elsewhere. Returns whether it was the current
    /// version; if so, the dataset has no current version until the next restore or import. A repeated request has no
    /// effect, and the result of the first one.
    ///
    /// # Errors
    /// If the dataset or the version does not exist, or the version is in use.
    pub fn delete(
        &self,
        name: &DatasetVersionName,
        request: &RequestKey,
        uses: ListUses<'_>,
    ) -> Result<bool, DatasetError> {
        let scope = format!("{}/delete-dataset-version", name.dataset.workspace);
        let (record, current) = {
            let _changing = self.lock();
            if let Some(answer) = idempotency::find_answer(self.store.as_ref(), &scope, request)? {
                return Ok(answer == [u8::from(true)]);
            }
            let record = self.version(name)?;
            if let Some(one) = uses()?.into_iter().find(|one| one.refers_to(&record)) {
                return Err(DatasetError::InUse { version: name.clone(), by: one.user });
            }
            let before = self.head(&name.dataset)?;
            let head = before.as_ref().map_or(DatasetHeadRow { newest: name.number, current: None }, |row| row.head);
            let current = head.current == Some(name.number);
            let head = DatasetHeadRow { current: head.current.filter(|_| !current), ..head };
            let mut commit = replace_head(&name.dataset, before.as_ref(), head)?;
            commit.writes.push((version_key(&name.dataset, name.number), None));
            let answer = idempotency::record_answer(&scope, request, &[u8::from(current)], self.clock.now());
            self.store.commit(&commit.merge(answer))?;
            (record, current)
        };
        self.remove_unused(&[record.data], uses)?;
        Ok(current)
    }

    /// Removes blobs that no dataset version and no use refers to. No import runs at the same time; an import of the
    /// same bytes stores the blob again.
    pub(super) fn remove_unused(&self, data: &[Digest], uses: ListUses<'_>) -> Result<(), DatasetError> {
        if data.is_empty() {
            return Ok(());
        }
        let _no_import = self.blob_lock.write().unwrap_or_else(PoisonError::into_inner);
        let _changing = self.lock();
        let uses = uses()?;
        let needed = uses.iter().map(|one| self.current_data(&one.data)).collect::<Result<Vec<_>, _>>()?;
        let mut unused = Vec::new();
        for digest in data {
            if !needed.contains(digest) && !self.is_referenced(digest)? {
                unused.push(*digest);
            }
        }
        for digest in unused {
            // The version is already deleted: a blob that remains only takes disk space.
            if let Err(error) = self.store.remove_blob(&digest) {
                tracing::warn!(%error, %digest, "cannot remove the customers of a deleted dataset version from the disk");
            }
        }
        Ok(())
    }

    /// Whether a version of any dataset refers to this blob.
    fn is_referenced(&self, data: &Digest) -> Result<bool, DatasetError> {
        let text = data.to_string();
        for prefix in [VERSION_PREFIX, HEAD_PREFIX] {
            let mut after: Option<String> = None;
            loop {
                let page = self.store.scan(prefix, after.as_deref(), PAGE_ROWS)?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                // Rows are JSON, and a digest has only one textual form.
                if page.iter().any(|row| row.value.windows(text.len()).any(|part| part == text.as_bytes())) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Reads the head of a dataset that exists.
    pub(super) fn existing_head(&self, name: &DatasetName) -> Result<StoredDatasetHead, DatasetError> {
        match self.head(name)? {
            Some(head) => Ok(head),
            None => Err(self.not_found(name)?),
        }
    }

    pub(super) fn head(&self, name: &DatasetName) -> Result<Option<StoredDatasetHead>, DatasetError> {
        let Some(bytes) = self.store.get(&head_key(name))? else { return Ok(None) };
        let (head, only) = row::decode_head(name, &bytes)?;
        Ok(Some(StoredDatasetHead { head, only, bytes }))
    }
}

fn retention_candidates(
    records: &[DatasetRecord],
    is_protected: impl Fn(&DatasetRecord) -> bool,
) -> Vec<RetentionCandidate> {
    let dated = |record: &DatasetRecord| RetentionCandidate {
        number: record.version.unwrap_or_default(),
        created: record.created,
        is_protected: is_protected(record),
    };
    records.iter().map(dated).collect()
}

/// Replaces the head that was read. A version that an earlier release stored in its place gets a row of its own.
pub(super) fn replace_head(
    name: &DatasetName,
    before: Option<&StoredDatasetHead>,
    head: DatasetHeadRow,
) -> Result<Commit, DatasetError> {
    let commit =
        Commit::default().replace(head_key(name), before.map(|row| row.bytes.clone()), row::encode_head(head)?);
    match before.and_then(|row| row.only.as_ref()) {
        Some(only) => Ok(commit.create(version_key(name, 1), row::encode_version(only)?)),
        None => Ok(commit),
    }
}

pub(super) fn head_key(name: &DatasetName) -> String {
    format!("{HEAD_PREFIX}{name}")
}

fn versions_prefix(name: &DatasetName) -> String {
    format!("{VERSION_PREFIX}{name}/")
}

/// Keys are read in ascending order, so the newest version gets the smallest key.
pub(super) fn version_key(name: &DatasetName, number: u64) -> String {
    format!("{}{:020}", versions_prefix(name), u64::MAX - number)
}

/// Parses the number in the key of a version.
pub(super) fn version_number(key: &str) -> Option<u64> {
    let (_, number) = key.rsplit_once('/')?;
    number.parse().ok().map(|from_the_end: u64| u64::MAX - from_the_end)
}
