//! Removal of old versions, with a clock that the test sets.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use sweetspot_core::ModelVersionRef;
use sweetspot_store::clock::Clock;
use sweetspot_store::registry::{Registry, UpdateVersionRequest, VersionApproval, VersionRetention};
use sweetspot_store::retention::{MIN_KEPT_BY_AGE, RetentionPolicy};
use sweetspot_store::store::MemoryStore;

use crate::registry::support::*;

/// A clock that shows the time that the test sets.
#[derive(Debug)]
struct SetClock(Mutex<Timestamp>);

impl SetClock {
    fn advance(&self, days: i64) {
        *self.0.lock().unwrap() += SignedDuration::from_hours(24 * days);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// An empty registry with this policy, in which an approved definition names version 2.
fn with_policy(policy: RetentionPolicy) -> (Registry, Arc<SetClock>) {
    with_approvals(policy, |number| number == 2)
}

/// An empty registry with this policy, in which an approved definition names the versions that `is_approved` accepts.
fn with_approvals(policy: RetentionPolicy, is_approved: fn(u64) -> bool) -> (Registry, Arc<SetClock>) {
    let clock = Arc::new(SetClock(Mutex::new(Timestamp::UNIX_EPOCH)));
    let registry = Registry::open(Arc::new(MemoryStore::new()), Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    let find_approval = Arc::new(move |version: &sweetspot_core::ModelVersionName| {
        Ok(is_approved(version.number).then_some(VersionApproval::Approved(1)))
    });
    registry.set_retention(VersionRetention { policy, find_approval });
    (registry, clock)
}

fn numbers(registry: &Registry) -> Vec<u64> {
    let records = registry.versions(&model_name(), None, usize::MAX).unwrap();
    records.into_iter().map(|record| record.name.number).collect()
}

/// Publishes one version a day, from day `first` on.
fn publish_daily(registry: &Registry, clock: &SetClock, runs: std::ops::Range<usize>) {
    for index in runs {
        registry.publish(&run(&format!("d{index}")), model_with_signal(index)).unwrap();
        clock.advance(1);
    }
}

fn label(registry: &Registry, number: u64, key: &str) {
    let update = UpdateVersionRequest {
        version: version(number),
        etag: String::new(),
        labels: Some([(key.to_owned(), String::new())].into()),
        description: None,
        owner: None,
        request: request(""),
    };
    registry.update_version(&update).unwrap();
}

#[test]
fn versions_beyond_the_number_are_deleted_unless_they_are_needed() {
    let (registry, clock) = with_policy(RetentionPolicy { max_versions: Some(5), max_days: None });
    publish_daily(&registry, &clock, 0..5);
    promote(&registry, 1);
    promote(&registry, 3);
    label(&registry, 4, "keep");
    publish_daily(&registry, &clock, 5..11);
    // 3 is live, 1 previous, 4 labeled, and 2 approved.
    assert_eq!(numbers(&registry), [11, 10, 9, 8, 7, 4, 3, 2, 1]);
    let error = registry.version(&ModelVersionRef::Number(version(6))).unwrap_err();
    assert!(error.to_string().contains("was deleted on 1970-01"), "{error}");
}

#[test]
fn versions_beyond_the_age_are_deleted_except_the_newest() {
    let (registry, clock) = with_policy(RetentionPolicy { max_versions: None, max_days: Some(7) });
    publish_daily(&registry, &clock, 0..10);
    assert_eq!(numbers(&registry), [10, 9, 8, 7, 6, 5, 4, 3, 2]);
    clock.advance(365);
    publish_daily(&registry, &clock, 10..11);
    let left = numbers(&registry);
    assert_eq!(left, [11, 10, 9, 8, 7, 2]);
    assert_eq!(left.len(), MIN_KEPT_BY_AGE + 1, "version 2 is approved");
}

#[test]
fn many_approved_versions_do_not_protect_others() {
    let policy = RetentionPolicy { max_versions: Some(1), max_days: None };
    let (registry, clock) = with_approvals(policy, |number| number <= 10);
    publish_daily(&registry, &clock, 0..12);
    assert_eq!(numbers(&registry), [12, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn the_clock_alone_deletes_nothing() {
    let (registry, clock) = with_policy(RetentionPolicy { max_versions: None, max_days: Some(3) });
    publish_daily(&registry, &clock, 0..4);
    clock.advance(3650);
    registry.apply_retention_to_all().unwrap();
    assert_eq!(numbers(&registry), [4, 3, 2, 1]);
}
