//! Holds of blobs by any server, in one row: a removal expects its value, so that either a hold begins before the removal
//! or the removal is made before the hold.
//!
//! A hold lasts as long as its lease, which the clock of the row store measures.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::blob_rows::{decode, encode};
use super::removals::RemovalScope;
use super::{MAX_ATTEMPTS, ObjectBlobStore};
use crate::store::{Commit, HeldLease, StoreError};

/// The key of the row with the holds.
pub(super) const HOLDS_KEY: &str = "objects/holds";
/// The maximum number of servers that have a hold at a time.
const MAX_HOLDS: usize = 32;
/// The time for which the lease of a hold that ended is acquired, to remove it from the row.
const CLEANUP_TIME: Duration = Duration::from_secs(5);

/// The holds of all servers: the names of their leases, and the numbers of the tokens.
#[derive(Default, Serialize, Deserialize)]
struct HoldsRow {
    leases: BTreeMap<String, u64>,
}

/// The holds of this process, which share a lease.
#[derive(Default)]
pub(super) struct ObjectHolds(Mutex<ObjectHoldState>);

#[derive(Default)]
struct ObjectHoldState {
    count: usize,
    /// `None` if there is no hold, or if it could not be made.
    lease: Option<HeldLease>,
}

impl ObjectBlobStore {
    /// Begins a hold. If the store fails, a blob may be missing to the caller, which reports that.
    pub(super) fn begin_hold(&self) {
        let mut state = self.holds.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.count += 1;
        if state.lease.is_some() {
            return;
        }
        match self.acquire_hold() {
            Ok(lease) => state.lease = Some(lease),
            Err(error) => tracing::warn!(%error, "blobs may be removed while they are read"),
        }
    }

    /// Ends a hold. The last one to end removes the recorded blobs.
    pub(super) fn end_hold(&self) -> Result<(), StoreError> {
        let lease = {
            let mut state = self.holds.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.count = state.count.saturating_sub(1);
            if state.count > 0 {
                return Ok(());
            }
            state.lease.take()
        };
        if let Some(lease) = lease {
            self.end_hold_of(&lease.token().name, lease.token().number)?;
        }
        self.remove(&[], RemovalScope::All).map(drop)
    }

    fn acquire_hold(&self) -> Result<HeldLease, StoreError> {
        for slot in 0..MAX_HOLDS {
            let Some(lease) = HeldLease::acquire(&self.rows, &format!("objects-hold-{slot}"))? else { continue };
            let token = lease.token();
            self.change_holds(|leases| {
                leases.insert(token.name.clone(), token.number);
            })?;
            return Ok(lease);
        }
        Err(StoreError::Conflict { key: HOLDS_KEY.to_owned() })
    }

    /// Whether any server has a hold, and the value of the row that says so. Removes those of processes that ended.
    pub(super) fn live_holds(&self) -> Result<(bool, Option<Vec<u8>>), StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let (holds, value) = self.read_holds()?;
            if holds.leases.is_empty() {
                return Ok((false, value));
            }
            for (name, number) in &holds.leases {
                let Some(ended) = self.rows.leases().acquire(name, CLEANUP_TIME)? else { return Ok((true, value)) };
                let removed = self.end_hold_of(name, *number);
                self.rows.leases().release(&ended)?;
                removed?;
            }
        }
        Err(StoreError::Conflict { key: HOLDS_KEY.to_owned() })
    }

    fn end_hold_of(&self, name: &str, number: u64) -> Result<(), StoreError> {
        self.change_holds(|leases| {
            if leases.get(name) == Some(&number) {
                leases.remove(name);
            }
        })
    }

    fn read_holds(&self) -> Result<(HoldsRow, Option<Vec<u8>>), StoreError> {
        let value = self.rows.get(HOLDS_KEY)?;
        let row = value.as_deref().map(|bytes| decode("holds of blobs", bytes)).transpose()?;
        Ok((row.unwrap_or_default(), value))
    }

    fn change_holds(&self, change: impl Fn(&mut BTreeMap<String, u64>)) -> Result<(), StoreError> {
        for _ in 0..MAX_ATTEMPTS {
            let (mut row, before) = self.read_holds()?;
            change(&mut row.leases);
            if self.try_commit(&Commit::default().replace(HOLDS_KEY, before, encode(&row)?))? {
                return Ok(());
            }
        }
        Err(StoreError::Conflict { key: HOLDS_KEY.to_owned() })
    }
}
