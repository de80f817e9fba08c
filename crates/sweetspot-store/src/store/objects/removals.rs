//! Removes blobs: first the row that names the object, and then the object, whose name is never used again.

use jiff::{SignedDuration, Timestamp};
use sweetspot_core::Digest;

use super::blob_rows::{
    BlobRow, REMOVAL_PREFIX, UNUSED_PREFIX, UnusedRow, blob_key, decode, digest_of_key, removal_key, remove, unused_key,
};
use super::holds::HOLDS_KEY;
use super::puts::removed_row;
use super::{MAX_ATTEMPTS, ObjectBlobStore};
use crate::store::{Commit, StoreError};

/// The age from which a blob is old: the hour in which a row must name it, and the maximum difference of the clocks of two
/// servers.
const OLD_AGE: SignedDuration = SignedDuration::from_mins(70);
/// The number of blobs that are removed at a time.
const BATCH: usize = 64;
const UNUSED_NAME: &str = "record of an unused object";

/// Which of some blobs to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RemovalScope {
    /// All.
    All,
    /// Those that no server stored within the last hour.
    Old,
}

/// What to commit for some blobs.
#[derive(Default)]
struct RemovalPlan {
    commit: Commit,
    chosen: Vec<Digest>,
}

impl ObjectBlobStore {
    /// Removes blobs, or records them for the end of the last hold. Returns their digests. Once it returns, their bytes
    /// are gone, unless there is a hold.
    pub(super) fn remove(&self, digests: &[Digest], scope: RemovalScope) -> Result<Vec<Digest>, StoreError> {
        self.check_identity()?;
        let mut removed = Vec::new();
        for batch in digests.chunks(BATCH) {
            removed.extend(self.remove_batch(batch, scope)?);
        }
        self.remove_deferred()?;
        self.remove_unused()?;
        Ok(removed)
    }

    fn remove_batch(&self, digests: &[Digest], scope: RemovalScope) -> Result<Vec<Digest>, StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let (has_hold, holds) = self.live_holds()?;
            let mut plan = self.plan(digests, scope, has_hold)?;
            if plan.commit.writes.is_empty() {
                return Ok(plan.chosen);
            }
            // A hold that begins meanwhile comes before the removal.
            plan.commit.expectations.push((HOLDS_KEY.to_owned(), holds));
            if self.try_commit(&plan.commit)? {
                return Ok(plan.chosen);
            }
        }
        Err(StoreError::Conflict { key: HOLDS_KEY.to_owned() })
    }

    fn plan(&self, digests: &[Digest], scope: RemovalScope, has_hold: bool) -> Result<RemovalPlan, StoreError> {
        let (now, mut plan) = (self.clock.now(), RemovalPlan::default());
        for digest in digests {
            let found = self.blob_row(digest)?;
            if !has_hold && self.rows.get(&removal_key(digest))?.is_some() {
                plan.commit.writes.push((removal_key(digest), None));
            }
            let Some((row, before)) = found.filter(|(row, _)| scope == RemovalScope::All || is_old(row, now)) else {
                continue;
            };
            plan.chosen.push(*digest);
            let key = blob_key(digest);
            plan.commit.expectations.push((key.clone(), Some(before)));
            if has_hold {
                plan.commit.writes.push((removal_key(digest), Some(b"{}".to_vec())));
            } else {
                plan.commit.writes.push((key, None));
                plan.commit.writes.push((unused_key(&row.object), Some(removed_row(now)?)));
            }
        }
        Ok(plan)
    }

    /// Removes the recorded blobs, unless there is a hold.
    fn remove_deferred(&self) -> Result<(), StoreError> {
        loop {
            let rows = self.rows.scan(REMOVAL_PREFIX, None, BATCH)?;
            if rows.is_empty() || self.live_holds()?.0 {
                return Ok(());
            }
            let digests: Vec<Digest> = rows.iter().filter_map(|row| digest_of_key(&row.key)).collect();
            self.remove_batch(&digests, RemovalScope::All)?;
        }
    }

    /// Removes the objects that no blob names, but not those that may not be complete yet.
    fn remove_unused(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut after = None;
        loop {
            let rows = self.rows.scan(UNUSED_PREFIX, after.as_deref(), BATCH)?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = Some(last.key.clone());
            let mut objects = Vec::new();
            for row in rows {
                let found: UnusedRow = decode(UNUSED_NAME, &row.value)?;
                if found.is_removed || is_past(Timestamp::from_microsecond(found.since).ok(), now) {
                    objects.push(row.key.trim_start_matches(UNUSED_PREFIX).to_owned());
                }
            }
            self.discard(&objects)?;
        }
    }

    /// Removes objects that no blob names, and then the rows with their names.
    pub(super) fn discard(&self, objects: &[String]) -> Result<(), StoreError> {
        let (mut names, mut forget) = (Vec::new(), Vec::new());
        for object in objects {
            let key = unused_key(object);
            let Some(before) = self.rows.get(&key)? else { continue };
            let found: UnusedRow = decode(UNUSED_NAME, &before)?;
            let row = if found.is_removed {
                before
            } else {
                // From here on, no blob can name it.
                let row = removed_row(self.clock.now())?;
                if !self.try_commit(&Commit::default().replace(key.clone(), Some(before), row.clone()))? {
                    continue;
                }
                row
            };
            names.push(object.clone());
            forget.push(remove(key, row));
        }
        if names.is_empty() {
            return Ok(());
        }
        self.objects.delete(&names)?;
        // Another server may have done the same.
        forget.iter().try_for_each(|commit| self.try_commit(commit).map(drop))
    }
}

/// Whether a blob was stored long enough ago to be removed.
fn is_old(row: &BlobRow, now: Timestamp) -> bool {
    is_past(row.stored(), now)
}

/// Whether a time is long enough ago. One in the future is not.
fn is_past(time: Option<Timestamp>, now: Timestamp) -> bool {
    time.is_none_or(|time| now.duration_since(time) > OLD_AGE)
}
