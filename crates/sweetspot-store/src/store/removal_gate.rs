//! Decides which blobs may be removed now: not those that a caller has just stored and is about to name in a row, and
//! none while a backup reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sweetspot_core::Digest;

use super::StoreError;

/// The time in which a caller must name a blob that it has stored. It is measured by a clock that never jumps.
const NAMING_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// Orders the removals of blobs with everything that needs them.
#[derive(Debug, Default)]
pub(super) struct RemovalGate {
    state: Mutex<GateState>,
}

#[derive(Debug, Default)]
struct GateState {
    /// The blobs that this process stored within [`NAMING_TIMEOUT`], also those of which there was a copy.
    recent_puts: BTreeMap<Digest, Instant>,
    /// The number of holds.
    holds: usize,
    /// The blobs to remove once there are no more holds.
    deferred: BTreeSet<Digest>,
}

impl RemovalGate {
    /// Records that a blob is stored. Must be called before the store looks for a copy of it.
    pub(super) fn record_put(&self, digest: &Digest) {
        let now = Instant::now();
        let mut state = self.lock();
        state.deferred.remove(digest);
        state.recent_puts.retain(|_, put| now.duration_since(*put) < NAMING_TIMEOUT);
        state.recent_puts.insert(*digest, now);
    }

    /// Removes blobs that no row names: at once, or at the end of the last hold.
    pub(super) fn remove(
        &self,
        digests: &[Digest],
        remove_file: impl FnMut(&Digest) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.lock().remove(digests, remove_file)
    }

    /// Removes blobs as [`Self::remove`] does, except those that this process stored within the last hour. Returns the
    /// digests of the others.
    pub(super) fn remove_old(
        &self,
        digests: &[Digest],
        remove_file: impl FnMut(&Digest) -> Result<(), StoreError>,
    ) -> Result<Vec<Digest>, StoreError> {
        let now = Instant::now();
        let mut state = self.lock();
        let is_old = |digest: &&Digest| {
            state.recent_puts.get(digest).is_none_or(|put| now.duration_since(*put) >= NAMING_TIMEOUT)
        };
        let old: Vec<Digest> = digests.iter().filter(is_old).copied().collect();
        state.remove(&old, remove_file)?;
        Ok(old)
    }

    /// Defers all removals until [`Self::release`].
    pub(super) fn hold(&self) {
        self.lock().holds += 1;
    }

    /// Ends a hold. The last one to end removes the deferred blobs.
    pub(super) fn release(&self, remove_file: impl FnMut(&Digest) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.holds = state.holds.saturating_sub(1);
        if state.holds > 0 {
            return Ok(());
        }
        std::mem::take(&mut state.deferred).iter().try_for_each(remove_file)
    }

    fn lock(&self) -> MutexGuard<'_, GateState> {
        // Each change of the state is a single step, so a panic in another thread cannot leave an inconsistent state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GateState {
    fn remove(
        &mut self,
        digests: &[Digest],
        remove_file: impl FnMut(&Digest) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.holds > 0 {
            self.deferred.extend(digests);
            return Ok(());
        }
        digests.iter().try_for_each(remove_file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Collects the removed digests.
    fn collect(removed: &mut Vec<Digest>) -> impl FnMut(&Digest) -> Result<(), StoreError> {
        |digest| {
            removed.push(*digest);
            Ok(())
        }
    }

    #[test]
    fn recently_stored_blobs_are_not_old() {
        let (gate, [stored, other]) = (RemovalGate::default(), [Digest::new(b"a"), Digest::new(b"b")]);
        gate.record_put(&stored);
        let mut removed = Vec::new();
        assert_eq!(gate.remove_old(&[stored, other], collect(&mut removed)).unwrap(), [other]);
        assert_eq!(removed, [other]);
        let mut removed = Vec::new();
        gate.remove(&[stored], collect(&mut removed)).unwrap();
        assert_eq!(removed, [stored], "a deletion by its owner does not wait");
    }

    #[test]
    fn removals_wait_for_the_last_hold_and_end_with_a_new_put() {
        let (gate, [stored, other]) = (RemovalGate::default(), [Digest::new(b"a"), Digest::new(b"b")]);
        gate.hold();
        gate.hold();
        let mut removed = Vec::new();
        gate.remove(&[stored, other], collect(&mut removed)).unwrap();
        gate.record_put(&stored);
        gate.release(collect(&mut removed)).unwrap();
        assert!(removed.is_empty());
        gate.release(collect(&mut removed)).unwrap();
        assert_eq!(removed, [other]);
    }
}
