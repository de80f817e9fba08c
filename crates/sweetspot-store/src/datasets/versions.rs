//! Versions of a dataset: imported, listed, made current again, deleted.
//!
//! What stands on a version, such as a version of a model, is told by the caller and asked for under the lock of
//! [`Datasets::lock`], so that nothing begins to stand on a version while it is deleted.

use std::sync::PoisonError;

use sweetspot_core::{Customers, DatasetName, DatasetVersionName, Digest};

use super::row::{self, Head};
use super::{DatasetError, DatasetRecord, Datasets, ImportOptions, Imported, MAX_REMOVED, Use, scope};
use crate::store::{Commit, RequestKey, StoreError, requests};

const VERSIONS: &str = "dataset-version/";
const HEADS: &str = "dataset/";
/// Versions that are read at once.
const PAGE: usize = 256;

/// A head as it was read.
struct HeadRow {
    head: Head,
    /// The one version that a release before versions kept in place of the head.
    only: Option<DatasetRecord>,
    bytes: Vec<u8>,
}

/// Whatever stands on kept customers. Reads runs before versions of models: a run publishes before it is over.
pub type Uses<'a> = &'a dyn Fn() -> Result<Vec<Use>, StoreError>;

impl Datasets {
    /// Keeps customers as the next version of a dataset, all or nothing, and removes the oldest versions beyond
    /// `options.keep` that nothing stands on. A repeated request gets the first answer.
    ///
    /// # Errors
    /// A request id used for something else; a failing store.
    pub fn import(
        &self,
        name: &DatasetName,
        customers: &Customers,
        request: &RequestKey,
        options: ImportOptions,
        uses: Uses<'_>,
    ) -> Result<Imported, DatasetError> {
        if let Some(imported) = self.answered(name, request)? {
            return Ok(imported);
        }
        let importing = self.blobs.read().unwrap_or_else(PoisonError::into_inner);
        let record = self.put(name, customers)?;
        let (imported, removed) = self.add(record, request, options, uses)?;
        drop(importing);
        self.remove_unused(&removed, uses)?;
        Ok(imported)
    }

    /// Commits a version, and gives the digests of those that it removed.
    fn add(
        &self,
        record: DatasetRecord,
        request: &RequestKey,
        options: ImportOptions,
        uses: Uses<'_>,
    ) -> Result<(Imported, Vec<Digest>), DatasetError> {
        let _changing = self.lock();
        let name = record.name.clone();
        let before = self.head(&name)?;
        let head = before.as_ref().map_or(Head { newest: 0, current: None }, |row| row.head);
        let number = head.newest + 1;
        let stays = head.current.filter(|_| options.stage);
        let record = DatasetRecord { version: Some(number), ..record };
        let removed = self.beyond(&name, options.keep, stays, uses)?;
        let imported = Imported {
            current: stays.is_none(),
            removed: removed.iter().filter_map(|record| record.version).collect(),
            record,
        };
        let head = Head { newest: number, current: stays.or(Some(number)) };
        let answer = row::encode_answer(&imported)?;
        let mut commit = requests::remember(&scope(&name), request, &answer, self.clock.now())
            .create(version_key(&name, number), row::encode_version(&imported.record)?)
            .and(replaced(&name, before.as_ref(), head)?);
        for record in &removed {
            commit.write.push((version_key(&name, record.version.unwrap_or_default()), None));
        }
        match self.store.commit(&commit) {
            Ok(()) => Ok((imported, removed.into_iter().map(|record| record.data).collect())),
            Err(StoreError::Conflict { key }) => match self.answered(&name, request)? {
                Some(first) => Ok((first, Vec::new())),
                None => Err(StoreError::Conflict { key }.into()),
            },
            Err(other) => Err(other.into()),
        }
    }

    /// The oldest versions beyond `keep`, the next one counted, that are neither current nor stood on.
    fn beyond(
        &self,
        name: &DatasetName,
        keep: usize,
        current: Option<u64>,
        uses: Uses<'_>,
    ) -> Result<Vec<DatasetRecord>, DatasetError> {
        let mut records = self.versions(name, None, usize::MAX)?;
        let beyond = (records.len() + 1).saturating_sub(keep.max(1)).min(MAX_REMOVED);
        if beyond == 0 {
            return Ok(Vec::new());
        }
        let uses = uses()?;
        records.retain(|record| record.version != current && !uses.iter().any(|one| one.stands_on(record)));
        Ok(records.into_iter().rev().take(beyond).collect())
    }

    /// A version.
    ///
    /// # Errors
    /// Where there is no such dataset or version.
    pub fn version(&self, name: &DatasetVersionName) -> Result<DatasetRecord, DatasetError> {
        let DatasetVersionName { dataset, number } = name;
        let missing = || DatasetError::VersionNotFound { version: name.clone() };
        if let Some(row) = self.store.get(&version_key(dataset, *number))? {
            return row::decode(dataset, *number, &row);
        }
        let head = self.head(dataset)?.ok_or_else(|| DatasetError::NotFound { name: dataset.clone() })?;
        head.only.filter(|only| only.version == Some(*number)).ok_or_else(missing)
    }

