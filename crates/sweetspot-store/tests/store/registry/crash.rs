//! A fault at each step: no acknowledged change is lost, and no change is applied partially or twice.

use std::sync::Arc;

use sweetspot_core::ModelVersionAlias;
use sweetspot_store::registry::{PromoteRequest, Registry, RollbackRequest};
use sweetspot_store::store::MemoryStore;

use crate::registry::support::*;

/// Runs `work` on a store that fails at each operation in turn, with each kind of fault, until no fault is reached.
fn for_every_fault<T>(
    prepare: impl Fn(&Registry),
    work: impl Fn(&Registry) -> Option<T>,
    check: impl Fn(Arc<MemoryStore>, Registry, Option<T>),
) {
    for fault in InjectedFault::ALL {
        for step in 0.. {
            let inner = Arc::new(MemoryStore::new());
            prepare(&open(Arc::clone(&inner) as _));
            let opening = Arc::new(FaultyStore::without_faults(Arc::clone(&inner)));
            let _opened = open(Arc::clone(&opening) as _);
            let at = opening.count() + step;
            let store = Arc::new(FaultyStore::with_fault(Arc::clone(&inner), at, fault));
            let registry = open(Arc::clone(&store) as _);
            let outcome = work(&registry);
            let met = store.count() > at;
            check(inner, registry, outcome);
            if !met {
                break;
            }
        }
    }
}

fn assert_one_live_version(registry: &Registry) {
    publish(registry, 2);
    promote(registry, 1);
}

#[test]
fn a_promotion_is_atomic() {
    let start = in_memory();
    assert_one_live_version(&start);
    let wish = PromoteRequest { request: request("id"), ..promotion(2, etag(&start)) };
    for_every_fault(
        assert_one_live_version,
        |registry| registry.promote(&wish).ok(),
        |inner, registry, acknowledged| {
            let reopened = open(inner);
            let live = live_number(&reopened);
            assert!(live == Some(1) || live == Some(2));
            assert!(acknowledged.is_none() || live == Some(2), "an acknowledged change is lost");
            assert_eq!(history(&reopened).len() as u64, live.unwrap(), "alias and history disagree");
            assert!(live_number(&registry) <= live, "live before it was durable");
            assert_eq!(reopened.promote(&wish).unwrap().to_version, 2);
            assert_eq!(history(&reopened), [(None, 1), (Some(1), 2)], "the repeat took effect twice");
            assert_eq!(
                (live_number(&reopened), alias_number(&reopened, ModelVersionAlias::Previous)),
                (Some(2), Some(1))
            );
        },
    );
}

#[test]
fn a_rollback_is_atomic() {
    let prepare = |registry: &Registry| {
        assert_one_live_version(registry);
        promote(registry, 2);
    };
    let start = in_memory();
    prepare(&start);
    let wish = RollbackRequest { request: request("id"), ..rolling_back(ModelVersionAlias::Live, etag(&start)) };
    for_every_fault(
        prepare,
        |registry| registry.rollback(&wish).ok(),
        |inner, _, acknowledged| {
            let reopened = open(inner);
            let live = live_number(&reopened);
            assert!(acknowledged.is_none() || live == Some(1), "an acknowledged change is lost");
            assert_eq!(history(&reopened).len(), if live == Some(1) { 3 } else { 2 });
            assert_eq!(reopened.rollback(&wish).unwrap().to_version, 1);
            assert_eq!(history(&reopened), [(None, 1), (Some(1), 2), (Some(2), 1)], "the repeat took effect twice");
        },
    );
}

#[test]
fn a_run_publishes_once_whatever_fails() {
    for_every_fault(
        assert_one_live_version,
        |registry| registry.publish(&run("new"), model_with_signal(2)).ok(),
        |inner, _, acknowledged| {
            let reopened = open(inner);
            let newest = alias_number(&reopened, ModelVersionAlias::Candidate);
            assert!(acknowledged.is_none() || newest == Some(3));
            assert_eq!(reopened.publish(&run("new"), model_with_signal(2)).unwrap().name, version(3));
            assert_eq!(reopened.versions(&model_name(), None, 9).unwrap().len(), 3);
            assert_eq!(live_number(&reopened), Some(1));
        },
    );
}

#[test]
fn what_is_live_follows_a_commit_that_failed_after_its_effect() {
    let seen = (0..60).any(|step| {
        let inner = Arc::new(MemoryStore::new());
        assert_one_live_version(&open(Arc::clone(&inner) as _));
        let store = Arc::new(FaultyStore::with_fault(inner, step, InjectedFault::FailsAfterItsEffect));
        let Ok(registry) = Registry::open(store, Arc::new(sweetspot_store::clock::SystemClock)) else { return false };
        let Ok(record) = registry.version(&alias_ref(ModelVersionAlias::Candidate)) else { return false };
        let wish = PromoteRequest { request: request("id"), ..promotion(2, record.etag) };
        let failed = registry.promote(&wish).is_err();
        let happened = history(&registry).len() == 2;
        assert_eq!(live_number(&registry), Some(if happened { 2 } else { 1 }));
        assert_eq!(registry.promote(&wish).unwrap().to_version, 2);
        assert_eq!((live_number(&registry), history(&registry).len()), (Some(2), 2));
        failed && happened
    });
    assert!(seen, "no step failed after its effect");
}
