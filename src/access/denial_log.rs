//! Records refused calls: at most one a second for each caller, so that refusals cannot fill the disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sweetspot_store::audit_log::{AuditEvent, AuditLog, AuditedCaller};
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// The time between two records.
const INTERVAL: Duration = Duration::from_secs(1);
/// The maximum number of callers that are distinguished. Only known credentials have an entry of their own.
const MAX_CALLERS: usize = 1024;
/// The maximum length of a method's path in a record, in characters: the caller chooses it.
const MAX_PATH_CHARS: usize = 128;

/// Records refused calls.
#[derive(Debug)]
pub(crate) struct DenialLog {
    audit: AuditLog,
    /// By credential; callers without a valid one share an entry.
    callers: Mutex<BTreeMap<String, RecordedDenials>>,
}

#[derive(Debug, Default)]
struct RecordedDenials {
    last: Option<Instant>,
    omitted: u64,
}

impl DenialLog {
    /// Records refused calls in this log.
    pub(crate) fn new(audit: AuditLog) -> Self {
        Self { audit, callers: Mutex::default() }
    }

    /// Records a refusal, unless another one was recorded just before: then the next record counts it.
    pub(super) fn record(&self, caller: AuditedCaller, path: &str, reason: &str, request_id: &str) {
        let Some(omitted) = self.take_turn(&caller.credential, Instant::now()) else { return };
        let event = AuditEvent::Denied {
            method: path.chars().filter(|char| !char.is_control()).take(MAX_PATH_CHARS).collect(),
            reason: reason.to_owned(),
            request_id: request_id.to_owned(),
            omitted,
        };
        let audit = self.audit.clone();
        // The refusal does not wait for the disk, because it stands in any case.
        spawn_blocking(move || {
            if let Err(error) = audit.append(&caller, event) {
                tracing::error!(%error, "a refused call is not in the audit log");
            }
        });
    }

    /// Returns the number of refusals without a record, if a record may be made now.
    fn take_turn(&self, credential: &str, now: Instant) -> Option<u64> {
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if callers.len() >= MAX_CALLERS && !callers.contains_key(credential) {
            callers.clear();
        }
        let state = callers.entry(credential.to_owned()).or_default();
        if state.last.is_some_and(|last| now.duration_since(last) < INTERVAL) {
            state.omitted += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.omitted))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sweetspot_store::audit_log::AuditLogKind;
    use sweetspot_store::clock::FixedClock;
    use sweetspot_store::store::MemoryStore;

    use super::*;

    #[test]
    fn a_burst_gets_one_record_and_the_next_one_counts_it() {
        let clock = Arc::new(FixedClock("2026-03-02T10:00:00Z".parse().unwrap()));
        let log =
            DenialLog::new(AuditLog::open(Arc::new(MemoryStore::new()), clock, AuditLogKind::Denials, 10).unwrap());
        let start = Instant::now();
        assert_eq!(log.take_turn("a", start), Some(0));
        for milliseconds in [1, 500, 999] {
            assert_eq!(log.take_turn("a", start + Duration::from_millis(milliseconds)), None);
        }
        assert_eq!(log.take_turn("b", start), Some(0), "another caller is not hidden");
        assert_eq!(log.take_turn("a", start + INTERVAL), Some(3));
        assert_eq!(log.take_turn("a", start + 2 * INTERVAL), Some(0));
    }
}
