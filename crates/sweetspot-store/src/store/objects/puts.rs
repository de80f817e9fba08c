//! Stores blobs: first the object, under a name of its own, and then the row that names it.

use jiff::{SignedDuration, Timestamp};
use sweetspot_core::Digest;

use super::blob_rows::{BlobRow, UnusedRow, blob_key, encode, new_object, removal_key, remove, unused_key};
use super::{MAX_ATTEMPTS, ObjectBlobStore};
use crate::store::{Commit, StoreError};

/// The time in which a blob that is stored again is not recorded as such again.
const TOUCH_INTERVAL: SignedDuration = SignedDuration::from_secs(60);

impl ObjectBlobStore {
    /// Stores bytes; see [`crate::store::Store::put_blob`]. An intact copy is left unchanged; a damaged one is replaced.
    pub(super) fn put(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        self.check_identity()?;
        let digest = Digest::new(bytes);
        for _ in 0..MAX_ATTEMPTS {
            if self.try_put(&digest, bytes)? {
                return Ok(digest);
            }
        }
        Err(StoreError::Conflict { key: blob_key(&digest) })
    }

    /// Stores bytes, unless another server changes their row meanwhile. Returns whether they are stored.
    fn try_put(&self, digest: &Digest, bytes: &[u8]) -> Result<bool, StoreError> {
        let before = self.blob_row(digest)?;
        match before {
            Some((row, before)) if self.is_intact(&row, digest)? => self.touch(digest, row, before),
            before => self.write(digest, bytes, before),
        }
    }

    /// Records that a blob is stored again, so that it is not removed.
    fn touch(&self, digest: &Digest, row: BlobRow, before: Vec<u8>) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let is_recent = row.stored().is_some_and(|stored| stored <= now && now.duration_since(stored) < TOUCH_INTERVAL);
        if is_recent && self.rows.get(&removal_key(digest))?.is_none() {
            return Ok(true);
        }
        let row = encode(&BlobRow { stored: now.as_microsecond(), ..row })?;
        self.try_commit(&Commit::default().replace(blob_key(digest), Some(before), row).merge(keep(digest)))
    }

    /// Writes a new object and names it in the row of the blob, in place of a damaged one.
    fn write(&self, digest: &Digest, bytes: &[u8], before: Option<(BlobRow, Vec<u8>)>) -> Result<bool, StoreError> {
        let (object, now) = (new_object(digest), self.clock.now());
        let unused = encode(&UnusedRow { since: now.as_microsecond(), is_removed: false })?;
        if !self.try_commit(&Commit::default().create(unused_key(&object), unused.clone()))? {
            return Ok(false);
        }
        if let Err(error) = self.objects.put(&object, bytes) {
            self.discard_later(&object);
            return Err(error);
        }
        let row =
            BlobRow { object: object.clone(), bytes: bytes.len() as u64, stored: self.clock.now().as_microsecond() };
        let (replaced, before) = before.unzip();
        let mut commit = Commit::default().replace(blob_key(digest), before, encode(&row)?).merge(keep(digest));
        // Fails if the object was removed because this took too long.
        commit = commit.merge(remove(unused_key(&object), unused));
        if let Some(replaced) = &replaced {
            commit = commit.merge(Commit::default().create(unused_key(&replaced.object), removed_row(now)?));
        }
        if !self.try_commit(&commit)? {
            self.discard_later(&object);
            return Ok(false);
        }
        if let Some(replaced) = &replaced {
            self.discard_later(&replaced.object);
        }
        Ok(true)
    }

    /// Removes an object that no blob names. What fails is repeated by the next removal.
    fn discard_later(&self, object: &str) {
        if let Err(error) = self.discard(&[object.to_owned()]) {
            tracing::debug!(%error, object, "cannot remove an unused object yet");
        }
    }
}

/// The row of an object that no blob names any more.
pub(super) fn removed_row(now: Timestamp) -> Result<Vec<u8>, StoreError> {
    encode(&UnusedRow { since: now.as_microsecond(), is_removed: true })
}

/// A commit that ends the removal of a blob at the end of a hold.
fn keep(digest: &Digest) -> Commit {
    Commit { lease: None, expectations: Vec::new(), writes: vec![(removal_key(digest), None)] }
}