    /// The number of the version that a dataset holds; none where it holds none or does not exist.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn current(&self, name: &DatasetName) -> Result<Option<u64>, DatasetError> {
        Ok(self.head(name)?.and_then(|row| row.head.current))
    }

    /// Up to `limit` versions with numbers below `before`, newest first.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn versions(
        &self,
        name: &DatasetName,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DatasetRecord>, DatasetError> {
        let only = self.head(name)?.and_then(|row| row.only);
        if let Some(only) = only {
            let wanted = limit > 0 && before.is_none_or(|before| before > 1);
            return Ok(if wanted { vec![only] } else { Vec::new() });
        }
        let prefix = versions_prefix(name);
        let mut after = before.map(|number| version_key(name, number));
        let mut records = Vec::new();
        while records.len() < limit {
            let page = self.store.scan(&prefix, after.as_deref(), PAGE.min(limit - records.len()))?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.clone());
            for row in &page {
                let number = number_of(&row.key).ok_or_else(|| DatasetError::Corrupt { name: name.clone() })?;
                records.push(row::decode(name, number, &row.value)?);
            }
        }
        Ok(records)
    }

    /// Makes a version the one that its dataset holds. Doing it again changes nothing.
    ///
    /// # Errors
    /// Where there is no such dataset or version.
    pub fn restore(&self, name: &DatasetVersionName) -> Result<DatasetRecord, DatasetError> {
        let _changing = self.lock();
        let record = self.version(name)?;
        let before = self.head(&name.dataset)?;
        if let Some(row) = &before {
            let head = Head { current: Some(name.number), ..row.head };
            self.store.commit(&replaced(&name.dataset, before.as_ref(), head)?)?;
        }
        Ok(record)
    }

    /// Deletes a version, and its customers where nothing else has the same. Says whether its dataset held it: then the
    /// dataset holds none until one is restored or imported.
    ///
    /// # Errors
    /// Where there is no such dataset or version, or something stands on it.
    pub fn delete(&self, name: &DatasetVersionName, uses: Uses<'_>) -> Result<bool, DatasetError> {
        let (record, current) = {
            let _changing = self.lock();
            let record = self.version(name)?;
            if let Some(one) = uses()?.into_iter().find(|one| one.stands_on(&record)) {
                return Err(DatasetError::InUse { version: name.clone(), by: one.by });
            }
            let before = self.head(&name.dataset)?;
            let head = before.as_ref().map_or(Head { newest: name.number, current: None }, |row| row.head);
            let current = head.current == Some(name.number);
            let head = Head { current: head.current.filter(|_| !current), ..head };
            let mut commit = replaced(&name.dataset, before.as_ref(), head)?;
            commit.write.push((version_key(&name.dataset, name.number), None));
            self.store.commit(&commit)?;
            (record, current)
        };
        self.remove_unused(&[record.data], uses)?;
        Ok(current)
    }

    /// Removes kept bytes that neither a version of any dataset nor anything else has. No import is under way meanwhile: one
    /// that brings the same bytes again writes them again.
    fn remove_unused(&self, data: &[Digest], uses: Uses<'_>) -> Result<(), DatasetError> {
        if data.is_empty() {
            return Ok(());
        }
        let _no_import = self.blobs.write().unwrap_or_else(PoisonError::into_inner);
        let _changing = self.lock();
        let uses = uses()?;
        let mut unused = Vec::new();
        for digest in data {
            if !uses.iter().any(|one| one.data == *digest) && !self.is_kept(digest)? {
                unused.push(*digest);
            }
        }
        for digest in unused {
            // The version is gone already: bytes that stay behind cost room on the disk, and no more.
            if let Err(error) = self.store.remove_blob(&digest) {
                tracing::warn!(%error, %digest, "cannot remove the customers of a deleted dataset version from the disk");
            }
        }
        Ok(())
    }

    /// Whether a version of any dataset has these bytes.
    fn is_kept(&self, data: &Digest) -> Result<bool, DatasetError> {
        let text = data.to_string();
        for prefix in [VERSIONS, HEADS] {
            let mut after: Option<String> = None;
            loop {
                let page = self.store.scan(prefix, after.as_deref(), PAGE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.key.clone());
                // Rows are JSON, and a digest is written in one way.
                if page.iter().any(|row| row.value.windows(text.len()).any(|part| part == text.as_bytes())) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn head(&self, name: &DatasetName) -> Result<Option<HeadRow>, DatasetError> {
        let Some(bytes) = self.store.get(&head_key(name))? else { return Ok(None) };
        let (head, only) = row::decode_head(name, &bytes)?;
        Ok(Some(HeadRow { head, only, bytes }))
    }
}

/// A new head in place of the one that was read; the version that an earlier release kept there gets a row of its own.
fn replaced(name: &DatasetName, before: Option<&HeadRow>, head: Head) -> Result<Commit, DatasetError> {
    let commit =
        Commit::default().replace(head_key(name), before.map(|row| row.bytes.clone()), row::encode_head(head)?);
    match before.and_then(|row| row.only.as_ref()) {
        Some(only) => Ok(commit.create(version_key(name, 1), row::encode_version(only)?)),
        None => Ok(commit),
    }
}

fn head_key(name: &DatasetName) -> String {
    format!("{HEADS}{name}")
}

fn versions_prefix(name: &DatasetName) -> String {
    format!("{VERSIONS}{name}/")
}

/// Keys are read in ascending order, so that the newest version needs the smallest.
fn version_key(name: &DatasetName, number: u64) -> String {
    format!("{}{:020}", versions_prefix(name), u64::MAX - number)
}

fn number_of(key: &str) -> Option<u64> {
    let (_, number) = key.rsplit_once('/')?;
    number.parse().ok().map(|from_the_end: u64| u64::MAX - from_the_end)
}
